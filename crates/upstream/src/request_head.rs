//! The head of a request as the other server gets it.
//!
//! In: the client's fields, and what is known of its connection. Out: bytes. Never: a field of the client's connection, one that says
//! where the request comes from and was not checked, or two lengths.
//!
//! RFC 9112 §3, §6; RFC 9110 §7.6; RFC 7239; RFC 9113 §8.2.3.

use std::{fmt::Write as _, net::IpAddr};

use bytes::BytesMut;
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONTENT_LENGTH, COOKIE, TE, VIA},
    uri::PathAndQuery,
};

use crate::{
    address::Address,
    error::{Error, ErrorKind},
    fields::{Listed, has_token, is_of_connection},
    upstream_request::Outgoing,
};

/// How the body follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    None,
    /// Exactly this many bytes.
    Length(u64),
    Chunked,
}

/// What the request asks for beside an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish<'a> {
    Nothing,
    /// To be told when the body is wanted.
    Continue,
    /// To go on in this protocol.
    Upgrade(&'a HeaderValue),
}

/// Which host the other server is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// The one that the client asked for.
    OfClient,
    Fixed(String),
}

/// Appends the head of `request`.
///
/// # Errors
///
/// [`ErrorKind::Loop`] for a request that has come through here too often.
pub(crate) fn encode(
    output: &mut BytesMut,
    request: &Outgoing<'_>,
    (form, wish): (Form, Wish<'_>),
    (host, address): (&Host, &Address),
) -> Result<(), Error> {
    let target = request.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    output.reserve(target.len() + RESERVE);
    put(
        output,
        &[
            request.method.as_str(),
            " ",
            if target.starts_with('/') { "" } else { "/" },
            target,
            " HTTP/1.1\r\n",
        ],
    );
    put_host(output, request, host, address);
    put_fields(output, request);
    put_origin(output, request);
    put_via(output, request)?;
    put_connection(output, request.headers, wish);
    match form {
        Form::None if request.headers.contains_key(CONTENT_LENGTH) => put(output, &["content-length: 0\r\n"]),
        Form::None => (),
        Form::Length(length) => {
            let _ = write!(output, "content-length: {length}\r\n"); // a buffer in memory takes it
        }
        Form::Chunked => put(output, &["transfer-encoding: chunked\r\n"]),
    }
    put(output, &["\r\n"]);
    Ok(())
}

fn put(output: &mut BytesMut, parts: &[&str]) {
    for part in parts {
        output.extend_from_slice(part.as_bytes());
    }
}

fn put_field(output: &mut BytesMut, name: &str, value: &[u8]) {
    output.reserve(name.len() + value.len() + 4);
    put(output, &[name, ": "]);
    output.extend_from_slice(value);
    output.extend_from_slice(b"\r\n");
}

fn put_host(output: &mut BytesMut, request: &Outgoing<'_>, host: &Host, address: &Address) {
    let asked = request.host();
    match host {
        Host::Fixed(host) => put_field(output, "host", host.as_bytes()),
        Host::OfClient if !asked.is_empty() => put_field(output, "host", asked.as_bytes()),
        // A client of HTTP/1.0 may name none.
        Host::OfClient => {
            let authority = address.authority();
            put_field(output, "host", authority.as_deref().unwrap_or("localhost").as_bytes());
        }
    }
}

/// Appends the client's own fields.
fn put_fields(output: &mut BytesMut, request: &Outgoing<'_>) {
    let listed = Listed::of(request.headers);
    let mut cookies = false;
    for (name, value) in request.headers {
        let text = name.as_str();
        if *name == COOKIE {
            // HTTP/2 may send each cookie as a field of its own, which WSGI would join with commas.
            if !std::mem::replace(&mut cookies, true) {
                put_cookies(output, request.headers);
            }
        } else if !(is_of_connection(text) || is_ours(text, request) || listed.has(text)) {
            put_field(output, text, value.as_bytes());
        }
    }
    if let Some((parent, state)) = request.trace {
        put_field(output, "traceparent", parent.as_bytes());
        if !state.is_empty() {
            put_field(output, "tracestate", state.as_bytes());
        }
    }
    if !request.headers.contains_key(REQUEST_ID) {
        put_field(output, REQUEST_ID.as_str(), request.id);
    }
}

fn put_cookies(output: &mut BytesMut, headers: &HeaderMap) {
    put(output, &["cookie: "]);
    for (at, value) in headers.get_all(COOKIE).iter().enumerate() {
        put(output, &[if at == 0 { "" } else { "; " }]);
        output.extend_from_slice(value.as_bytes());
    }
    put(output, &["\r\n"]);
}

/// Whether a field says what this server says itself, or what only a proxy that is believed may say.
fn is_ours(name: &str, request: &Outgoing<'_>) -> bool {
    match name {
        // `Proxy`: programs of CGI's family take it for the proxy of requests of their own.
        "host" | "content-length" | "expect" | "via" | "forwarded" | "proxy" => true,
        "traceparent" | "tracestate" => request.trace.is_some(),
        "x-real-ip" | "x-forwarded-prefix" => request.connection.forwarded.is_none(),
        // WSGI can't tell `X_Forwarded_For` from `X-Forwarded-For`; nginx passes no such name on either.
        _ => name.starts_with("x-forwarded-") || name.contains('_') || OTHERS_OF_PROXIES.contains(&name),
    }
}

/// Says where the request comes from: once, as one proxy that is believed would, whatever proxies there are before this server.
fn put_origin(output: &mut BytesMut, request: &Outgoing<'_>) {
    let (client, scheme, host) =
        (request.connection.client(), request.connection.scheme().as_str(), request.host());
    let _ = write!(output, "x-forwarded-for: {client}\r\nx-forwarded-proto: {scheme}\r\n");
    let _ = match client {
        IpAddr::V4(client) => write!(output, "forwarded: for={client};proto={scheme}"),
        IpAddr::V6(client) => write!(output, "forwarded: for=\"[{client}]\";proto={scheme}"),
    };
    if host.is_empty() {
        return put(output, &["\r\n"]);
    }
    // RFC 7239 §4: what is no token is quoted. A host may have a comma, which would begin the word of another proxy.
    if host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        put(output, &[";host=", host, "\r\n"]);
    } else {
        put(output, &[";host=\"", host, "\"\r\n"]);
    }
    put_field(output, "x-forwarded-host", host.as_bytes());
}

