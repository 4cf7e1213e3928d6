//! Arguments of views, from whole requests.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
mod views;
mod query;
mod form;
mod files;
mod json;
mod patch;
mod head;
mod body;
mod state;

#[path = "../ui/pass/views.rs"]
mod signatures;

#[test]
fn right_signatures_work() {
    signatures::main();
}
