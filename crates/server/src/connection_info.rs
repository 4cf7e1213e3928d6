//! What is known of a connection, the same for every request on it.

use std::net::SocketAddr;

/// What is known of a connection: made once when it opens, shared by its requests.
#[derive(Debug, Clone)]
pub struct ConnectionInfo {
    /// The other end of the socket, which may be a proxy.
    pub peer: SocketAddr,
    /// Our end of the socket.
    pub local: SocketAddr,
    /// What the TLS handshake agreed on; `None` on a plain connection.
    pub tls: Option<TlsInfo>,
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
