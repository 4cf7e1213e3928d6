//! Two slow lines from the reader's browser to the page of small images.
//!
//! In: a wish of a reader at this machine. Out: two addresses, good for [`LIFETIME`]. Never: for a
//! reader elsewhere, since they lead from this machine to itself.

use std::net::{Ipv4Addr, SocketAddr};

use flagon::{abort_because, prelude::*};
use tokio::net::TcpListener;

use super::{
    relay::{self, LIFETIME, ROUND_TRIP},
    tiles,
};
use crate::{gate::Pass, page::language, texts::site_word};

/// Where the page is to be loaded from.
#[derive(Debug, Serialize)]
pub(super) struct Lines {
    http1: String,
    http2: String,
    round_trip_ms: u128,
    lifetime_ms: u128,
}

/// The name by which a reader at this machine calls it, if there is one who does.
pub(super) fn local_host() -> Option<&'static str> {
    let request = request();
    let host = request.host();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let known = [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "127.0.0.1")];
    let known = known.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    known.map(|(_, host)| host).filter(|_| request.remote_addr().is_loopback())
}

/// Opens both. The pass counts until they are closed.
///
/// # Errors
///
/// 503 when the page can't be served, for want of a certificate or a port.
pub(super) async fn open(host: &str, pass: Pass<'static>) -> Result<Lines> {
    let config = current_app().config().server.clone();
    let certificate = config.cert.zip(config.key);
    let started = flagon::blocking(move || tiles::addresses(certificate)).await;
    let addresses = match started {
        Ok(addresses) => addresses,
        Err(error) => {
            tracing::error!(error, "the page of small images can't be served");
            return abort_because(503, site_word("no_exchange", language()));
        }
    };
    let (http1, http2) = (listen().await?, listen().await?);
    let lines = Lines {
        http1: format!("https://{host}:{}", http1.local_addr()?.port()),
        http2: format!("https://{host}:{}", http2.local_addr()?.port()),
        round_trip_ms: ROUND_TRIP.as_millis(),
        lifetime_ms: LIFETIME.as_millis(),
    };
    tokio::spawn(async move {
        tokio::join!(relay::run(http1, addresses.http1), relay::run(http2, addresses.http2));
        drop(pass);
    });
    Ok(lines)
}

async fn listen() -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)).await
}
