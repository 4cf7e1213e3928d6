//! Base64 for URLs, without padding.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Writes `bytes`.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads `text` when it is exactly what [`encode`] writes: no padding, no stray bits after the last byte.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
