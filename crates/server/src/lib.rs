//! Sockets, TLS, HTTP/1 and HTTP/2: from a listener to a [`Service`] and back.
//!
//! A [`Config`] is bound to a [`Server`], which serves a [`Service`] until a [`Shutdown`] is asked for.
//! Modules in reading order; each uses only those above it.

mod error;
mod network;
mod tcp_info;
mod certificate_names;
mod client_certificate;
mod frame_log;
mod connection_info;
mod interim;
mod rewound;
mod takeover;
mod answer;
mod service;
mod tls;
mod development;
mod config;
mod shutdown;
mod metrics;
mod allowance;
mod queue;
mod seats;
mod worker;
mod listener;
mod transport;
mod output;
mod incoming;
mod forwarded;
mod call;
mod wire;
mod refusal;
mod connection;
mod http2;
mod accepted;
mod server;

pub use answer::Answer;
pub use client_certificate::{ClientCertificate, SubjectName};
pub use config::{Config, Limits, Listen, Timeouts};
pub use connection_info::{ConnectionInfo, Forwarded, TlsInfo};
pub use development::DevelopmentAuthority;
pub use error::{Error, ErrorKind};
pub use frame_log::{FieldSizes, FrameHead, FrameKind, FrameLog, Way};
pub use interim::Interim;
pub use listener::Address;
pub use metrics::Metrics;
pub use network::{Network, NetworkError};
pub use rewound::Rewound;
pub use server::{Ended, Server};
pub use service::{Service, Stopping};
pub use shutdown::Shutdown;
pub use takeover::{Ending, Takeover, Upgraded};
pub use tcp_info::TcpInfo;
pub use tls::{CertificateFiles, ClientAuthority, Demand, Tls, TlsFiles};
