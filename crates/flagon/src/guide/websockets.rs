//! WebSockets and rooms.
//!
//! A view that takes a [`WebSocket`](crate::WebSocket) speaks with its client both ways. Its other arguments, hooks, the login and the
//! check of the origin come first, and may refuse the client with an ordinary answer:
//!
//! ```
//! use flagon::{WebSocket, prelude::*, room};
//!
//! #[get("/chat/<name>", login_required)]
//! async fn chat(name: String, mut socket: WebSocket) -> Result<()> {
//!     socket.join(&name)?;
//!     while let Some(message) = socket.receive().await {
//!         room(&name).send(message);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Who may connect
//!
//! A browser lets any site's page open a WebSocket to any other site, and sends the cookies along. So the same
//! [check](super::forged_requests) as for forms looks at `Sec-Fetch-Site` and `Origin`: pages of the app and of
//! `csrf.trusted_origins` may connect, others get 403. Programs, which say nothing of where they come from, may as well.
//!
//! # What works inside
//!
//! `request()`, `g()`, `current_app()` and `url_for!` work as in any view, as long as it runs. `session()` can be read: its cookie was sent
//! with the 101, so a change is refused. Each statement of `db()` is on its own, as with the option `autocommit`; use
//! `db().transaction(…)` where several belong together. Teardown hooks run when the client has been answered, before the view begins.
//!
//! # Limits
//!
//! The table `[websocket]` ([`WebSocketConfig`](crate::config::WebSocketConfig)) says how long messages may be, how many wait for a client, and
//! when a silent one is pinged. A client that sends faster than the view takes is read no further; one that does not take what it is
//! sent for `server.timeouts.write` is dropped. More than `server.limits.control_frames_per_second` pings close with 1008.
//!
//! # Rooms
//!
//! What is sent to a [`room`](crate::room()) is put into the queue of each client that joined it, on whichever thread it is served, and
//! nobody waits for anybody. A client whose queue is full is closed with 1013, or misses the oldest messages: [`Slow`](crate::Slow).
//! Rooms are of one process.
//!
//! # Not there
//!
//! Compression (RFC 7692) and WebSockets over HTTP/2 (RFC 8441). Browsers open a connection of HTTP/1.1 for each.
