//! The server: its threads, their listeners, its end.
//!
//! In: a [`Config`], a [`Service`], a [`Shutdown`]. Out: bound addresses, then how serving [`Ended`].

use std::{
    fmt, io,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, LocalOptions},
    sync::{mpsc, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    accepted,
    config::{Config, Limits, Timeouts},
    error::{Error, ErrorKind},
    listener::{self, Address, Bound},
    metrics::Metrics,
    network::Network,
    refusal::refuse,
    seats::Seats,
    service::{Service, Stopping},
    shutdown::{Shutdown, Stage},
    tls::{self, Tls},
    worker::Worker,
};

/// A server that is bound to its addresses: connections queue up, and [`serve`](Self::serve) answers them.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use flagon_http::Body;
/// use flagon_server::{Config, ConnectionInfo, Ended, Listen, Service, Shutdown};
/// use http::{Request, Response};
///
/// struct Hello;
///
/// impl Service for Hello {
///     async fn call(&self, _: Box<Request<Body>>, _: &Arc<ConnectionInfo>) -> Response<Body> {
///         Response::new(Body::from("Hello, World!"))
///     }
/// }
///
/// let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
/// let server = Config { listen, threads: 1, ..Config::default() }.bind()?;
/// println!("listening on {}", server.addresses()[0]);
///
/// let shutdown = Shutdown::on_signals();
/// shutdown.start(); // so that the example ends
/// assert_eq!(server.serve(Hello, &shutdown)?, Ended::Finished);
/// # Ok::<(), flagon_server::Error>(())
/// ```
pub struct Server {
    addresses: Vec<Address>,
    /// For each thread its share of every address.
    bound: Vec<Vec<Bound>>,
    limits: Limits,
    timeouts: Timeouts,
    trusted_proxies: Vec<Network>,
    metrics: Metrics,
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every begun request was answered.
    Finished,
    /// This many connections were dropped: the deadline passed or a second signal came.
    Dropped(usize),
}

impl Config {
    /// Binds every address.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AddressInUse`], [`ErrorKind::AddressUnavailable`] or [`ErrorKind::Forbidden`], with
    /// what to do instead; [`ErrorKind::Setting`] without an address or a thread.
    pub fn bind(self) -> Result<Server, Error> {
        if self.threads == 0 {
            return Err(Error::new(ErrorKind::Setting, "a server needs at least one thread"));
        }
        if self.listen.is_empty() {
            return Err(Error::new(ErrorKind::Setting, "a server needs at least one address to listen at"));
        }
        let mut addresses = Vec::new();
        let mut bound: Vec<Vec<Bound>> = (0..self.threads).map(|_| Vec::new()).collect();
        for listen in &self.listen {
            let (address, shares) = listener::bind(listen, self.threads)?;
            addresses.push(address);
            for (thread, share) in bound.iter_mut().zip(shares) {
                thread.push(share);
            }
        }
        let Self { limits, timeouts, trusted_proxies, threads, .. } = self;
        Ok(Server { addresses, bound, limits, timeouts, trusted_proxies, metrics: Metrics::new(threads) })
    }
}

impl Server {
    /// Gives the bound addresses, in the order of [`Config::listen`].
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Gives a handle to the counters, which outlives the server.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Serves until `shutdown` has been asked for, every begun request is answered and the service has
    /// [finished](Service::finish), at the longest [`Timeouts::unready`] and [`Timeouts::shutdown`] after. Blocks the calling thread.
    ///
    /// A request that is still running then is dropped where it awaits; a thread that a view blocks
    /// is left behind and ends with the process.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::System`] when the system gives no thread, event loop or signal handler.
    pub fn serve(self, service: impl Service, shutdown: &Shutdown) -> Result<Ended, Error> {
        let control =
            Builder::new_current_thread().enable_all().build().map_err(|error| no("event loop", error))?;
        let files = self.bound.first().into_iter().flatten().filter_map(Bound::tls).cloned().collect();
        let (timeouts, metrics, threads) = (self.timeouts.clone(), self.metrics.clone(), self.bound.len());
        let service = Arc::new(service);
        control.block_on(async {
            // Before the first answer: whoever saw that may send a signal.
            let signals = shutdown.catch_signals().map_err(|error| no("signal handler", error))?;
            let news = self.start_threads(&service, shutdown)?;
            let crew = Crew { news, threads, emptied: 0, ended: 0, dropped: 0 };
            tokio::select! {
                ended = supervise(crew, &*service, shutdown, &timeouts, &metrics) => ended,
                never = shutdown.obey(signals) => match never {},
                never = tls::keep_fresh(files) => match never {},
            }
        })
    }

