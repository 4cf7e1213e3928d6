//! The opening handshake: whether a request asks for a WebSocket, and what it is answered.
//!
//! In: a request. Out: the 101, or the refusal that says what is wrong. Never: looks at the origin, which the check against forged
//! requests does before any view.
//!
//! RFC 6455 §4.2.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use sha1::{Digest as _, Sha1};

use crate::{
    error::{Error, Result},
    request::Request,
    response::Response,
};

/// What a client asks for.
#[derive(Debug)]
pub(super) struct Asked {
    accept: HeaderValue,
    pub(super) protocol: Option<&'static str>,
}

impl Asked {
    /// Reads the request, of whose protocols the first of `known` is chosen.
    pub(super) fn of(request: &Request, known: &[&'static str]) -> Result<Self> {
        let headers = request.headers();
        let asks = request.version() == Version::HTTP_11
            && has_token(headers, &header::CONNECTION, "upgrade")
            && has_token(headers, &header::UPGRADE, "websocket");
        if !asks {
            let error = Error::aborted(426)
                .with_public("This address speaks WebSocket: connect to it with ws:// or wss://.");
            return Err(upgrade(error));
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            // §4.4: the versions that are spoken here.
            let error =
                Error::aborted(426).with_public("This address speaks version 13 of WebSocket (RFC 6455).");
            return Err(
                upgrade(error).with_header(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
            );
        }
        // What follows a body could not be told from frames.
        let has_body = headers.contains_key(header::TRANSFER_ENCODING)
            || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
        if has_body {
            return Err(Error::aborted(400).with_public("A request for a WebSocket has no body."));
        }
        let accept = accept(headers).ok_or_else(|| {
            Error::aborted(400).with_public("Sec-WebSocket-Key has to be there once: 16 bytes in base64.")
        })?;
        Ok(Self { accept, protocol: protocol(headers, known) })
    }

    /// The answer, after which both sides speak WebSocket.
    pub(super) fn answer(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        if let Some(protocol) = self.protocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        }
        response
    }
}

fn upgrade(error: Error) -> Error {
    error
        .with_header(header::UPGRADE, HeaderValue::from_static("websocket"))
        .with_header(header::CONNECTION, HeaderValue::from_static("Upgrade"))
}

/// §4.2.2: proof that the key was read; `None` where there is none.
fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
    let (key, None) = (keys.next()?, keys.next()) else { return None };
    let is_nonce = STANDARD.decode(key.as_bytes()).is_ok_and(|nonce| nonce.len() == 16);
    let digest = Sha1::new().chain_update(key.as_bytes()).chain_update(GUID).finalize();
    is_nonce.then(|| HeaderValue::from_str(&STANDARD.encode(digest)).expect("base64 is a header value"))
}

/// RFC 6455 §1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The first of ours that the client offers. Names are compared as they stand (§11.5).
fn protocol(headers: &HeaderMap, known: &[&'static str]) -> Option<&'static str> {
    let offered = || tokens(headers, &header::SEC_WEBSOCKET_PROTOCOL);
    known.iter().copied().find(|known| offered().any(|offered| offered == *known))
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|known| known.eq_ignore_ascii_case(token))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|token| token.trim_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{accept, protocol};

    fn fields(name: &header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    /// RFC 6455 §1.3 has this key and this answer.
    #[test]
    fn the_key_of_the_rfc() {
        let answer = accept(&fields(&header::SEC_WEBSOCKET_KEY, &["dGhlIHNhbXBsZSBub25jZQ=="]));
        assert_eq!(answer.unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn other_keys_are_none() {
        for keys in [
            &[][..],
            &[""],
            &["dGhlIHNhbXBsZSBub25jZQ"], // without its padding
            &["dGhlIHNhbXBsZSBub25j"],   // 15 bytes
            &["dGhlIHNhbXBsZSBub25jZSE="],
            &["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="],
            &["not base64 at all!"],
        ] {
            assert_eq!(accept(&fields(&header::SEC_WEBSOCKET_KEY, keys)), None, "{keys:?}");
        }
    }

    #[test]
    fn our_order_of_protocols_counts() {
        let known = ["chat.v2", "chat.v1"];
        for (offered, chosen) in [
            (&["chat.v1, chat.v2"][..], Some("chat.v2")),
            (&["chat.v1", "other"], Some("chat.v1")),
            (&["CHAT.V1"], None),
            (&["chat"], None),
            (&[], None),
        ] {
            assert_eq!(
                protocol(&fields(&header::SEC_WEBSOCKET_PROTOCOL, offered), &known),
                chosen,
                "{offered:?}"
            );
        }
    }
}
