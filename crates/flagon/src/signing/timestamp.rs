//! Values with a signature and the time of signing: itsdangerous' `TimestampSigner`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{base64, error::SignatureError, signer::Signer};

/// Signs text together with the time, so that a signature can end: itsdangerous' `TimestampSigner`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon::signing::{Signer, TimestampSigner};
///
/// let signer = TimestampSigner::from(Signer::new(["key"], "reset-password"));
/// let link = signer.sign("ada");
/// assert_eq!(signer.unsign(&link, Duration::from_secs(3600)), Ok("ada"));
/// ```
#[derive(Debug, Clone)]
pub struct TimestampSigner(Signer);

impl From<Signer> for TimestampSigner {
    fn from(signer: Signer) -> Self {
        Self(signer)
    }
}

impl TimestampSigner {
    /// Gives `value`, the time in whole seconds, and the signature of both, with dots between.
    pub fn sign(&self, value: &str) -> String {
        self.sign_at(value, SystemTime::now())
    }

    /// [`sign`](Self::sign) as of `time`.
    pub fn sign_at(&self, value: &str, time: SystemTime) -> String {
        let seconds = seconds(time).to_be_bytes();
        let zeros = seconds.iter().take_while(|byte| **byte == 0).count();
        self.0.sign(&format!("{value}.{}", base64::encode(&seconds[zeros..])))
    }

    /// Gives the value that was signed at most `max_age` ago, counted in whole seconds.
    ///
    /// # Errors
    ///
    /// When the signature does not fit, is older or of the future, or there is no time in it.
    pub fn unsign<'a>(&self, signed: &'a str, max_age: Duration) -> Result<&'a str, SignatureError> {
        let (value, signed_at) = self.unsign_any_age(signed)?;
        let age =
            seconds(SystemTime::now()).checked_sub(seconds(signed_at)).ok_or(SignatureError::Expired)?;
        if age <= max_age.as_secs() { Ok(value) } else { Err(SignatureError::Expired) }
    }

    /// Gives the value that was signed, and when.
    ///
    /// # Errors
    ///
    /// When the signature does not fit, or there is no time in it.
    pub fn unsign_any_age<'a>(&self, signed: &'a str) -> Result<(&'a str, SystemTime), SignatureError> {
        let (value, time) = self.0.unsign(signed)?.rsplit_once('.').ok_or(SignatureError::NoTime)?;
        let bytes = base64::decode(time).filter(|bytes| bytes.len() <= 8).ok_or(SignatureError::NoTime)?;
        let seconds = bytes.iter().fold(0, |seconds, byte| seconds << 8 | u64::from(*byte));
        let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or(SignatureError::NoTime)?;
        Ok((value, time))
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
