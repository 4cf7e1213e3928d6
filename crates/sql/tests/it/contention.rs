//! Several at once: deadlocks, locks, writers that wait for each other.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use flagon_sql::{Database, Db, Error, ErrorKind, Terms, Transaction};
use tokio::sync::Barrier;

use crate::databases::{balances, both, mariadb, with_accounts};

/// Two transactions that each hold what the other one wants next.
async fn crossed(database: &Database) -> [Result<u64, Error>; 2] {
    let barrier = Arc::new(Barrier::new(2));
    let one = async |first: i64, second: i64| {
        let transaction = Transaction::new(database, Terms::default());
        let db = Db::within(&transaction);
        let add = "UPDATE account SET balance = balance + 1 WHERE id = ?";
        db.execute(add, (first,)).await?;
        barrier.wait().await;
        let done = db.execute(add, (second,)).await;
        if let Err(error) = &done {
            assert_eq!(transaction.doom(), Some(error.kind()));
            let after = db.execute(add, (first,)).await.unwrap_err();
            assert_eq!(after.kind(), ErrorKind::Deadlock, "nothing of a doomed transaction may be kept");
            assert!(transaction.commit().await.is_err());
        } else {
            transaction.commit().await?;
        }
        done
    };
    let (left, right) = tokio::join!(one(1, 2), one(2, 1));
    [left, right]
}

#[tokio::test]
async fn one_of_two_crossed_updates_is_given_up_as_a_whole() {
    let database = mariadb();
    with_accounts(&database).await;
    let [left, right] = crossed(&database).await;
    let error = left.as_ref().err().or(right.as_ref().err()).expect("one of them loses");
    assert_eq!((error.kind(), error.number()), (ErrorKind::Deadlock, Some(1213)));
    assert!(left.is_ok() || right.is_ok());
    assert_eq!(balances(&database).await, [101, 101]);
}

#[tokio::test]
async fn transaction_runs_again_after_a_deadlock() {
    let database = mariadb();
    let db = with_accounts(&database).await;
    let (barrier, runs) = (Arc::new(Barrier::new(2)), AtomicU32::new(0));
    let (runs, barrier) = (&runs, &barrier);
    let one = async |first: i64, second: i64| {
        db.transaction(|db| async move {
            let add = "UPDATE account SET balance = balance + 1 WHERE id = ?";
            db.execute(add, (first,)).await?;
            if runs.fetch_add(1, Ordering::Relaxed) < 2 {
                barrier.wait().await; // only the first time round: both are in the middle
            }
            db.execute(add, (second,)).await
        })
        .await
    };
    let (left, right) = tokio::join!(one(1, 2), one(2, 1));
    assert_eq!((left.unwrap(), right.unwrap()), (1, 1));
    assert_eq!(runs.load(Ordering::Relaxed), 3);
    assert_eq!(balances(&database).await, [102, 102]);
}

#[tokio::test]
async fn a_lock_that_is_waited_for_too_long_undoes_the_whole_transaction() {
    let database = mariadb();
    with_accounts(&database).await;
    let holder = Transaction::new(&database, Terms::default());
    Db::within(&holder).execute("UPDATE account SET balance = 0 WHERE id = 2", ()).await.unwrap();

    let waiting = Transaction::new(&database, Terms::default());
    let db = Db::within(&waiting);
    db.execute("SET innodb_lock_wait_timeout = 1", ()).await.unwrap();
    db.execute("UPDATE account SET balance = 0 WHERE id = 1", ()).await.unwrap();
    let error = db.execute("UPDATE account SET balance = 0 WHERE id = 2", ()).await.unwrap_err();
    assert_eq!((error.kind(), error.number()), (ErrorKind::LockTimeout, Some(1205)));
    assert_eq!(waiting.doom(), Some(ErrorKind::LockTimeout));
    assert_eq!(waiting.commit().await.unwrap_err().kind(), ErrorKind::LockTimeout);
    holder.rollback().await;
    assert_eq!(balances(&database).await, [100, 100], "MySQL alone would have kept the first update");
}

#[tokio::test]
async fn locking_reads_say_whether_to_wait() {
    let database = mariadb();
    with_accounts(&database).await;
    let holder = Transaction::new(&database, Terms::default());
    let held: Vec<i64> = Db::within(&holder)
        .query_as("SELECT id FROM account WHERE id = 1", ())
        .for_update()
        .all()
        .await
        .unwrap();
    assert_eq!(held, [1]);
    let other = Transaction::new(&database, Terms::default());
    let db = Db::within(&other);
    let ids = || db.query_as::<i64>("SELECT id FROM account ORDER BY id", ());
    assert_eq!(ids().for_update().skip_locked().all().await.unwrap(), [2]);
    assert_eq!(ids().for_share().skip_locked().all().await.unwrap(), [2]);
    for locked in [ids().for_update().nowait(), ids().for_share().nowait()] {
        assert_eq!(locked.all().await.unwrap_err().kind(), ErrorKind::Locked);
    }
    assert_eq!(other.doom(), None, "who did not want to wait goes on");
    db.execute("UPDATE account SET balance = 5 WHERE id = 2", ()).await.unwrap();
    other.commit().await.unwrap();
    holder.commit().await.unwrap();
    let shared =
        [Transaction::new(&database, Terms::default()), Transaction::new(&database, Terms::default())];
    for transaction in &shared {
        let ids: Vec<i64> =
            Db::within(transaction).query_as("SELECT id FROM account", ()).for_share().all().await.unwrap();
        assert_eq!(ids, [1, 2], "who shares does not wait for who shares");
    }
    assert_eq!(balances(&database).await, [100, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_transfers_at_once_lose_nothing_and_none_is_refused() {
    for database in both() {
        let db = with_accounts(&database).await;
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let db = db.clone();
                tokio::spawn(async move {
                    let (from, to) = if number % 2 == 0 { (1, 2) } else { (2, 1) };
                    db.transaction(|db| async move {
                        let balance = db.query_as::<i64>("SELECT balance FROM account WHERE id = ?", (from,));
                        let balance = balance.for_update().one().await?;
                        db.execute("UPDATE account SET balance = ? WHERE id = ?", (balance - 1, from))
                            .await?;
                        db.execute("UPDATE account SET balance = balance + 1 WHERE id = ?", (to,)).await
                    })
                    .await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(balances(&database).await, [100, 100], "{:?}", db.dialect());
    }
}
