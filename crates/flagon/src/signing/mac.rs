//! Keyed hashes (HMAC, RFC 2104), and the hashes they are made of.

use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// The hash that signatures are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-1: the default of itsdangerous, and what Flask signs its sessions with. In an HMAC it is not broken.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// The hash of `parts`, one after the other.
    pub(crate) fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        let bytes = parts.concat();
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// An HMAC that has taken its key already: each use begins with a copy.
#[derive(Clone)]
pub(crate) enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Mac {
    pub(crate) fn new(digest: Digest, key: &[u8]) -> Self {
        const ANY_LENGTH: &str = "HMAC takes keys of any length";
        match digest {
            Digest::Sha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Digest::Sha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Digest::Sha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
        }
    }

    /// The tag of `value`.
    pub(crate) fn tag(&self, value: &[u8]) -> Vec<u8> {
        match self.clone() {
            Self::Sha1(mac) => mac.chain_update(value).finalize().into_bytes().to_vec(),
            Self::Sha256(mac) => mac.chain_update(value).finalize().into_bytes().to_vec(),
            Self::Sha512(mac) => mac.chain_update(value).finalize().into_bytes().to_vec(),
        }
    }

    /// Whether `tag` is that of `value`; how long it takes says nothing of where they differ.
    pub(crate) fn verifies(&self, value: &[u8], tag: &[u8]) -> bool {
        match self.clone() {
            Self::Sha1(mac) => mac.chain_update(value).verify_slice(tag),
            Self::Sha256(mac) => mac.chain_update(value).verify_slice(tag),
            Self::Sha512(mac) => mac.chain_update(value).verify_slice(tag),
        }
        .is_ok()
    }
}
