//! Tagged JSON, read as Flask does: with Python's `NaN` and `Infinity`, integers of any length, and tags undone from the inside out.
//!
//! Half a surrogate pair, which text of Python can hold, becomes U+FFFD.

use std::collections::BTreeMap;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use uuid::Uuid;

use super::{date, value::SessionValue, write_json::TAGS};

/// How deep lists and objects may lie in each other.
const DEPTH_MAX: usize = 100;

/// As lenient in its padding as Python.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// Reads `json`; `None` when it is not JSON, too deep, or a tag has no content of its kind.
pub(crate) fn read(json: &str) -> Option<SessionValue> {
    let mut reader = Reader { rest: json };
    let value = reader.value(0)?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<SessionValue> {
        self.skip_space();
        match self.rest.bytes().next()? {
            _ if depth > DEPTH_MAX => None,
            b'"' => self.text().map(SessionValue::Text),
            b'[' => self.list(depth).map(SessionValue::List),
            b'{' => self.map(depth).and_then(untagged),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Option<SessionValue> {
        let words = [
            ("null", SessionValue::Null),
            ("true", SessionValue::Bool(true)),
            ("false", SessionValue::Bool(false)),
            ("NaN", SessionValue::Float(f64::NAN)),
            ("Infinity", SessionValue::Float(f64::INFINITY)),
            ("-Infinity", SessionValue::Float(f64::NEG_INFINITY)),
        ];
        match words.into_iter().find(|(word, _)| self.takes(word)) {
            Some((_, value)) => Some(value),
            None => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<SessionValue>> {
        let mut items = Vec::new();
        self.takes("[");
        self.skip_space();
        if self.takes("]") {
            return Some(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.takes("]") {
                return Some(items);
            }
            self.takes(",").then_some(())?;
        }
    }

    /// Of a name that comes twice, the last value counts.
    fn map(&mut self, depth: usize) -> Option<BTreeMap<String, SessionValue>> {
        let mut map = BTreeMap::new();
        self.takes("{");
        self.skip_space();
        if self.takes("}") {
            return Some(map);
        }
        loop {
            self.skip_space();
            let name = self.text()?;
            self.skip_space();
            self.takes(":").then_some(())?;
            map.insert(name, self.value(depth + 1)?);
            self.skip_space();
            if self.takes("}") {
                return Some(map);
            }
            self.takes(",").then_some(())?;
        }
    }

    fn digits(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }

    fn number(&mut self) -> Option<SessionValue> {
        let start = self.rest;
        self.takes("-");
        let whole = self.digits();
        if whole.is_empty() || (whole.starts_with('0') && whole.len() > 1) {
            return None;
        }
        let mut is_whole = true;
        if self.takes(".") {
            is_whole = false;
            (!self.digits().is_empty()).then_some(())?;
        }
        if self.takes("e") || self.takes("E") {
            is_whole = false;
            let _ = self.takes("-") || self.takes("+");
            (!self.digits().is_empty()).then_some(())?;
        }
        let text = &start[..start.len() - self.rest.len()];
        if !is_whole {
            return text.parse().ok().map(SessionValue::Float);
        }
        Some(text.parse().map_or_else(|_| SessionValue::LongInteger(text.to_owned()), SessionValue::Integer))
    }

    fn text(&mut self) -> Option<String> {
        self.takes("\"").then_some(())?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(|c: char| matches!(c, '"' | '\\' | '\0'..='\x1f'))?;
            text.push_str(&self.rest[..end]);
            self.rest = &self.rest[end..];
            if self.takes("\"") {
                return Some(text);
            }
            self.takes("\\").then_some(())?; // a control character stands for itself nowhere
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let char = self.rest.chars().next()?;
        self.rest = &self.rest[char.len_utf8()..];
        Some(match char {
            '"' | '\\' | '/' => char,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode()?,
            _ => return None,
        })
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.unit()?;
        let before = self.rest;
        if (0xd800..0xdc00).contains(&first) && self.takes("\\u") {
            match self.unit() {
                Some(second @ 0xdc00..0xe000) => {
                    return char::decode_utf16([first, second]).next()?.ok();
                }
                _ => self.rest = before,
            }
        }
        Some(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Option<u16> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex { u16::from_str_radix(digits, 16).ok() } else { None }
    }
}

/// What an object stands for, if its one name is a tag.
fn untagged(map: BTreeMap<String, SessionValue>) -> Option<SessionValue> {
    let tag = match map.first_key_value() {
        Some((name, _)) if map.len() == 1 => TAGS.iter().find(|tag| *tag == name),
        _ => None,
    };
    let Some(tag) = tag else { return Some(SessionValue::Map(map)) };
    let (_, value) = map.into_iter().next()?;
    Some(match (*tag, value) {
        (" t", SessionValue::List(items)) => SessionValue::Tuple(items),
        (" b", SessionValue::Text(text)) => SessionValue::Bytes(BASE64.decode(text).ok()?),
        (" m", SessionValue::Text(html)) => SessionValue::Markup(html),
        (" u", SessionValue::Text(text)) => SessionValue::Uuid(Uuid::try_parse(&text).ok()?),
        (" d", SessionValue::Text(text)) => date::read(&text).map_or(SessionValue::Null, SessionValue::Time),
        (" di", SessionValue::Map(inner)) if inner.len() == 1 => {
            let (name, value) = inner.into_iter().next()?;
            SessionValue::Map([(name.strip_suffix("__")?.to_owned(), value)].into())
        }
        _ => return None,
    })
}
