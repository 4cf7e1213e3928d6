//! JSON as a part of a URL: packed by zlib where that is shorter, then base64.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use super::{base64, error::SignatureError};

/// The longest text that is unpacked, in bytes.
const UNPACKED_MAX: u64 = 1024 * 1024;

/// Gives `json` as text for URLs; what is packed begins with a dot.
pub(crate) fn pack(json: &str) -> String {
    // One byte is what the dot costs.
    match compressed(json.as_bytes()) {
        Some(packed) if packed.len() + 1 < json.len() => format!(".{}", base64::encode(packed)),
        _ => base64::encode(json),
    }
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Gives the JSON that was packed.
///
/// # Errors
///
/// When it is not base64, zlib or UTF-8, or longer than 1 MiB.
pub(crate) fn unpack(payload: &str) -> Result<String, SignatureError> {
    let bytes = match payload.strip_prefix('.') {
        Some(packed) => {
            let packed = base64::decode(packed).ok_or(SignatureError::Payload)?;
            let mut bytes = Vec::new();
            let mut decoder = ZlibDecoder::new(packed.as_slice()).take(UNPACKED_MAX + 1);
            decoder.read_to_end(&mut bytes).map_err(|_| SignatureError::Payload)?;
            bytes
        }
        None => base64::decode(payload).ok_or(SignatureError::Payload)?,
    };
    if bytes.len() as u64 > UNPACKED_MAX {
        return Err(SignatureError::Payload);
    }
    String::from_utf8(bytes).map_err(|_| SignatureError::Payload)
}
