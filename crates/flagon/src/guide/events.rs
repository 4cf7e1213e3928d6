//! Server-sent events: an answer that goes on.
//!
//! [`sse`](crate::sse()) makes an answer of a stream of events, which a page reads with `EventSource`:
//!
//! ```
//! use std::time::Duration;
//!
//! use flagon::{Event, EventStream, prelude::*, sse};
//! use futures_util::stream;
//!
//! #[get("/ticks")]
//! async fn ticks() -> EventStream {
//!     let first = request().last_event_id().and_then(|id| id.parse().ok()).map_or(0, |id: u64| id + 1);
//!     sse(stream::unfold(first, async |n| {
//!         tokio::time::sleep(Duration::from_secs(1)).await;
//!         Some((Event::of(format!("tick {n}")).id(n), n + 1))
//!     }))
//! }
//! ```
//!
//! A browser whose connection breaks comes back by itself, and says which event it had last. When nothing happens a comment keeps
//! the connection alive; when the app [stops](super::stopping) the stream ends and the browser finds the next process.
//!
//! A value can't forge another event: line breaks in data become lines of data, and in a name or an id they are refused. Answers are
//! packed for clients that take it, and each event goes out at once.
//!
//! `request()`, `g()` and `db()` work while events are made; `db()` can only read then, as the request's transaction is over. To send
//! what other requests do, subscribe to a [room](super::websockets#rooms).
