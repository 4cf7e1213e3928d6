//! What the page of a request was given that its answer's headers have to tell of: the nonce and the token of its forms; and
//! the flash messages, which are taken out of the session once.
//!
//! In: the first time one is asked for. Out: the same value for the rest of the request. Never: makes one that nobody asks for.

use std::{
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::{random, session::SessionValue, signing::base64_encode};

/// What a page was given.
#[derive(Default)]
pub(crate) struct Handed {
    nonce: OnceLock<Nonce>,
    /// The token of its forms, the same wherever the page asks for it, with the session's value that it is made of.
    pub(crate) csrf_token: Mutex<Option<(String, String)>>,
    /// The flash messages that this request has taken out of the session: categories and texts.
    pub(crate) flashes: Mutex<Option<Vec<(String, SessionValue)>>>,
}

impl Handed {
    /// The nonce, made when it is first asked for.
    pub(crate) fn nonce(&self) -> &Nonce {
        self.nonce.get_or_init(Nonce::new)
    }

    /// Whether the page has a token.
    pub(crate) fn has_token(&self) -> bool {
        self.csrf_token.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The nonce, if the page asked for one.
    pub(crate) fn used_nonce(&self) -> Option<&Nonce> {
        self.nonce.get()
    }
}

/// A number used once (CSP Level 3 §7.1): 144 bits that nobody can guess, in base64.
pub(crate) struct Nonce(String);

impl Nonce {
    fn new() -> Self {
        Self(base64_encode(random::bytes::<18>()))
    }

    /// Its text: 24 characters that need no escaping anywhere.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Without the values: they are secrets while the answer is under way.
impl fmt::Debug for Handed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handed")
            .field("nonce", &self.nonce.get().is_some())
            .field("csrf_token", &self.has_token())
            .finish_non_exhaustive()
    }
}
