//! `multipart/form-data`, taken apart as it arrives.
//!
//! In: a boundary and bytes in pieces of any size. Out: [`Event`]s, the same wherever the pieces were cut.
//! Never: keeps more than one piece, one part's head and one delimiter.
//!
//! RFC 7578, with the syntax of RFC 2046 §5.1.1.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

use super::media_type::Parameterized;

/// The longest head of a part: 8 KiB.
const LONGEST_HEAD: usize = 8 * 1024;

/// The longest boundary: RFC 2046 §5.1.1.
const LONGEST_BOUNDARY: usize = 70;

/// A parser of one body.
pub(super) struct Parser {
    delimiter: memmem::Finder<'static>,
    buffer: BytesMut,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble,
    AfterDelimiter,
    Head,
    Data,
    Epilogue,
}

/// What was found in the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A part begins.
    Part(Head),
    /// Some of its bytes.
    Data(Bytes),
    /// It is over.
    End,
}

/// What a part says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The field's name.
    pub(super) name: String,
    /// The name of the file, if the part is one.
    pub(super) filename: Option<String>,
    /// Its media type, as it was sent.
    pub(super) content_type: Option<String>,
    /// The charset of its text, when it is not UTF-8.
    pub(super) foreign_charset: Option<String>,
}

/// Why a body is not multipart/form-data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// The boundary is missing, or not one of RFC 2046.
    Boundary,
    /// The body ends before its last delimiter.
    Truncated,
    /// Something stands on the line of a delimiter.
    Delimiter,
    /// A part's head is longer than 8 KiB.
    LongHead,
    /// A part's head has a line that is no field.
    Head,
    /// A part has no `Content-Disposition: form-data` with a name.
    Disposition,
    /// A part is encoded: RFC 7578 §4.7 forbids it.
    TransferEncoding,
}

impl Malformed {
    /// What the client may read.
    pub(super) fn problem(self) -> &'static str {
        match self {
            Self::Boundary => {
                "expected `multipart/form-data; boundary=…` with a boundary of 1 to 70 characters"
            }
            Self::Truncated => "the body ends before its last boundary",
            Self::Delimiter => "something follows a boundary on its line",
            Self::LongHead => "the head of a part is longer than 8192 bytes",
            Self::Head => "the head of a part has a line that is not `name: value`",
            Self::Disposition => "a part has no `Content-Disposition: form-data; name=\"…\"`",
            Self::TransferEncoding => {
                "a part has a Content-Transfer-Encoding, expected its bytes as they are"
            }
        }
    }
}

