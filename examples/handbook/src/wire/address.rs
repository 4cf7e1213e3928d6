//! Where this server can be reached from this machine, without TLS.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::OnceLock,
};

use flagon::{abort_because, prelude::*};

use crate::{language::Language, texts::site_word};

/// The plain address that the first request without TLS came in by: state of the app.
#[derive(Debug, Default)]
pub(crate) struct PlainAddress(OnceLock<SocketAddr>);

/// Before each request: notes the address of the plain listener, for requests that come over TLS.
pub(crate) async fn note_plain_address() {
    let request = request();
    let connection = request.connection();
    if connection.tls.is_none()
        && connection.local.port() != 0
        && let Some(plain) = current_app().state::<PlainAddress>()
    {
        plain.0.get_or_init(|| loopback(connection.local));
    }
}

/// The loopback address of this server.
///
/// # Errors
///
/// 503 when it is not known: in a test without sockets, and over TLS when the system chose the plain port and
/// nobody has used that yet.
pub(crate) fn own_address(language: Language) -> Result<SocketAddr> {
    let app = current_app();
    let noted = app.state::<PlainAddress>().and_then(|plain| plain.0.get().copied());
    match (noted, app.config().server.port) {
        (Some(address), _) => Ok(address),
        (None, port) if port != 0 && request().connection().tls.is_some() => {
            Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        }
        _ => abort_because(503, site_word("no_plain_port", language)),
    }
}

/// `address` as it is reached from this machine.
fn loopback(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if ip.is_loopback() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ever_this_machine() {
        for (local, own) in [
            ("192.0.2.7:80", "127.0.0.1:80"),
            ("127.0.0.2:8000", "127.0.0.2:8000"),
            ("[2001:db8::1]:443", "[::1]:443"),
            ("[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(loopback(local.parse().unwrap()).to_string(), own);
        }
    }
}
