//! Values with a signature: itsdangerous' `Signer`.

use std::fmt;

use super::{
    base64,
    error::SignatureError,
    mac::{Digest, Mac},
};

/// Signs text, and checks what was signed: itsdangerous' `Signer`.
///
/// The keys are told apart by `salt` as well, which is no secret: it keeps what was signed for one purpose from being
/// used for another.
///
/// # Examples
///
/// ```
/// use flagon::signing::Signer;
///
/// let signer = Signer::new(["a secret key"], "unsubscribe");
/// let link = signer.sign("ada@example.org");
/// assert_eq!(signer.unsign(&link), Ok("ada@example.org"));
/// assert!(Signer::new(["a secret key"], "activate").unsign(&link).is_err());
///
/// // The key has changed: the new one signs, what the old one has signed is still believed.
/// let rotated = Signer::new(["a new key", "a secret key"], "unsubscribe");
/// assert_eq!(rotated.unsign(&link), Ok("ada@example.org"));
/// assert!(signer.unsign(&rotated.sign("ada@example.org")).is_err());
/// ```
#[derive(Clone)]
pub struct Signer {
    /// The one that signs first.
    macs: Vec<Mac>,
}

/// How the key of a [`Signer`] is made from the app's key and the salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum KeyDerivation {
    /// The hash of salt, `signer` and key: itsdangerous' default.
    #[default]
    DjangoConcat,
    /// The HMAC of the salt under the key: what Flask uses for its sessions.
    Hmac,
}

impl Signer {
    /// Makes a signer as itsdangerous does unless told otherwise: `django-concat` and SHA-1. The first of `keys` signs, what any of
    /// them has signed is believed.
    ///
    /// # Panics
    ///
    /// Without a key.
    #[track_caller]
    pub fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>, salt: &str) -> Self {
        Self::with(keys, salt, KeyDerivation::default(), Digest::default())
    }

    /// Makes a signer whose key is derived by `derivation` and that signs with `digest`.
    ///
    /// # Panics
    ///
    /// Without a key.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::signing::{Digest, KeyDerivation, Signer};
    ///
    /// let signer = Signer::with(["key"], "cookie-session", KeyDerivation::Hmac, Digest::Sha256);
    /// assert_eq!(signer.unsign(&signer.sign("1")), Ok("1"));
    /// ```
    #[track_caller]
    pub fn with<K: AsRef<[u8]>>(
        keys: impl IntoIterator<Item = K>,
        salt: &str,
        derivation: KeyDerivation,
        digest: Digest,
    ) -> Self {
        let macs: Vec<_> = keys
            .into_iter()
            .map(|key| Mac::new(digest, &derivation.derive(digest, key.as_ref(), salt.as_bytes())))
            .collect();
        assert!(!macs.is_empty(), "a signer needs a key; an app's own are current_app().signer(salt)");
        Self { macs }
    }

    /// Gives `value` with a dot and its signature behind it.
    pub fn sign(&self, value: &str) -> String {
        format!("{value}.{}", self.signature(value.as_bytes()))
    }

    /// Gives the value that was signed.
    ///
    /// # Errors
    ///
    /// When there is no signature, or it is of another value, key or salt.
    pub fn unsign<'a>(&self, signed: &'a str) -> Result<&'a str, SignatureError> {
        let (value, signature) = signed.rsplit_once('.').ok_or(SignatureError::Unsigned)?;
        if self.verifies(value.as_bytes(), signature) { Ok(value) } else { Err(SignatureError::Altered) }
    }

    /// The signature of `value` alone, as text for URLs: itsdangerous' `get_signature`.
    pub fn signature(&self, value: &[u8]) -> String {
        base64::encode(self.macs[0].tag(value))
    }

    /// Whether `signature` is one of `value`. How long it takes says nothing of the right one.
    pub fn verifies(&self, value: &[u8], signature: &str) -> bool {
        let Some(tag) = base64::decode(signature) else { return false };
        self.macs.iter().any(|mac| mac.verifies(value, &tag))
    }
}

/// Without keys.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("keys", &self.macs.len()).finish_non_exhaustive()
    }
}

impl KeyDerivation {
    fn derive(self, digest: Digest, key: &[u8], salt: &[u8]) -> Vec<u8> {
        match self {
            Self::DjangoConcat => digest.hash(&[salt, b"signer", key]),
            Self::Hmac => Mac::new(digest, key).tag(salt),
        }
    }
}
