//! Metrics, health and traces.
//!
//! # Metrics
//!
//! Nothing is counted of requests, and nobody can read anything, until the table `[metrics]` says where:
//!
//! ```toml
//! [metrics]
//! address = "127.0.0.1:9100" # a listener of their own, at /metrics
//! path = "/metrics"          # or a path of the app: for programs on this machine,
//! token = "a long random text" # or for whoever shows this as `Authorization: Bearer …`
//! ```
//!
//! The format is Prometheus' text, version 0.0.4. There are requests by route, method and status with their times
//! (`http_requests_total`, `http_request_duration_seconds`; the route is the rule, never what a client wrote), what the server counts
//! (connections, requests at work and in the queue, bytes, TLS handshakes), the database (`sql_retries_total`, `sql_connections`), and the
//! process. An app adds its own:
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
//!
//! Whoever counts often keeps the [`Counter`](crate::Counter) instead of asking for it each time. What is counted elsewhere is asked for
//! when somebody reads: [`Metrics::collect`](crate::Metrics::collect).
//!
//! # Health
//!
//! `[health]` names two paths. `live` says 200 as long as anything is answered. `ready` says 503 from the moment at which the app is to
//! [stop](super::stopping), and while a check of [`App::ready_when`](crate::App::ready_when) fails. Both, and the metrics, are answered
//! however much there is to do.
//!
//! # Traces
//!
//! [`request().trace()`](crate::Request::trace) is where a request stands in a trace (W3C Trace Context): what the client's `traceparent`
//! says, or a trace that begins here. Its id is in the log of requests that have one, and an app
//! [behind this one](super::moving) is told of it. Requests that an app makes itself say so by two fields:
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/")]
//! async fn index() -> Result<String> {
//!     let request = request();
//!     let trace = request.trace();
//!     let fields = [("traceparent", trace.traceparent()), ("tracestate", trace.tracestate().to_owned())];
//!     Ok(format!("{fields:?}"))
//! }
//! ```
