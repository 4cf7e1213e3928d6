//! Arguments of views, from whole requests.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
mod views;

#[path = "../ui/pass/views.rs"]
mod signatures;