/// RFC 9110 §7.6.3: each recipient adds itself.
fn put_via(output: &mut BytesMut, request: &Outgoing<'_>) -> Result<(), Error> {
    let values = request.headers.get_all(VIA);
    let passed = || values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    if passed().filter(|hop| hop.trim_end().ends_with(" flagon")).count() >= CIRCLES_MAX {
        return Err(Error::new(ErrorKind::Loop));
    }
    put(output, &["via: "]);
    for value in values {
        output.extend_from_slice(value.as_bytes());
        put(output, &[", "]);
    }
    let version = match request.version {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    put(output, &[version, " flagon\r\n"]);
    Ok(())
}

/// Writes what concerns the new connection.
fn put_connection(output: &mut BytesMut, headers: &HeaderMap, wish: Wish<'_>) {
    let takes_trailers = has_token(headers.get_all(TE), "trailers");
    match wish {
        Wish::Upgrade(protocol) => {
            put_field(output, "upgrade", protocol.as_bytes());
            return put(output, &["connection: upgrade\r\n"]);
        }
        Wish::Continue => put(output, &["expect: 100-continue\r\n"]),
        Wish::Nothing => (),
    }
    if takes_trailers {
        put(output, &["te: trailers\r\nconnection: te\r\n"]);
    }
}

/// What proxies of other kinds say of the scheme, on which servers of WSGI act.
const OTHERS_OF_PROXIES: [&str; 3] = ["front-end-https", "x-scheme", "x-url-scheme"];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Room for a head without the client's fields.
const RESERVE: usize = 512;
/// How often a request may pass a server of ours: there may be several in a row.
const CIRCLES_MAX: usize = 8;
