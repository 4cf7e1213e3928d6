//! The rules of sessions that a server keeps: how long they last, how large they may be, who ends them.

use std::{
    fmt,
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::FutureExt;
use tokio::sync::{Mutex, MutexGuard};

use super::{
    key::SessionKey,
    store::{SessionStore, StoredSession},
};
use crate::{
    error::Result,
    request::Request,
    session::{FRESH, Origin, REMEMBERED, Session, SessionValue},
    sessions::cookie::SessionCookie,
};

/// Sessions that the server keeps, of which the client has but an id of 256 random bits.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon::{MemoryStore, ServerSessions, Sessions, prelude::*};
///
/// let sessions = ServerSessions::new(MemoryStore::new()).idle(Duration::from_mins(30));
/// let app = App::new("bank").sessions(Sessions::stored(sessions));
/// ```
pub struct ServerSessions {
    pub(super) store: Box<dyn SessionStore>,
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    /// How long one lasts whose user asked to be remembered.
    pub(super) remembered: Duration,
    pub(super) max_size: usize,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// Changes of one session wait for each other here, so that only those of other processes make one begin again.
    queues: [Mutex<()>; 64],
}

/// What a user may know of one of their sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// What [`ServerSessions::revoke`] takes, and [`Session::handle`] gives for the current one; no id can be made of it.
    pub handle: String,
    /// When it began.
    pub created: SystemTime,
    /// When it was last used, to within a minute.
    pub seen: SystemTime,
    /// When it ends, unless it is used before.
    pub expires: SystemTime,
    /// From where it was last changed.
    pub address: Option<IpAddr>,
    /// The `User-Agent` that last changed it.
    pub agent: String,
}

impl ServerSessions {
    /// Keeps sessions in `store`: for a day without use, 31 days at most, and up to 1 MiB each.
    pub fn new(store: impl SessionStore) -> Self {
        Self {
            store: Box::new(store),
            idle: Duration::from_hours(24),
            absolute: Duration::from_hours(31 * 24),
            remembered: Duration::from_hours(31 * 24),
            max_size: 1024 * 1024,
            clock: Arc::new(SystemTime::now),
            queues: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Ends a session that was not used for `time`, in steps of up to a minute. One whose user asked to be
    /// [remembered](crate::login_user_and_remember) goes on instead, and its login is no longer fresh.
    #[must_use]
    pub fn idle(mut self, time: Duration) -> Self {
        self.idle = time;
        self
    }

    /// Ends every session `time` after its id was made, however much it is used; one whose user asked to be remembered after
    /// [`remember_cookie_duration`](crate::Config::remember_cookie_duration).
    #[must_use]
    pub fn absolute(mut self, time: Duration) -> Self {
        self.absolute = time;
        self
    }

    /// Refuses to keep more than about `bytes` in one session.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Takes the time from `clock`: for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    pub(super) async fn turn(&self, key: &SessionKey) -> MutexGuard<'_, ()> {
        self.queues[usize::from(key.as_bytes()[0]) % self.queues.len()].lock().await
    }

    /// Says how long a session lasts whose user asked to be remembered.
    pub(in super::super) fn remember_for(&mut self, time: Duration) {
        self.remembered = time;
    }

    /// Gives the store the app's database.
    #[cfg(feature = "sql")]
    pub(in super::super) fn use_database(&self, database: &flagon_sql::Database) {
        self.store.use_database(database);
    }

    /// Whether the store has to be asked before the view.
    pub(in super::super) fn takes_time(&self) -> bool {
        !self.store.answers_at_once()
    }

    /// The session of `request`, from a store that answers at once.
    pub(in super::super) fn open_now(&self, cookie: &SessionCookie, request: &Request) -> Session {
        self.open(cookie, request).now_or_never().and_then(Result::ok).unwrap_or_default()
    }

    /// The session of `request`, or a fresh one.
    pub(in super::super) async fn open(&self, cookie: &SessionCookie, request: &Request) -> Result<Session> {
        let now = self.now();
        for key in cookie.values(request).take(COOKIES_MAX).filter_map(SessionKey::of) {
            if let Some(stored) = self.live(&key, now).await? {
                let since = now.duration_since(stored.seen).unwrap_or_default();
                let is_due = since >= (self.idle / 20).min(SEEN_STEP);
                let is_fresh = stored.values.get(FRESH) == Some(&SessionValue::Bool(true));
                let session = Session::opened(stored.values, Origin::Stored { key: *key.as_bytes(), is_due });
                if is_fresh && since >= self.idle {
                    session.insert(FRESH, false)?; // it is over but for its user having asked to be remembered
                }
                return Ok(session);
            }
        }
        Ok(Session::default())
    }

    /// The session of `key`, unless it is over.
    pub(super) async fn live(&self, key: &SessionKey, now: SystemTime) -> Result<Option<StoredSession>> {
        Ok(self.store.load(key).await?.filter(|stored| stored.expires > now))
    }

    /// When `session` ends, which is used now.
    pub(super) fn end(&self, session: &StoredSession, now: SystemTime) -> SystemTime {
        let far = now + FAR;
        let after = |begin: SystemTime, time| begin.checked_add(time).unwrap_or(far);
        if session.values.contains_key(REMEMBERED) {
            return after(session.created, self.remembered);
        }
        after(now, self.idle).min(after(session.created, self.absolute))
    }

    /// The sessions of `user`, the last used first.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn of_user(&self, user: &str) -> Result<Vec<SessionInfo>> {
        let now = self.now();
        let stored = self.store.of_user(user).await?;
        let mut infos: Vec<_> =
            stored.into_iter().filter(|(_, it)| it.expires > now).map(SessionInfo::from).collect();
        infos.sort_by(|a, b| b.seen.cmp(&a.seen).then_with(|| a.handle.cmp(&b.handle)));
        Ok(infos)
    }

