//! Sessions in the app's database: for all processes that use it, and still there after a restart.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flagon_sql::{Database, Db};
use futures_util::future::BoxFuture;

use super::{
    key::SessionKey,
    store::{SessionStore, StoredSession},
};
use crate::{
    error::{Error, ErrorKind, Result},
    session::SessionValue,
};

/// Sessions in the app's database, one statement for each reading and each change. They are not part of a request's transaction: what
/// a client did is remembered also when the view failed.
///
/// Its table is made by [`create_table`](Self::create_table).
///
/// # Examples
///
/// ```
/// use flagon::{Sessions, SqlStore, prelude::*};
///
/// async fn init_db() -> Result<()> {
///     SqlStore::create_table(&current_app().db()).await
/// }
///
/// let app = App::new("shop")
///     .sessions(Sessions::stored(SqlStore::default()))
///     .cli("init-db", "Creates the tables", init_db);
/// ```
#[derive(Default)]
pub struct SqlStore {
    database: OnceLock<Database>,
    created: AtomicU32,
}

impl SqlStore {
    /// Makes the table `flagon_session`, unless it is there.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn create_table(db: &Db) -> Result<()> {
        db.execute(TABLE, ()).await?;
        Ok(())
    }

    fn db(&self) -> Result<Db> {
        let none = || {
            Error::new(ErrorKind::Failed).with_source("sessions are in a database that no app was built with")
        };
        Ok(self.database.get().ok_or_else(none)?.db())
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<()> {
        let db = self.db()?;
        if self.created.fetch_add(1, Ordering::Relaxed) % CLEANING == CLEANING - 1 {
            db.execute("DELETE FROM flagon_session WHERE expires <= ?", (seconds(session.seen),)).await?;
        }
        let insert = "INSERT INTO flagon_session (id, content, who, created, seen, expires, address, agent, version) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)";
        let values = (
            &key.as_bytes()[..],
            content(&session),
            session.user,
            seconds(session.created),
            seconds(session.seen),
            seconds(session.expires),
            session.address.map(|address| address.to_string()),
            session.agent,
        );
        db.execute(insert, values).await?;
        Ok(())
    }

    async fn update(&self, key: &SessionKey, session: StoredSession) -> Result<bool> {
        let update = "UPDATE flagon_session SET content = ?, who = ?, seen = ?, expires = ?, address = ?, agent = ?, \
                      version = version + 1 WHERE id = ? AND version = ?";
        let values = (
            content(&session),
            session.user,
            seconds(session.seen),
            seconds(session.expires),
            session.address.map(|address| address.to_string()),
            session.agent,
            &key.as_bytes()[..],
            i64::try_from(session.version).unwrap_or(i64::MAX),
        );
        Ok(self.db()?.execute(update, values).await? == 1)
    }
}

fn content(session: &StoredSession) -> String {
    SessionValue::Map(BTreeMap::clone(&session.values)).to_json()
}

/// `content`, `who`, `created`, `seen`, `expires`, `address`, `agent`, `version`.
type SessionRow = (String, Option<String>, i64, i64, i64, Option<String>, String, i64);

fn session(row: SessionRow) -> Result<StoredSession> {
    let (content, user, created, seen, expires, address, agent, version) = row;
    let Some(SessionValue::Map(values)) = SessionValue::from_json(&content) else {
        return Err(
            Error::new(ErrorKind::Failed).with_source("a row of flagon_session is not what was written")
        );
    };
    Ok(StoredSession {
        values: Arc::new(values),
        user,
        created: time(created),
        seen: time(seen),
        expires: time(expires),
        address: address.and_then(|address| address.parse().ok()),
        agent,
        version: u64::try_from(version).unwrap_or_default(),
    })
}

fn seconds(time: SystemTime) -> i64 {
    let passed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)
}

fn time(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

impl SessionStore for SqlStore {
    fn use_database(&self, database: &Database) {
        let _ = self.database.set(database.clone()); // an app is built once
    }

    fn load<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<Option<StoredSession>>> {
        Box::pin(async move {
            let select = "SELECT content, who, created, seen, expires, address, agent, version \
                          FROM flagon_session WHERE id = ?";
            let found: Option<SessionRow> =
                self.db()?.query_as(select, (&key.as_bytes()[..],)).optional().await?;
            found.map(session).transpose()
        })
    }

    fn create<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.insert(key, session))
    }

    fn replace<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.update(key, session))
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.db()?.execute("DELETE FROM flagon_session WHERE id = ?", (&key.as_bytes()[..],)).await?;
            Ok(())
        })
    }

    fn of_user<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<(SessionKey, StoredSession)>>> {
        Box::pin(async move {
            let db = self.db()?;
            let select = "SELECT id FROM flagon_session WHERE who = ? ORDER BY id LIMIT 1000";
            let ids: Vec<Vec<u8>> = db.query_as(select, (user,)).all().await?;
            let mut found = Vec::new();
            for id in ids {
                let Ok(key) = <[u8; 32]>::try_from(id).map(SessionKey::from_bytes) else { continue };
                if let Some(session) = self.load(&key).await? {
                    found.push((key, session));
                }
            }
            Ok(found)
        })
    }

    fn remove_expired(&self, now: SystemTime) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let delete = "DELETE FROM flagon_session WHERE expires <= ?";
            Ok(self.db()?.execute(delete, (seconds(now),)).await?)
        })
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").finish_non_exhaustive()
    }
}

/// After how many new sessions those that are over are forgotten.
const CLEANING: u32 = 256;

/// SQLite takes the types of MySQL for what they are like; `UNIQUE` is what makes an index in both.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS flagon_session (
    id BINARY(32) NOT NULL PRIMARY KEY,
    content LONGTEXT NOT NULL,
    who VARCHAR(191),
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    address VARCHAR(45),
    agent TEXT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (who, id),
    UNIQUE (expires, id)
)";
