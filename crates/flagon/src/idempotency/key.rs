//! What a request is known again by: its `Idempotency-Key`, together with who sent it, and where.

use std::fmt;

use http::{HeaderMap, HeaderName, header};
use sha2::{Digest as _, Sha256};

use crate::{
    context::Context,
    csrf::FIELD,
    error::{Error, Result},
    session::{Session, USER},
};

/// The name under which an answer is kept: a digest of the field, the route, the path and the user, so that nobody gets the answer to
/// somebody else's request by naming their key.
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
        let parts = [
            field,
            request.method().as_str().as_bytes(),
            endpoint.as_bytes(),
            request.path().as_bytes(),
            authorization,
            certificate,
            visitor.as_bytes(),
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
    fn parts_do_not_flow_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
