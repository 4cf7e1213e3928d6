//! Brings what a request changed to the session that is kept, whatever others have done to it meanwhile.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{HeaderValue, header};

use super::{key::SessionKey, server_sessions::ServerSessions, store::StoredSession};
use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
    response::Response,
    session::{Opened, Origin, PERMANENT, REMEMBERED, Session, SessionValue, USER, Values},
    sessions::cookie::{Keep, SessionCookie},
};

/// Keeps `session`, and tells the client its id where that is new.
pub(in super::super) async fn save(
    sessions: &ServerSessions,
    cookie: &SessionCookie,
    request: &Request,
    session: &Session,
    response: &mut Response,
) -> Result<()> {
    let is_remembered = session.contains(REMEMBERED);
    let is_permanent = is_remembered || session.is_permanent();
    let mut opened = session.take();
    let seen_by_others = Arc::clone(&opened.values);
    session.put_back(seen_by_others);
    let keep = match (is_remembered, is_permanent) {
        (true, _) => Keep::For(sessions.remembered),
        (false, true) => Keep::For(cookie.lifetime),
        (false, false) => Keep::Session,
    };
    let save = Save { sessions, request };
    match (opened.origin, opened.is_modified) {
        (Origin::Stored { key, is_due: true }, false) => {
            save.touch(&SessionKey::from_bytes(key)).await?;
        }
        (_, false) => return Ok(()),
        (Origin::Stored { key, .. }, true) if !opened.is_renewed => {
            let key = SessionKey::from_bytes(key);
            match save.change(&key, &mut opened).await? {
                Changed::Kept => (),
                Changed::Emptied => return cookie.delete(request, response),
                Changed::Ended => return Ok(()), // nothing brings it back, and its client may have another by now
            }
            let is_told_again = opened.changes.touch(PERMANENT) || (is_permanent && cookie.is_refreshed);
            if !is_told_again {
                return Ok(());
            }
        }
        (origin, true) => {
            return match save.begin(origin, &mut opened).await? {
                Some(id) => cookie.set(request, response, id, keep),
                None if cookie.is_in(request) => cookie.delete(request, response),
                None => Ok(()),
            };
        }
    }
    match cookie.values(request).find(|id| is_of(id, opened.origin)) {
        Some(id) if is_permanent || opened.is_modified => cookie.set(request, response, id.to_owned(), keep),
        _ => Ok(()),
    }
}

fn is_of(id: &str, origin: Origin) -> bool {
    matches!(origin, Origin::Stored { key, .. } if SessionKey::of(id).is_some_and(|it| *it.as_bytes() == key))
}

struct Save<'a> {
    sessions: &'a ServerSessions,
    request: &'a Request,
}

/// What became of a session that was changed.
enum Changed {
    /// It is kept as changed.
    Kept,
    /// Nothing was left in it, so it is gone.
    Emptied,
    /// It was ended while the request ran.
    Ended,
}

impl Save<'_> {
    /// Notes that the session was used.
    async fn touch(&self, key: &SessionKey) -> Result<()> {
        let now = self.sessions.now();
        let _turn = self.sessions.turn(key).await;
        if let Some(mut stored) = self.sessions.live(key, now).await? {
            stored.seen = now;
            stored.expires = self.sessions.end(&stored, now);
            self.sessions.store.replace(key, stored).await?; // one who was faster has noted it as well
        }
        Ok(())
    }

    /// Does the changes to what is kept now; once more when another process was faster.
    async fn change(&self, key: &SessionKey, opened: &mut Opened) -> Result<Changed> {
        let now = self.sessions.now();
        let _turn = self.sessions.turn(key).await;
        opened.values = Arc::default();
        for attempt in 0..ATTEMPTS {
            let Some(mut stored) = self.sessions.live(key, now).await? else { return Ok(Changed::Ended) };
            opened.changes.apply(Arc::make_mut(&mut stored.values));
            if stored.values.is_empty() {
                self.sessions.store.remove(key).await?;
                return Ok(Changed::Emptied);
            }
            self.describe(&mut stored, now)?;
            if self.sessions.store.replace(key, stored).await? {
                return Ok(Changed::Kept);
            }
            tokio::time::sleep(Duration::from_millis(attempt)).await;
        }
        Err(Error::new(ErrorKind::Failed)
            .with_source(format!("the session was changed by others {ATTEMPTS} times while it was to be")))
    }

    /// Keeps a session under a fresh id, and ends the one that was before.
    async fn begin(&self, origin: Origin, opened: &mut Opened) -> Result<Option<String>> {
        let now = self.sessions.now();
        let mut values = Arc::<Values>::default();
        if let Origin::Stored { key, .. } = origin {
            let key = SessionKey::from_bytes(key);
            let _turn = self.sessions.turn(&key).await;
            // What was ended meanwhile gives nothing to the new one.
            values = self.sessions.live(&key, now).await?.map(|stored| stored.values).unwrap_or_default();
            self.sessions.store.remove(&key).await?;
        }
        opened.changes.apply(Arc::make_mut(&mut values));
        if values.is_empty() {
            return Ok(None);
        }
        let mut stored = StoredSession {
            values,
            user: None,
            created: now,
            seen: now,
            expires: now,
            address: None,
            agent: String::new(),
            version: 0,
        };
        self.describe(&mut stored, now)?;
        let (id, key) = SessionKey::fresh();
        self.sessions.store.create(&key, stored).await?;
        Ok(Some(id))
    }

    /// Fills in what a user may know of the session.
    fn describe(&self, stored: &mut StoredSession, now: SystemTime) -> Result<()> {
        let size: usize = stored.values.iter().map(|(name, value)| name.len() + value.size()).sum();
        if size > self.sessions.max_size {
            return Err(Error::new(ErrorKind::Failed).with_source(format!(
                "the session would be about {size} bytes and may be {}; keep large things in the database and their key here",
                self.sessions.max_size
            )));
        }
        stored.user = match stored.values.get(USER) {
            Some(SessionValue::Text(user)) => Some(user.clone()),
            _ => None,
        };
        stored.seen = now;
        stored.expires = self.sessions.end(stored, now);
        stored.address = Some(self.request.remote_addr());
        let agent = self.request.headers().get(header::USER_AGENT).map(HeaderValue::as_bytes);
        let agent = agent.unwrap_or_default();
        stored.agent = String::from_utf8_lossy(&agent[..agent.len().min(AGENT_MAX)]).into_owned();
        Ok(())
    }
}

/// How often a change is tried when other processes are faster.
const ATTEMPTS: u64 = 50;
/// How much of a `User-Agent` is kept.
const AGENT_MAX: usize = 200;
