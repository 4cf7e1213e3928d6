//! Sessions in a cookie that is signed as Flask signs its own.

use std::{sync::Arc, time::Duration};

use crate::{
    session::{SessionValue, Values, read, write},
    signing::{Digest, KeyDerivation, Signer, TimestampSigner, pack, unpack},
};

/// Flask's `SecureCookieSessionInterface`: what it signs is read here, and the other way round.
#[derive(Debug)]
pub(super) struct Signed(TimestampSigner);

impl Signed {
    pub(super) fn new(keys: &[&[u8]]) -> Self {
        Self(Signer::with(keys, SALT, KeyDerivation::Hmac, Digest::Sha1).into())
    }

    /// The values that were signed at most `max_age` ago.
    pub(super) fn read(&self, cookie: &str, max_age: Duration) -> Option<Arc<Values>> {
        let payload = self.0.unsign(cookie, max_age).ok()?;
        match read(&unpack(payload).ok()?)? {
            SessionValue::Map(values) => Some(Arc::new(values)),
            _ => None,
        }
    }

    pub(super) fn write(&self, values: Arc<Values>) -> String {
        self.0.sign(&pack(&write(&SessionValue::Map(Arc::unwrap_or_clone(values)))))
    }
}

const SALT: &str = "cookie-session";
