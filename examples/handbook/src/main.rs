//! The handbook example.
fn main() {}
