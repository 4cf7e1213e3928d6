//! Signed JSON for URLs: itsdangerous' `URLSafeTimedSerializer`.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use super::{error::SignatureError, json, payload, signer::Signer, timestamp::TimestampSigner};

/// Signs any value that has a JSON form, with the time: itsdangerous' `URLSafeTimedSerializer`.
///
/// What it gives has only letters, digits, `-`, `_` and `.`, so it can stand in a URL or a cookie as it is.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon::signing::{Signer, UrlSafeTimedSerializer};
///
/// let serializer = UrlSafeTimedSerializer::from(Signer::new(["key"], "itsdangerous"));
/// let token = serializer.dumps(&("ada", 36))?;
/// let (name, age): (String, u8) = serializer.loads(&token, Duration::from_secs(60))?;
/// assert_eq!((name.as_str(), age), ("ada", 36));
/// # Ok::<(), flagon::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct UrlSafeTimedSerializer(TimestampSigner);

/// The JSON that a token or a session's cookie carries, believed or not: a signature hides nothing.
///
/// # Examples
///
/// ```
/// use flagon::signing::{Signer, UrlSafeTimedSerializer, payload_of};
///
/// let token = UrlSafeTimedSerializer::from(Signer::new(["key"], "s")).dumps(&("ada", 36))?;
/// assert_eq!(payload_of(&token).as_deref(), Some(r#"["ada",36]"#));
/// # Ok::<(), flagon::Error>(())
/// ```
pub fn payload_of(signed: &str) -> Option<String> {
    let (value, _signature) = signed.rsplit_once('.')?;
    let (payload, _time) = value.rsplit_once('.')?;
    payload::unpack(payload).ok()
}

impl From<Signer> for UrlSafeTimedSerializer {
    fn from(signer: Signer) -> Self {
        Self(signer.into())
    }
}

impl UrlSafeTimedSerializer {
    /// Gives `value` as signed text.
    ///
    /// # Errors
    ///
    /// When it has no JSON form, such as a map whose keys are no text.
    pub fn dumps(&self, value: &impl Serialize) -> serde_json::Result<String> {
        Ok(self.0.sign(&payload::pack(&json::to_text(value)?)))
    }

    /// Gives the value that was signed at most `max_age` ago.
    ///
    /// # Errors
    ///
    /// When the signature does not fit or is too old, or the value is no `T`.
    pub fn loads<T: DeserializeOwned>(&self, signed: &str, max_age: Duration) -> Result<T, SignatureError> {
        let json = payload::unpack(self.0.unsign(signed, max_age)?)?;
        serde_json::from_str(&json).map_err(|_| SignatureError::Payload)
    }
}
