//! A transaction is kept or undone as a whole.

use flagon_sql::{Database, Db, Dialect, Error, ErrorKind, Isolation, Terms, Transaction};
use futures_util::TryStreamExt as _;
use tokio::sync::Notify;

use crate::databases::{balances, both, mariadb, with_accounts};

const TAKE: &str = "UPDATE account SET balance = balance - 10 WHERE id = 1";

#[tokio::test]
async fn what_is_committed_is_seen_and_what_is_rolled_back_is_not() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        Db::within(&transaction).execute(TAKE, ()).await.unwrap();
        assert_eq!(balances(&database).await, [100, 100], "nobody sees it before the commit");
        transaction.commit().await.unwrap();
        assert_eq!(balances(&database).await, [90, 100]);

        let transaction = Transaction::new(&database, Terms::default());
        Db::within(&transaction).execute(TAKE, ()).await.unwrap();
        transaction.rollback().await;
        assert_eq!(balances(&database).await, [90, 100]);
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_is_rolled_back_and_its_connection_lent_again() {
    for database in both() {
        with_accounts(&database).await;
        for _ in 0..50 {
            let transaction = Transaction::new(&database, Terms::default());
            Db::within(&transaction).execute(TAKE, ()).await.unwrap();
        }
        assert_eq!(balances(&database).await, [100, 100]);
    }
}

#[tokio::test]
async fn a_statement_that_is_dropped_on_its_way_costs_its_connection_and_nothing_else() {
    for database in both() {
        with_accounts(&database).await;
        for _ in 0..5 {
            let transaction = Transaction::new(&database, Terms::default());
            let db = Db::within(&transaction);
            db.execute(TAKE, ()).await.unwrap();
            {
                let count = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 300000) SELECT count(*) FROM n";
                let mut half = Box::pin(db.query_as::<i64>(count, ()).one());
                let _ = futures_util::poll!(&mut half); // seldom it is done already
            }
            transaction.abandon();
        }
        assert_eq!(balances(&database).await, [100, 100]);
    }
}

#[tokio::test]
async fn a_read_only_transaction_is_refused_writes_by_the_database() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::read_only());
        let db = Db::within(&transaction);
        assert_eq!(db.query_as::<i64>("SELECT balance FROM account", ()).one().await.unwrap(), 100);
        let error = db.execute(TAKE, ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
        assert_eq!(error.number(), Some(if db.dialect() == Dialect::MySql { 1792 } else { 8 }));
        transaction.commit().await.unwrap();
        assert_eq!(balances(&database).await, [100, 100]);
    }
}

#[tokio::test]
async fn a_read_only_transaction_sees_one_state_of_things() {
    for database in both() {
        let outside = with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::read_only());
        let db = Db::within(&transaction);
        let sum = async || db.query_as::<i64>("SELECT sum(balance) FROM account", ()).one().await.unwrap();
        assert_eq!(sum().await, 200);
        outside.execute(TAKE, ()).await.unwrap();
        assert_eq!(sum().await, 200);
        transaction.commit().await.unwrap();
        assert_eq!(balances(&database).await, [90, 100]);
    }
}

#[tokio::test]
async fn a_connection_keeps_nothing_of_who_had_it_before() {
    // One connection only: it reads, then writes, then stands alone, in turns.
    let mut options: flagon_sql::Options = mariadb::Server::shared().database().parse().unwrap();
    options.connections = 1;
    let database = Database::with_options(options);
    with_accounts(&database).await;
    for turn in 1..=3 {
        let reading = Transaction::new(&database, Terms::read_only().isolation(Isolation::ReadUncommitted));
        assert!(Db::within(&reading).execute(TAKE, ()).await.is_err());
        reading.commit().await.unwrap();
        let writing = Transaction::new(&database, Terms::default());
        let db = Db::within(&writing);
        db.execute(TAKE, ()).await.unwrap();
        let isolation: String = db.query_as("SELECT @@tx_isolation", ()).one().await.unwrap();
        assert_eq!(isolation, "REPEATABLE-READ");
        writing.commit().await.unwrap();
        database.db().execute(TAKE, ()).await.unwrap();
        assert_eq!(balances(&database).await, [100 - 20 * turn, 100]);
    }
}

#[tokio::test]
async fn savepoints_undo_a_part() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        db.execute(TAKE, ()).await.unwrap();
        let undone = db.transaction(|db| async move {
            db.execute(TAKE, ()).await?;
            db.transaction(|db| async move { db.execute(TAKE, ()).await.map(drop) }).await?;
            db.execute("INSERT INTO account VALUES (1, 0)", ()).await?;
            Ok::<_, Error>(())
        });
        assert_eq!(undone.await.unwrap_err().kind(), ErrorKind::Unique);
        db.transaction(|db| async move {
            db.execute("UPDATE account SET balance = 7 WHERE id = 2", ()).await.map(drop)
        })
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(balances(&database).await, [90, 7]);
    }
}

