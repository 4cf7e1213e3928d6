//! Looking into a request: the debug panel, and what is logged of statements.
//!
//! # The panel
//!
//! While `debug` is on (`run --debug`, or `debug = true`), `http://localhost:5000/_flagon/` lists the last 100 requests. The page of one
//! shows when each hook, the view, each query, each template, the commit and the session began and how long it took; below that every
//! query with its rows, its time, how many values it had and where in the program it was made. Queries that differ in their values alone
//! are one group: where a loop asks for a row at a time what one query would give, the panel says so (N+1). The page of an error leads to
//! the entry of its request.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/posts")]
//! async fn posts() -> Result<String> {
//!     let mut titles = Vec::new();
//!     for id in 1..=5 {
//!         titles.extend(db().query_as::<String>("SELECT title FROM post WHERE id = ?", (id,)).optional().await?);
//!     }
//!     Ok(titles.join(", "))
//! }
//!
//! let app = App::new("blog").routes(routes![posts]).configure(|config| {
//!     config.debug = true;
//!     config.database = "sqlite::memory:".into();
//! });
//! let client = app.test_client();
//! client.block_on(client.app().db().execute("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)", ()))?;
//! client.get("/posts").wait();
//! assert!(client.get("/_flagon/").wait().text().contains("N+1: 5×"));
//! # Ok::<(), flagon::sql::Error>(())
//! ```
//!
//! `/_flagon/statements.json` has the distinct statements of those requests for programs: how often each was sent, how often at most in one
//! request, rows, time and places.
//!
//! Nothing of it is kept when `debug` is off, and then there is no such page. It answers a browser on this machine alone, that asks for the
//! machine by its own name (`localhost`, `127.0.0.1`) and not through a proxy: another site's page can't read it, not even by a name that it
//! lets lead here (DNS rebinding). In a container, where the browser is elsewhere, `server.allow_remote_debug = true` opens it to everyone
//! who reaches the port. The values of statements, forms, cookies and of fields whose names sound like a secret are not recorded, and the
//! pages have no script. At most 16 MiB are kept, 500 statements of a request.
//!
//! # Spans and logs
//!
//! Each statement is a span of [`tracing`], `statement` of the target `flagon::sql` at the level `debug`, with its
//! `digest` (the text without literals), `rows`, `milliseconds` and `error`; and an event for logs: `FLAGON_LOG=info,flagon::sql=debug` shows
//! them. When nobody listens, a statement costs two comparisons. A program of your own is told of each by an
//! [`Observer`](crate::sql::Observer).
