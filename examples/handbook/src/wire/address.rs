//! Where this server can be reached from this machine, without TLS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use flagon::prelude::*;

use crate::{language::Language, texts::site_word};

/// The loopback address of this server's plain port.
///
/// # Errors
///
/// 503 when there is none: in a test without sockets.
pub(crate) fn own_address(language: Language) -> Result<SocketAddr> {
    match current_app().addresses().iter().find(|address| address.scheme() == "http") {
        Some(plain) => Ok(loopback(plain.socket())),
        None => abort_because(503, site_word("no_plain_port", language)),
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
