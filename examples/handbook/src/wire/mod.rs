//! A request that the server sends to itself, and both byte streams of it.
//!
//! In: a [`Request`] that a visitor wrote, or bytes made on purpose. Out: an [`Exchange`], and for people
//! its [`anatomy`], line by line. Never: a connection to anything but this server's own loopback address;
//! what is sent and read is bounded in size and in time.

mod address;
mod anatomy;
mod exchange;
mod request;

pub(crate) use address::own_address;
pub(crate) use anatomy::Anatomy;
pub(crate) use exchange::{Exchange, Script};
pub(crate) use request::{Framing, METHODS, Request};
