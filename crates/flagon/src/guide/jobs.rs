//! Jobs: work that is done later, by a worker, also when the process ends meanwhile.
//!
//! With the feature `jobs` (`flagon = { …, features = ["jobs"] }`). A job is a function with `#[job]`. A call of it is a job to be done, which
//! `.enqueue()` puts into a table of the app's own database, in the transaction of the request: there is a job if the request is
//! committed, and none if it is not.
//!
//! ```
//! use flagon::{jobs::jobs, prelude::*};
//!
//! /// Welcomes a new user.
//! #[job(queue = "mail", retries = 8, backoff = "30s", timeout = "1m")]
//! async fn welcome(user: i64) -> Result<()> {
//!     let name: String = db().query_as("SELECT name FROM user WHERE id = ?", (user,)).one().await?;
//!     db().execute("INSERT INTO mail (text) VALUES (?)", (format!("Welcome, {name}!"),)).await?;
//!     Ok(())
//! }
//!
//! #[post("/users/<name>")]
//! async fn register(name: String) -> Result<&'static str> {
//!     let id = db().insert("INSERT INTO user (name) VALUES (?)", (name,)).await?;
//!     welcome(id).enqueue().await?;
//!     Ok("registered")
//! }
//!
//! fn app() -> App {
//!     App::new("club").jobs(jobs![welcome]).routes(routes![register])
//! }
//!
//! let client = app().configure(|config| config.database = "sqlite::memory:".into()).test_client();
//! client.block_on(async {
//!     let db = client.app().db();
//!     db.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", ()).await?;
//!     db.execute("CREATE TABLE mail (text TEXT NOT NULL)", ()).await
//! }).unwrap();
//! client.post("/users/Ada").wait();
//! client.block_on(client.app().run_due_jobs()).unwrap(); // what workers do, here and now
//! let mail: String = client.block_on(client.app().db().query_as("SELECT text FROM mail", ()).one()).unwrap();
//! assert_eq!(mail, "Welcome, Ada!");
//! ```
//!
//! Arguments are owned values that serde can write and read; they are kept as JSON, by their names. A new argument that is an `Option` does
//! not disturb jobs that wait; arguments that don't fit any more, and jobs whose function is gone, end among the dead with a word about why.
//!
//! # What is promised
//!
//! Within a job `db()`, `g()` and `current_app()` work as in a view, and [`current_job()`](crate::jobs::current_job) tells which attempt it is. All
//! that it does with `db()` is one transaction, and the word that the job is done is a part of it. So its effects in the database are
//! there **exactly once**, however often workers are killed, and by whomever it is begun again:
//!
//! - A worker says every ten seconds that it is alive. When it was not heard of for thirty (`jobs.lost_after`), others run its jobs; that is no
//!   failed attempt. A job that has lost its worker ten times is dead.
//! - A worker that was only slow finds at its commit that it does not hold the job any more, and what it did is rolled back.
//! - After a deadlock the whole job is run again at once, as a view is; that is no failed attempt either.
//!
//! What is done elsewhere, such as a mail that is sent, can't be rolled back and is done **at least once**: give the other side a key by which
//! it knows what it has seen, such as the job's number. `#[job(autocommit)]` gives up the one transaction, for work that takes long.
//!
//! On SQLite there is one writer. A job that writes and then waits for something keeps all others waiting; do the waiting first.
//!
//! # When, and how often
//!
//! | | |
//! |---|---|
//! | `welcome(id).delay(Duration::from_secs(60))`, `.at(time)` | not before |
//! | `.priority(10)`, `#[job(priority = 10)]` | before those of 0; below 0 after them |
//! | `.queue("mail")`, `#[job(queue = "mail")]` | for workers of that queue |
//! | `#[job(unique)]`, `unique = "digest:{user}"`, `.unique(key)` | one at a time, until it has come to its end; a second gives [`Already`](crate::jobs::Enqueued::Already) |
//! | `#[job(retries = 8, backoff = "30s")]` | 8 more attempts, after 30 s, 1 min, 2 min … an hour at most, shortened by chance by up to a half |
//! | `#[job(timeout = "1m")]` | given up after a minute, which is a failed attempt |
//! | `return Err(give_up("…"))` | dead at once |
//! | `#[job(cron = "0 3 * * *", time_zone = "Europe/Vienna")]` | every night at three in Vienna; `@hourly`, `@daily` and the like too |
//!
//! A schedule needs no leader: each of its times is taken by one statement that only one process can win, together with the job that it
//! puts into the queue. A time that was missed is made up for once, and a run that takes longer than its interval is not joined by the next.
//!
//! # Workers
//!
//! The process that serves runs four jobs at a time (`jobs.workers`), and begins one right after the commit that left it. With `workers = 0`
//! it runs none, and `club jobs work` does in processes of their own, as many as you like; they look every second (`jobs.poll`).
//!
//! At the end nothing more is begun. Jobs that run have thirty seconds (`jobs.drain`), and not longer than the whole stop; then they are rolled
//! back and handed back, and another worker begins them anew.
//!
//! ```toml
//! [jobs]
//! workers = 8
//! queues = ["mail", "default"]
//! keep = "30d"       # finished ones, for looking at; 7 days
//! keep_dead = "1y"   # 90 days
//! ```
//!
//! # Looking at them
//!
//! `club jobs list`, `show 7`, `dead`, `retry 7`, `retry --dead`, `cancel 7`, `schedules`, each with `--json`; the same by `flagon jobs …`, which needs
//! no app but the database's URL. In debug mode `/_flagon/jobs` shows them in the browser.
//! [`current_app().job_queue()`](crate::CurrentApp::job_queue) is for views of your own.
//!
//! The tables `flagon_job`, `flagon_job_worker` and `flagon_job_schedule` are made before the first statement, or by `club db migrate` where
//! `sql.migrate_at_start` is off. They are of InnoDB; a queue in a table that can't roll back is refused.
//!
//! # From Celery, RQ and Solid Queue
//!
//! | there | here |
//! |---|---|
//! | `send.delay(x)`, `queue.enqueue(send, x)`, `SendJob.perform_later(x)` | `send(x).enqueue().await?` |
//! | `apply_async(countdown=60)`, `enqueue_in`, `set(wait: 1.minute)` | `send(x).delay(Duration::from_secs(60))` |
//! | `transaction.on_commit(…)` around it | nothing: it is so by itself |
//! | `CELERY_TASK_ALWAYS_EAGER` in tests | [`run_due_jobs()`](crate::Application::run_due_jobs), or `send(x).call()` |
//! | `celery worker`, `rq worker`, `bin/jobs` | in the app's process, or `club jobs work` |
//! | `celery beat`, `recurring.yml` | `cron = "…"` |
