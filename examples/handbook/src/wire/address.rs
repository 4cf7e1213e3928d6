//! Where this server can be reached from this machine, without TLS.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::OnceLock,
};

use flagon::{abort_because, prelude::*};

use crate::{language::Language, texts::site_word};

/// The first plain address that a request came in by.
static PLAIN: OnceLock<SocketAddr> = OnceLock::new();

/// Before each request: remembers the address of the plain listener, for requests that come over TLS.
pub(crate) async fn note_own_address() {
    let request = request();
    let connection = request.connection();
    if connection.tls.is_none() && connection.local.port() != 0 {
        PLAIN.get_or_init(|| loopback(connection.local));
    }
}

/// The loopback address of this server.
///
/// # Errors
///
/// 503 when no request has come over a socket without TLS yet, as in tests without sockets.
pub(crate) fn own_address(language: Language) -> Result<SocketAddr> {
    match (PLAIN.get(), current_app().config().server.port) {
        (Some(address), _) => Ok(*address),
        (None, 0) => abort_because(503, site_word("no_plain_port", language)),
        (None, port) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
    }
}

fn loopback(address: SocketAddr) -> SocketAddr {
    let ip =
        if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
    SocketAddr::new(ip, address.port())
}
