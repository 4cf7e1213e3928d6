//! Sessions in a cookie that only the app can read.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): its nonces are long enough to be drawn at random for each cookie. The key is
//! derived from the app's by HMAC-SHA-256, so that it is good for nothing else. The cookie's name is authenticated as
//! well, and the time is inside.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use crate::{
    random,
    session::{SessionValue, Values, read, write},
    signing::{Digest, Mac, base64_decode, base64_encode, pack, unpack},
};

/// The ciphers of an app's keys, the current one first.
pub(super) struct Encrypted {
    ciphers: Vec<XChaCha20Poly1305>,
    name: String,
}

impl Encrypted {
    pub(super) fn new(keys: &[&[u8]], name: &str) -> Self {
        let cipher = |key: &&[u8]| {
            let key = Mac::new(Digest::Sha256, key).tag(PURPOSE);
            XChaCha20Poly1305::new_from_slice(&key).expect("the cipher takes 32 bytes, which SHA-256 has")
        };
        Self { ciphers: keys.iter().map(cipher).collect(), name: name.to_owned() }
    }

    /// The values that were encrypted at most `max_age` ago.
    pub(super) fn read(&self, cookie: &str, max_age: Duration) -> Option<Arc<Values>> {
        let bytes = base64_decode(cookie)?;
        let (nonce, message) = bytes.split_first_chunk::<NONCE>()?;
        let payload = || Payload { msg: message, aad: self.name.as_bytes() };
        let nonce = XNonce::from(*nonce);
        let opened = self.ciphers.iter().find_map(|cipher| cipher.decrypt(&nonce, payload()).ok())?;
        let (time, packed) = opened.split_first_chunk::<8>()?;
        let age = now().checked_sub(u64::from_be_bytes(*time))?;
        if age > max_age.as_secs() {
            return None;
        }
        match read(&unpack(std::str::from_utf8(packed).ok()?).ok()?)? {
            SessionValue::Map(values) => Some(Arc::new(values)),
            _ => None,
        }
    }

    pub(super) fn write(&self, values: Arc<Values>) -> String {
        self.write_at(values, now())
    }

    fn write_at(&self, values: Arc<Values>, seconds: u64) -> String {
        let mut message = seconds.to_be_bytes().to_vec();
        message.extend_from_slice(pack(&write(&SessionValue::Map(Arc::unwrap_or_clone(values)))).as_bytes());
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: &message, aad: self.name.as_bytes() };
        let sealed = self.ciphers[0].encrypt(&XNonce::from(nonce), payload);
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed.expect("a session is shorter than the 256 GiB that the cipher takes"));
        base64_encode(bytes)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

const NONCE: usize = 24;
const PURPOSE: &[u8] = b"flagon: sessions in encrypted cookies, 1";

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypted").field("keys", &self.ciphers.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::{Encrypted, now};
    use crate::session::SessionValue;

    #[test]
    fn one_that_is_too_old_or_of_the_future_is_forgotten() {
        let sealed = Encrypted::new(&[b"key"], "session");
        let values = || Arc::new([("user".to_owned(), SessionValue::Text("ada".to_owned()))].into());
        let hour = Duration::from_hours(1);
        let read = |at: u64| sealed.read(&sealed.write_at(values(), at), hour).is_some();
        assert!(read(now()) && read(now() - 3590));
        assert!(!read(now() - 3610) && !read(now() + 60));
    }
}