#[tokio::test]
async fn a_statement_that_would_end_the_transaction_is_refused() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        db.execute(TAKE, ()).await.unwrap();
        let mut ending = vec!["COMMIT", "  rollback", "/* x */ BEGIN", "SAVEPOINT a"];
        if db.dialect() == Dialect::MySql {
            ending.extend(["CREATE TABLE t (a INT)", "TRUNCATE account", "LOCK TABLES account READ"]);
        }
        for sql in ending {
            assert_eq!(db.execute(sql, ()).await.unwrap_err().kind(), ErrorKind::ImplicitCommit, "{sql}");
        }
        db.execute("CREATE TEMPORARY TABLE t (a INTEGER)", ()).await.unwrap();
        transaction.rollback().await;
        assert_eq!(balances(&database).await, [100, 100]);
    }
}

#[tokio::test]
async fn after_its_end_a_transaction_takes_nothing_more_but_reading_after_a_commit() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        db.execute(TAKE, ()).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(db.execute(TAKE, ()).await.unwrap_err().kind(), ErrorKind::Ended);
        let balance = "SELECT balance FROM account ORDER BY id";
        assert_eq!(db.query_as::<i64>(balance, ()).one().await.unwrap(), 90);
        let all: Vec<i64> = db.query_as::<i64>(balance, ()).stream().try_collect().await.unwrap();
        assert_eq!(all, [90, 100]);

        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        db.execute(TAKE, ()).await.unwrap();
        transaction.rollback().await;
        assert_eq!(db.query_as::<i64>(balance, ()).one().await.unwrap_err().kind(), ErrorKind::Ended);
        assert_eq!(balances(&database).await, [90, 100]);
    }
}

#[tokio::test]
async fn a_second_statement_beside_an_open_stream_is_told_so_instead_of_waiting_for_ever() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        let mut stream = db.query_as::<i64>("SELECT balance FROM account", ()).stream();
        stream.try_next().await.unwrap();
        assert_eq!(db.execute(TAKE, ()).await.unwrap_err().kind(), ErrorKind::InUse);
        assert_eq!(transaction.commit().await.unwrap_err().kind(), ErrorKind::InUse);
        drop(stream);
        db.execute(TAKE, ()).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(balances(&database).await, [90, 100]);
    }
}

#[tokio::test]
async fn the_isolation_that_was_asked_for_is_the_one_there_is() {
    let database = mariadb();
    let outside = with_accounts(&database).await;
    for (isolation, sees) in [
        (Isolation::ReadUncommitted, 1),
        (Isolation::ReadCommitted, 2),
        (Isolation::RepeatableRead, 3),
        (Isolation::Serializable, 3),
    ] {
        outside.execute("UPDATE account SET balance = 3", ()).await.unwrap();
        let transaction = Transaction::new(&database, Terms::read_only().isolation(isolation));
        let db = Db::within(&transaction);
        let balance =
            async || db.query_as::<i64>("SELECT balance FROM account WHERE id = 1", ()).one().await.unwrap();
        assert_eq!(balance().await, 3);
        if isolation == Isolation::Serializable {
            continue; // every read locks: the writer below would wait
        }
        outside.execute("UPDATE account SET balance = 2 WHERE id = 1", ()).await.unwrap();
        let other = Transaction::new(&database, Terms::default());
        Db::within(&other).execute("UPDATE account SET balance = 1 WHERE id = 1", ()).await.unwrap();
        assert_eq!(balance().await, sees, "{isolation:?}");
        other.rollback().await;
    }
}

#[tokio::test]
async fn a_part_that_is_dropped_in_its_middle_is_undone() {
    for database in both() {
        with_accounts(&database).await;
        let transaction = Transaction::new(&database, Terms::default());
        let db = Db::within(&transaction);
        let is_there = &Notify::new();
        let part = db.transaction(|db| async move {
            db.execute("UPDATE account SET balance = 0", ()).await?;
            is_there.notify_one();
            std::future::pending::<Result<(), Error>>().await
        });
        tokio::select! {
            _ = part => panic!("it waits for ever"),
            () = is_there.notified() => (), // and the part is dropped
        }
        db.execute("UPDATE account SET balance = balance + 1 WHERE id = 1", ()).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(balances(&database).await, [101, 100]);
    }
}
