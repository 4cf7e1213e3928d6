//! The wish to stop, from code or from a signal.
//!
//! In: [`Shutdown::start`], [`Shutdown::now`], SIGTERM, SIGINT. Out: a [`Stage`] that the threads watch.

use std::{convert::Infallible, sync::Arc};

use tokio::sync::watch;

/// Stops a server: a handle that can be cloned and sent anywhere.
///
/// # Examples
///
/// ```
/// let shutdown = flagon_server::Shutdown::on_signals();
/// shutdown.start(); // as SIGTERM would
/// assert!(shutdown.is_started());
/// ```
#[derive(Debug, Clone)]
pub struct Shutdown {
    stage: Arc<watch::Sender<Stage>>,
    signals: Signals,
}

/// How far a server is on its way to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Serving.
    Run,
    /// Serving still, while whoever distributes connections learns that this server is to get no more.
    Unready,
    /// No new connections; begun requests are finished.
    Drain,
    /// No connection is left, and what the service still had to do is done.
    Over,
    /// Everything is dropped.
    Now,
}

/// What SIGTERM and SIGINT do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signals {
    Ignore,
    Obey,
}

impl Shutdown {
    /// Makes a handle that only code can use.
    #[expect(clippy::new_without_default, reason = "a handle of its own each time is not a default value")]
    pub fn new() -> Self {
        Self { stage: Arc::new(watch::Sender::new(Stage::Run)), signals: Signals::Ignore }
    }

    /// Makes a handle that also obeys SIGTERM and SIGINT (Ctrl-C) while a server runs: the first
    /// starts the shutdown, the second ends it at once.
    pub fn on_signals() -> Self {
        Self { signals: Signals::Obey, ..Self::new() }
    }

    /// Stops in order: the service says that it is [not ready](crate::Stopping::Unready), after [`Timeouts::unready`](crate::Timeouts)
    /// no connection is accepted any more, begun requests are finished, and then what the service
    /// [has to finish](crate::Service::finish); within [`Timeouts::shutdown`](crate::Timeouts).
    pub fn start(&self) {
        self.advance(Stage::Unready);
    }

    /// Drops everything at once.
    pub fn now(&self) {
        self.advance(Stage::Now);
    }

    /// Tells whether the end has been asked for.
    pub fn is_started(&self) -> bool {
        *self.stage.borrow() > Stage::Run
    }

    /// Waits until the end is asked for: for programs that serve nothing. Needs a runtime with I/O.
    ///
    /// # Errors
    ///
    /// When the system does not let signals be caught.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let shutdown = flagon_server::Shutdown::on_signals();
    /// shutdown.start(); // as SIGTERM would
    /// shutdown.asked().await?;
    /// # Ok::<(), std::io::Error>(()) }).unwrap();
    /// ```
    pub async fn asked(&self) -> std::io::Result<()> {
        let (signals, mut stage) = (self.catch_signals()?, self.stage());
        tokio::select! {
            never = self.obey(signals) => match never {},
            _ = stage.wait_for(|stage| *stage > Stage::Run) => Ok(()),
        }
    }

    pub(crate) fn stage(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Catches the signals from now on, if they are to be obeyed. Needs a runtime with I/O.
    pub(crate) fn catch_signals(&self) -> std::io::Result<Option<Caught>> {
        match self.signals {
            Signals::Ignore => Ok(None),
            Signals::Obey => Caught::new().map(Some),
        }
    }

    /// Obeys the signals that were caught; ends never.
    pub(crate) async fn obey(&self, signals: Option<Caught>) -> Infallible {
        let Some(mut signals) = signals else { return std::future::pending().await };
        loop {
            signals.next().await;
            if self.is_started() { self.now() } else { self.start() }
        }
    }

    pub(crate) fn advance(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let forward = *stage < to;
            *stage = (*stage).max(to);
            forward
        });
    }
}

/// SIGTERM and SIGINT, which no longer end the process by themselves.
#[cfg(unix)]
pub(crate) struct Caught {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Caught {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}

/// Ctrl-C, which no longer ends the process by itself.
#[cfg(not(unix))]
pub(crate) struct Caught;

#[cfg(not(unix))]
impl Caught {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
