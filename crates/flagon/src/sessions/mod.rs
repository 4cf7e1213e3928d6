//! Where sessions are kept: in a signed cookie, in an encrypted one, or with the server.
//!
//! In: a request, and its session after the view. Out: a [`Session`](crate::Session), and a cookie in the answer.
//! Never: reads a session that nobody looks at, or writes one that nobody changed.

mod cookie;
mod signed;
mod encrypted;
mod stored;
mod kind;
mod keeper;
mod of_app;

pub use kind::Sessions;
#[cfg(feature = "sql")]
pub use stored::SqlStore;
pub use stored::{MemoryStore, ServerSessions, SessionInfo, SessionKey, SessionStore, StoredSession};

pub(crate) use cookie::Keep;
pub(crate) use keeper::SessionKeeper;
pub(crate) use of_app::AppSessions;
