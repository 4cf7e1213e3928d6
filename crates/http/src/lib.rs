//! HTTP messages and their bytes, without sockets.
//!
//! Modules in reading order; each uses only those above it.

mod body;
mod token;
pub mod http_date;
pub mod h1;

pub use body::{Body, BodyError, BodyErrorKind};
