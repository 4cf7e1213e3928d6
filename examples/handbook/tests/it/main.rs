//! The handbook from outside: in process, and in a real browser.

#![expect(clippy::unwrap_used, reason = "a test")]

mod server;

mod pages;
mod laboratories;
mod browser;
