//! A request written by a visitor, checked and turned into bytes.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The methods that the laboratory offers.
pub(crate) const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

const MAX_PATH: usize = 400;
const MAX_FIELDS: usize = 20;
const MAX_FIELDS_BYTES: usize = 2000;
const MAX_BODY: usize = 4000;
const CHUNK: usize = 16;

/// A request as the form gives it.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// One of [`METHODS`].
    pub(crate) method: &'a str,
    /// Begins with `/try/`.
    pub(crate) path: &'a str,
    /// Fields, one a line.
    pub(crate) fields: &'a str,
    /// The body, at most 4000 bytes.
    pub(crate) body: &'a str,
    /// How the body is delimited.
    pub(crate) framing: Framing,
}

/// How the end of the body is told (RFC 9112 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Framing {
    /// By `Content-Length`.
    Length,
    /// By chunks of 16 bytes or so.
    Chunked,
}

impl Request<'_> {
    /// The bytes of the request, for the server at `host`; its connection closes after the answer.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] that names the part which the laboratory does not send.
    pub(crate) fn to_bytes(&self, host: &str) -> Result<Vec<u8>, Refusal> {
        self.check()?;
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.path);
        for line in self.field_lines() {
            let (name, value) = split_field(line)?;
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let has_body = !self.body.is_empty() || matches!(self.method, "POST" | "PUT" | "PATCH" | "QUERY");
        match self.framing {
            _ if !has_body => head.push_str("Connection: close\r\n\r\n"),
            Framing::Length => {
                let _ = write!(
                    head,
                    "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    self.body.len(),
                    self.body
                );
            }
            Framing::Chunked => {
                head.push_str("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
                push_chunks(&mut head, self.body);
            }
        }
        Ok(head.into_bytes())
    }

    /// The `curl` command that sends the same to `origin`.
    pub(crate) fn to_curl(&self, origin: &str) -> String {
        let mut command = format!("curl -i -X {}", self.method);
        for line in self.field_lines() {
            let _ = write!(command, " -H {}", quoted(line));
        }
        if self.framing == Framing::Chunked {
            command.push_str(" -H 'Transfer-Encoding: chunked'");
        }
        if !self.body.is_empty() {
            // `--data-binary @name` would send a file of whoever copies the command.
            let _ = write!(command, " --data-raw {}", quoted(self.body));
        }
        let _ = write!(command, " {}", quoted(&format!("{origin}{}", self.path)));
        command
    }

    fn field_lines(&self) -> impl Iterator<Item = &str> {
        self.fields.lines().map(str::trim).filter(|line| !line.is_empty())
    }

    fn check(&self) -> Result<(), Refusal> {
        if !METHODS.contains(&self.method) {
            return Err(Refusal::Method);
        }
        // Only this laboratory's own endpoints, and nothing that could end the line (RFC 9112 §3.2).
        if !self.path.starts_with("/try/")
            || self.path.len() > MAX_PATH
            || !self.path.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(Refusal::Path);
        }
        if self.fields.len() > MAX_FIELDS_BYTES || self.field_lines().count() > MAX_FIELDS {
            return Err(Refusal::TooManyFields);
        }
        if self.body.len() > MAX_BODY {
            return Err(Refusal::Body);
        }
        Ok(())
    }
}

fn split_field(line: &str) -> Result<(&str, &str), Refusal> {
    let (name, value) = line.split_once(':').ok_or(Refusal::Field)?;
    let value = value.trim();
    let is_token = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if !is_token || !value.bytes().all(|byte| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic()) {
        return Err(Refusal::Field);
    }
    let framing = ["host", "connection", "content-length", "transfer-encoding"];
    if framing.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(Refusal::Reserved);
    }
    Ok((name, value))
}

fn push_chunks(bytes: &mut String, body: &str) {
    let mut rest = body;
    while !rest.is_empty() {
        let end = (CHUNK..rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        let _ = write!(bytes, "{end:x}\r\n{}\r\n", &rest[..end]);
        rest = &rest[end..];
    }
    bytes.push_str("0\r\n\r\n");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Why the laboratory does not send a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not one of the methods on offer.
    Method,
    /// Not a path of this laboratory.
    Path,
    /// A line that is no header field.
    Field,
    /// A field that decides where the message ends, which the form decides.
    Reserved,
    /// Too many fields, or too long.
    TooManyFields,
    /// A body beyond the limit.
    Body,
}

impl Refusal {
    /// The word of the chapter that says it to the visitor.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Method => "refused_method",
            Self::Path => "refused_path",
            Self::Field => "refused_field",
            Self::Reserved => "refused_reserved",
            Self::TooManyFields => "refused_too_many_fields",
            Self::Body => "refused_body",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: Request<'_> = Request {
        method: "PUT",
        path: "/try/a/notes/1",
        fields: "X-A: 1\n\n",
        body: "{}",
        framing: Framing::Length,
    };

    #[test]
    fn the_bytes_are_those_of_the_form() {
        assert_eq!(
            PUT.to_bytes("h:1"),
            Ok(b"PUT /try/a/notes/1 HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_vec())
        );
        let chunked = Request { body: "0123456789abcde\u{6587}!", framing: Framing::Chunked, ..PUT };
        let sent = String::from_utf8(chunked.to_bytes("h").unwrap()).unwrap();
        assert!(sent.ends_with("\r\n\r\n12\r\n0123456789abcde\u{6587}\r\n1\r\n!\r\n0\r\n\r\n"), "{sent}");
        let get = Request { method: "GET", body: "", fields: "", ..PUT };
        assert_eq!(
            get.to_bytes("h"),
            Ok(b"GET /try/a/notes/1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".to_vec())
        );
    }

    #[test]
    fn nothing_that_could_split_the_message_is_sent() {
        for (request, refusal) in [
            (Request { method: "GET /x HTTP/1.1\r\n", ..PUT }, Refusal::Method),
            (Request { path: "/en/methods/", ..PUT }, Refusal::Path),
            (Request { path: "/try/ HTTP/1.1\r\nX: y", ..PUT }, Refusal::Path),
            (Request { fields: "no colon", ..PUT }, Refusal::Field),
            (Request { fields: "a b: c", ..PUT }, Refusal::Field),
            (Request { fields: "a: \u{7f}", ..PUT }, Refusal::Field),
            (Request { fields: "content-LENGTH: 3", ..PUT }, Refusal::Reserved),
            (Request { fields: "Transfer-Encoding: chunked", ..PUT }, Refusal::Reserved),
            (Request { fields: &"a: b\n".repeat(21), ..PUT }, Refusal::TooManyFields),
            (Request { body: &"x".repeat(4001), ..PUT }, Refusal::Body),
        ] {
            assert_eq!(request.to_bytes("h"), Err(refusal), "{request:?}");
        }
    }

    #[test]
    fn the_command_quotes_what_a_shell_would_read() {
        let request = Request { body: "@it's", ..PUT };
        assert_eq!(
            request.to_curl("http://h"),
            r"curl -i -X PUT -H 'X-A: 1' --data-raw '@it'\''s' 'http://h/try/a/notes/1'"
        );
    }
}
