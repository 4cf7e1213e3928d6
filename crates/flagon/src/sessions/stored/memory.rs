//! Sessions in the memory of this process.

use std::{
    collections::HashMap,
    fmt,
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    key::SessionKey,
    store::{SessionStore, StoredSession},
};
use crate::error::Result;

/// Sessions in the memory of this process: gone when it ends, and not shared with other processes.
///
/// It holds so many and no more. What is over goes first, then those of nobody that were not used for longest.
///
/// # Examples
///
/// ```
/// use flagon::{MemoryStore, Sessions, prelude::*};
///
/// let app = App::new("blog").sessions(Sessions::stored(MemoryStore::new()));
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

struct Kept {
    sessions: HashMap<SessionKey, StoredSession>,
    capacity: usize,
    /// How many may still come before what is over is looked for.
    until_cleaning: usize,
}

impl MemoryStore {
    /// Makes a store of at most 100,000 sessions.
    pub fn new() -> Self {
        Self::with_capacity(100_000)
    }

    /// Makes a store of at most `capacity` sessions.
    pub fn with_capacity(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self(Arc::new(Mutex::new(Kept { sessions: HashMap::new(), capacity, until_cleaning: CLEANING })))
    }

    /// How many sessions it holds.
    pub fn len(&self) -> usize {
        self.kept().sessions.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Kept {
    fn create(&mut self, key: SessionKey, session: StoredSession) {
        if self.until_cleaning == 0 || self.sessions.len() >= self.capacity {
            self.remove_expired(session.seen);
            self.until_cleaning = CLEANING + self.sessions.len() / 2;
        }
        if self.sessions.len() >= self.capacity {
            self.make_room();
        }
        self.until_cleaning -= 1;
        self.sessions.insert(key, session);
    }

    fn remove_expired(&mut self, now: SystemTime) -> usize {
        let before = self.sessions.len();
        self.sessions.retain(|_, session| session.expires > now);
        before - self.sessions.len()
    }

    /// Forgets a sixteenth, so that the search is paid by many who come.
    fn make_room(&mut self) {
        let mut keys: Vec<_> =
            self.sessions.iter().map(|(key, it)| (it.user.is_some(), it.seen, *key)).collect();
        keys.sort_unstable();
        for (.., key) in keys.into_iter().take(self.capacity / 16 + 1) {
            self.sessions.remove(&key);
        }
    }

    fn replace(&mut self, key: &SessionKey, mut session: StoredSession) -> bool {
        match self.sessions.get_mut(key) {
            Some(kept) if kept.version == session.version => {
                session.version += 1;
                *kept = session;
                true
            }
            _ => false,
        }
    }
}

const CLEANING: usize = 1024;

impl SessionStore for MemoryStore {
    fn answers_at_once(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<Option<StoredSession>>> {
        ready(Ok(self.kept().sessions.get(key).cloned())).boxed()
    }

    fn create<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<()>> {
        self.kept().create(*key, session);
        ready(Ok(())).boxed()
    }

    fn replace<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<bool>> {
        ready(Ok(self.kept().replace(key, session))).boxed()
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<()>> {
        self.kept().sessions.remove(key);
        ready(Ok(())).boxed()
    }

    fn of_user<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<(SessionKey, StoredSession)>>> {
        let kept = self.kept();
        let of_user = kept.sessions.iter().filter(|(_, session)| session.user.as_deref() == Some(user));
        ready(Ok(of_user.map(|(key, session)| (*key, session.clone())).collect())).boxed()
    }

    fn remove_expired(&self, now: SystemTime) -> BoxFuture<'_, Result<u64>> {
        let removed = self.kept().remove_expired(now);
        ready(Ok(removed as u64)).boxed()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("len", &self.len()).finish_non_exhaustive()
    }
}
