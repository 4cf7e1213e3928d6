//! The server over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "tests, with small numbers of their own"
)]

mod running;
mod client;
mod frames;
mod http1;
mod early;
mod overload;
mod phases;
mod bodies;
mod refusals;
mod slow;
mod fairness;
mod forwarded;
mod tls;
mod logged;
mod authority;
mod certificates;
mod facts;
mod http2;
mod attacks;
mod shutdown;
mod tools;
mod memory;
