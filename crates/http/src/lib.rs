//! HTTP messages and their bytes, without sockets.
//!
//! [`h1`] turns the bytes of a connection into requests and answers into bytes; the other modules each read and
//! write one kind of field. Modules in reading order; each uses only those above it.

mod body;
mod token;
mod ready;
pub mod authority;
pub mod http_date;
pub mod method;
pub mod etag;
pub mod range;
pub mod cache_control;
pub mod accept;
pub mod forwarded;
pub mod cookie;
pub mod h1;

pub use body::{Body, BodyError, BodyErrorKind};
pub use ready::{FieldBlock, ReadyFields, hex};
