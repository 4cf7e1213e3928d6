//! Templates from outside.

#![expect(clippy::unwrap_used, reason = "a test")]

mod contexts;
mod composed;
mod refused;
mod mutated;
mod tokenizer;
mod xss;
mod jinja;
