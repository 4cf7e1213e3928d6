//! What a server is told: addresses, limits, times, trusted proxies.
//!
//! In: plain values. Out: [`Config`], from which `bind` makes a server. Never: reads files or the environment.

use std::{net::SocketAddr, num::NonZeroUsize, thread, time::Duration};

use crate::{network::Network, tls::Tls};

/// What a server is told.
///
/// # Examples
///
/// ```
/// use flagon_server::{Config, Listen};
///
/// let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
/// let server = Config { listen, threads: 1, ..Config::default() }.bind()?;
/// println!("listening on {}", server.addresses()[0]);
/// # Ok::<(), flagon_server::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// How many threads serve; each has an event loop and accepts connections of its own.
    pub threads: usize,
    /// What is too much.
    pub limits: Limits,
    /// What is too long.
    pub timeouts: Timeouts,
    /// Peers whose `Forwarded` and `X-Forwarded-*` fields are believed. They must set or remove each of these, since one that a
    /// client sent through them would be believed as well.
    pub trusted_proxies: Vec<Network>,
}

impl Default for Config {
    /// No address, one thread per core, nobody trusted.
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// One address to listen at.
///
/// # Examples
///
/// ```
/// let listen = flagon_server::Listen::plain("[::1]:8000".parse().unwrap());
/// assert!(listen.tls.is_none());
/// ```
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address; port 0 lets the system choose.
    pub address: SocketAddr,
    /// How to speak TLS there; `None` for a plain port.
    pub tls: Option<Tls>,
}

impl Listen {
    /// Listens for HTTP/1 and for HTTP/2 with prior knowledge.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None }
    }

    /// Listens for TLS, with HTTP/2 or HTTP/1.1 inside (ALPN).
    pub fn tls(address: SocketAddr, tls: Tls) -> Self {
        Self { address, tls: Some(tls) }
    }
}

/// What is too much. Whoever goes over a limit is answered or cut off; others are served on.
///
/// # Examples
///
/// ```
/// let limits = flagon_server::Limits { connections: 100, ..Default::default() };
/// assert_eq!(limits.headers, 100);
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request's head: request line and fields (431; 414 where the target alone is longer). 32 KiB.
    pub head: usize,
    /// Fields of a request's head (431). 100.
    pub headers: usize,
    /// Bytes of a request's body, whatever a view allows (413). 1 GiB.
    pub body: u64,
    /// Bytes per second that a client sends of a body which the view waits for (408). Whoever is slower uses up the time of
    /// [`Timeouts::body`], and gets it back by being faster. 0 asks for any byte within that time. 500.
    pub body_rate: u64,
    /// Bytes per second that a client takes of an answer which waits for it; over HTTP/2 the connection with all its streams. Whoever
    /// is slower uses up the time of [`Timeouts::write`], and gets it back by being faster. Counted is what the system takes for the
    /// client, which on Linux is at most some 32 KiB ahead of it. 0 asks for any byte within that time. 500.
    pub answer_rate: u64,
    /// Bytes of an unread body that are thrown away so that the connection can be kept; over it, it closes. 256 KiB.
    pub drain: u64,
    /// Open connections of the whole server. Over it, a new one is answered 503 and closed. 16,384.
    pub connections: usize,
    /// Open connections of one address, of IPv6 of its first 64 bits; trusted proxies may have as many as they like. Over it, a new
    /// one is answered 429 and closed. 4,096.
    pub connections_per_address: usize,
    /// Requests that one thread is at work on at once; a view that waits counts, a body that is being sent does not. Over it, the
    /// next one waits in the queue, unless the service makes an exception ([`Service::shed`](crate::Service::shed)). 4,096.
    pub requests: usize,
    /// Requests of one thread that wait for one at work to end, at most [`Timeouts::queue`]. Over it, the next one is answered 503
    /// at once. 1,024.
    pub queue: usize,
    /// Streams that an HTTP/2 client may have open at once. 128.
    pub streams: u32,
    /// Streams that an HTTP/2 client may cancel or cause to be reset, per second (`ENHANCE_YOUR_CALM`). 100.
    pub resets_per_second: u32,
    /// Frames without content of an HTTP/2 client, per second: PING, SETTINGS, PRIORITY, `WINDOW_UPDATE`,
    /// empty DATA (`ENHANCE_YOUR_CALM`). Those that go with its requests and their bodies are not counted. 1,000.
    pub control_frames_per_second: u32,
    /// Frames that are remembered of each HTTP/2 connection, for an app that shows them
    /// ([`ConnectionInfo::frames`](crate::ConnectionInfo::frames)): about 40 bytes each. 0, which is none.
    pub logged_frames: usize,
}

impl Default for Limits {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            head: 32 * 1024,
            headers: 100,
            body: 1 << 30,
            body_rate: 500,
            answer_rate: 500,
            drain: 256 * 1024,
            connections: 16_384,
            connections_per_address: 4_096,
            requests: 4_096,
            queue: 1_024,
            streams: 128,
            resets_per_second: 100,
            control_frames_per_second: 1_000,
            logged_frames: 0,
        }
    }
}

/// What is too long. Times are kept to about an eighth of the shortest, never less than asked.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let timeouts = flagon_server::Timeouts { shutdown: Duration::from_secs(5), ..Default::default() };
/// assert_eq!(timeouts.head, Duration::from_secs(15));
/// ```
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// For the whole TLS handshake. 10 s.
    pub handshake: Duration,
    /// For a whole request head, from its first byte (408). 15 s.
    pub head: Duration,
    /// Without a byte of a body that the view waits for, or with fewer than [`Limits::body_rate`] (408). 30 s.
    pub body: Duration,
    /// For a request in the queue ([`Limits::queue`]): what has waited so long is answered 503. 1 s.
    pub queue: Duration,
    /// Between requests, and from accept to the first byte (closes in silence). 60 s.
    pub idle: Duration,
    /// Without the client taking a byte of an answer that waits for it, or with fewer than [`Limits::answer_rate`] (resets the
    /// connection; over HTTP/2 the stream, unless the connection takes nothing either). 30 s.
    pub write: Duration,
    /// From the wish to stop until connections are refused: what a load balancer needs to learn, by asking for readiness, that it
    /// should send no more. It comes before the time of `shutdown`. 0 s.
    pub unready: Duration,
    /// From the moment at which connections are refused until the last request, stream or task is dropped. 30 s.
    pub shutdown: Duration,
}

impl Default for Timeouts {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(15),
            body: Duration::from_secs(30),
            queue: Duration::from_secs(1),
            idle: Duration::from_mins(1),
            write: Duration::from_secs(30),
            unready: Duration::ZERO,
            shutdown: Duration::from_secs(30),
        }
    }
}
