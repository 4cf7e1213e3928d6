//! The token of forms: made of the session, and checked against it.
//!
//! In: a session and the app's keys. Out: a token for a page, and whether one that came back is the session's. Never: shows
//! the session's own value twice in the same way, unless Flask-WTF's tokens were asked for.
//!
//! The session keeps a random value under `csrf_token`, as Flask-WTF's does, and a page gets it signed with the time. Masked
//! by a pad that is drawn anew for each answer it has nothing in common with the next one, so that the length of
//! compressed answers tells nothing of it (BREACH).

use std::{fmt::Write as _, sync::PoisonError, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::refusal::Found;
use crate::{
    config::CsrfTokens,
    context::Context,
    error::Result,
    random,
    session::Session,
    signing::{SignatureError, UrlSafeTimedSerializer, base64_encode},
};

/// The session's key, and the name of the form's field.
pub(crate) const FIELD: &str = "csrf_token";

/// Flask-WTF's salt.
const SALT: &str = "wtf-csrf-token";

/// The length of the session's value: 20 bytes in hexadecimal, as Flask-WTF's SHA-1.
const VALUE: usize = 40;

/// Longer ones are not looked at.
const LONGEST: usize = 512;

/// The token for the page of `context`; the same each time in one request.
pub(crate) fn token(context: &Context) -> Result<String> {
    let value = value(context.session())?;
    let mut known = context.handed().csrf_token.lock().unwrap_or_else(PoisonError::into_inner);
    // Logging in forgets the session's value, and with it the token that was made before.
    if let Some((_, token)) = known.as_ref().filter(|(of, _)| *of == value) {
        return Ok(token.clone());
    }
    let token = written(context, &value)?;
    *known = Some((value, token.clone()));
    Ok(token)
}

/// The session's value, made when it has none.
fn value(session: &Session) -> Result<String> {
    if let Some(value) = known_value(session) {
        return Ok(value);
    }
    let mut value = String::with_capacity(VALUE);
    for byte in random::bytes::<{ VALUE / 2 }>() {
        write!(value, "{byte:02x}").expect("text takes everything");
    }
    session.insert(FIELD, &value)?;
    Ok(value)
}

fn known_value(session: &Session) -> Option<String> {
    session.get::<String>(FIELD).filter(|value| (32..=128).contains(&value.len()))
}

fn serializer(context: &Context) -> Result<UrlSafeTimedSerializer> {
    Ok(context.app.signer(SALT)?.into())
}

fn written(context: &Context, value: &str) -> Result<String> {
    let serializer = serializer(context)?;
    Ok(match context.app.config.csrf.tokens {
        CsrfTokens::Masked => serializer.dumps(&masked(value.as_bytes()))?,
        CsrfTokens::FlaskWtf => serializer.dumps(&value)?,
    })
}

/// Whether `token` is one of the session of `context`.
pub(super) fn check(context: &Context, token: &str) -> Result<Option<Found>> {
    let Some(value) = known_value(context.session()) else { return Ok(Some(Found::NoSession)) };
    if token.len() > LONGEST {
        return Ok(Some(Found::Signature(SignatureError::Payload)));
    }
    let most = context.app.config.csrf.time_limit.unwrap_or(Duration::MAX);
    let signed: String = match serializer(context)?.loads(token, most) {
        Ok(signed) => signed,
        Err(error) => return Ok(Some(Found::Signature(error))),
    };
    let is_it = is_same(signed.as_bytes(), value.as_bytes())
        || unmasked(&signed).is_some_and(|signed| is_same(&signed, value.as_bytes()));
    Ok((!is_it).then_some(Found::OtherSession))
}

/// A pad, and `value` with the pad added bit by bit.
fn masked(value: &[u8]) -> String {
    let mut bytes: Vec<u8> = random::bytes::<128>()[..value.len().min(128)].to_vec();
    let hidden: Vec<u8> = value.iter().zip(&bytes).map(|(byte, pad)| byte ^ pad).collect();
    bytes.extend(hidden);
    base64_encode(bytes)
}

fn unmasked(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() % 2 == 0)?;
    let (pad, hidden) = bytes.split_at(bytes.len() / 2);
    Some(pad.iter().zip(hidden).map(|(pad, byte)| pad ^ byte).collect())
}

/// Whether both are the same; how long it takes says nothing of where they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).fold(0, |differ, (one, other)| differ | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::{is_same, masked, unmasked};

    #[test]
    fn a_masked_value_is_another_each_time_and_comes_back() {
        let value = b"0123456789abcdef0123456789abcdef01234567";
        let (one, other) = (masked(value), masked(value));
        assert_ne!(one, other);
        assert_eq!(unmasked(&one).unwrap(), value);
        assert_eq!(unmasked(&other).unwrap(), value);
        assert_eq!(unmasked("A"), None);
        assert!(is_same(b"ab", b"ab") && !is_same(b"ab", b"ac") && !is_same(b"ab", b"abc"));
    }
}
