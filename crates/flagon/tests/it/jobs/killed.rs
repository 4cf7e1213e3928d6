//! Workers that are killed without a word (`SIGKILL`) while they work: each job runs to success, its effects are there once, none is lost.

use std::{
    env,
    process::{Child, Command, Stdio},
    thread,
};

use super::*;

/// Where a worker's process finds the queue.
const DATABASE: &str = "FLAGON_TEST_JOBS_DATABASE";

/// Has effects in two tables, and time to be killed before, between and after.
#[job(retries = 0)]
async fn effect(number: i64) -> Result<()> {
    pause(number % 5).await;
    db().execute("INSERT INTO effect (number) VALUES (?)", (number,)).await?;
    pause(number % 3).await;
    db().execute("UPDATE tally SET count = count + 1 WHERE id = ?", (number % 16,)).await?;
    pause(number % 2).await;
    Ok(())
}

async fn pause(millis: i64) {
    tokio::time::sleep(Duration::from_millis(millis.try_into().unwrap())).await;
}

fn app_at(url: &str) -> App {
    let url = url.to_owned();
    App::new("killed").jobs(jobs![effect]).configure(move |config| {
        config.database = url.into();
        config.jobs.workers = 4;
        config.jobs.poll = Duration::from_millis(50);
        config.jobs.lost_after = Duration::from_secs(2);
    })
}

/// The program of a worker: this test program, which runs only this. It works until it is killed, or its input ends.
#[test]
#[ignore = "slow: the program of a worker, started by the others"]
fn worker_process() {
    let Some(url) = env::var_os(DATABASE) else { return };
    let app = app_at(url.to_str().unwrap()).build().unwrap();
    let workers = app.start_workers().unwrap().unwrap();
    let _ = std::io::stdin().read_line(&mut String::new());
    workers.stop();
}

struct Process(Child);

impl Process {
    fn start(url: &str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "jobs::killed::worker_process", "--include-ignored"]);
        command.env(DATABASE, url).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill(); // SIGKILL
        let _ = self.0.wait();
    }
}

/// Has `jobs` jobs done by processes of which one is killed after about each `between` jobs; gives how many were killed.
fn jobs_done_while_workers_are_killed(url: &str, jobs: i64, between: u64) -> u32 {
    let client = app_at(url).test_client();
    let queue = client.app().current_app().job_queue().clone();
    set_up(&client, jobs);
    let mut processes: Vec<Process> = (0..3).map(|_| Process::start(url)).collect();
    let (mut killed, mut next) = (0_u32, between);
    loop {
        let counts = client.block_on(queue.counts()).unwrap();
        assert_eq!(
            (counts.dead, counts.cancelled),
            (0, 0),
            "{:?}",
            client.block_on(queue.list(Some(State::Dead), None, 3))
        );
        if counts.done == u64::try_from(jobs).unwrap() {
            break;
        }
        if counts.done >= next {
            next = counts.done + between / 2 + random() % between.max(1);
            let place = usize::try_from(random()).unwrap() % processes.len();
            processes[place] = Process::start(url); // the one before is killed
            killed += 1;
        }
        thread::sleep(Duration::from_millis(5));
    }
    drop(processes);
    check(&client, jobs);
    killed
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) >> 1
}

fn set_up(client: &Client, jobs: i64) {
    let db = client.app().db();
    let engine = if db.dialect() == Dialect::MySql { "ENGINE=InnoDB" } else { "" };
    client.block_on(client.app().app_context().scope(async {
        for table in [
            "CREATE TABLE effect (number BIGINT NOT NULL)",
            "CREATE TABLE tally (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)",
        ] {
            db.execute(AssertSqlSafe(format!("{table} {engine}")), ()).await.unwrap();
        }
        db.insert_many("INSERT INTO tally (id, count) VALUES (?, ?)", (0..16).map(|id| (id, 0)))
            .await
            .unwrap();
        for chunk in (0..jobs).collect::<Vec<_>>().chunks(500) {
            let all = db.transaction(|db| async move {
                for &number in chunk {
                    effect(number).enqueue_with(&db).await?;
                }
                Ok::<_, Error>(())
            });
            all.await.unwrap();
        }
    }));
}

fn check(client: &Client, jobs: i64) {
    let db = client.app().db();
    let (rows, distinct, tally): (i64, i64, i64) = client
        .block_on(
            db.query_as(
                "SELECT (SELECT count(*) FROM effect), (SELECT count(DISTINCT number) FROM effect), \
                 (SELECT CAST(sum(count) AS SIGNED) FROM tally)",
                (),
            )
            .one(),
        )
        .unwrap();
    assert_eq!((rows, distinct, tally), (jobs, jobs, jobs), "each effect is there once");
}

fn sqlite(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("jobs.db").display())
}

#[test]
fn effects_are_there_once_though_workers_are_killed() {
    let folder = tempfile::tempdir().unwrap();
    for url in [sqlite(&folder), Server::shared().database()] {
        assert!(jobs_done_while_workers_are_killed(&url, 300, 40) >= 2, "{url}");
    }
}

#[test]
#[ignore = "slow: ten thousand jobs on each database, with a hundred and more workers killed"]
fn ten_thousand_jobs_with_workers_killed() {
    let folder = tempfile::tempdir().unwrap();
    for url in [sqlite(&folder), Server::shared().database()] {
        let begun = std::time::Instant::now();
        let killed = jobs_done_while_workers_are_killed(&url, 10_000, 80);
        println!(
            "{}: 10,000 jobs, {killed} workers killed, {:?}",
            url.split(':').next().unwrap(),
            begun.elapsed()
        );
        assert!(killed >= 100, "{killed}");
    }
}
