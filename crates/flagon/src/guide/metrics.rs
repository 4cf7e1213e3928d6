//! Metrics: what an app counts and measures.
//!
//! `current_app().metrics()` keeps counters, gauges and histograms by name, and whoever asks twice gets the same one:
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[post("/orders")]
//! async fn order() -> &'static str {
//!     current_app().metrics().counter("orders_total", "Orders that came in.").add(1);
//!     "thank you"
//! }
//! ```
