//! Answers in the app's database, kept in the transaction of the request: either both are there, what was done and its answer, or neither.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flagon_sql::{Db, ErrorKind as SqlKind};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{
    answer::KeptAnswer,
    key::IdempotencyKey,
    store::{IdempotencyStore, Keeping},
};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
};

/// Answers in the app's database, for all processes that use it. Each is kept in the transaction of its request, so that an answer is
/// there if, and only if, what it tells of was done.
///
/// Its table is made by [`create_table`](Self::create_table).
///
/// # Examples
///
/// ```
/// use flagon::{SqlAnswers, prelude::*};
///
/// async fn init_db() -> Result<()> {
///     SqlAnswers::create_table(&current_app().db()).await
/// }
///
/// let app = App::new("shop").idempotency_store(SqlAnswers).cli("init-db", "Creates the tables", init_db);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SqlAnswers;

impl SqlAnswers {
    /// Makes the table `flagon_idempotency`, unless it is there.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn create_table(db: &Db) -> Result<()> {
        db.execute(TABLE, ()).await?;
        Ok(())
    }

    async fn load(db: &Db, key: &IdempotencyKey) -> Result<Option<KeptAnswer>> {
        let select = "SELECT request, status, headers, body, expires FROM flagon_idempotency WHERE id = ? AND expires > ?";
        let found: Option<AnswerRow> =
            db.query_as(select, (&key.as_bytes()[..], seconds(SystemTime::now()))).optional().await?;
        let Some((request, status, headers, body, expires)) = found else { return Ok(None) };
        let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        let (Ok(request), Some(status)) = (<[u8; 32]>::try_from(request), status) else {
            return Err(Error::new(ErrorKind::Failed)
                .with_source("a row of flagon_idempotency is not what was written"));
        };
        let expires = UNIX_EPOCH + Duration::from_secs(u64::try_from(expires).unwrap_or_default());
        Ok(Some(KeptAnswer { request, status, headers: read_fields(&headers), body: body.into(), expires }))
    }
}

impl IdempotencyStore for SqlAnswers {
    fn find<'a>(
        &'a self,
        context: &'a Arc<Context>,
        key: &'a IdempotencyKey,
    ) -> BoxFuture<'a, Result<Option<KeptAnswer>>> {
        Box::pin(async move { Self::load(&context.db(), key).await })
    }

    fn keep<'a>(
        &'a self,
        context: &'a Arc<Context>,
        key: &'a IdempotencyKey,
        answer: &'a KeptAnswer,
    ) -> BoxFuture<'a, Result<Keeping>> {
        Box::pin(async move {
            let (db, id) = (context.db(), &key.as_bytes()[..]);
            if id[0] == 0 {
                // A digest begins so once in 256 times. In this transaction it would lock what others are about to write.
                db.after_commit(forget_expired(db.database().db())).await;
            }
            let insert = "INSERT INTO flagon_idempotency (request, status, headers, body, expires, id) VALUES (?, ?, ?, ?, ?, ?)";
            match db.execute(insert, values(answer, id)).await {
                Ok(_) => Ok(Keeping::Kept),
                Err(error) if error.kind() == SqlKind::Unique => {
                    // The key's first life may be over, and its row still there.
                    let update = "UPDATE flagon_idempotency SET request = ?, status = ?, headers = ?, body = ?, expires = ? \
                                  WHERE id = ? AND expires <= ?";
                    let now = seconds(SystemTime::now());
                    let (request, status, headers, body, expires, id) = values(answer, id);
                    let values = (request, status, headers, body, expires, id, now);
                    if db.execute(update, values).await? == 1 {
                        return Ok(Keeping::Kept);
                    }
                    // What was done stands in the way of the other's: it goes, and the next statement begins anew.
                    if let Some(transaction) = context.end_transaction() {
                        transaction.rollback().await;
                    }
                    Ok(Keeping::TooLate)
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}

fn values<'a>(answer: &'a KeptAnswer, id: &'a [u8]) -> Written<'a> {
    let (headers, body) = (write_fields(&answer.headers), answer.body.to_vec());
    (&answer.request, i64::from(answer.status.as_u16()), headers, body, seconds(answer.expires), id)
}

/// Removes answers that nobody will ask for again. That it can't is no reason to fail: the next one tries again.
async fn forget_expired(db: Db) {
    let select = "SELECT id FROM flagon_idempotency WHERE expires <= ? ORDER BY expires LIMIT 1000";
    let removed: Result<()> = async {
        let ids: Vec<Vec<u8>> = db.query_as(select, (seconds(SystemTime::now()),)).all().await?;
        for id in ids {
            db.execute("DELETE FROM flagon_idempotency WHERE id = ?", (id,)).await?;
        }
        Ok(())
    }
    .await;
    if let Err(error) = removed {
        tracing::warn!(%error, "answers that have expired could not be removed");
    }
}

fn seconds(time: SystemTime) -> i64 {
    let passed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)
}

/// Fields as lines: neither a name nor a value has a line break.
fn write_fields(headers: &HeaderMap) -> Vec<u8> {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        [name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"].concat()
    };
    headers.iter().flat_map(line).collect()
}

fn read_fields(lines: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..]));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// `request`, `status`, `headers`, `body`, `expires`, `id`.
type Written<'a> = (&'a [u8], i64, Vec<u8>, Vec<u8>, i64, &'a [u8]);

/// `request`, `status`, `headers`, `body`, `expires`.
type AnswerRow = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64);

/// SQLite takes the types of MySQL for what they are like; `UNIQUE` is what makes an index in both.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS flagon_idempotency (
    id BINARY(32) NOT NULL PRIMARY KEY,
    request BINARY(32) NOT NULL,
    status INT NOT NULL,
    headers BLOB NOT NULL,
    body LONGBLOB NOT NULL,
    expires BIGINT NOT NULL,
    UNIQUE (expires, id)
)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_static("1: 2"));
        headers.append("x-a", HeaderValue::from_bytes(b"\xff").unwrap());
        headers.append("x-empty", HeaderValue::from_static(""));
        assert_eq!(read_fields(&write_fields(&headers)), headers);
    }
}
