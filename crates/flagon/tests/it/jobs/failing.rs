//! Jobs that fail: rolled back, tried again, given up.

use std::sync::atomic::{AtomicU32, Ordering};

use flagon::jobs::JobEntry;

use super::*;

#[job(retries = 2, backoff = "1h")]
async fn stumble(text: String) -> Result<()> {
    write("half of it").await?;
    match current_job().unwrap().attempt {
        1 => Err(std::io::Error::other("the mail server is away").into()),
        2 => panic!("too hot"),
        _ => write(&text).await,
    }
}

#[job(retries = 0)]
async fn hopeless() -> Result<()> {
    write("nothing").await?;
    Err(Error::new(ErrorKind::Failed).with_source("it never works"))
}

#[job]
async fn no_card() -> Result<()> {
    write("nothing").await?;
    Err(give_up("there is no card to charge"))
}

#[job(timeout = "20ms", retries = 0)]
async fn endless() -> Result<()> {
    write("nothing").await?;
    std::future::pending().await
}

#[job(autocommit, retries = 0)]
async fn piecemeal() -> Result<()> {
    write("stays").await?;
    Err(give_up("and fails"))
}

static TRIES: AtomicU32 = AtomicU32::new(0);

/// Meets a deadlock twice.
#[job(retries = 0)]
async fn unlucky() -> Result<()> {
    write("once").await?;
    if TRIES.fetch_add(1, Ordering::Relaxed) < 2 {
        db().execute("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213", ()).await?;
    }
    Ok(())
}

pub(super) fn all() -> Vec<JobEntry> {
    jobs![stumble, hopeless, no_card, endless, piecemeal, unlucky].into()
}

#[test]
fn what_failed_is_rolled_back_and_tried_again_later_and_its_errors_are_kept() {
    for client in clients() {
        let queue = client.app().current_app().job_queue();
        let id = within(&client, stumble("done".into()).enqueue()).unwrap().id();
        for (error, attempts) in [("the mail server is away", 1), ("too hot", 2)] {
            assert_eq!(run(&client), 1);
            let row = row(&client, id);
            assert_eq!((row.state, row.attempts, row.most_attempts), (State::Waiting, attempts, 3));
            let kept = row.error.unwrap();
            assert!(kept.contains(error), "{kept}");
            assert!(row.run_at > Moment::now(), "it waits");
            assert_eq!(notes(&client), [""; 0]);
            client.block_on(queue.promote(Moment::now() + Duration::from_hours(3))).unwrap();
        }
        assert_eq!(run(&client), 1);
        let row = row(&client, id);
        assert_eq!((row.state, row.error), (State::Done, None));
        assert_eq!(notes(&client), ["half of it", "done"]);
    }
}

#[test]
fn the_dead_are_kept_with_their_error_and_can_be_run_again() {
    for client in clients() {
        let queue = client.app().current_app().job_queue();
        let ids = within(&client, async {
            let hopeless = hopeless().enqueue().await.unwrap();
            [hopeless.id(), no_card().enqueue().await.unwrap().id(), endless().enqueue().await.unwrap().id()]
        });
        assert_eq!(run(&client), 3);
        let errors = ["it never works", "there is no card to charge", "its time was over"];
        for (id, error) in ids.into_iter().zip(errors) {
            let row = row(&client, id);
            assert_eq!((row.state, row.attempts), (State::Dead, 1), "{error}");
            assert!(row.error.as_ref().unwrap().starts_with(error), "{row:?}");
        }
        assert_eq!(notes(&client), [""; 0]);
        assert_eq!(client.block_on(queue.retry_dead(Some("hopeless"), Moment::now())).unwrap(), 1);
        assert_eq!(state(&client, ids[0]), State::Ready);
        assert_eq!(run(&client), 1);
        assert_eq!(state(&client, ids[0]), State::Dead);
    }
}

#[test]
fn arguments_that_do_not_fit_any_more_are_dead_at_once() {
    for client in clients() {
        let id = within(&client, digest(1).enqueue()).unwrap().id();
        let db = client.app().db();
        client.block_on(db.execute("UPDATE flagon_job SET arguments = '{\"user\":\"ada\"}'", ())).unwrap();
        assert_eq!(run(&client), 1);
        let row = row(&client, id);
        assert_eq!(row.state, State::Dead);
        let error = row.error.unwrap();
        assert!(
            error.starts_with(
                "the arguments don't fit the function any more: invalid type: string \"ada\", expected i64"
            ),
            "{error}"
        );
    }
}

#[test]
fn a_job_without_a_function_waits_for_a_newer_program_and_is_dead_then() {
    for client in clients() {
        let queue = client.app().current_app().job_queue();
        let id = within(&client, note("x".into()).enqueue()).unwrap().id();
        let db = client.app().db();
        client.block_on(db.execute("UPDATE flagon_job SET name = 'renamed'", ())).unwrap();
        for expected in [State::Waiting, State::Waiting, State::Dead] {
            assert_eq!(run(&client), 1);
            assert_eq!(state(&client, id), expected);
            client.block_on(queue.promote(Moment::now() + Duration::from_hours(3))).unwrap();
        }
        assert!(row(&client, id).error.unwrap().contains("no function of this program is called `renamed`"));
    }
}

#[test]
fn with_autocommit_each_statement_stays() {
    for client in clients() {
        within(&client, piecemeal().enqueue()).unwrap();
        assert_eq!(run(&client), 1);
        assert_eq!(notes(&client), ["stays"]);
    }
}

#[test]
fn a_deadlock_is_no_failure_and_the_whole_job_is_run_again() {
    let [_, client] = clients();
    let id = within(&client, unlucky().enqueue()).unwrap().id();
    assert_eq!(run(&client), 1);
    let row = row(&client, id);
    assert_eq!((row.state, row.attempts, row.error), (State::Done, 1, None));
    assert_eq!(notes(&client), ["once"]);
    assert_eq!(TRIES.load(Ordering::Relaxed), 3);
}
