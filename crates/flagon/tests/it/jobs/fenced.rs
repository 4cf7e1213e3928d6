//! Workers that were thought dead, and jobs that were cancelled: what they did is not kept.

use std::sync::Arc;

use flagon::{
    Application,
    sql::{Db, Terms, Transaction},
};
use flagon_jobs::{Claim, Fence, Queue, Worker};
use tokio::sync::{Notify, Semaphore};

use super::*;

/// What keeps a job in its middle.
struct Gate {
    begun: Semaphore,
    go_on: Notify,
}

#[job]
async fn held(text: String) -> Result<()> {
    write(&text).await?;
    let gate = current_app().state::<Gate>().expect("the test gave it");
    gate.begun.add_permits(1);
    gate.go_on.notified().await;
    Ok(())
}

async fn claimed(queue: &Queue) -> (Worker, Claim) {
    let worker = Worker::of_this_process();
    queue.register(&worker, Moment::now()).await.unwrap();
    let claim = queue.claim(&worker, &[], 1, Moment::now()).await.unwrap().remove(0);
    (worker, claim)
}

#[test]
fn who_was_thought_dead_cannot_keep_what_it_did() {
    for client in clients() {
        let id = within(&client, note("by the second".into()).enqueue()).unwrap().id();
        let queue = client.app().current_app().job_queue();
        client.block_on(async {
            let (first, claim) = claimed(queue).await;
            let later = Moment::now() + Duration::from_secs(31);
            assert_eq!(queue.take_from_lost(later).await.unwrap(), 1);
            assert_eq!(
                queue.beat(&first, Moment::now()).await.unwrap(),
                None,
                "it hears that it was thought dead"
            );
            assert_eq!(
                queue.claim(&first, &[], 1, Moment::now()).await.unwrap(),
                [],
                "and gets nothing more"
            );
            assert_eq!(client.app().run_due_jobs().await.unwrap(), 1);
            // The first wakes up, and believes that the job is still its own.
            let work = Transaction::new(queue.database(), Terms::default());
            let db = Db::within(&work);
            db.execute("INSERT INTO note (text) VALUES ('by the first')", ()).await.unwrap();
            assert_eq!(queue.finish(&db, &claim, Moment::now()).await.unwrap(), Fence::Lost);
            work.rollback().await;
            assert_eq!(queue.give_back(&claim).await.unwrap(), Fence::Lost);
        });
        assert_eq!(notes(&client), ["by the second"]);
        let row = row(&client, id);
        assert_eq!((row.state, row.attempts, row.losses), (State::Done, 1, 1));
    }
}

#[test]
fn a_job_that_takes_its_worker_down_is_given_up_after_ten() {
    for client in clients() {
        let id = within(&client, note("x".into()).enqueue()).unwrap().id();
        let queue = client.app().current_app().job_queue();
        for loss in 1..=10 {
            client.block_on(async {
                claimed(queue).await;
                queue.take_from_lost(Moment::now() + Duration::from_secs(31)).await.unwrap();
            });
            assert_eq!(state(&client, id), if loss < 10 { State::Ready } else { State::Dead });
        }
        assert!(row(&client, id).error.unwrap().contains("lost too often"));
    }
}

fn with_gate(url: &str) -> Client {
    let gate = Gate { begun: Semaphore::new(0), go_on: Notify::new() };
    let app = app().jobs(jobs![held]).state(gate).configure(|config| {
        config.jobs.workers = 2;
        config.jobs.lost_after = Duration::from_mins(1);
        config.jobs.drain = Duration::from_millis(50);
    });
    client(app, url)
}

async fn begun(app: &Application) -> Arc<Gate> {
    let gate = app.current_app().state::<Gate>().unwrap();
    gate.begun.acquire().await.unwrap().forget();
    gate
}

#[test]
fn what_a_cancelled_job_was_doing_is_not_kept() {
    // SQLite has one writer, which the job is: cancelling waits for its end there.
    let client = with_gate(&Server::shared().database());
    let id = within(&client, held("never".into()).enqueue()).unwrap().id();
    let workers = client.app().start_workers().unwrap().unwrap();
    let queue = client.app().current_app().job_queue();
    client.block_on(async {
        let gate = begun(client.app()).await;
        assert!(queue.cancel(id, Moment::now()).await.unwrap());
        gate.go_on.notify_one();
    });
    workers.stop();
    assert_eq!(state(&client, id), State::Cancelled);
    assert_eq!(notes(&client), [""; 0]);
}

#[test]
fn what_is_not_done_at_the_end_is_rolled_back_and_handed_back() {
    for url in ["sqlite::memory:".to_owned(), Server::shared().database()] {
        let client = with_gate(&url);
        let id = within(&client, held("second".into()).enqueue()).unwrap().id();
        let workers = client.app().start_workers().unwrap().unwrap();
        client.block_on(begun(client.app()));
        workers.stop();
        let handed_back = row(&client, id);
        assert_eq!((handed_back.state, handed_back.attempts), (State::Ready, 0), "{url}");
        assert_eq!(notes(&client), [""; 0]);
        let gate = client.app().current_app().state::<Gate>().unwrap();
        gate.go_on.notify_one();
        assert_eq!(run(&client), 1);
        assert_eq!(notes(&client), ["second"]);
    }
}
