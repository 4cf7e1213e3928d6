//! What an app counts and measures, and how Prometheus reads it.
//!
//! In: counters, gauges and histograms that anybody may add; functions that are asked when somebody reads. Out: Prometheus' text
//! format. Never: a lock or an allocation where something is counted.

mod value;
mod exposition;
mod registry;
mod requests;
mod process;

pub use exposition::Exposition;
pub(crate) use exposition::float;
pub(crate) use process::write_process;
pub use registry::Metrics;
pub(crate) use requests::Requests;
pub use value::{Counter, Gauge, Histogram};
