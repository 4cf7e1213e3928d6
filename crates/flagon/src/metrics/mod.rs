//! What an app counts and measures, and how Prometheus reads it.
//!
//! In: counters, gauges and histograms that anybody may add; functions that are asked when somebody reads. Out: Prometheus' text
//! format. Never: a lock or an allocation where something is counted.

mod value;
mod exposition;
mod registry;

pub use exposition::Exposition;
pub(crate) use exposition::float;
pub use registry::Metrics;
pub use value::{Counter, Gauge, Histogram};
