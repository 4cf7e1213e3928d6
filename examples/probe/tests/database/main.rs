//! The probe as a process, under many clients at once and killed in the middle: what it has acknowledged is there.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
mod load;
mod deadlocks;
mod kills;
mod left;
mod commands;
