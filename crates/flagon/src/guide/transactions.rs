//! Transactions: what a request writes is kept as a whole, or not at all.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     from: i64,
//!     to: i64,
//!     amount: i64,
//! }
//!
//! #[post("/transfer")]
//! async fn transfer(order: Json<Order>) -> Result<&'static str> {
//!     db().execute("UPDATE account SET balance = balance - ? WHERE id = ?", (order.amount, order.from)).await?;
//!     db().execute("UPDATE account SET balance = balance + ? WHERE id = ?", (order.amount, order.to)).await?;
//!     let left: i64 = db().query_as("SELECT balance FROM account WHERE id = ?", (order.from,)).one().await?;
//!     if left < 0 {
//!         return abort(409); // and nothing has happened
//!     }
//!     Ok("moved")
//! }
//! #
//! # let app = App::new("bank").configure(|config| config.database = "sqlite::memory:".into());
//! # let client = app.routes(routes![transfer]).test_client();
//! # let db = client.app().db();
//! # client.block_on(db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER)", ())).unwrap();
//! # client.block_on(db.execute("INSERT INTO account VALUES (1, 10), (2, 0)", ())).unwrap();
//! # let order = |amount: i64| serde_json::json!({ "from": 1, "to": 2, "amount": amount });
//! # assert_eq!(client.post("/transfer").json(&order(7)).wait().text(), "moved");
//! # assert_eq!(client.post("/transfer").json(&order(7)).wait().status(), 409);
//! # let balances = db.query_as::<i64>("SELECT balance FROM account ORDER BY id", ());
//! # assert_eq!(client.block_on(balances.all()).unwrap(), [3, 7]);
//! ```
//!
//! # One for each request
//!
//! The transaction of a request begins at its first statement, which may be in a before-hook.
//!
//! - **Committed** when view, after-hooks and session have succeeded, and before the first byte of the answer: who has the answer finds what it says.
//!   An answer of 4xx that the view *returns* is one that it meant (a form that is shown again), so it commits.
//! - **Rolled back** when the view gives an error, also by [`abort`](crate::abort); panics; answers 5xx; when its time is over; when the client
//!   leaves. What an error handler and after-hooks write after that is a transaction of its own.
//! - **Read only** where the method is safe: GET, HEAD, OPTIONS, QUERY. The database refuses a write there, and the error names the view; a view that
//!   has to write all the same, such as a counter of visits, says so: `#[get("/", writes)]`.
//! - **Over** once it is committed: what a streamed body asks later is read, each statement on its own,
//!   and a write is refused, as nobody could be told that it failed. So `stream(db().query_as(…).stream())` reads its rows while they are
//!   sent, from one state of the database. A stream that was begun in the view has to be read to its end there.
//!
//! [`current_app().db()`](crate::CurrentApp::db) stands outside: what goes there is kept even when the request fails.
//!
//! # Again
//!
//! Transactions that cross each other are given up by the database: a deadlock (also at the commit, with Galera), a lock that was waited for too long, a
//! snapshot that is out of date, SQLite being written to by another process. Then all that the request did is done again from its
//! beginning, before-hooks included, with a fresh transaction, a fresh `g`, the same body, and a pause that grows and is drawn at random: at most
//! `sql.retries` times and within `view_timeout`. The client waits a little longer and sees nothing of it. When it does not help, the
//! answer is 503 with `Retry-After`.
//!
//! So a view may run several times, and what must not happen twice waits for the commit:
//!
//! ```
//! # use flagon::prelude::*;
//! # async fn send_mail(_: i64) {}
//! #[post("/orders")]
//! async fn order() -> Result<String> {
//!     let id = db().insert("INSERT INTO orders (state) VALUES ('new')", ()).await?;
//!     db().after_commit(async move { send_mail(id).await }).await; // not at all when it is rolled back
//!     Ok(id.to_string())
//! }
//! ```
//!
//! A view that has read its body as a stream can't be run again, and answers 503.
//!
//! # Less and more
//!
//! | said | meant |
//! |---|---|
//! | `#[post("/", isolation = "serializable")]` | how far this view is kept apart from others (MySQL's levels; SQLite is always serializable) |
//! | `db().transaction(\|db\| async move { … })` | a part that is undone on its own when it gives an error: a savepoint |
//! | `#[post("/", autocommit)]` | no transaction for the view: each statement is on its own, and `db().transaction(…)` begins one, which is run again like a view |
//! | `#[post("/", mixed_engines)]` | the view may write to tables that can't roll back |
//!
//! # Kept apart
//!
#![doc = include_str!("isolation.md")]
//!
//! # Given up, and left
//!
//! A statement whose answer nobody waits for any more, since the client has left or `view_timeout` is over, is ended: in MySQL and MariaDB by
//! `KILL` from another connection, in SQLite by an interrupt. Its locks are free then, and the server does not go on for nothing.
//!
//! How often something was done again, and why, is what [`Database::retries`](crate::sql::Database::retries) counts; the log has a line for
//! each, of the target `flagon::sql`.
//!
//! # Tables that can't roll back
//!
//! MySQL and MariaDB have engines without transactions: MyISAM, Aria, MEMORY, CSV. A write to such a table in a transaction stays when all
//! else is undone, so it is refused, and the error has the `ALTER TABLE` that cures it. `db check` lists these tables with what is lost
//! with each, and so does the log when an app starts; `db convert` makes them tables of InnoDB, after it has tried each on an empty copy,
//! and compares the checksums of the rows.
