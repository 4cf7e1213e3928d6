//! A request to be passed on.

use flagon_server::{ConnectionInfo, Interim};
use http::{HeaderMap, Method, Uri, Version, header::HOST, uri::Authority};

/// A request to be passed on, without its body.
///
/// # Examples
///
/// See [`Upstream::pass`](crate::Upstream::pass).
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The method.
    pub method: &'a Method,
    /// The target as the client sent it.
    pub uri: &'a Uri,
    /// The version that the client speaks.
    pub version: Version,
    /// The client's fields.
    pub headers: &'a HeaderMap,
    /// The client's connection: whose address, scheme and host the other server is told.
    pub connection: &'a ConnectionInfo,
    /// Where answers before the answer go.
    pub interim: &'a Interim,
    /// The name of the request in logs, which the other server is told unless the client named one.
    pub id: &'a [u8],
    /// The fields `traceparent` and `tracestate` (W3C Trace Context) that stand in the place of the client's; `None` passes those on.
    pub trace: Option<(&'a str, &'a str)>,
}

impl Outgoing<'_> {
    /// The host that the client asked for: what a trusted proxy says, `:authority`, or `Host`; empty without one.
    pub(crate) fn host(&self) -> &str {
        let asked = self.connection.forwarded_host().or(self.uri.authority()).map(Authority::as_str);
        let field = || self.headers.get(HOST).and_then(|host| host.to_str().ok());
        asked.or_else(field).unwrap_or_default()
    }
}
