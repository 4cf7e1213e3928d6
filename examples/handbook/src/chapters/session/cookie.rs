//! A signed cookie taken apart, and what becomes of one that is altered.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use flagon::{
    SessionValue, Uuid,
    prelude::*,
    signing::{
        Digest, KeyDerivation, SignatureError, Signer, TimestampSigner, UrlSafeTimedSerializer, payload_of,
    },
};
use serde_json::json;

/// A key of this process, and of nobody else.
static KEY: LazyLock<String> = LazyLock::new(|| format!("{}{}", Uuid::new_v4(), Uuid::new_v4()));

/// How old a cookie may be: Flask's 31 days.
const MAX_AGE: Duration = Duration::from_hours(31 * 24);

/// The longest cookie that is looked at, as a browser keeps it.
const LENGTH_MAX: usize = 4096;

/// A cookie, part by part, and what the server says of it.
#[derive(Debug, Serialize)]
pub(super) struct LookedAt {
    text: String,
    payload: String,
    time: String,
    signature: String,
    json: Option<String>,
    signed_at: Option<String>,
    verdict: &'static str,
    act: &'static str,
}

/// As Flask signs its sessions.
fn signer(key: &str) -> Signer {
    Signer::with([key], "cookie-session", KeyDerivation::Hmac, Digest::Sha1)
}

/// A cookie as it would be this visitor's.
pub(super) fn sample() -> Result<String> {
    content(&KEY, "reader")
}

fn content(key: &str, role: &str) -> Result<String> {
    let since = SessionValue::from(SystemTime::now()).get::<String>();
    let values =
        json!({ "role": role, "since": { " d": since }, "user": "visitor", "visits": { " t": [1, 2, 3] } });
    Ok(UrlSafeTimedSerializer::from(signer(key)).dumps(&values)?)
}

/// What can be seen of `text`, and whether it would be believed.
pub(super) fn looked_at(text: &str) -> LookedAt {
    let text = text.trim();
    let (value, signature) = text.rsplit_once('.').unwrap_or((text, ""));
    let (payload, time) = value.rsplit_once('.').unwrap_or((value, ""));
    let signed_at = TimestampSigner::from(signer(&KEY)).unsign_any_age(text).ok().map(|(_, time)| time);
    let believed = UrlSafeTimedSerializer::from(signer(&KEY)).loads::<serde_json::Value>(text, MAX_AGE);
    LookedAt {
        text: text.to_owned(),
        payload: payload.to_owned(),
        time: time.to_owned(),
        signature: signature.to_owned(),
        json: payload_of(text),
        signed_at: signed_at.and_then(|time| SessionValue::from(time).get()),
        verdict: match believed {
            Ok(_) => "believed",
            Err(SignatureError::Unsigned) => "unsigned",
            Err(SignatureError::Altered) => "altered",
            Err(SignatureError::Expired) => "expired",
            Err(_) => "unreadable",
        },
        act: "check",
    }
}

/// Does to `text` what somebody might who wants to be the administrator.
pub(super) fn altered(act: &str, text: &str) -> Result<LookedAt> {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(LENGTH_MAX).collect();
    let seen = looked_at(&text);
    let forged = content("a guessed key", "admin")?;
    let (forged_payload, _) = forged.split_once('.').unwrap_or_default();
    let (changed, act) = match act {
        "promote" => (format!("{forged_payload}.{}.{}", seen.time, seen.signature), "promote"),
        "guess" => (forged, "guess"),
        "letter" => (another_letter(&text), "letter"),
        "late" => {
            let then = SystemTime::now() - MAX_AGE - Duration::from_hours(24);
            (TimestampSigner::from(signer(&KEY)).sign_at(&seen.payload, then), "late")
        }
        _ => (text, "check"),
    };
    Ok(LookedAt { act, ..looked_at(&changed) })
}

/// `text` with its middle letter changed.
fn another_letter(text: &str) -> String {
    let middle = text.len() / 2;
    text.char_indices()
        .map(|(at, c)| if at == middle { if c == 'A' { 'B' } else { 'A' } } else { c })
        .collect()
}
