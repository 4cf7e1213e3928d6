//! Flagon's rules against Werkzeug's, and their properties.

#![expect(clippy::unwrap_used, reason = "tests")]

mod questions;
mod werkzeug;
mod parity;
mod random;
mod properties;
