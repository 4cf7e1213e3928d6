//! Orders through the public API alone.

#![expect(clippy::unwrap_used, reason = "tests")]

mod sorts;
mod counted;
mod hostile;
mod rows;
mod parsing;
