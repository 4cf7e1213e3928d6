//! Bytes of HTTP/1.1, taken apart for people to read.
//!
//! In: all bytes of one direction, well formed or not. Out: [`Line`]s whose pieces, put together, are those
//! bytes. Never: an error, since what is odd is just what one wants to see.

use std::{borrow::Cow, fmt::Write as _, sync::LazyLock};

use serde::Serialize;

use super::exchange::Exchange;
use crate::{language::Language, texts::Words};

/// How much of a line is shown.
const MAX_SHOWN: usize = 600;

/// Both directions, for a template.
#[derive(Debug, Serialize)]
pub(crate) struct Anatomy {
    sent: Vec<Line>,
    received: Vec<Line>,
    sent_bytes: usize,
    received_bytes: usize,
    cut: bool,
}

/// A line of a message, or its body.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// What it is.
    pub(crate) part: Part,
    /// Its bytes as text.
    pub(crate) pieces: Vec<Piece>,
    /// What there is to say of it.
    pub(crate) note: Option<String>,
}

/// What a line is; the name is also its CSS class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// The request line or the status line.
    Start,
    /// A header or trailer field.
    Field,
    /// The line that ends a section.
    Blank,
    /// The size of a chunk.
    SizeLine,
    /// Content.
    Body,
}

/// A stretch of bytes with one meaning.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    /// Its CSS class, such as `method` or `eol`.
    pub(crate) kind: &'static str,
    /// The bytes as text; CR and LF are written as escapes.
    pub(crate) text: String,
}

impl Anatomy {
    /// Takes both directions of `exchange` apart; notes are in `language`.
    pub(crate) fn of(exchange: &Exchange, language: Language) -> Self {
        Self {
            sent: Reader::new(&exchange.sent, language).request(),
            received: Reader::new(&exchange.received, language).responses(),
            sent_bytes: exchange.sent.len(),
            received_bytes: exchange.received.len(),
            cut: exchange.cut,
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    language: Language,
    lines: Vec<Line>,
    chunked: bool,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], language: Language) -> Self {
        Self { rest: bytes, language, lines: Vec::new(), chunked: false }
    }

    fn request(mut self) -> Vec<Line> {
        self.head(["method", "target", "version"], "request_line");
        self.content();
        self.lines
    }

    fn responses(mut self) -> Vec<Line> {
        while !self.rest.is_empty() {
            let interim = self.rest.get(9) == Some(&b'1');
            self.head(["version", "status", "reason"], if interim { "interim" } else { "status_line" });
            if !interim {
                self.content();
            }
        }
        self.lines
    }

