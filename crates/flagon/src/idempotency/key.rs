//! What a request is known again by: its `Idempotency-Key`, together with who sent it, and where.

use std::{fmt, net::IpAddr};

use http::{HeaderMap, HeaderName, header};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    context::Context,
    csrf::FIELD,
    error::{Error, Result},
    session::{Session, USER},
};

/// The name under which an answer is kept: a digest of the field, the route, the path and the user, so that nobody gets the answer to
/// somebody else's request by naming their key. Where nothing tells who the user is, a key that could be guessed is its address's alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdempotencyKey([u8; 32]);

/// What is in a request: a digest of its target and its body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(pub(super) [u8; 32]);

impl IdempotencyKey {
    /// The bytes of the digest, for a store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key of the request of `context`; `None` when it has none.
    pub(super) fn of(context: &Context) -> Result<Option<Self>> {
        let request = context.request();
        let Some(field) = read(request.headers())? else { return Ok(None) };
        let endpoint = context.endpoint().unwrap_or_default();
        // Who logged in by a field of each request is told apart by it, who shows a certificate by that.
        let authorization =
            request.headers().get(header::AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        let certificate = request.client_certificate().map_or(&[][..], |shown| shown.fingerprint());
        let visitor = visitor(context.session());
        let is_told_apart = !(authorization.is_empty() && certificate.is_empty() && visitor.is_empty());
        let address =
            if is_told_apart || is_random(field) { String::new() } else { network(request.remote_addr()) };
        let parts = [
            field,
            request.method().as_str().as_bytes(),
            endpoint.as_bytes(),
            request.path().as_bytes(),
            authorization,
            certificate,
            visitor.as_bytes(),
            address.as_bytes(),
        ];
        Ok(Some(Self(digest(&parts))))
    }
}

impl Fingerprint {
    pub(super) async fn of(context: &Context) -> Result<Self> {
        let request = context.request();
        let body = request.data().await?;
        let media_type =
            request.headers().get(header::CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        Ok(Self(digest(&[request.query_string().as_bytes(), media_type, &body])))
    }
}

/// Who a session is: the user who is logged in, on whatever device; else the session itself, as far as it can be told from others.
/// A cookie as such can't: it is signed anew when it changes, and the repetition would look like somebody else's.
fn visitor(session: &Session) -> String {
    if let Some(user) = session.value(USER) {
        return format!("user {}", user.to_json());
    }
    let named = session.handle().or_else(|| session.get(FIELD));
    named.map(|name| format!("session {name}")).unwrap_or_default()
}

/// Whether nobody else comes upon `key`, by chance or by guessing: then it is all the proof that a client needs who has no other, and
/// may repeat its request from another network. A UUID of version 4 or 7, or as much in base64.
fn is_random(key: &[u8]) -> bool {
    let is_uuid = Uuid::try_parse_ascii(key).is_ok_and(|uuid| matches!(uuid.get_version_num(), 4 | 7));
    let has = |is_kind: fn(&u8) -> bool| key.iter().any(is_kind);
    let is_base64 = key.len() >= BASE64_OF_UUID
        && key.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(byte))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase);
    is_uuid || is_base64
}

/// The address of a client, of IPv6 the first 64 bits: a customer gets as many to choose from, and changes them (RFC 8981).
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}

/// The digest of `parts`, each with its length, so that none can flow into the next.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Reads the field: a String of Structured Fields (RFC 9651 §3.3.3), or, as many clients send it, the same text without quotes.
fn read(headers: &HeaderMap) -> Result<Option<&[u8]>> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let text = line.as_bytes().trim_ascii();
    let inside = text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(text);
    let is_plain = |byte: &u8| (b' '..=b'~').contains(byte) && !b"\"\\,;".contains(byte);
    if lines.next().is_some()
        || inside.is_empty()
        || inside.len() > LENGTH_MAX
        || !inside.iter().all(is_plain)
    {
        let text =
            "Idempotency-Key is one text of at most 255 visible characters in double quotes, such as a UUID.";
        return Err(Error::aborted(400).with_public(text));
    }
    Ok(Some(inside))
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(")?;
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LENGTH_MAX: usize = 255;
const BASE64_OF_UUID: usize = 22;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn fields() {
        let field = |text: &str| {
            let headers = HeaderMap::from_iter([(IDEMPOTENCY_KEY, HeaderValue::from_str(text).unwrap())]);
            read(&headers).map(|found| found.map(<[u8]>::to_vec)).map_err(|error| error.status().as_u16())
        };
        let uuid = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        assert_eq!(field(&format!("\"{uuid}\"")), Ok(Some(uuid.into())));
        assert_eq!(field(uuid), Ok(Some(uuid.into())));
        for text in ["", "\"\"", "\"a", "a\"b", "a,b", "\"a\";x=1", "\"a\\\"b\"", "ü", &"x".repeat(256)] {
            assert_eq!(field(text), Err(400), "{text}");
        }
        let mut twice = HeaderMap::from_iter([(IDEMPOTENCY_KEY, HeaderValue::from_static("a"))]);
        twice.append(IDEMPOTENCY_KEY, HeaderValue::from_static("b"));
        assert!(read(&twice).is_err());
        assert!(read(&HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn keys_that_nobody_guesses() {
        for key in [
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
            "0199d3b0-7a10-7c3e-8f00-3b6d2c1a9e55",
            "jgOXjkDVQ928k2iUpX-TJA",
        ] {
            assert!(is_random(key.as_bytes()), "{key}");
        }
        // A counter, a UUID of version 1 (time and place), one of zeros.
        for key in [
            "k",
            "order-2026-11-23-000017",
            "c232ab00-9414-11ec-b3c8-9f6bdeced846",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert!(!is_random(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn parts_do_not_flow_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
