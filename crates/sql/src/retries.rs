//! How often work was done again since the database gave it up.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::ErrorKind;

/// How often transactions were done again, by why the database gave them up; counted from the start of the program, in views and in
/// [`transaction`](crate::Db::transaction) alike.
///
/// # Examples
///
/// ```
/// let database = flagon_sql::Database::open("sqlite::memory:")?;
/// let retries = database.retries();
/// assert_eq!((retries.total(), retries.given_up), (0, 0));
/// # Ok::<(), flagon_sql::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// Deadlocks; with Galera conflicts with another node too, which come at the commit.
    pub deadlock: u64,
    /// Locks that others held for too long.
    pub lock_timeout: u64,
    /// Snapshots that were out of date.
    pub serialization: u64,
    /// SQLite: another process was writing. Galera: the node was not ready.
    pub busy: u64,
    /// What was not done again: it had been tried often enough, its time was over, or its body could not be read again.
    pub given_up: u64,
}

impl Retries {
    /// How often something was done again, for whatever reason.
    pub fn total(&self) -> u64 {
        self.deadlock + self.lock_timeout + self.serialization + self.busy
    }
}

/// Where it is counted.
#[derive(Debug, Default)]
pub(crate) struct RetryCounts {
    deadlock: AtomicU64,
    lock_timeout: AtomicU64,
    serialization: AtomicU64,
    busy: AtomicU64,
    given_up: AtomicU64,
}

impl RetryCounts {
    pub(crate) fn count(&self, why: ErrorKind) {
        let count = match why {
            ErrorKind::LockTimeout => &self.lock_timeout,
            ErrorKind::Serialization => &self.serialization,
            ErrorKind::Busy => &self.busy,
            _ => &self.deadlock,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_given_up(&self) {
        self.given_up.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Retries {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Retries {
            deadlock: of(&self.deadlock),
            lock_timeout: of(&self.lock_timeout),
            serialization: of(&self.serialization),
            busy: of(&self.busy),
            given_up: of(&self.given_up),
        }
    }
}
