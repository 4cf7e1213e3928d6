//! Transactions of the queue itself, short and begun again when the database gives them up.

use flagon_sql::{Database, Db, Isolation, Result, Terms, Transaction, backoff};

/// Runs `work` as a whole, at most ten times. READ COMMITTED: a search for jobs locks what it takes, and not the gaps between, where
/// others put new ones.
pub(crate) async fn whole<T, W>(database: &Database, work: impl Fn(Db) -> W) -> Result<T>
where
    W: Future<Output = Result<T>>,
{
    let (mut tries, mut turn) = (0, None);
    loop {
        tries += 1;
        let transaction = Transaction::new(database, Terms::default().isolation(Isolation::ReadCommitted));
        let done = match work(Db::within(&transaction)).await {
            Ok(value) => transaction.commit().await.map(|()| value),
            Err(error) => {
                transaction.rollback().await;
                Err(error)
            }
        };
        match done {
            Err(error) if error.kind().is_transient() && tries < Db::RETRIES => {
                database.wait_for_turn(error.kind(), backoff::pause(tries), &mut turn).await;
            }
            done => return done,
        }
    }
}
