//! What `flagon-port` promises, through its public API.

#![expect(clippy::unwrap_used, reason = "tests")]

mod interpreter;
mod codes;
mod rewriting;
mod meaning;
mod properties;
mod fixer_tests;
mod python2;
mod suites;
