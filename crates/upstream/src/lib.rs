//! Requests that another HTTP server answers: an old app, behind the routes that have moved.
//!
//! An [`Upstream`] is where that server is; [`Upstream::pass`] sends a request there and gives its answer, both bodies streaming.
//! Modules in reading order; each uses only those above it.

mod address;
mod error;
mod tls;
mod socket;
mod fields;
mod upstream_request;
mod request_head;
mod pool;
mod exchange;
mod answer;
mod tunnel;
mod command;
mod upstream;

pub use address::{Address, AddressError};
pub use command::{Command, Supervisor};
pub use error::{Error, ErrorKind};
pub use tls::CertificateError;
pub use upstream::Upstream;
pub use upstream_request::Outgoing;
