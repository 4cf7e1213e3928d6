//! The public interface of `flagon-http`, a module per topic.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conversation;
mod cases;
mod properties;
mod encode;
mod cookie;
mod etag;
mod range;
mod accept;
mod forwarded;
