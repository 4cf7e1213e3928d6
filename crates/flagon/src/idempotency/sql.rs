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
            let (db, id, now) = (context.db(), &key.as_bytes()[..], seconds(SystemTime::now()));
            // Those that nobody will ask for again make room, the one of this key among them.
            db.execute("DELETE FROM flagon_idempotency WHERE expires <= ?", (now,)).await?;
            let insert = "INSERT INTO flagon_idempotency (id, request, status, headers, body, expires) VALUES (?, ?, ?, ?, ?, ?)";
            let values = (
                id,
                &answer.request[..],
                i64::from(answer.status.as_u16()),
                write_fields(&answer.headers),
                answer.body.to_vec(),
                seconds(answer.expires),
            );
            match db.execute(insert, values).await {
                Ok(_) => Ok(Keeping::Kept),
                Err(error) if error.kind() == SqlKind::Unique => {
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

/// `request`, `status`, `headers`, `body`, `expires`.
type AnswerRow = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64);

/// SQLite takes the types of MySQL for what they are like.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS flagon_idempotency (
    id BINARY(32) NOT NULL PRIMARY KEY,
    request BINARY(32) NOT NULL,
    status INT NOT NULL,
    headers BLOB NOT NULL,
    body LONGBLOB NOT NULL,
    expires BIGINT NOT NULL
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
