//! The same request to both apps, and what differs between their answers.
//!
//! In: requests and their answers, as they leave. Out: differences in groups, times of both sides, in a file of SQLite; a page, a command,
//! and switches between the sides. Never: a client that waits for any of it; what does not fit into a bounded queue is dropped, and counted.

mod settings;
mod histogram;
mod tally;
mod report;
mod store;
mod tap;
mod asking;
mod worker;

pub use report::{ComparedRoute, DifferenceGroup, ShadowReport};
pub(crate) use settings::Allow;
pub use settings::Shadow;
pub(crate) use store::{ShadowStore, Store};
pub(crate) use worker::{PAGES, Shadowing, Watched};
