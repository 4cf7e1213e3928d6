//! What is remembered of a client from request to request.
//!
//! In: names and values. Out: [`Session`], what was changed in it, and its text in Flask's form. Never: knows a cookie
//! or a store.

mod value;
mod date;
mod write_json;
mod read_json;
mod serialize;
mod deserialize;
mod changes;
mod handle;

pub use handle::Session;
pub use value::SessionValue;

pub(crate) use handle::{FRESH, Opened, Origin, PERMANENT, REMEMBERED, USER};
pub(crate) use read_json::read;
pub(crate) use value::Values;
pub(crate) use write_json::write;

#[cfg(test)]
mod tests;
