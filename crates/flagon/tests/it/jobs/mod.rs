//! Jobs, on SQLite and on MariaDB: enqueued with their request, run once, tried again, given up.

use std::time::{Duration, SystemTime};

use flagon::{
    ErrorKind,
    jobs::{Enqueued, Moment, State, current_job, give_up, jobs},
    prelude::*,
    sql::{AssertSqlSafe, Dialect},
    testing::Client,
};
use mariadb::Server;

mod failing;
mod fenced;
mod killed;
mod working;

/// Writes a note.
#[job]
async fn note(text: String) -> Result<()> {
    write(&text).await
}

#[job(priority = 10)]
fn urgent(text: String) -> Result<()> {
    flagon::sql::wait(async { write(&text).await })
}

#[job(unique, queue = "digests")]
async fn digest(user: i64) -> Result<()> {
    write(&format!("digest {user}")).await
}

#[job(unique = "user {user}")]
async fn greet(user: i64, words: Vec<String>) -> Result<()> {
    write(&format!("{user}: {}", words.join(" "))).await
}

/// Uses what a view may use.
#[job]
async fn look_around() -> Result<()> {
    g().set(7_i32);
    let job = current_job().unwrap();
    let text =
        format!("{} {} {} {:?}", current_app().name(), job.name, job.attempt, g().get::<i32>().as_deref());
    note(text).call().await?;
    note("from a job".into()).enqueue().await?;
    Ok(())
}

async fn write(text: &str) -> Result<()> {
    db().execute("INSERT INTO note (text) VALUES (?)", (text,)).await?;
    Ok(())
}

#[post("/notes/<text>")]
async fn add(text: String) -> Result<String> {
    let enqueued = note(text).enqueue().await?;
    Ok(enqueued.id().to_string())
}

#[post("/fails")]
async fn fails() -> Result<String> {
    note("never".into()).enqueue().await?;
    abort(409)
}

#[get("/safe")]
async fn safe() -> Result<String> {
    note("never".into()).enqueue().await?;
    Ok(String::new())
}

#[post("/unknown")]
async fn unknown() -> Result<String> {
    forgotten().enqueue().await?;
    Ok(String::new())
}

#[job]
async fn forgotten() {}

#[post("/aside")]
async fn aside() -> Result<String> {
    note("kept".into()).enqueue_with(&current_app().db()).await?;
    abort(409)
}

fn app() -> App {
    App::new("jobs")
        .jobs(jobs![note, urgent, digest, greet, look_around])
        .jobs(failing::all())
        .routes(routes![add, fails, safe, unknown, aside])
}

/// A client with an empty database of each kind.
fn clients() -> [Client; 2] {
    ["sqlite::memory:".to_owned(), Server::shared().database()].map(|url| client(app(), &url))
}

fn client(app: App, url: &str) -> Client {
    let url = url.to_owned();
    let client = app.configure(|config| config.database = url.into()).test_client();
    let db = client.app().db();
    let (id, engine) = match db.dialect() {
        Dialect::MySql => ("BIGINT AUTO_INCREMENT", "ENGINE=InnoDB"),
        _ => ("INTEGER", ""),
    };
    let table = format!("CREATE TABLE note (id {id} PRIMARY KEY, text VARCHAR(200) NOT NULL) {engine}");
    client.block_on(db.execute(AssertSqlSafe(table), ())).unwrap();
    client
}

fn notes(client: &Client) -> Vec<String> {
    let db = client.app().db();
    client.block_on(db.query_as("SELECT text FROM note ORDER BY id", ()).all()).unwrap()
}

/// Does `work` in a context of the app, outside of requests.
fn within<T>(client: &Client, work: impl Future<Output = T>) -> T {
    client.block_on(client.app().app_context().scope(work))
}

fn run(client: &Client) -> u64 {
    client.block_on(client.app().run_due_jobs()).unwrap()
}

fn state(client: &Client, id: i64) -> State {
    row(client, id).state
}

fn row(client: &Client, id: i64) -> flagon::jobs::JobRow {
    let queue = client.app().current_app().job_queue();
    client.block_on(queue.find(id)).unwrap().unwrap()
}

fn count(client: &Client) -> u64 {
    let queue = client.app().current_app().job_queue();
    let counts = client.block_on(queue.counts()).unwrap();
    State::ALL.into_iter().map(|state| counts.of(state)).sum()
}

#[test]
fn a_committed_request_leaves_its_job_and_an_aborted_one_none() {
    for client in clients() {
        let id: i64 = client.post("/notes/first").wait().text().parse().unwrap();
        assert_eq!(client.post("/fails").wait().status(), 409);
        assert_eq!(count(&client), 1);
        assert_eq!(state(&client, id), State::Ready);
        assert_eq!(run(&client), 1);
        assert_eq!(state(&client, id), State::Done);
        assert_eq!(notes(&client), ["first"]);
        assert_eq!(run(&client), 0);
    }
}

#[test]
fn a_safe_method_may_not_enqueue() {
    for client in clients() {
        assert_eq!(client.get("/safe").wait().status(), 500);
        assert_eq!(count(&client), 0);
    }
}