    fn head(&mut self, words: [&'static str; 3], note: &str) {
        let (line, eol) = self.line();
        let mut pieces = Vec::new();
        for (kind, word) in words.into_iter().zip(line.splitn(3, ' ')) {
            if !pieces.is_empty() {
                pieces.push(piece("space", " "));
            }
            pieces.push(piece(kind, word));
        }
        self.push(Part::Start, pieces, eol, self.note(note));
        self.fields("end_of_head");
    }

    fn fields(&mut self, end_note: &str) {
        while !self.rest.is_empty() {
            let (line, eol) = self.line();
            if line.is_empty() {
                let note = self.note(end_note);
                return self.push(Part::Blank, Vec::new(), eol, note);
            }
            let (name, value) = line.split_once(':').unwrap_or(("", &line));
            let lower = name.to_ascii_lowercase();
            self.chunked |= lower == "transfer-encoding" && value.to_ascii_lowercase().contains("chunked");
            let note = self.note(&format!("field_{lower}"));
            let mut pieces =
                if name.is_empty() { Vec::new() } else { vec![piece("name", name), piece("colon", ":")] };
            pieces.push(piece("value", value));
            self.push(Part::Field, pieces, eol, note);
        }
    }

    fn content(&mut self) {
        if self.chunked {
            while self.chunk() {}
        } else if !self.rest.is_empty() {
            self.body(self.rest.len(), "");
        }
    }

    /// One chunk (RFC 9112 §7.1); whether another may follow.
    fn chunk(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        let (line, eol) = self.line();
        let size = line.split(';').next().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let note = match size {
            Some(0) => self.note("last_chunk"),
            Some(size) => self.note("chunk_size").map(|note| note.replace("{n}", &size.to_string())),
            None => None,
        };
        self.push(Part::SizeLine, vec![piece("size", &line)], eol, note);
        match size {
            None | Some(0) => {
                self.fields("end_of_trailers");
                false
            }
            Some(size) => {
                let taken = size.min(self.rest.len());
                let eol = if self.rest[taken..].starts_with(b"\r\n") { "\\r\\n" } else { "" };
                self.body(taken, eol);
                self.rest = &self.rest[eol.len() / 2..];
                !self.rest.is_empty()
            }
        }
    }

    fn body(&mut self, length: usize, eol: &'static str) {
        let (body, rest) = self.rest.split_at(length);
        self.rest = rest;
        let note = if self.chunked {
            None
        } else {
            self.note("body").map(|note| note.replace("{n}", &length.to_string()))
        };
        self.push(Part::Body, vec![piece("data", &String::from_utf8_lossy(body))], eol, note);
    }

    /// The next line without its end, and its end as shown.
    fn line(&mut self) -> (Cow<'a, str>, &'static str) {
        let end = self.rest.windows(2).position(|pair| pair == b"\r\n");
        let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.get(2..).unwrap_or_default();
        (String::from_utf8_lossy(line), if end.is_some() { "\\r\\n" } else { "" })
    }

    fn push(&mut self, part: Part, mut pieces: Vec<Piece>, eol: &'static str, note: Option<String>) {
        if !eol.is_empty() {
            pieces.push(piece("eol", eol));
        }
        self.lines.push(Line { part, pieces, note });
    }

    fn note(&self, name: &str) -> Option<String> {
        NOTES.get(name).map(|text| text.within(self.language).to_owned())
    }
}

fn piece(kind: &'static str, text: &str) -> Piece {
    let shown: String = text.chars().take(MAX_SHOWN).collect();
    let hidden = text.len() - shown.len();
    let mut shown = shown.replace('\r', "\\r").replace('\n', "\\n\n");
    if hidden > 0 {
        let _ = write!(shown, " … +{hidden}");
    }
    Piece { kind, text: shown }
}

static NOTES: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../texts/wire.toml")).expect("texts/wire.toml is well formed")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| {
                let text: String = line.pieces.iter().map(|piece| piece.text.as_str()).collect();
                format!("{:?} {text}", line.part)
            })
            .collect()
    }

    #[test]
    fn a_chunked_answer_after_an_interim_one() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        assert_eq!(
            shown(&Reader::new(bytes, Language::En).responses()),
            [
                r"Start HTTP/1.1 100 Continue\r\n",
                r"Blank \r\n",
                r"Start HTTP/1.1 200 OK\r\n",
                r"Field Transfer-Encoding: chunked\r\n",
                r"Blank \r\n",
                r"SizeLine 3\r\n",
                r"Body abc\r\n",
                r"SizeLine 0\r\n",
                r"Blank \r\n",
            ]
        );
    }

    #[test]
    fn odd_bytes_are_shown_and_never_an_error() {
        for bytes in
            [&b"\xff\x00"[..], b"GET", b"GET / HTTP/1.1\r\nno colon\r\n", b"A B C\r\n\r\nx\ny", b"\r\n\r\n"]
        {
            let lines = Reader::new(bytes, Language::Zh).request();
            assert!(!lines.is_empty(), "{bytes:?}");
        }
        let cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nab";
        assert_eq!(shown(&Reader::new(cut, Language::Zh).responses()).last().unwrap(), "Body ab");
    }

    #[test]
    fn long_lines_are_shortened_and_say_so() {
        assert!(piece("value", &"a".repeat(1000)).text.ends_with("a … +400"));
    }
}