    fn start_threads(
        self,
        service: &Arc<impl Service>,
        shutdown: &Shutdown,
    ) -> Result<mpsc::UnboundedReceiver<News>, Error> {
        let (tell, news) = mpsc::unbounded_channel();
        let seats = Seats::default();
        for (thread, bound) in self.bound.into_iter().enumerate() {
            let (limits, timeouts, metrics) = (&self.limits, &self.timeouts, &self.metrics);
            let settings = (limits.clone(), timeouts.clone(), self.trusted_proxies.clone(), metrics.clone());
            let (service, seats) = (Arc::clone(service), seats.clone());
            let (stage, tell) = (shutdown.stage(), tell.clone());
            let body = move || {
                let (limits, timeouts, trusted_proxies, metrics) = settings;
                let worker = Worker::new(limits, timeouts, trusted_proxies, seats, metrics, thread);
                // Nobody listens when the deadline has passed.
                let emptied = || drop(tell.send(News::Emptied));
                let _ = tell.send(News::Ended(run_thread(&worker, bound, &service, stage, emptied)));
            };
            let name = format!("flagon-{thread}");
            thread::Builder::new().name(name).spawn(body).map_err(|error| no("thread", error))?;
        }
        Ok(news)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// What a thread says of itself.
enum News {
    /// It has no connection any more, after the wish to stop.
    Emptied,
    /// It is over, and had to drop so many connections.
    Ended(io::Result<usize>),
}

/// The threads, as far as they were heard of.
struct Crew {
    news: mpsc::UnboundedReceiver<News>,
    threads: usize,
    emptied: usize,
    ended: usize,
    dropped: usize,
}

impl Crew {
    /// Listens until every thread has no connection any more.
    async fn emptied(&mut self) -> Result<(), Error> {
        while self.emptied + self.ended < self.threads {
            self.hear().await?;
        }
        Ok(())
    }

    /// Listens until every thread is over.
    async fn ended(&mut self) -> Result<Ended, Error> {
        while self.ended < self.threads {
            self.hear().await?;
        }
        Ok(Ended::after(self.dropped))
    }

    async fn hear(&mut self) -> Result<(), Error> {
        let news = self.news.recv().await;
        match news.ok_or_else(|| Error::new(ErrorKind::System, "a thread of the server panicked"))? {
            News::Emptied => self.emptied += 1,
            News::Ended(dropped) => {
                self.dropped += dropped.map_err(|error| no("event loop", error))?;
                self.ended += 1;
            }
        }
        Ok(())
    }
}

/// Waits until the threads have ended, or the deadline after the wish to stop.
async fn supervise(
    crew: Crew,
    service: &impl Service,
    shutdown: &Shutdown,
    timeouts: &Timeouts,
    metrics: &Metrics,
) -> Result<Ended, Error> {
    let mut stage = shutdown.stage();
    let deadline = async {
        let _ = stage.wait_for(|stage| *stage >= Stage::Drain).await; // `shutdown` is there: never an error
        let _ = timeout(timeouts.shutdown, stage.wait_for(|stage| *stage == Stage::Now)).await;
        shutdown.now();
        sleep(LAST_WAIT).await;
    };
    tokio::select! {
        biased;
        ended = stop_in_order(crew, service, shutdown, timeouts, metrics) => ended.inspect_err(|_| shutdown.now()),
        () = deadline => Ok(Ended::after(metrics.connections())),
    }
}

/// Waits for the wish to stop, and takes one step after the other.
async fn stop_in_order(
    mut crew: Crew,
    service: &impl Service,
    shutdown: &Shutdown,
    timeouts: &Timeouts,
    metrics: &Metrics,
) -> Result<Ended, Error> {
    let mut stage = shutdown.stage();
    tokio::select! {
        _ = stage.wait_for(|stage| *stage >= Stage::Unready) => (),
        failed = crew.ended() => return failed, // before that wish none ends in order
    }
    service.stopping(Stopping::Unready);
    if !timeouts.unready.is_zero() {
        tracing::info!(pause = ?timeouts.unready, "stopping: not ready any more, connections are still accepted");
        let _ = timeout(timeouts.unready, stage.wait_for(|stage| *stage > Stage::Unready)).await;
    }
    tracing::info!(
        connections = metrics.connections(),
        requests = metrics.requests(),
        deadline = ?timeouts.shutdown,
        "stopping: no connection is accepted any more, and those that are open end with their requests"
    );
    let started = Instant::now();
    service.stopping(Stopping::Draining);
    shutdown.advance(Stage::Drain);
    crew.emptied().await?;
    if *stage.borrow() < Stage::Now {
        tracing::info!(after = ?started.elapsed(), "stopping: the last connection has ended");
        let left = timeouts.shutdown.saturating_sub(started.elapsed());
        tokio::select! {
            () = service.finish(left) => (),
            _ = stage.wait_for(|stage| *stage == Stage::Now) => (),
        }
    }
    shutdown.advance(Stage::Over);
    let ended = crew.ended().await;
    tracing::info!(after = ?started.elapsed(), "stopped");
    ended
}

impl Ended {
    fn after(dropped: usize) -> Self {
        if dropped == 0 { Self::Finished } else { Self::Dropped(dropped) }
    }
}

/// What one thread does. Gives the number of connections that it had to drop.
fn run_thread<S: Service>(
    worker: &Rc<Worker>,
    bound: Vec<Bound>,
    service: &Arc<S>,
    mut stage: watch::Receiver<Stage>,
    emptied: impl FnOnce(),
) -> io::Result<usize> {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    let refusing = refusing(&worker.timeouts);
    let dropped = runtime.block_on(async {
        let clock = Rc::clone(worker);
        tokio::task::spawn_local(async move { clock.run_clock().await });
        let mut accepting = JoinSet::new();
        for bound in bound {
            let (worker, service) = (Rc::clone(worker), Arc::clone(service));
            accepting.spawn_local(accept_all(bound.start()?, worker, service, stage.clone()));
        }
        let _ = stage.wait_for(|stage| *stage >= refusing).await;
        worker.drain();
        let finished = async {
            while accepting.join_next().await.is_some() {}
            worker.emptied().await;
            emptied();
        };
        let mut over = stage.clone();
        let now = async {
            let _ = stage.wait_for(|stage| *stage == Stage::Now).await;
        };
        tokio::select! {
            () = finished => (),
            () = now => return Ok(worker.open()),
        }
        // Tasks that were begun here go on until the service has finished.
        let _ = over.wait_for(|stage| *stage >= Stage::Over).await;
        Ok::<_, io::Error>(0)
    })?;
    runtime.shutdown_background(); // a view that blocks a thread of the pool must not hold us
    Ok(dropped)
}

/// Serves what comes in through `listener` until the server stops.
async fn accept_all<S: Service>(
    (listener, tls): (TcpListener, Option<Tls>),
    worker: Rc<Worker>,
    service: Arc<S>,
    mut stage: watch::Receiver<Stage>,
) {
    let admit = |(socket, peer): (TcpStream, SocketAddr)| match worker.admit(peer.ip()) {
        Ok(guest) => {
            let (tls, worker, service) = (tls.clone(), Rc::clone(&worker), Arc::clone(&service));
            tokio::task::spawn_local(accepted::serve(socket, peer, guest, tls, worker, service));
        }
        Err(full) => {
            tracing::warn!(%peer, ?full, "too many connections; one was refused");
            refuse(socket, tls.as_ref(), &worker, full);
        }
    };
    let refusing = refusing(&worker.timeouts);
    loop {
        tokio::select! {
            biased;
            _ = stage.wait_for(|stage| *stage >= refusing) => break,
            accepted = listener::accept(&listener) => admit(accepted),
        }
    }
    // Closing the socket would reset those who wait in its queue.
    listener::empty(listener).into_iter().for_each(admit);
}

/// The stage at which no connection is accepted any more: without a pause at once, not when the first thread has been asked.
fn refusing(timeouts: &Timeouts) -> Stage {
    if timeouts.unready.is_zero() { Stage::Unready } else { Stage::Drain }
}

fn no(what: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::System, format!("the system gives no {what}")).because(error)
}

/// How long threads have to drop what they hold.
const LAST_WAIT: Duration = Duration::from_millis(500);
