//! Waiting and computing: what runs where, and what ends when.
//!
//! | what the work does | write |
//! |---|---|
//! | it awaits | `async fn`: thousands share one thread, each gives way where it awaits |
//! | it blocks: a driver or a library that isn't async, files | `fn`: it has a thread meanwhile, and `request()`, `g()`, `session()` and `db()` work in it |
//! | one line of an `async fn` blocks | [`flagon::blocking(…).await`](crate::blocking) |
//! | it computes for more than a millisecond or so | [`flagon::parallel(…).await`](crate::parallel()), with [rayon]'s iterators on all cores |
//! | several things are awaited at once | [`flagon::join!`](crate::join), [`flagon::try_join!`](crate::try_join) which stops at the first error |
//! | the same, as many as there happen to be | [`flagon::spawn(…)`](crate::spawn) for each |
//! | it may go on after the answer | [`flagon::background(…)`](crate::background) |
//! | it must not be lost, whatever happens | a job, which is kept in the database |
//!
//! ```
//! use flagon::{KeepContext, prelude::*, rayon::prelude::*};
//!
//! async fn price() -> Result<u32> { Ok(7) }
//! async fn stock() -> Result<u32> { Ok(3) }
//!
//! #[get("/offer")]
//! async fn offer() -> Result<String> {
//!     let (price, stock) = flagon::try_join!(price(), stock())?; // both at once
//!     Ok(format!("{stock} for {price} each"))
//! }
//!
//! #[get("/report")]
//! fn report() -> String {
//!     // A plain `fn` may block: others are served meanwhile.
//!     std::thread::sleep(std::time::Duration::from_millis(1));
//!     format!("the report of {}", request().path())
//! }
//!
//! #[get("/primes/<int:most>")]
//! async fn primes(most: u32) -> String {
//!     let is_prime = |number: &u32| (2..*number).all(|divisor| number % divisor != 0);
//!     let count = flagon::parallel(move || {
//!         // `keep_context` lets request() and g() work in the steps after it, on whichever thread they run.
//!         (2..most).into_par_iter().keep_context().filter(is_prime).count()
//!     });
//!     count.await.to_string()
//! }
//!
//! #[post("/orders")]
//! async fn order() -> &'static str {
//!     flagon::background(async {
//!         println!("a mail about {}", request().path());
//!     });
//!     "thank you"
//! }
//!
//! let client = App::new("shop").routes(routes![offer, report, primes, order]).test_client();
//! assert_eq!(client.get("/offer").wait().text(), "3 for 7 each");
//! assert_eq!(client.get("/report").wait().text(), "the report of /report");
//! assert_eq!(client.get("/primes/100").wait().text(), "25");
//! assert_eq!(client.post("/orders").wait().text(), "thank you");
//! client.block_on(client.settle()); // waits for the mail
//! ```
//!
//! # Plain functions
//!
//! They run on threads of their own: [`concurrency.view_threads`](crate::config::ConcurrencyConfig::view_threads) of them, 40, for all event loops of
//! the process together. When all are taken, [`view_queue`](crate::config::ConcurrencyConfig::view_queue) views may wait, each for
//! [`view_queue_time`](crate::config::ConcurrencyConfig::view_queue_time) and not beyond its own `view_timeout`; then the answer is 503 with `Retry-After`. A client
//! that leaves gives its place up. Files are read on other threads, so that they never wait for views, and an `async fn` pays nothing of it.
//!
//! A panic is answered 500, and its thread goes on. A view that has begun can't be stopped from outside: it ends where it waits by
//! [`sql::wait`](crate::sql::wait), and long loops ask [`is_cancelled`](crate::is_cancelled).
//!
//! # What ends when
//!
//! - A task of `spawn` belongs to its request: it is waited for before the transaction is committed, also when nobody awaits its handle. When the
//!   view fails, when its time (`view_timeout`) is over and when the client leaves, it is dropped where it waits, and with it its statement
//!   (the database is told to stop), its locks and its connection.
//! - An answer that is streamed, and a WebSocket, go on while their tasks run, and end those that are left.
//! - A task of `background` is waited for when the app [stops](crate::guide::stopping). Its errors and panics are logged with the place where it was
//!   started, and counted: [`CurrentApp::background_tasks`](crate::CurrentApp::background_tasks). Its statements are each on their own.
//! - `tokio::spawn` keeps no context, and nobody waits for it.
//!
//! # A view that holds its loop
//!
//! While an `async fn` computes or blocks, every other request on its event loop stands still. In debug mode a watchdog names any that does so for
//! 50 ms ([`concurrency.stall_after`](crate::config::ConcurrencyConfig::stall_after)), in the log and in the debug panel, and says where it stood; with `concurrency.stall_watchdog =
//! "always"` in production too:
//!
//! ```text
//! WARN flagon::stall: a view held its event loop, and all that wait there: make it a plain `fn`, or use blocking or parallel
//!   clock_nanosleep
//!   std::thread::functions::sleep at …/library/std/src/thread/functions.rs:289
//!   shop::reports::month::{{closure}} at src/reports.rs:12
//! ```
//!
//! On Linux a helper process, which is the program started once more, reads that off the thread's stack by ptrace(2), which stops it for less than a
//! millisecond; elsewhere, and in containers that forbid ptrace, the report has the name and the time alone. So what stands before
//! [`App::main`](crate::App::main) in `main` should do nothing but make the app.
//! The helper is left out by `default-features = false` without the feature `stall-backtraces`.
