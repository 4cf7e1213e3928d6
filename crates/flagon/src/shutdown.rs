//! The end of an app: who hears of it, and what has to be finished before the process goes.
//!
//! In: the server's word that it is about to stop. Out: [`Shutdown`], which streams wait for and where work that outlives its
//! request is kept. Never: holds the end up beyond the server's deadline.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use flagon_server::Stopping;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::watch;

/// How far an app is on its way to the end: `current_app().shutdown()`.
///
/// See the guide's page on [stopping](crate::guide::stopping).
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// let app = App::new("docs").build().unwrap();
/// assert!(app.current_app().shutdown().is_ready());
/// ```
pub struct Shutdown {
    stage: watch::Sender<Option<Stopping>>,
    work: Mutex<Vec<(&'static str, Work)>>,
}

type Work = Box<dyn FnOnce(Duration) -> BoxFuture<'static, ()> + Send>;

impl Shutdown {
    pub(crate) fn new() -> Self {
        Self { stage: watch::Sender::new(None), work: Mutex::default() }
    }

    /// Whether the app should be sent requests: until somebody wishes it to stop.
    pub fn is_ready(&self) -> bool {
        self.stage.borrow().is_none()
    }

    /// Whether streams and loops should come to an end.
    pub fn has_begun(&self) -> bool {
        *self.stage.borrow() >= Some(Stopping::Draining)
    }

    /// Waits until streams and loops should come to an end: for `select!` beside their work.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// async fn every_minute() {
    ///     let app = current_app();
    ///     loop {
    ///         tokio::select! {
    ///             () = app.shutdown().begun() => break,
    ///             () = tokio::time::sleep(std::time::Duration::from_secs(60)) => (),
    ///         }
    ///     }
    /// }
    /// ```
    pub async fn begun(&self) {
        let mut stage = self.stage.subscribe();
        // The sender is `self`: it is never gone.
        let _ = stage.wait_for(|stage| *stage >= Some(Stopping::Draining)).await;
    }

    /// Has `work` done when the last connection is gone, beside what else is there, and before the process ends. It is told how much
    /// time is left; what is not done by then is dropped, and the log names it as `what`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("docs").build().unwrap();
    /// app.current_app().shutdown().finish("the mail queue", |left| async move {
    ///     println!("sending what is left, for at most {left:?}");
    /// });
    /// ```
    pub fn finish<F>(&self, what: &'static str, work: impl FnOnce(Duration) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let work: Work = Box::new(|left| Box::pin(work(left)));
        self.work.lock().unwrap_or_else(PoisonError::into_inner).push((what, work));
    }

    /// Takes the server's word.
    pub(crate) fn advance(&self, to: Stopping) {
        self.stage.send_modify(|stage| *stage = (*stage).max(Some(to)));
    }

    /// Does what was left to do.
    pub(crate) async fn run(&self, left: Duration) {
        let work = std::mem::take(&mut *self.work.lock().unwrap_or_else(PoisonError::into_inner));
        join_all(work.into_iter().map(async |(what, work)| {
            let begun = Begun { what, started: Instant::now(), is_done: false };
            work(left).await;
            begun.done();
        }))
        .await;
    }
}

/// Something that is being finished.
struct Begun {
    what: &'static str,
    started: Instant,
    is_done: bool,
}

impl Begun {
    fn done(mut self) {
        self.is_done = true;
        tracing::info!(what = self.what, after = ?self.started.elapsed(), "stopping: finished");
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_done {
            tracing::warn!(what = self.what, after = ?self.started.elapsed(), "stopping: not finished in time, and dropped");
        }
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").field("stage", &*self.stage.borrow()).finish_non_exhaustive()
    }
}
