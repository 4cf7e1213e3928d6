//! Files as answers: Flask's `send_file` and `send_from_directory`.
//!
//! In: a path, and the conditions and ranges of the request. Out: 200, 206 or 304 with the file's validators. Never: a file outside of
//! the folder that was named, a directory or device, or more than a piece of a large file in memory.
//!
//! RFC 9110 §13 (conditions) and §14 (ranges).

mod body;
mod disposition;
mod media_type;
mod safe_join;
mod found;
mod answer;
mod send_file;
mod static_files;

pub use safe_join::safe_join;
pub use send_file::{SendFile, send_file, send_from_directory};

pub(crate) use static_files::static_files;
