//! What clients resume their sessions by.
//!
//! Tickets, so that no thread has to know what another agreed on: each is the session itself, locked with keys that live in
//! memory only and are replaced every six hours, and taken for twelve at most. Clients of TLS 1.2 that take no tickets
//! find the last 256 sessions. Never: data of a request before the handshake is over (0-RTT), since that can be replayed.
//!
//! RFC 9846 §2.2, §8; RFC 5077 §4.

use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::Ticketer,
    server::{ProducesTickets, ServerSessionMemoryCache, StoresServerSessions},
};

use super::certificate::refused;
use crate::error::Error;

/// What clients resume their sessions by.
#[derive(Debug, Clone)]
pub(super) struct Sessions {
    tickets: Arc<dyn ProducesTickets>,
    stored: Arc<dyn StoresServerSessions>,
}

impl Sessions {
    pub(super) fn new() -> Result<Self, Error> {
        let tickets = Ticketer::new()
            .map_err(|error| refused("no key for TLS tickets could be made").because(error))?;
        Ok(Self { tickets, stored: ServerSessionMemoryCache::new(STORED) })
    }

    /// Lets `config` resume these sessions, and add to them.
    pub(super) fn apply(&self, config: &mut ServerConfig) {
        config.ticketer = Arc::clone(&self.tickets);
        config.session_storage = Arc::clone(&self.stored);
    }
}

const STORED: usize = 256;