impl Parser {
    /// Begins a body whose parts are divided by `boundary`.
    pub(super) fn new(boundary: &str) -> Result<Self, Malformed> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
        let fits = (1..=LONGEST_BOUNDARY).contains(&boundary.len());
        if !fits || !boundary.bytes().all(allowed) || boundary.ends_with(' ') {
            return Err(Malformed::Boundary);
        }
        let delimiter = format!("\r\n--{boundary}");
        let delimiter = memmem::Finder::new(&delimiter).into_owned();
        // The line break before the first boundary may be missing, so it is put there.
        Ok(Self { delimiter, buffer: BytesMut::from("\r\n"), state: State::Preamble })
    }

    /// Adds what arrived.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.state != State::Epilogue {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Says that nothing more arrives.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.state == State::Epilogue { Ok(()) } else { Err(Malformed::Truncated) }
    }

    /// The next event, or `None` until more is fed.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Malformed> {
        loop {
            let before = self.state;
            let event = match self.state {
                State::Preamble => self.preamble(),
                State::AfterDelimiter => self.after_delimiter()?,
                State::Head => self.head()?,
                State::Data => self.data(),
                State::Epilogue => {
                    self.buffer.clear();
                    None
                }
            };
            if event.is_some() || self.state == before {
                return Ok(event);
            }
        }
    }

    fn preamble(&mut self) -> Option<Event> {
        match self.delimiter.find(&self.buffer) {
            Some(at) => {
                self.buffer.advance(at + self.delimiter.needle().len());
                self.state = State::AfterDelimiter;
            }
            None => self.buffer.advance(self.certain()),
        }
        None
    }

    /// RFC 2046 §5.1.1: `--` ends the body; else white space may stand before the line break.
    fn after_delimiter(&mut self) -> Result<Option<Event>, Malformed> {
        if self.buffer.len() < 2 {
            return Ok(None);
        }
        if self.buffer.starts_with(b"--") {
            self.state = State::Epilogue;
            return Ok(None);
        }
        let padding = self.buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match &self.buffer[padding..] {
            [b'\r', b'\n', ..] if padding <= LONGEST_BOUNDARY => {
                self.buffer.advance(padding);
                self.state = State::Head; // which keeps the line break, so that an empty head ends like any other
                Ok(None)
            }
            [] | [b'\r'] if padding <= LONGEST_BOUNDARY => Ok(None),
            _ => Err(Malformed::Delimiter),
        }
    }

    fn head(&mut self) -> Result<Option<Event>, Malformed> {
        match memmem::find(&self.buffer, b"\r\n\r\n") {
            Some(at) if at <= LONGEST_HEAD => {
                let head = Head::parse(&self.buffer[..at])?;
                self.buffer.advance(at + 4);
                self.state = State::Data;
                Ok(Some(Event::Part(head)))
            }
            None if self.buffer.len() < LONGEST_HEAD + 4 => Ok(None),
            _ => Err(Malformed::LongHead),
        }
    }

    fn data(&mut self) -> Option<Event> {
        let length = match self.delimiter.find(&self.buffer) {
            Some(0) => {
                self.buffer.advance(self.delimiter.needle().len());
                self.state = State::AfterDelimiter;
                return Some(Event::End);
            }
            Some(at) => at,
            None => self.certain(),
        };
        (length > 0).then(|| Event::Data(self.buffer.split_to(length).freeze()))
    }

    /// How many of the bytes can't belong to a delimiter that has not arrived whole.
    fn certain(&self) -> usize {
        self.buffer.len().saturating_sub(self.delimiter.needle().len() - 1)
    }
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::Head)?;
        let (mut disposition, mut content_type) = (None, None);
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or(Malformed::Head)?;
            let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if name.is_empty()
                || !name.bytes().all(token)
                || value.bytes().any(|byte| byte < b' ' && byte != b'\t')
            {
                return Err(Malformed::Head);
            }
            let value = value.trim_matches([' ', '\t']);
            let slot = match name.to_ascii_lowercase().as_str() {
                "content-disposition" => &mut disposition,
                "content-type" => &mut content_type,
                "content-transfer-encoding" if is_encoded(value) => return Err(Malformed::TransferEncoding),
                _ => continue, // RFC 7578 §4.8: other fields are ignored
            };
            if slot.replace(value).is_some() {
                return Err(Malformed::Head);
            }
        }
        let disposition = disposition.and_then(|value| Parameterized::parse(value).ok());
        let disposition =
            disposition.filter(|value| value.value == "form-data").ok_or(Malformed::Disposition)?;
        let name = disposition.get("name").ok_or(Malformed::Disposition)?.to_owned();
        let media_type = content_type.and_then(|value| Parameterized::parse(value).ok());
        Ok(Self {
            name,
            filename: filename(&disposition)?,
            content_type: content_type.map(str::to_owned),
            foreign_charset: media_type.and_then(|value| value.foreign_charset().map(str::to_owned)),
        })
    }
}

fn is_encoded(transfer_encoding: &str) -> bool {
    !["7bit", "8bit", "binary"].iter().any(|name| name.eq_ignore_ascii_case(transfer_encoding))
}

/// RFC 7578 §4.2 forbids `filename*`, yet some clients send it; as UTF-8 it is clear what they mean.
fn filename(disposition: &Parameterized) -> Result<Option<String>, Malformed> {
    let Some(extended) = disposition.get("filename*") else {
        return Ok(disposition.get("filename").map(str::to_owned));
    };
    let mut parts = extended.splitn(3, '\'');
    let (charset, _language, encoded) = (parts.next(), parts.next(), parts.next());
    let utf8 = charset.filter(|charset| charset.eq_ignore_ascii_case("utf-8")).and(encoded);
    let encoded = utf8.ok_or(Malformed::Disposition)?;
    let name = percent_encoding::percent_decode_str(encoded).decode_utf8();
    name.map(|name| Some(name.into_owned())).map_err(|_| Malformed::Disposition)
}

#[cfg(test)]
mod tests;
