//! What a trusted proxy says about the client of a request.
//!
//! In: the fields of a request whose peer is trusted. Out: the [`ConnectionInfo`] that the view sees.
//! Never: anything from a peer that is not on the list, nor of a proxy's `Forwarded` and `X-Forwarded-*`
//! when they differ: one of the two is then the client's own invention. Never the proxy's own address because a
//! client wrote what cannot be read.
//!
//! RFC 7239.

use std::{net::IpAddr, sync::Arc};

use flagon_http::forwarded::{self as fields, Hop, Node, XForwarded};
use http::{HeaderMap, header::FORWARDED, uri::Scheme};

use crate::{
    connection_info::{ConnectionInfo, Forwarded},
    worker::Worker,
};

/// Whether the peer of a connection is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Denied,
    Given,
}

/// Why what a trusted proxy passed on is not believed: a part of it is the client's own invention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbelievable {
    /// `Forwarded` and `X-Forwarded-*` say different things.
    Contradictory,
    /// `Forwarded` cannot be read, so that nobody knows what the proxy added to it.
    Unreadable,
}

impl Unbelievable {
    /// What the client gets.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Contradictory => {
                "Forwarded and X-Forwarded-* say different things; have the proxy remove the one that it does not set\n"
            }
            Self::Unreadable => {
                "Forwarded is malformed or has more than 32 elements; have the proxy replace what clients send\n"
            }
        }
    }
}

impl Trust {
    /// Looks a peer up, once per connection.
    pub(crate) fn in_peer(peer: IpAddr, worker: &Worker) -> Self {
        if worker.trusts(peer) { Self::Given } else { Self::Denied }
    }
}

/// Makes the facts of a request that a trusted proxy passed on.
pub(crate) fn apply(
    info: &Arc<ConnectionInfo>,
    headers: &HeaderMap,
    worker: &Worker,
) -> Result<Arc<ConnectionInfo>, Unbelievable> {
    let is_proxy = |address| worker.trusts(address);
    let standard = fields::parse(headers).map(|hops| from_hops(&hops, is_proxy));
    if standard.is_none() && headers.contains_key(FORWARDED) {
        return Err(Unbelievable::Unreadable);
    }
    let customary = from_customary(&XForwarded::parse(headers), is_proxy);
    let said = match (standard, customary) {
        (Some(standard), Some(customary)) => {
            if contradict(&standard, &customary) {
                return Err(Unbelievable::Contradictory);
            }
            standard
        }
        (Some(said), None) | (None, Some(said)) => said,
        (None, None) => return Ok(Arc::clone(info)),
    };
    let mut info = ConnectionInfo::clone(info);
    info.forwarded = Some(Box::new(said));
    Ok(Arc::new(info))
}

fn contradict(one: &Forwarded, other: &Forwarded) -> bool {
    fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
        one.zip(other).is_some_and(|(one, other)| one != other)
    }
    one.client != other.client
        || differ(one.scheme.as_ref(), other.scheme.as_ref())
        || differ(one.host.as_ref(), other.host.as_ref())
}

/// The hop that counts is that of our outermost proxy: the last whose client is not a proxy of ours.
/// What comes before it was written by strangers.
fn from_hops(hops: &[Hop], is_proxy: impl Fn(IpAddr) -> bool) -> Forwarded {
    let at = outermost(hops.iter().map(|hop| hop.client.as_ref()), is_proxy);
    let ours = &hops[at.min(hops.len())..];
    let host = ours.iter().find_map(|hop| hop.host.as_deref()).and_then(|host| host.parse().ok());
    Forwarded {
        client: ours.first().and_then(|hop| hop.client.as_ref()?.address()),
        scheme: ours.iter().find_map(|hop| hop.scheme.as_deref()).and_then(scheme),
        host,
    }
}

/// `None` when the fields say nothing.
fn from_customary(said: &XForwarded, is_proxy: impl Fn(IpAddr) -> bool) -> Option<Forwarded> {
    if *said == XForwarded::default() {
        return None;
    }
    let at = outermost(said.clients.iter().map(Some), is_proxy);
    // Each proxy may have added an entry to a list, or one of them set the whole field.
    let place = |len: usize| if len == said.clients.len() { at } else { len.saturating_sub(1) };
    let scheme = said.schemes.get(place(said.schemes.len())).and_then(|text| scheme(text));
    let host = said.hosts.get(place(said.hosts.len())).map(String::as_str);
    let port = said.ports.get(place(said.ports.len())).copied();
    let host = host.and_then(|host| with_port(host, port, scheme.as_ref()).parse().ok());
    Some(Forwarded { client: said.clients.get(at).and_then(Node::address), scheme, host })
}

/// Gives the place of the client that our outermost proxy saw.
fn outermost<'a>(
    clients: impl DoubleEndedIterator<Item = Option<&'a Node>> + ExactSizeIterator,
    is_proxy: impl Fn(IpAddr) -> bool,
) -> usize {
    let is_ours = |node: Option<&Node>| node.and_then(Node::address).is_some_and(&is_proxy);
    clients.enumerate().rev().find(|(_, client)| !is_ours(*client)).map_or(0, |(at, _)| at)
}

fn with_port(host: &str, port: Option<u16>, scheme: Option<&Scheme>) -> String {
    let usual = if scheme == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let has_port =
        host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    match port {
        Some(port) if port != usual && !has_port => format!("{host}:{port}"),
        _ => host.to_owned(),
    }
}

fn scheme(text: &str) -> Option<Scheme> {
    match text {
        "http" => Some(Scheme::HTTP),
        "https" => Some(Scheme::HTTPS),
        _ => None,
    }
}
