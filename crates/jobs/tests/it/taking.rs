//! Jobs that many take at a time, and old ones.

use std::{collections::BTreeSet, time::Duration};

use flagon_jobs::{MIGRATIONS, NewJob, State, Verdict, Worker};
use flagon_sql::{Db, Terms, Transaction};

use crate::databases::{START, both};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_take_each_job_once() {
    for queue in both().await {
        for _ in 0..100 {
            queue.enqueue(&queue.database().db(), &NewJob::new("work", "{}"), START).await.unwrap();
        }
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move {
                    let worker = Worker::of_this_process();
                    queue.register(&worker, START).await.unwrap();
                    let mut taken = Vec::new();
                    while queue.counts().await.unwrap().ready > 0 {
                        taken.extend(
                            queue
                                .claim(&worker, &[], 3, START)
                                .await
                                .unwrap()
                                .into_iter()
                                .map(|claim| claim.id),
                        );
                    }
                    taken
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        assert_eq!(
            (all.len(), all.iter().collect::<BTreeSet<_>>().len()),
            (100, 100),
            "{:?}",
            queue.database().dialect()
        );
    }
}

#[tokio::test]
async fn a_job_of_an_open_transaction_is_nobodys() {
    for queue in both().await {
        let transaction = Transaction::new(queue.database(), Terms::default());
        queue.enqueue(&Db::within(&transaction), &NewJob::new("work", "{}"), START).await.unwrap();
        assert_eq!(queue.counts().await.unwrap().ready, 0);
        transaction.rollback().await;
        assert_eq!(queue.counts().await.unwrap().ready, 0);
    }
}

#[tokio::test]
async fn a_worker_takes_from_its_queues_alone() {
    for queue in both().await {
        for name in ["mail", "images", "default"] {
            let mut job = NewJob::new("work", "{}");
            job.queue = name.to_owned();
            queue.enqueue(&queue.database().db(), &job, START).await.unwrap();
        }
        let worker = Worker::of_this_process();
        queue.register(&worker, START).await.unwrap();
        let wanted = ["mail".to_owned(), "default".to_owned()];
        let claims = queue.claim(&worker, &wanted, 9, START).await.unwrap();
        assert_eq!(claims.iter().map(|claim| &*claim.queue).collect::<Vec<_>>(), ["mail", "default"]);
        assert_eq!(queue.leave(&worker).await.unwrap(), 2);
        assert_eq!(queue.counts().await.unwrap().ready, 3);
    }
}

#[tokio::test]
async fn the_old_are_cleared_and_the_rest_stays() {
    let day = Duration::from_hours(24);
    for queue in both().await {
        let worker = Worker::of_this_process();
        queue.register(&worker, START).await.unwrap();
        for _ in 0..3 {
            queue.enqueue(&queue.database().db(), &NewJob::new("work", "{}"), START).await.unwrap();
        }
        let claims = queue.claim(&worker, &[], 2, START).await.unwrap();
        let _ = queue.finish(&queue.database().db(), &claims[0], START).await.unwrap();
        let _ = queue.fail(&claims[1], "no", Verdict::Dead, START).await.unwrap();
        assert_eq!(queue.clear(START, START).await.unwrap(), 0);
        assert_eq!(queue.clear(START + day, START).await.unwrap(), 1);
        let left: Vec<State> = queue.list(None, None, 9).await.unwrap().iter().map(|job| job.state).collect();
        assert_eq!(left, [State::Ready, State::Dead]);
        assert_eq!(queue.clear(START + day, START + day).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn the_tables_can_be_taken_back_and_made_again() {
    for queue in both().await {
        let options = queue.database().options();
        assert_eq!(MIGRATIONS.roll_back(options, 1).await.unwrap(), [1]);
        assert_eq!(MIGRATIONS.migrate(options).await.unwrap(), [1]);
        assert!(queue.database().plain_tables().await.unwrap().is_empty());
    }
}
