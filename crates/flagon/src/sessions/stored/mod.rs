//! Sessions that the server keeps; the client has but an id.
//!
//! In: the id in a request's cookie, and what the request changed. Out: the session, and a fresh id where there was none
//! or the client has gained rights. Never: keeps an id as it is, adopts one that a client made up, or brings a
//! session back that was ended meanwhile.

mod key;
mod store;
mod memory;
#[cfg(feature = "sql")]
mod sql;
mod server_sessions;
mod save;

pub use key::SessionKey;
pub use memory::MemoryStore;
pub use server_sessions::{ServerSessions, SessionInfo};
#[cfg(feature = "sql")]
pub use sql::SqlStore;
pub use store::{SessionStore, StoredSession};

pub(super) use save::save;
