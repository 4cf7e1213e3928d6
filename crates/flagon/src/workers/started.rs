//! Workers on threads of their own.

use std::{io, sync::Arc, thread, time::Duration};

use flagon_jobs::{Moment, Worker};
use tokio::{runtime::Builder, sync::oneshot};

use super::{
    care::{care, tick},
    crew::{Crew, Stop},
    round::run_and_note,
};
use crate::{application::Application, current_app::CurrentApp, error::Result};

/// Workers that run the jobs of an app, on two threads of their own: one for the jobs, one that says that they are alive. Plain `fn` jobs run
/// on the pool of threads beside.
///
/// They end with the app, or by [`stop`](Self::stop).
///
/// # Examples
///
/// ```no_run
/// use flagon::{jobs::jobs, prelude::*};
///
/// #[job]
/// async fn digest() {}
///
/// let app = App::new("docs").jobs(jobs![digest]).build().unwrap();
/// let workers = app.start_workers()?.expect("it has jobs");
/// // …
/// workers.stop();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Workers {
    crew: Arc<Crew>,
    thread: thread::JoinHandle<()>,
}

impl Application {
    /// Starts the workers that `jobs.workers` asks for, as `main` does; `None` when it asks for none, or there are no jobs.
    ///
    /// # Errors
    ///
    /// When the system gives no threads.
    pub fn start_workers(&self) -> io::Result<Option<Workers>> {
        let config = &self.current_app().config().jobs;
        let at_a_time = usize::try_from(config.workers).unwrap_or(usize::MAX);
        if at_a_time == 0 || self.current_app().jobs.is_empty() {
            return Ok(None);
        }
        Workers::start(self.current_app(), config.queues.clone(), at_a_time).map(Some)
    }

    /// Runs the jobs that are due, one after another and here, until none is left; gives how many it ran. For tests, and for programs
    /// that end when there is nothing to do.
    ///
    /// # Errors
    ///
    /// When the database can't be asked. What happens to a job is its own matter.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{jobs::jobs, prelude::*};
    ///
    /// #[job]
    /// async fn greet(name: String) -> Result<()> {
    ///     assert_eq!(name, "Ada");
    ///     Ok(())
    /// }
    ///
    /// #[post("/")]
    /// async fn index() -> Result<&'static str> {
    ///     greet("Ada".into()).enqueue().await?;
    ///     Ok("soon")
    /// }
    ///
    /// let app = App::new("docs").configure(|config| config.database = "sqlite::memory:".into());
    /// let client = app.jobs(jobs![greet]).routes(routes![index]).test_client();
    /// client.post("/").wait();
    /// assert_eq!(client.block_on(client.app().run_due_jobs()).unwrap(), 1);
    /// ```
    pub async fn run_due_jobs(&self) -> Result<u64> {
        run_due(self.current_app()).await
    }
}

/// Runs the jobs of `app` that are due.
pub(crate) async fn run_due(app: &Arc<CurrentApp>) -> Result<u64> {
    let (queue, worker) = (&app.jobs.queue, Worker::of_this_process());
    queue.register(&worker, Moment::now()).await?;
    let mut count = 0;
    loop {
        tick(app, Moment::now()).await;
        queue.promote(Moment::now()).await?;
        let claims = queue.claim(&worker, &[], 1, Moment::now()).await?;
        let Some(claim) = claims.first() else { break };
        run_and_note(app, claim).await;
        count += 1;
    }
    queue.leave(&worker).await?;
    Ok(count)
}

impl Workers {
    /// Starts some that run `at_a_time` jobs of `queues`, or of all.
    ///
    /// # Errors
    ///
    /// When the system gives no threads.
    pub(crate) fn start(app: &Arc<CurrentApp>, queues: Vec<String>, at_a_time: usize) -> io::Result<Self> {
        let crew = Crew::new(app, queues, at_a_time);
        let (of_care, of_work) = (
            Builder::new_current_thread().enable_all().build()?,
            Builder::new_current_thread().enable_all().build()?,
        );
        let of_thread = Arc::clone(&crew);
        let work = move || {
            let crew = of_thread;
            let (end, ended) = oneshot::channel::<()>();
            let for_care = Arc::clone(&crew);
            of_work.block_on(registered(&crew)); // before anybody says that it is alive
            let caring = thread::Builder::new().name("flagon-jobs-care".into()).spawn(move || {
                of_care.block_on(async {
                    tokio::select! {
                        () = care(&for_care) => (),
                        _ = ended => (),
                    }
                });
            });
            if let Err(error) = &caring {
                tracing::error!(target: "flagon::jobs", error = %error, "no thread to care for the queue: no jobs are run");
                crew.stop.send_replace(Stop::Drain(Duration::ZERO));
            }
            of_work.block_on(async {
                crew.work().await;
                crew.stop.send_replace(Stop::Over);
            });
            drop(end);
            of_work.shutdown_timeout(Duration::from_millis(100)); // a plain `fn` that does not end is left behind
            if let Ok(caring) = caring {
                let _ = caring.join();
            }
        };
        let thread = thread::Builder::new().name("flagon-jobs".into()).spawn(work)?;
        let asked = Arc::clone(&crew);
        app.shutdown().finish("jobs", move |left| async move {
            asked.end(left).await;
        });
        Ok(Self { crew, thread })
    }

    /// Ends them: no job is begun any more, those that run have the time that `jobs.drain` gives them, and are then rolled back and handed
    /// back. Returns when that is done.
    pub fn stop(self) {
        let drain = self.crew.app.config.jobs.drain;
        self.crew.stop.send_replace(Stop::Drain(drain));
        self.join();
    }

    /// Waits until they have ended.
    pub(crate) fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!(target: "flagon::jobs", "the thread of the jobs panicked");
        }
    }
}

/// Makes the worker known, as soon as the database is there.
async fn registered(crew: &Crew) {
    let mut pause = Duration::from_millis(100);
    while let Err(error) = crew.app.jobs.queue.register(&crew.worker(), Moment::now()).await {
        tracing::warn!(target: "flagon::jobs", error = %error, "the queue does not answer");
        tokio::select! {
            () = tokio::time::sleep(pause) => (),
            () = crew.app.shutdown().begun() => return,
        }
        pause = (pause * 2).min(Duration::from_secs(10));
    }
}
