//! Caching: values and answers that are made once for many requests, in the memory of the process.
//!
//! With the feature `cache`. `#[cached]` on an async function keeps what it gives by its arguments, and below `#[get]` whole answers by host,
//! path and query:
//!
//! ```
//! use std::sync::Arc;
//! use flagon::{cache::invalidate_tag, prelude::*};
//!
//! #[cached(ttl = "5m", tags("posts"))]
//! async fn titles(count: i64) -> Result<Arc<[String]>> {
//!     let all: Vec<String> = db().query_as("SELECT title FROM post ORDER BY id DESC LIMIT ?", (count,)).all().await?;
//!     Ok(all.into())
//! }
//!
//! #[get("/")]
//! async fn index() -> Result<String> {
//!     Ok(titles(10).await?.join(", "))
//! }
//!
//! #[get("/posts/<int:id>")]
//! #[cached(ttl = "1m", tags("posts", "post:{id}"))]
//! async fn show(id: i64) -> Result<String> {
//!     let title: Option<String> = db().query_as("SELECT title FROM post WHERE id = ?", (id,)).optional().await?;
//!     title.or_404()
//! }
//!
//! #[post("/posts/<title>")]
//! async fn create(title: String) -> Result<&'static str> {
//!     db().insert("INSERT INTO post (title) VALUES (?)", (title,)).await?;
//!     invalidate_tag("posts"); // when this request is committed, and not if it is not
//!     Ok("created")
//! }
//!
//! let app = App::new("blog").configure(|config| config.database = "sqlite::memory:".into());
//! let client = app.routes(routes![index, show, create]).test_client();
//! client.block_on(client.app().db().execute("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)", ())).unwrap();
//! client.post("/posts/First").wait();
//! assert_eq!(client.get("/").wait().text(), "First");
//! client.post("/posts/Second").wait();
//! assert_eq!(client.get("/").wait().text(), "Second, First");
//! ```
//!
//! Values are cloned for each who asks, so large ones go into an `Arc`. Errors are not kept. Many who ask for the same at a time wait for one
//! computation. [`cache()`](crate::cache::cache) keeps values under names of your own.
//!
//! # What is never kept
//!
//! - **What depends on who asks.** An answer is kept only if nothing of the request but host, path and query was looked at on its way, hooks
//!   included: no cookie, no session, no language, no `Authorization` (RFC 9111 §3.5); only a 200 of a view that did not write, sets no
//!   cookie, has no nonce or token in its page and is not streamed. A cached function is held to the same. Otherwise the value goes to the one
//!   who asked, and the log says why at the level `debug`. The client's address is not among what is seen: don't answer by it in a cached view.
//! - **What a transaction has written and nobody else may see yet.** Once a request has written, the cache is passed by until its end.
//! - **What was read before it became stale.** Each invalidation has a time, and each value the time at which the reading for it began: that
//!   of the transaction's snapshot, where there is one. A value that comes later with an older time is given to who waits for it, and
//!   to nobody after the invalidation.
//!
//! # What it is not
//!
//! It is of one process: another one learns nothing of an invalidation, so give values a `ttl` that you can bear where several serve.
//! It takes 32 MiB (`cache.memory`), beyond which what is used least goes; an answer weighs what it has of bytes, and the value of a function the
//! size of its type unless `weight = function` says better. A `Cache-Control` for browsers is another thing: see [`conditions`](super::conditions).
