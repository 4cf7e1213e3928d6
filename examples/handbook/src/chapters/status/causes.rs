//! What to send so that the server answers with a given status.
//!
//! In: a code of the registry. Out: the bytes that cause it, if it has a cause here; else the request that
//! asks `/try/status/<code>` for it. Never: sends anything.

use std::fmt::Write as _;

use serde::Serialize;

use crate::wire::Script;

/// How a status can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A request makes the server answer so by itself.
    Caused,
    /// An endpoint answers so because it is asked to.
    Asked,
    /// It cannot be a final answer, so that there is nothing to see.
    Explained,
}

impl Kind {
    /// How `code` can be had here.
    pub(crate) fn of(code: u16) -> Self {
        match code {
            101 | 102 | 104..=199 => Self::Explained,
            _ if cause(code, "").is_some() => Self::Caused,
            _ => Self::Asked,
        }
    }
}

/// The request that brings `code`, addressed to `host`; `None` when none can.
pub(crate) fn script(code: u16, host: &str) -> Option<Script> {
    match Kind::of(code) {
        Kind::Explained => None,
        Kind::Caused => cause(code, host),
        Kind::Asked => Some(plain(host, "GET", &format!("/try/status/{code}"), &[], "").into()),
    }
}

const LONG: usize = 200_000;

fn cause(code: u16, host: &str) -> Option<Script> {
    let send = |method, target: &str, fields: &[(&str, &str)], body| {
        Some(plain(host, method, target, fields, body).into())
    };
    let json = ("Content-Type", "application/json");
    match code {
        100 => Some(Script {
            bytes: head(host, "POST", "/try/echo", &[("Content-Length", "9"), ("Expect", "100-continue")]),
            after_interim: b"the body\n".to_vec(),
        }),
        103 => send("GET", "/try/hinted", &[], ""),
        200 => send("GET", "/try/echo", &[], ""),
        201 => send("POST", &format!("/try/{}/notes", fresh_shelf()), &[json], r#"{"title": "New"}"#),
        206 => send("GET", FILE, &[("Range", "bytes=0-99")], ""),
        302 => send("GET", "/", &[], ""),
        303 => send(
            "POST",
            "/en/theme",
            &[("Content-Type", "application/x-www-form-urlencoded")],
            "theme=auto&next=/en/status/",
        ),
        304 => send("GET", FILE, &[("If-None-Match", "*")], ""),
        308 => send("GET", "/en/status", &[], ""),
        400 => Some(b"GET /try/echo HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec().into()),
        401 => send("GET", "/try/members", &[], ""),
        404 => send("GET", "/try/nothing-here", &[], ""),
        405 => send("DELETE", "/try/chunked", &[], ""),
        406 => send("GET", "/try/hinted", &[("Accept-Encoding", "*;q=0")], ""),
        410 => send("GET", "/try/closed-account", &[], ""),
        411 => Some(format!("POST /try/echo HTTP/1.0\r\nHost: {host}\r\n\r\n").into_bytes().into()),
        412 => send("PUT", "/try/codes/notes/1", &[json, ("If-Match", "\"never\"")], r#"{"title": "Late"}"#),
        413 => Some(head(host, "POST", "/try/echo", &[("Content-Length", "10000000000")]).into()),
        414 => send("GET", &format!("/try/{}", "a".repeat(LONG)), &[], ""),
        415 => send("PATCH", "/try/codes/notes/1", &[("Content-Type", "text/plain")], "make it better"),
        416 => send("GET", FILE, &[("Range", "bytes=99999999-")], ""),
        417 => send("GET", "/try/echo", &[("Expect", "tea")], ""),
        422 => send("POST", "/try/codes/notes", &[json], r#"{"title": ""}"#),
        428 => send("PUT", "/try/agreed", &[], "my version"),
        429 => {
            // Nobody's turn comes twice in a second: the second request is one too many.
            let mut bytes = plain(host, "GET", "/try/seldom", &[], "");
            bytes = String::from_utf8_lossy(&bytes).replace("Connection: close\r\n", "").into_bytes();
            bytes.extend(plain(host, "GET", "/try/seldom", &[], ""));
            Some(bytes.into())
        }
        431 => send("GET", "/try/echo", &[("X-Long", &"a".repeat(LONG))], ""),
        500 => send("GET", "/try/broken", &[], ""),
        501 => Some(head(host, "POST", "/try/echo", &[("Transfer-Encoding", "brewed, chunked")]).into()),
        507 => send("GET", "/try/full-disk", &[], ""),
        505 => Some(
            format!("GET /try/echo HTTP/4.0\r\nHost: {host}\r\nConnection: close\r\n\r\n")
                .into_bytes()
                .into(),
        ),
        _ => None,
    }
}

const FILE: &str = "/static/site.css";

fn plain(host: &str, method: &str, target: &str, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let length = body.len().to_string();
    let mut fields = fields.to_vec();
    if !body.is_empty() {
        fields.push(("Content-Length", &length));
    }
    let mut bytes = head(host, method, target, &fields);
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

fn head(host: &str, method: &str, target: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in fields {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("Connection: close\r\n\r\n");
    head.into_bytes()
}

fn fresh_shelf() -> String {
    crate::chapters::methods::fresh_shelf()
}
