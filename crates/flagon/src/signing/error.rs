//! Why a signed value is not believed.

use std::{error::Error, fmt};

/// Why a signed value is not believed.
///
/// # Examples
///
/// ```
/// use flagon::signing::{SignatureError, Signer};
///
/// let signer = Signer::new(["key"], "unsubscribe");
/// assert_eq!(signer.unsign("ada.AAAA"), Err(SignatureError::Altered));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureError {
    /// It has no signature.
    Unsigned,
    /// The signature is of another value, key or salt.
    Altered,
    /// It is signed, but without a time.
    NoTime,
    /// It was signed longer ago than it may, or in the future.
    Expired,
    /// It is signed, but is no payload of the expected form.
    Payload,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "the value has no signature",
            Self::Altered => "the signature does not fit the value",
            Self::NoTime => "the value has no time of signing",
            Self::Expired => "the signature is too old, or of the future",
            Self::Payload => "the signed payload can't be read",
        })
    }
}

impl Error for SignatureError {}
