//! Sockets, TLS, HTTP/1 and HTTP/2: from a listener to a [`Service`] and back.
//!
//! Modules in reading order; each uses only those above it.

mod connection_info;
mod service;

pub use connection_info::{ConnectionInfo, TlsInfo};
pub use service::Service;
