//! The public interface of `flagon-http`, a module per topic.

#![expect(clippy::unwrap_used, reason = "tests")]

mod conversation;
mod cache_control;
mod cases;
mod properties;
mod encode;
mod cookie;
mod etag;
mod range;
mod accept;
mod forwarded;
mod hosts;
