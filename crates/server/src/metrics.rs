//! What a server counts: connections and requests, open and so far.
//!
//! In: the threads of a server, each with counters of its own so that they never wait for each other.
//! Out: [`Metrics`], a handle that sums them up when asked.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

/// Reads a server's counters, from any thread and also after its end.
///
/// # Examples
///
/// ```
/// use flagon_server::{Config, Listen};
///
/// let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
/// let server = Config { listen, ..Config::default() }.bind()?;
/// let metrics = server.metrics();
/// assert_eq!((metrics.connections(), metrics.requests()), (0, 0));
/// # Ok::<(), flagon_server::Error>(())
/// ```
#[derive(Clone)]
pub struct Metrics(Arc<[Counters]>);

/// What one thread counts. Only that thread writes.
#[derive(Default)]
#[repr(align(128))] // a cache line of its own: neighbours would slow each other down
pub(crate) struct Counters {
    connections: AtomicUsize,
    requests: AtomicUsize,
    waiting: AtomicUsize,
    accepted: AtomicU64,
    called: AtomicU64,
    shed: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
    handshakes: AtomicU64,
    failed_handshakes: AtomicU64,
}

/// One of a kind that is open as long as this lives.
pub(crate) struct Open<'a>(&'a AtomicUsize);

impl Metrics {
    pub(crate) fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| Counters::default()).collect())
    }

    /// Gives the connections that are open now.
    pub fn connections(&self) -> usize {
        self.0.iter().map(|counters| counters.connections.load(Relaxed)).sum()
    }

    /// Gives the requests that the service is answering now.
    pub fn requests(&self) -> usize {
        self.0.iter().map(|counters| counters.requests.load(Relaxed)).sum()
    }

    /// Gives the requests that wait for one of those to end.
    pub fn waiting(&self) -> usize {
        self.0.iter().map(|counters| counters.waiting.load(Relaxed)).sum()
    }

    /// Gives the connections that were ever accepted.
    pub fn accepted(&self) -> u64 {
        self.0.iter().map(|counters| counters.accepted.load(Relaxed)).sum()
    }

    /// Gives the requests for which the service was ever called.
    pub fn called(&self) -> u64 {
        self.0.iter().map(|counters| counters.called.load(Relaxed)).sum()
    }

    /// Gives the requests that were answered in the service's place, because there was too much to do.
    pub fn shed(&self) -> u64 {
        self.0.iter().map(|counters| counters.shed.load(Relaxed)).sum()
    }

    /// Gives the bytes that came in, without those of TLS and of connections that left HTTP.
    pub fn received(&self) -> u64 {
        self.0.iter().map(|counters| counters.received.load(Relaxed)).sum()
    }

    /// Gives the bytes that went out, without those of TLS and of connections that left HTTP.
    pub fn sent(&self) -> u64 {
        self.0.iter().map(|counters| counters.sent.load(Relaxed)).sum()
    }

    /// Gives the TLS handshakes that led to a connection.
    pub fn handshakes(&self) -> u64 {
        self.0.iter().map(|counters| counters.handshakes.load(Relaxed)).sum()
    }

    /// Gives the TLS handshakes that failed, or came to no end.
    pub fn failed_handshakes(&self) -> u64 {
        self.0.iter().map(|counters| counters.failed_handshakes.load(Relaxed)).sum()
    }

    pub(crate) fn of_thread(&self, thread: usize) -> &Counters {
        &self.0[thread]
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("connections", &self.connections())
            .field("requests", &self.requests())
            .field("waiting", &self.waiting())
            .field("accepted", &self.accepted())
            .field("called", &self.called())
            .field("shed", &self.shed())
            .finish()
    }
}

impl Counters {
    /// Counts a connection, which is open until [`connection_closed`](Self::connection_closed).
    pub(crate) fn connection_opened(&self) {
        self.accepted.store(self.accepted.load(Relaxed) + 1, Relaxed);
        self.connections.store(self.connections.load(Relaxed) + 1, Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.store(self.connections.load(Relaxed) - 1, Relaxed);
    }

    /// Gives the requests of this thread that the service is answering.
    pub(crate) fn open_requests(&self) -> usize {
        self.requests.load(Relaxed)
    }

    /// Counts a request that was answered in the service's place.
    pub(crate) fn shed(&self) {
        self.shed.store(self.shed.load(Relaxed) + 1, Relaxed);
    }

    /// Counts bytes that came in.
    pub(crate) fn count_received(&self, bytes: usize) {
        self.received.store(self.received.load(Relaxed) + bytes as u64, Relaxed);
    }

    /// Counts bytes that went out.
    pub(crate) fn count_sent(&self, bytes: u64) {
        self.sent.store(self.sent.load(Relaxed) + bytes, Relaxed);
    }

    /// Counts a TLS handshake.
    pub(crate) fn shook_hands(&self) {
        self.handshakes.store(self.handshakes.load(Relaxed) + 1, Relaxed);
    }

    /// Counts a TLS handshake that failed.
    pub(crate) fn failed_handshake(&self) {
        self.failed_handshakes.store(self.failed_handshakes.load(Relaxed) + 1, Relaxed);
    }

    /// Counts a request that waits for its turn until the value returned is dropped.
    pub(crate) fn waiting(&self) -> Open<'_> {
        Open::new(&self.waiting)
    }

    /// Counts a request, which is open until the value returned is dropped.
    pub(crate) fn request(&self) -> Open<'_> {
        self.called.store(self.called.load(Relaxed) + 1, Relaxed);
        Open::new(&self.requests)
    }
}

// One thread writes, so that a load and a store do what an (expensive) atomic addition would.
impl<'a> Open<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.store(count.load(Relaxed) + 1, Relaxed);
        Self(count)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.store(self.0.load(Relaxed) - 1, Relaxed);
    }
}
