//! What a store of sessions has to do.

use std::{collections::BTreeMap, fmt, net::IpAddr, sync::Arc, time::SystemTime};

use futures_util::future::BoxFuture;

use super::key::SessionKey;
use crate::{error::Result, session::SessionValue};

/// A session as a store keeps it.
#[derive(Clone)]
pub struct StoredSession {
    /// The names and values; [`SessionValue::to_json`] of a `Map` is their text.
    pub values: Arc<BTreeMap<String, SessionValue>>,
    /// Who is logged in.
    pub user: Option<String>,
    /// When it began.
    pub created: SystemTime,
    /// When it was last used, to within a minute.
    pub seen: SystemTime,
    /// When it ends, unless it is used before.
    pub expires: SystemTime,
    /// From where it was last changed.
    pub address: Option<IpAddr>,
    /// The `User-Agent` that last changed it, at most 200 bytes of it.
    pub agent: String,
    /// How often it was replaced.
    pub version: u64,
}

/// Without values: what is remembered of a client is not for logs.
impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSession")
            .field("names", &self.values.keys())
            .field("user", &self.user)
            .field("expires", &self.expires)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Where sessions of a server are kept: [`MemoryStore`](crate::MemoryStore), or a database.
///
/// A store only keeps; ids, ends and merging are [`ServerSessions`](crate::ServerSessions)' work.
pub trait SessionStore: Send + Sync + 'static {
    /// Whether every answer is there at once, as from memory: then sessions are read when a view looks at them. Others
    /// are read before the view, if the request has an id.
    fn answers_at_once(&self) -> bool {
        false
    }

    /// Is given the app's database once, when the app is built.
    #[cfg(feature = "sql")]
    fn use_database(&self, database: &flagon_sql::Database) {
        let _ = database;
    }

    /// The session of `key`, also when it is over.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    fn load<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<Option<StoredSession>>>;

    /// Keeps a new session.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    fn create<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<()>>;

    /// Keeps `session` in place of the one of the same version, and adds one to the version; `false` when that one is gone or
    /// another has replaced it.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    fn replace<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<bool>>;

    /// Forgets the session of `key`, if there is one.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    fn remove<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<()>>;

    /// The sessions that `user` is logged in with.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    fn of_user<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<(SessionKey, StoredSession)>>>;

    /// Forgets what was over at `now`, and says how many that were.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    fn remove_expired(&self, now: SystemTime) -> BoxFuture<'_, Result<u64>>;
}