    /// Ends the session of `user` that has this handle; `false` when there is none.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn revoke(&self, user: &str, handle: &str) -> Result<bool> {
        Ok(self.revoke_where(user, |info| info.handle == handle).await? > 0)
    }

    /// Ends all sessions of `user` but `session`, and says how many that were: after a changed password.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn revoke_others(&self, user: &str, session: &Session) -> Result<usize> {
        let current = session.handle();
        self.revoke_where(user, |info| Some(&info.handle) != current.as_ref()).await
    }

    /// Ends all sessions of `user`, and says how many that were.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn revoke_all(&self, user: &str) -> Result<usize> {
        self.revoke_where(user, |_| true).await
    }

    async fn revoke_where(&self, user: &str, is_meant: impl Fn(&SessionInfo) -> bool) -> Result<usize> {
        let mut count = 0;
        for (key, stored) in self.store.of_user(user).await? {
            if is_meant(&(key, stored).into()) {
                let _turn = self.turn(&key).await;
                self.store.remove(&key).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Forgets what is over, and says how many that were. In memory that happens by itself.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn clean(&self) -> Result<u64> {
        self.store.remove_expired(self.now()).await
    }
}

impl<S: SessionStore> From<S> for ServerSessions {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

impl From<(SessionKey, StoredSession)> for SessionInfo {
    fn from((key, stored): (SessionKey, StoredSession)) -> Self {
        let StoredSession { created, seen, expires, address, agent, .. } = stored;
        Self { handle: key.to_string(), created, seen, expires, address, agent }
    }
}

impl fmt::Debug for ServerSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSessions")
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .finish_non_exhaustive()
    }
}

/// How old what is known of the last use may be.
const SEEN_STEP: Duration = Duration::from_mins(1);
/// Further than any end, and within what databases can write.
const FAR: Duration = Duration::from_hours(100 * 366 * 24);
/// Of how many cookies of the session's name the store is asked.
const COOKIES_MAX: usize = 4;
