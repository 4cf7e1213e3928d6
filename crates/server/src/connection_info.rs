//! What is known of a connection, the same for every request on it.
//!
//! In: the socket and the handshake; for requests that a trusted proxy passed on, what it said.
//! Out: [`ConnectionInfo`]. Never: what an untrusted peer claims about itself.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use http::{
    HeaderMap, Uri,
    header::HOST,
    uri::{Authority, Scheme},
};

use crate::{
    certificate_names::CertificateNames, client_certificate::ClientCertificate, frame_log::FrameLog,
    tcp_info::TcpInfo,
};

/// What is known of a connection: made once when it opens, shared by its requests.
///
/// A request that a trusted proxy passed on gets a copy of its own in which `forwarded` is set.
///
/// # Examples
///
/// ```
/// use flagon_server::{ConnectionInfo, Forwarded};
///
/// let local = "192.0.2.1:80".parse().unwrap();
/// let mut connection = ConnectionInfo::new("10.0.0.9:5000".parse().unwrap(), local);
/// assert_eq!(connection.client().to_string(), "10.0.0.9");
/// assert_eq!(connection.scheme(), &http::uri::Scheme::HTTP);
///
/// connection.forwarded = Some(Box::new(Forwarded {
///     client: Some("203.0.113.7".parse().unwrap()),
///     scheme: Some(http::uri::Scheme::HTTPS),
///     ..Forwarded::default()
/// }));
/// assert_eq!(connection.client().to_string(), "203.0.113.7");
/// assert_eq!(connection.scheme(), &http::uri::Scheme::HTTPS);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// The other end of the socket, which may be a proxy.
    pub peer: SocketAddr,
    /// Our end of the socket.
    pub local: SocketAddr,
    /// What the TLS handshake agreed on; `None` on a plain connection.
    pub tls: Option<Box<TlsInfo>>,
    /// What a trusted proxy said of the request; `None` without one.
    pub forwarded: Option<Box<Forwarded>>,
    /// The frames of an HTTP/2 connection, where [`Limits::logged_frames`](crate::Limits::logged_frames) has them remembered.
    pub frames: Option<Arc<FrameLog>>,
}

impl ConnectionInfo {
    /// Describes a plain connection without a proxy.
    pub fn new(peer: SocketAddr, local: SocketAddr) -> Self {
        Self { peer, local, tls: None, forwarded: None, frames: None }
    }

    /// The client's address: what a trusted proxy says, else the peer's.
    pub fn client(&self) -> IpAddr {
        let said = self.forwarded.as_ref().and_then(|forwarded| forwarded.client);
        // A proxy that listens for both families may write an IPv4 client as `::ffff:192.0.2.1`.
        said.unwrap_or_else(|| self.peer.ip()).to_canonical()
    }

    /// How the client reached us: what a trusted proxy says, else `https` on a TLS connection.
    pub fn scheme(&self) -> &Scheme {
        let said = self.forwarded.as_ref().and_then(|forwarded| forwarded.scheme.as_ref());
        said.unwrap_or(if self.tls.is_some() { &Scheme::HTTPS } else { &Scheme::HTTP })
    }

    /// Asks the system what it knows of the TCP connection by now: segments in and out, the round-trip time, losses.
    /// It takes some microseconds, and nothing where nobody asks.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) or [`NotConnected`](io::ErrorKind::NotConnected) for a connection that is closed;
    /// [`Unsupported`](io::ErrorKind::Unsupported) on systems other than Linux; another where the system gives no answer,
    /// as in a sandbox that forbids netlink sockets.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_server::ConnectionInfo;
    ///
    /// fn round_trip(connection: &ConnectionInfo) -> String {
    ///     match connection.tcp() {
    ///         Ok(tcp) => format!("{:?}, {} segments came in", tcp.round_trip, tcp.segments_in),
    ///         Err(error) => format!("unknown: {error}"),
    ///     }
    /// }
    /// # let address = "127.0.0.1:1".parse().unwrap();
    /// # assert!(round_trip(&ConnectionInfo::new(address, address)).starts_with("unknown"));
    /// ```
    pub fn tcp(&self) -> io::Result<TcpInfo> {
        TcpInfo::of(self.local, self.peer)
    }

    /// The host that the client asked a trusted proxy for; `None` where the request's own counts.
    pub fn forwarded_host(&self) -> Option<&Authority> {
        self.forwarded.as_ref().and_then(|forwarded| forwarded.host.as_ref())
    }
}

impl ConnectionInfo {
    /// Tells whether a request for this target should have come over another connection: of several certificates, this one
    /// was opened with one that is not for its host. Where the client named no host in the handshake, any will do.
    pub(crate) fn is_misdirected(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some((names, server_name)) =
            self.tls.as_ref().and_then(|tls| tls.names.as_deref().zip(tls.server_name.as_deref()))
        else {
            return false;
        };
        let field = || headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
        let asked = uri.authority().cloned().or_else(field);
        asked.is_some_and(|asked| names.is_misdirected(server_name, &asked))
    }
}

/// What a TLS handshake agreed on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TlsInfo {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// Such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: &'static str,
    /// How the key was agreed on, such as `X25519MLKEM768` or `X25519`; `None` where a resumed session took an older key.
    pub group: Option<&'static str>,
    /// The protocol that the client and we chose (ALPN, RFC 7301): `h2` or `http/1.1`; `None` for a client that named none.
    pub alpn: Option<&'static str>,
    /// Whether a session was resumed, which saves the certificate and its proof.
    pub resumed: bool,
    /// The name that the client asked for (SNI), if it did.
    pub server_name: Option<Box<str>>,
    /// Who the client proved to be, where the server asks for certificates of clients.
    pub client_certificate: Option<Arc<ClientCertificate>>,
    /// What the server's certificates are for, where there are several.
    pub(crate) names: Option<Arc<CertificateNames>>,
}

/// What a trusted proxy says of a request (`Forwarded`, RFC 7239, or the `X-Forwarded-*` fields).
///
/// See [`ConnectionInfo`] for an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// The nearest address that is not a trusted proxy's.
    pub client: Option<IpAddr>,
    /// `http` or `https`.
    pub scheme: Option<Scheme>,
    /// The host, with its port if it was named.
    pub host: Option<Authority>,
}
