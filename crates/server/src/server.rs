//! The server: its threads, their listeners, its end.
//!
//! In: a [`Config`], a [`Service`], a [`Shutdown`]. Out: bound addresses, then how serving [`Ended`].

use std::{fmt, io, net::SocketAddr, rc::Rc, sync::Arc, thread, time::Duration};

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
    service::Service,
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

    /// Serves until `shutdown` has been asked for and every begun request is answered, at the longest
    /// [`Timeouts::shutdown`] after. Blocks the calling thread.
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
        let (deadline, metrics, threads) = (self.timeouts.shutdown, self.metrics.clone(), self.bound.len());
        control.block_on(async {
            // Before the first answer: whoever saw that may send a signal.
            let signals = shutdown.catch_signals().map_err(|error| no("signal handler", error))?;
            let ends = self.start_threads(service, shutdown)?;
            tokio::select! {
                ended = supervise(ends, threads, shutdown, deadline, &metrics) => ended,
                never = shutdown.obey(signals) => match never {},
                never = tls::keep_fresh(files) => match never {},
            }
        })
    }

    fn start_threads(
        self,
        service: impl Service,
        shutdown: &Shutdown,
    ) -> Result<mpsc::UnboundedReceiver<io::Result<usize>>, Error> {
        let service = Arc::new(service);
        let (end, ends) = mpsc::unbounded_channel();
        let seats = Seats::default();
        for (thread, bound) in self.bound.into_iter().enumerate() {
            let (limits, timeouts, metrics) = (&self.limits, &self.timeouts, &self.metrics);
            let settings = (limits.clone(), timeouts.clone(), self.trusted_proxies.clone(), metrics.clone());
            let (service, seats) = (Arc::clone(&service), seats.clone());
            let (stage, end) = (shutdown.stage(), end.clone());
            let body = move || {
                let (limits, timeouts, trusted_proxies, metrics) = settings;
                let worker = Worker::new(limits, timeouts, trusted_proxies, seats, metrics, thread);
                // Nobody listens when the deadline has passed.
                let _ = end.send(run_thread(&worker, bound, &service, stage));
            };
            let name = format!("flagon-{thread}");
            thread::Builder::new().name(name).spawn(body).map_err(|error| no("thread", error))?;
        }
        Ok(ends)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Waits until the threads have ended, or the deadline after the wish to stop.
async fn supervise(
    mut ends: mpsc::UnboundedReceiver<io::Result<usize>>,
    threads: usize,
    shutdown: &Shutdown,
    deadline: Duration,
    metrics: &Metrics,
) -> Result<Ended, Error> {
    let threads = async {
        let mut dropped = 0;
        for _ in 0..threads {
            let end = ends.recv().await;
            let end = end.ok_or_else(|| Error::new(ErrorKind::System, "a thread of the server panicked"))?;
            dropped += end.map_err(|error| no("event loop", error))?;
        }
        Ok(Ended::after(dropped))
    };
    let mut stage = shutdown.stage();
    let deadline = async {
        let _ = stage.wait_for(|stage| *stage >= Stage::Drain).await; // `shutdown` is there: never an error
        let _ = timeout(deadline, stage.wait_for(|stage| *stage == Stage::Now)).await;
        shutdown.now();
        sleep(LAST_WAIT).await;
    };
    tokio::select! {
        biased;
        ended = threads => ended.inspect_err(|_| shutdown.now()),
        () = deadline => Ok(Ended::after(metrics.connections())),
    }
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
) -> io::Result<usize> {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    let dropped = runtime.block_on(async {
        let clock = Rc::clone(worker);
        tokio::task::spawn_local(async move { clock.run_clock().await });
        let mut accepting = JoinSet::new();
        for bound in bound {
            let (worker, service) = (Rc::clone(worker), Arc::clone(service));
            accepting.spawn_local(accept_all(bound.start()?, worker, service, stage.clone()));
        }
        let _ = stage.wait_for(|stage| *stage >= Stage::Drain).await;
        worker.drain();
        let finished = async {
            while accepting.join_next().await.is_some() {}
            worker.emptied().await;
        };
        tokio::select! {
            () = finished => Ok::<_, io::Error>(0),
            _ = stage.wait_for(|stage| *stage == Stage::Now) => Ok(worker.open()),
        }
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
    loop {
        tokio::select! {
            biased;
            _ = stage.wait_for(|stage| *stage >= Stage::Drain) => break,
            accepted = listener::accept(&listener) => admit(accepted),
        }
    }
    // Closing the socket would reset those who wait in its queue.
    listener::empty(listener).into_iter().for_each(admit);
}

fn no(what: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::System, format!("the system gives no {what}")).because(error)
}

/// How long threads have to drop what they hold.
const LAST_WAIT: Duration = Duration::from_millis(500);
