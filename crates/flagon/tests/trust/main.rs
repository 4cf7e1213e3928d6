//! Who may do what: forged requests, other sites' pages, what a page may run. Through the public API alone.

#![expect(clippy::unwrap_used, reason = "tests")]

mod logged;
mod csrf;
mod csrf_bodies;
mod flask_wtf;
mod headers;
mod cors;
mod flash;
mod reports;
mod lengths;
mod sites;
mod attacks;
mod pages;
