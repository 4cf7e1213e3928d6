//! `request()`, `g()` and `current_app()`, wherever the request's work runs.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[post("/orders")]
//! async fn order() -> &'static str {
//!     flagon::background(async {
//!         // It goes on after the answer, and still knows its request.
//!         println!("a mail about {}", request().path());
//!     });
//!     "thank you"
//! }
//!
//! #[get("/report")]
//! fn report() -> String {
//!     // A plain `fn` may block: others are served meanwhile.
//!     std::fs::read_to_string("/nowhere").unwrap_or_else(|_| format!("no report at {}", request().path()))
//! }
//!
//! #[get("/hash")]
//! async fn hash() -> String {
//!     // What blocks within an `async fn`:
//!     flagon::blocking(|| format!("of {}", request().path())).await
//! }
//!
//! let client = App::new("shop").routes(routes![order, report, hash]).test_client();
//! assert_eq!(client.post("/orders").wait().text(), "thank you");
//! assert_eq!(client.get("/report").wait().text(), "no report at /report");
//! assert_eq!(client.get("/hash").wait().text(), "of /hash");
//! client.block_on(client.settle()); // the mail may take longer than its request
//! ```
//!
//! - Which of these for what: [concurrency](crate::guide::concurrency).
//! - Outside of a request `request()` panics and says what to do; [`has_request`](crate::has_request) asks first.
//! - Threads of your own get the context by [`copy_current_request_context`](crate::copy_current_request_context), tasks of
//!   `tokio::spawn` not at all: use [`flagon::spawn`](crate::spawn).
//! - Do not hold a `std::sync::MutexGuard` over an `.await`: the compiler then says that the view's future "cannot be sent
//!   between threads safely". End its scope before.
//! - Scripts and tests without a request use [`Application::app_context`](crate::Application::app_context).
