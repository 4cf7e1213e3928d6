//! HTTP messages and their bytes, without sockets.
//!
//! Modules in reading order; each uses only those above it.

mod body;

pub use body::{Body, BodyError, BodyErrorKind};