#[test]
fn outside_of_the_transaction_a_job_stays_when_the_request_fails() {
    for client in clients() {
        assert_eq!(client.post("/aside").wait().status(), 409);
        assert_eq!(run(&client), 1);
        assert_eq!(notes(&client), ["kept"]);
    }
}

#[test]
fn a_job_that_the_app_does_not_know_is_refused_with_the_line_to_write() {
    let [client, _] = clients();
    assert_eq!(client.post("/unknown").wait().status(), 500);
    let error = within(&client, forgotten().enqueue()).unwrap_err();
    assert!(error.source().unwrap().to_string().contains(".jobs(jobs![forgotten])"), "{error:?}");
}

#[test]
fn outside_of_requests_it_is_there_at_once() {
    for client in clients() {
        let enqueued = within(&client, note("alone".into()).enqueue()).unwrap();
        assert!(matches!(enqueued, Enqueued::New(_)));
        assert_eq!(run(&client), 1);
        assert_eq!(notes(&client), ["alone"]);
    }
}

#[test]
fn the_urgent_come_first_then_the_oldest() {
    for client in clients() {
        within(&client, async {
            note("a".into()).enqueue().await.unwrap();
            note("b".into()).priority(-1).enqueue().await.unwrap();
            urgent("c".into()).enqueue().await.unwrap();
            note("d".into()).enqueue().await.unwrap();
        });
        assert_eq!(run(&client), 4);
        assert_eq!(notes(&client), ["c", "a", "d", "b"]);
    }
}

#[test]
fn a_delayed_job_waits_for_its_time() {
    for client in clients() {
        let hour = Duration::from_hours(1);
        let (later, at, past) = within(&client, async {
            let later = note("later".into()).delay(hour).enqueue().await.unwrap();
            let at = note("at".into()).at(SystemTime::now() + hour).enqueue().await.unwrap();
            let past = note("past".into()).at(SystemTime::now() - hour).enqueue().await.unwrap();
            (later.id(), at.id(), past.id())
        });
        assert_eq!(run(&client), 1);
        assert_eq!(
            [later, at, past].map(|id| state(&client, id)),
            [State::Waiting, State::Waiting, State::Done]
        );
        let queue = client.app().current_app().job_queue();
        client.block_on(queue.promote(Moment::now() + 2 * hour)).unwrap();
        assert_eq!(run(&client), 2);
        assert_eq!(notes(&client), ["past", "later", "at"]);
    }
}

#[test]
fn of_a_unique_job_there_is_one_until_its_end() {
    for client in clients() {
        within(&client, async {
            let first = digest(1).enqueue().await.unwrap();
            assert_eq!(digest(1).enqueue().await.unwrap(), Enqueued::Already(first.id()));
            assert!(matches!(digest(2).enqueue().await.unwrap(), Enqueued::New(_)));
            let words = |word: &str| vec![word.to_owned()];
            let first = greet(1, words("hello")).enqueue().await.unwrap();
            assert_eq!(
                greet(1, words("good evening")).enqueue().await.unwrap(),
                Enqueued::Already(first.id())
            );
            let one = note("x".into()).unique("key").enqueue().await.unwrap();
            assert_eq!(note("y".into()).unique("key").enqueue().await.unwrap().id(), one.id());
        });
        assert_eq!(run(&client), 4);
        assert!(matches!(within(&client, digest(1).enqueue()).unwrap(), Enqueued::New(_)));
        assert_eq!(row(&client, 1).queue, "digests");
        assert_eq!(notes(&client), ["digest 1", "digest 2", "1: hello", "x"]);
    }
}

#[test]
fn within_a_job_the_context_works_and_jobs_can_be_enqueued() {
    for client in clients() {
        within(&client, look_around().enqueue()).unwrap();
        assert_eq!(run(&client), 2);
        assert_eq!(notes(&client), ["jobs look_around 1 Some(7)", "from a job"]);
    }
}

#[test]
fn two_jobs_of_a_name_are_refused_at_set_up() {
    let error = App::new("jobs").jobs(jobs![note]).jobs(jobs![note]).build().unwrap_err();
    assert!(error.to_string().contains("`note` was given to the app twice"), "{error}");

    #[job(name = "note")]
    async fn other() {}
    let error = App::new("jobs").jobs(jobs![note, other]).build().unwrap_err();
    assert!(error.to_string().contains("two jobs are called `note`"), "{error}");

    #[job(cron = "0 25 * * *")]
    async fn late() {}
    let error = App::new("jobs").jobs(jobs![late]).build().unwrap_err();
    assert!(error.to_string().contains("has no schedule by \"0 25 * * *\" in \"UTC\""), "{error}");
}

#[test]
fn a_table_that_cannot_roll_back_is_refused() {
    let [_, client] = clients();
    let db = client.app().db();
    client.block_on(async {
        db.query_as::<i64>("SELECT count(*) FROM flagon_job", ()).one().await.unwrap();
        db.execute("ALTER TABLE flagon_job ENGINE=MyISAM", ()).await.unwrap();
    });
    assert_eq!(client.post("/notes/lost").wait().status(), 500);
    assert_eq!(count(&client), 0);
}
