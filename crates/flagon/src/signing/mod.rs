//! Text that nobody else can write: values with a signature, a time, a payload.
//!
//! In: a value and the app's keys. Out: the value with its signature, as text for URLs and cookies; the value again,
//! or a [`SignatureError`]. Never: hides the value, which anybody can read.
//!
//! The formats are those of Python's itsdangerous 2.2, so that what a Flask app signs is read here and the other way
//! round. Two differences, both stricter: base64 has to be written as it is made here, so that no byte of a signed
//! value can be changed, and payloads that unpack to more than 1 MiB are refused.
//!
//! | itsdangerous | here |
//! |---|---|
//! | `Signer(key, salt)` | [`Signer::new`] |
//! | `key_derivation=`, `digest_method=` | [`Signer::with`] |
//! | `TimestampSigner` | [`TimestampSigner`] |
//! | `URLSafeTimedSerializer` | [`UrlSafeTimedSerializer`] |
//! | a list of keys, the newest last | a list of keys, the one that signs first |

mod error;
mod base64;
mod mac;
mod signer;
mod timestamp;
mod json;
mod payload;
mod serializer;

pub use error::SignatureError;
pub use mac::Digest;
pub use serializer::{UrlSafeTimedSerializer, payload_of};
pub use signer::{KeyDerivation, Signer};
pub use timestamp::TimestampSigner;

pub(crate) use self::base64::{decode as base64_decode, encode as base64_encode};
pub(crate) use json::write_float;
pub(crate) use mac::Mac;
pub(crate) use payload::{pack, unpack};

#[cfg(test)]
mod tests;
