//! `SameSite` as people write it: `Lax`, `Strict`, `None`, or `unset`.

use flagon_http::cookie::SameSite;
use serde::{Deserialize, Deserializer, Serializer, de};

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(super) fn serialize<S: Serializer>(value: &Option<SameSite>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match value {
        Some(SameSite::Lax) => "Lax",
        Some(SameSite::Strict) => "Strict",
        Some(SameSite::None) => "None",
        None => "unset",
    })
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SameSite>, D::Error> {
    match String::deserialize(deserializer)?.to_ascii_lowercase().as_str() {
        "lax" => Ok(Some(SameSite::Lax)),
        "strict" => Ok(Some(SameSite::Strict)),
        "none" => Ok(Some(SameSite::None)),
        "unset" => Ok(None),
        _ => Err(de::Error::custom("must be \"Lax\", \"Strict\", \"None\" or \"unset\"")),
    }
}
