//! `application/x-www-form-urlencoded`: queries and simple forms.
//!
//! In: bytes. Out: [`Pairs`]. Never: replaces what can't be read.
//!
//! The URL standard §5.1, except for two things: text that is not UTF-8 once decoded is refused (the standard
//! would put U+FFFD in its place, and so change data in silence), and the number of fields is limited. A `%`
//! that no two hexadecimal digits follow stands for itself, as in the standard.

use super::{
    field_error::FieldError,
    pairs::{Entry, Pairs},
};

/// Takes `bytes` apart into at most `limit` fields.
pub(super) fn parse(bytes: &[u8], limit: usize) -> Result<Pairs, Refusal> {
    let mut pairs = Pairs::new();
    for piece in bytes.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        if pairs.len() == limit {
            return Err(Refusal::TooMany(limit));
        }
        let split = piece.iter().position(|byte| *byte == b'=');
        let (name, value) = split.map_or((piece, &[][..]), |at| (&piece[..at], &piece[at + 1..]));
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(80).collect::<String>();
        let name = decode(name).map_err(|raw| {
            Refusal::Field(FieldError::new(&lossy(&raw), "the name is not UTF-8 once it is percent-decoded"))
        })?;
        let value = decode(value).map_err(|_| {
            Refusal::Field(FieldError::new(&name, "the value is not UTF-8 once it is percent-decoded"))
        })?;
        pairs.push((name, Entry::Text(value)));
    }
    Ok(pairs)
}

/// Why it was not taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There are more fields than this.
    TooMany(usize),
    /// A field is not text.
    Field(FieldError),
}

/// Undoes the encoding, or gives the bytes that are no text.
fn decode(text: &[u8]) -> Result<String, Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = &after[2..];
                }
                _ => bytes.push(b'%'),
            },
            (byte, _) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Refusal, parse};
    use crate::extract::pairs::Entry;

    fn texts(bytes: &[u8]) -> Vec<(String, String)> {
        let pairs = parse(bytes, 1000).unwrap();
        pairs
            .into_iter()
            .map(|(name, entry)| match entry {
                Entry::Text(text) => (name, text),
                Entry::File(_) => unreachable!(),
            })
            .collect()
    }

    #[test]
    fn as_the_url_standard_decodes() {
        // The cases of web-platform-tests' urlencoded-parser.any.js that are UTF-8.
        for (input, output) in [
            ("test", vec![("test", "")]),
            ("\u{feff}test=\u{feff}", vec![("\u{feff}test", "\u{feff}")]),
            ("%EF%BB%BFtest=%EF%BB%BF", vec![("\u{feff}test", "\u{feff}")]),
            ("%00", vec![("\0", "")]),
            ("†&†=x", vec![("†", ""), ("†", "x")]),
            ("a=%C2x", vec![]),
            ("_charset_=windows-1252&test=%41", vec![("_charset_", "windows-1252"), ("test", "A")]),
            ("", vec![]),
            ("a=b&c=d", vec![("a", "b"), ("c", "d")]),
            ("a=b&a=c", vec![("a", "b"), ("a", "c")]),
            ("&&&a=b&&&&c=d&", vec![("a", "b"), ("c", "d")]),
            ("a=b=c", vec![("a", "b=c")]),
            ("=b", vec![("", "b")]),
            ("a%2=b%&c=%zz%4x", vec![("a%2", "b%"), ("c", "%zz%4x")]),
            ("+a+=%2B+b", vec![(" a ", "+ b")]),
        ] {
            if output.is_empty() && !input.is_empty() {
                assert!(parse(input.as_bytes(), 10).is_err(), "{input}");
                continue;
            }
            let got = texts(input.as_bytes());
            let got: Vec<_> = got.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(got, output, "{input}");
        }
    }

    #[test]
    fn fields_are_counted() {
        assert_eq!(parse(b"a&b&c", 2).unwrap_err(), Refusal::TooMany(2));
        assert_eq!(parse(b"a&b&", 2).unwrap().len(), 2);
    }

    #[test]
    fn what_is_not_utf8_is_refused_with_its_field() {
        let Err(Refusal::Field(error)) = parse(b"a=1&b=%ff", 9) else { panic!() };
        assert_eq!(error.to_string(), "`b`: the value is not UTF-8 once it is percent-decoded");
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(pairs in prop::collection::vec((".{0,12}", ".{0,12}"), 0..8)) {
            let encode = |text: &String| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
            let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            prop_assert_eq!(texts(body.join("&").as_bytes()), pairs);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, 20);
        }
    }
}
