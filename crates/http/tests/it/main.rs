//! The public interface of `flagon-http`, a module per topic.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conversation;
mod cases;
