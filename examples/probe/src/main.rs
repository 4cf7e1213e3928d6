//! The probe example.
fn main() {}
