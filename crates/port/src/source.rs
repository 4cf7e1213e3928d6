//! Files of source to text and back, byte for byte.
//!
//! In: bytes. Out: a text whose ASCII is the bytes' own, and from which the same bytes are made again. What the other
//! characters are is not asked: rules look at ASCII only, so a source in Latin-1, KOI8-R or EUC-JP goes through as it is.
//! In Shift JIS, GBK and Big5 the second byte of a character may be an ASCII byte; there it is moved out of ASCII's way.

use std::borrow::Cow;

/// A source file's text, and how its bytes were read.
///
/// ```
/// use flagon_port::Source;
///
/// let bytes = b"# coding: latin-1\nprint '\xe9'\n";
/// let source = Source::read(bytes);
/// assert_eq!(source.encode(source.text()), bytes);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<'b> {
    text: Cow<'b, str>,
    coding: Coding,
    named: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Utf8,
    /// Each byte a character.
    Bytes,
    /// Each byte a character; an ASCII byte behind a lead byte is moved to U+E000.
    Wide,
}

/// Where the trailing ASCII bytes of wide characters are moved to.
const MOVED: u32 = 0xe000;

impl<'b> Source<'b> {
    /// Reads a file's bytes. The encoding that its first two lines name decides; without one, UTF-8.
    pub fn read(bytes: &'b [u8]) -> Self {
        let named = encoding_name(bytes);
        let is_wide = named.as_deref().is_some_and(|name| {
            let name = name.replace('-', "_");
            [
                "shift_jis",
                "sjis",
                "cp932",
                "ms932",
                "ms_kanji",
                "gbk",
                "gb18030",
                "cp936",
                "big5",
                "cp950",
                "johab",
            ]
            .iter()
            .any(|wide| name.starts_with(wide))
        });
        if is_wide {
            return Self { text: Cow::Owned(read_wide(bytes)), coding: Coding::Wide, named };
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            Self { text: Cow::Borrowed(text), coding: Coding::Utf8, named }
        } else {
            let text = bytes.iter().map(|byte| char::from(*byte)).collect();
            Self { text: Cow::Owned(text), coding: Coding::Bytes, named }
        }
    }

    /// The text, for [`crate::Port::fix`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the bytes are in no encoding that the source names: Python 3 will not read it.
    pub fn is_undeclared(&self) -> bool {
        self.coding == Coding::Bytes
            && self
                .named
                .as_deref()
                .is_none_or(|name| matches!(name, "utf-8" | "utf8" | "ascii" | "us-ascii"))
    }

    /// The bytes of a text that was made of this one.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        match self.coding {
            Coding::Utf8 => text.as_bytes().to_vec(),
            Coding::Bytes | Coding::Wide => text.chars().map(to_byte).collect(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only characters that were made of bytes are here")]
fn to_byte(letter: char) -> u8 {
    let number = u32::from(letter);
    if (MOVED..MOVED + 0x100).contains(&number) { (number - MOVED) as u8 } else { number as u8 }
}

fn read_wide(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut is_second = false;
    for byte in bytes {
        if is_second && byte.is_ascii() && !matches!(byte, b'\n' | b'\r') {
            text.extend(char::from_u32(MOVED + u32::from(*byte)));
            is_second = false;
            continue;
        }
        // 0xa1 to 0xdf are whole characters in Shift JIS; what follows them is ASCII more often than not, and harmless
        // either way: it is moved and moved back.
        is_second = !is_second && !byte.is_ascii();
        text.push(char::from(*byte));
    }
    text
}

/// The encoding named in the first two lines, in small letters. PEP 263.
fn encoding_name(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')).take(2) {
        let line = String::from_utf8_lossy(line);
        let Some(comment) = line.trim_start_matches([' ', '\t', '\x0c', '\u{feff}']).strip_prefix('#') else {
            continue;
        };
        let Some((_, rest)) = comment.split_once("coding") else { continue };
        let Some(name) = rest.strip_prefix([':', '=']) else { continue };
        let name: String = name
            .trim_start_matches([' ', '\t'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .collect();
        return (!name.is_empty()).then(|| name.to_ascii_lowercase());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_encoding_come_back() {
        let cases: [&[u8]; 6] = [
            b"",
            "# \u{20ac}\n".as_bytes(),
            b"x = '\xff\xfe'\n",
            b"# -*- coding: koi8-r -*-\n'\xd0\xd2'",
            b"#!python\n# coding=shift_jis\ns = '\x83\x5c\x83\x5c' # \x95\x5c\n",
            b"# coding: big5\ns = '\xa5\x5c'\r\n",
        ];
        for bytes in cases {
            let source = Source::read(bytes);
            assert_eq!(source.encode(source.text()), bytes);
        }
    }

    #[test]
    fn the_second_byte_of_a_wide_character_is_no_backslash() {
        let source = Source::read(b"# coding: cp932\ns = '\x83\x5c'\n");
        assert!(!source.text().contains('\\'), "{:?}", source.text());
    }

    #[test]
    fn bytes_without_a_named_encoding_are_told() {
        assert!(Source::read(b"'\xe9'\n").is_undeclared());
        assert!(Source::read(b"# coding: utf8\n'\xe9'\n").is_undeclared());
        assert!(!Source::read(b"# coding: latin-1\n'\xe9'\n").is_undeclared());
        assert!(!Source::read("'\u{e9}'\n".as_bytes()).is_undeclared());
    }
}
