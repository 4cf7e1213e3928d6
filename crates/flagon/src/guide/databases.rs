//! Databases: statements, values, rows. SQLite needs nothing; MySQL and MariaDB need a URL.
//!
//! ```
//! use flagon::{prelude::*, sql::Named};
//!
//! #[derive(Serialize, Row)]
//! struct Post {
//!     id: i64,
//!     title: String,
//!     author: Option<String>,
//! }
//!
//! #[get("/posts")]
//! async fn index() -> Result<Json<Vec<Post>>> {
//!     Ok(Json(db().query_as("SELECT id, title, author FROM post ORDER BY id", ()).all().await?))
//! }
//!
//! #[get("/posts/<int:id>")]
//! async fn show(id: i64) -> Result<Json<Post>> {
//!     let post = db().query_as("SELECT id, title, author FROM post WHERE id = ?", (id,)).optional().await?;
//!     Ok(Json(post.or_404()?))
//! }
//!
//! #[derive(Deserialize)]
//! struct NewPost {
//!     title: String,
//!     author: Option<String>,
//! }
//!
//! #[post("/posts")]
//! async fn create(post: Json<NewPost>) -> Result<String> {
//!     let insert = "INSERT INTO post (title, author) VALUES (:title, :author)";
//!     let id = db().insert(insert, Named(&[("title", &post.title), ("author", &post.author)])).await?;
//!     Ok(format!("post {id}"))
//! }
//! #
//! # let app = App::new("blog").configure(|config| config.database = "sqlite::memory:".into());
//! # let client = app.routes(routes![index, show, create]).test_client();
//! # let table = "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT)";
//! # client.block_on(client.app().db().execute(table, ())).unwrap();
//! # let new = serde_json::json!({ "title": "Notes", "author": null });
//! # assert_eq!(client.post("/posts").json(&new).wait().text(), "post 1");
//! # assert_eq!(client.get("/posts/1").wait().text(), r#"{"id":1,"title":"Notes","author":null}"#);
//! # assert_eq!(client.get("/posts/2").wait().status(), 404);
//! ```
//!
//! # Where it is
//!
//! The setting `database`, `FLAGON_DATABASE` or `--database` name it; see [`sql::Options`](crate::sql::Options) for the URLs. Without one
//! it is `sqlite://app.db`, a file in the app's folder that is made at the first statement. An app that never says `db()` opens
//! nothing, and its requests pay nothing. `[sql]` sets how many connections there are; see [`SqlConfig`](crate::config::SqlConfig).
//!
//! SQLite is opened with WAL, foreign keys, and `synchronous = FULL`: what was answered is on the disk. One connection writes and the others
//! only read, so that readers never wait and writers wait in turn; "database is locked" is nothing that a user sees. The session's time zone
//! of MySQL is UTC, `||` puts texts together as in SQLite, and a `DECIMAL` is read as a `String`, an `f64`, or a whole number if it is one.
//!
//! Connections to MySQL and MariaDB use TLS where the server has it. Over a network that others use too, say who the server has to be:
//! `mysql://blog:secret@db.example.org/blog?ssl-mode=VERIFY_IDENTITY`, with `&ssl-ca=/etc/ssl/db.pem` for an authority of one's own.
//!
//! # Statements
//!
//! | method | gives |
//! |---|---|
//! | `query_as::<T>(sql, values)`, then `.all()`, `.one()`, `.optional()`, `.stream()` | rows as `T`: a struct with `#[derive(Row)]`, a tuple, a single value |
//! | `query(sql, values)`, then the same | rows whose columns are asked for by name or place |
//! | `execute(sql, values)` | how many rows were changed |
//! | `insert(sql, values)` | the id that the database made |
//! | `insert_many(sql, rows)` | how many rows were inserted, many in one statement |
//!
//! The text is a literal with `?` or `:name` for values, so nothing that a user typed becomes SQL. Where it has to be put together, every piece
//! of it is to be looked at, and [`AssertSqlSafe`](crate::sql::AssertSqlSafe) says that this was done. Wrong numbers of values are
//! refused before anything is sent.
//!
//! What a database refuses is told by [`kind()`](crate::sql::Error::kind) of the error, so a name that is taken is no 500:
//!
//! ```
//! use flagon::{prelude::*, sql};
//!
//! #[post("/users/<name>")]
//! async fn register(name: String) -> Result<(String, u16)> {
//!     match db().insert("INSERT INTO user (name) VALUES (?)", (&name,)).await {
//!         Ok(_) => Ok((format!("welcome, {name}"), 201)),
//!         Err(error) if error.kind() == sql::ErrorKind::Unique => Ok((format!("{name} is taken"), 409)),
//!         Err(error) => Err(error.into()),
//!     }
//! }
//! #
//! # let app = App::new("blog").configure(|config| config.database = "sqlite::memory:".into());
//! # let client = app.routes(routes![register]).test_client();
//! # client.block_on(client.app().db().execute("CREATE TABLE user (name TEXT UNIQUE)", ())).unwrap();
//! # assert_eq!(client.post("/users/ada").wait().status(), 201);
//! # assert_eq!(client.post("/users/ada").wait().text(), "ada is taken");
//! ```
//!
//! `.for_update()`, `.for_share()`, `.nowait()` and `.skip_locked()` lock the rows that are read, in the words of each server. A plain `fn`
//! view, which has a thread of its own, waits with [`sql::wait`](crate::sql::wait).
//!
//! What statements a request sent, and how long each took, is in the [debug panel](super::debugging), in spans and in the log.
//!
//! # Tests
//!
//! `sqlite::memory:` is a database of the test's own, gone with the app:
//!
//! ```
//! use flagon::prelude::*;
//!
//! # fn app() -> App { App::new("blog") }
//! let client = app().configure(|config| config.database = "sqlite::memory:".into()).test_client();
//! client.block_on(client.app().db().execute("CREATE TABLE post (id INTEGER PRIMARY KEY)", ())).unwrap();
//! ```
