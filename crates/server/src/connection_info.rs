//! What is known of a connection, the same for every request on it.
//!
//! In: the socket and the handshake; for requests that a trusted proxy passed on, what it said.
//! Out: [`ConnectionInfo`]. Never: what an untrusted peer claims about itself.

use std::net::{IpAddr, SocketAddr};

use http::uri::{Authority, Scheme};

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
}

impl ConnectionInfo {
    /// Describes a plain connection without a proxy.
    pub fn new(peer: SocketAddr, local: SocketAddr) -> Self {
        Self { peer, local, tls: None, forwarded: None }
    }

    /// The client's address: what a trusted proxy says, else the peer's.
    pub fn client(&self) -> IpAddr {
        let said = self.forwarded.as_ref().and_then(|forwarded| forwarded.client);
        said.unwrap_or_else(|| self.peer.ip().to_canonical())
    }

    /// How the client reached us: what a trusted proxy says, else `https` on a TLS connection.
    pub fn scheme(&self) -> &Scheme {
        let said = self.forwarded.as_ref().and_then(|forwarded| forwarded.scheme.as_ref());
        said.unwrap_or(if self.tls.is_some() { &Scheme::HTTPS } else { &Scheme::HTTP })
    }

    /// The host that the client asked a trusted proxy for; `None` where the request's own counts.
    pub fn forwarded_host(&self) -> Option<&Authority> {
        self.forwarded.as_ref().and_then(|forwarded| forwarded.host.as_ref())
    }
}

/// What a TLS handshake agreed on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TlsInfo {
    /// Such as `TLSv1.3`.
    pub version: &'static str,
    /// Such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: &'static str,
    /// The name that the client asked for (SNI), if it did.
    pub server_name: Option<Box<str>>,
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
