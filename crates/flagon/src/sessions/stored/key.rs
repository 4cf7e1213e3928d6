//! Ids of sessions, and the keys that they are kept under.

use std::fmt;

use crate::{
    random,
    signing::{Digest, base64_decode, base64_encode},
};

/// The key that a session is kept under: the SHA-256 of its id. Who reads the store can't make an id of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// Makes a fresh id of 256 random bits, as text for a cookie, and its key.
    pub(super) fn fresh() -> (String, Self) {
        let id = random::bytes::<32>();
        (base64_encode(id), Self::of_bytes(&id))
    }

    /// The key of an id that a client sent; `None` when it is none that this server makes.
    pub(super) fn of(id: &str) -> Option<Self> {
        let bytes = base64_decode(id).filter(|bytes| bytes.len() == 32)?;
        Some(Self::of_bytes(&bytes))
    }

    fn of_bytes(id: &[u8]) -> Self {
        let hash = Digest::Sha256.hash(&[id]);
        Self(hash.try_into().expect("SHA-256 has 32 bytes"))
    }

    /// Takes a key as a store has kept it.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key, for a store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// As text for URLs and forms.
impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64_encode(self.0))
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
