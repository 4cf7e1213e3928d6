//! Listening sockets and what comes in through them.
//!
//! In: an address. Out: bound sockets, one per thread, and from each the connections.
//! Never: spins when the system has no socket left.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener as StdListener},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    config::Listen,
    error::{Error, ErrorKind},
    tls::Tls,
};

/// An address that a server listens at. Its text is a URL: `http://127.0.0.1:8000`.
///
/// # Examples
///
/// ```
/// use flagon_server::{Config, Listen};
///
/// let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
/// let server = Config { listen, ..Config::default() }.bind()?;
/// let port = server.addresses()[0].socket().port();
/// assert_eq!(server.addresses()[0].to_string(), format!("http://127.0.0.1:{port}"));
/// # Ok::<(), flagon_server::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    socket: SocketAddr,
    scheme: &'static str,
}

/// One thread's share of an address.
#[derive(Debug)]
pub(crate) struct Bound {
    socket: StdListener,
    tls: Option<Tls>,
}

impl Address {
    /// Gives the address with the port that the system chose, if the choice was its.
    pub fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// Gives `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.socket)
    }
}

/// Binds an address once for each of `threads`.
pub(crate) fn bind(listen: &Listen, threads: usize) -> Result<(Address, Vec<Bound>), Error> {
    let failed = |error| explain(listen.address, error);
    let sockets = sockets(listen.address, threads).map_err(failed)?;
    let socket = sockets[0].local_addr().map_err(failed)?;
    let scheme = if listen.tls.is_some() { "https" } else { "http" };
    let bound = sockets.into_iter().map(|socket| Bound { socket, tls: listen.tls.clone() }).collect();
    Ok((Address { socket, scheme }, bound))
}

impl Bound {
    /// How TLS is spoken there.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Registers the socket with the runtime of the thread.
    pub(crate) fn start(self) -> io::Result<(TcpListener, Option<Tls>)> {
        Ok((TcpListener::from_std(self.socket)?, self.tls))
    }
}

/// Waits for a connection. Pauses and goes on when the system refuses one.
pub(crate) async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => (),
            Err(error) => {
                // Out of file descriptors or memory: the connection stays in the queue, so that an
                // immediate retry would spin.
                tracing::warn!(%error, "no connection can be accepted; trying again in {PAUSE:?}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Takes whoever is in the queue, and closes the socket.
pub(crate) fn empty(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    // The runtime may not have noticed them yet: the system is asked.
    let Ok(socket) = listener.into_std() else { return Vec::new() };
    let next = || {
        let (stream, peer) = socket.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    };
    std::iter::from_fn(next).collect()
}

/// The client was gone before we came; the next one is not concerned.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(target_os = "linux")]
fn sockets(address: SocketAddr, threads: usize) -> io::Result<Vec<StdListener>> {
    // SO_REUSEPORT would let a second server of the same user share the port in silence. A bind
    // without it fails then, as it should.
    if address.port() != 0 {
        drop(open(address, Sharing::Refused)?);
    }
    let first = open(address, Sharing::Allowed)?;
    let address = first.local_addr()?;
    let mut sockets = vec![first];
    for _ in 1..threads {
        sockets.push(open(address, Sharing::Allowed)?);
    }
    sockets.into_iter().map(listen_at).collect()
}

// Elsewhere the system does not spread connections over such sockets: the threads share one.
#[cfg(not(target_os = "linux"))]
fn sockets(address: SocketAddr, threads: usize) -> io::Result<Vec<StdListener>> {
    let first = listen_at(open(address, Sharing::Refused)?)?;
    let mut sockets = Vec::new();
    for _ in 1..threads {
        sockets.push(first.try_clone()?);
    }
    sockets.push(first);
    Ok(sockets)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    #[cfg(target_os = "linux")]
    Allowed,
    Refused,
}

fn open(address: SocketAddr, sharing: Sharing) -> io::Result<OpenSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?; // [::] and 0.0.0.0 are two addresses, on every system
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?; // a restart need not wait for old connections' TIME_WAIT
    #[cfg(target_os = "linux")]
    socket.set_reuse_port(sharing == Sharing::Allowed)?;
    let _ = sharing;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(OpenSocket(socket))
}

/// Bound, not listening yet.
struct OpenSocket(Socket);

impl OpenSocket {
    #[cfg(target_os = "linux")]
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()?.as_socket().ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

fn listen_at(socket: OpenSocket) -> io::Result<StdListener> {
    // What is accepted here inherits it.
    #[cfg(target_os = "linux")]
    socket.0.set_tcp_notsent_lowat(UNSENT)?;
    socket.0.listen(BACKLOG)?;
    Ok(socket.0.into())
}

fn explain(address: SocketAddr, error: io::Error) -> Error {
    let port = address.port();
    let (kind, message) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            ErrorKind::AddressInUse,
            format!("port {port} is taken by another process; choose another with --port"),
        ),
        io::ErrorKind::AddrNotAvailable => (
            ErrorKind::AddressUnavailable,
            format!("{} is not an address of this machine; try 127.0.0.1 or 0.0.0.0", address.ip()),
        ),
        io::ErrorKind::PermissionDenied => (
            ErrorKind::Forbidden,
            format!("the system does not let this user listen at port {port}; choose one above 1023"),
        ),
        _ => (ErrorKind::System, format!("cannot listen at {address}")),
    };
    Error::new(kind, message).because(error)
}

/// Bytes that the system holds beyond what is on its way to a client; by itself it would hold megabytes for one that takes nothing,
/// and ask for more only after a third of them.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 32 * 1024;
const BACKLOG: i32 = 4096; // the system lowers it to its own maximum
const PAUSE: Duration = Duration::from_millis(100);
