//! The line before a chunk: its size, and extensions that are checked and ignored.
//!
//! RFC 9112 §7.1 and §7.1.1.

use super::refusal::Refusal;
use crate::token::is_token_byte;

/// Reads `chunk-size [ chunk-ext ]` without its CRLF; gives the size and how long the extensions are.
pub(super) fn parse(line: &[u8]) -> Result<(u64, usize), Refusal> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    // Leading zeros are allowed, but not so many that the line is an extension in disguise.
    if digits == 0 || digits > DIGITS_MAX {
        return Err(Refusal::ChunkSize);
    }
    let (digits, extensions) = line.split_at(digits);
    let size = digits.iter().fold(0_u64, |size, digit| size << 4 | hex(*digit));
    if !extensions.is_empty() {
        // `5 ` and `0x5` are broken sizes, `5;` and `5;a=` are broken extensions.
        let after_space = skip_space(extensions);
        if after_space.first() != Some(&b';') {
            return Err(Refusal::ChunkSize);
        }
        check_extensions(after_space).ok_or(Refusal::ChunkExtension)?;
    }
    Ok((size, extensions.len()))
}

/// `*( BWS ";" BWS name [ BWS "=" BWS value ] )`.
fn check_extensions(mut rest: &[u8]) -> Option<()> {
    while !rest.is_empty() {
        rest = skip_space(skip_space(rest).strip_prefix(b";")?);
        rest = skip_token(rest)?;
        let after_name = skip_space(rest);
        if let Some(value) = after_name.strip_prefix(b"=") {
            let value = skip_space(value);
            rest = if value.first() == Some(&b'"') { skip_quoted(value)? } else { skip_token(value)? };
        }
    }
    Some(())
}

fn skip_space(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    &text[spaces..]
}

fn skip_token(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().take_while(|byte| is_token_byte(**byte)).count();
    (length > 0).then(|| &text[length..])
}

/// RFC 9110 §5.6.4: `quoted-string`, which may hold a `;` but no control byte.
fn skip_quoted(text: &[u8]) -> Option<&[u8]> {
    let mut bytes = text.iter().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        let byte = match byte {
            b'"' => return Some(&text[at + 1..]),
            b'\\' => *bytes.next()?.1,
            byte => *byte,
        };
        if byte != b'\t' && byte.is_ascii_control() {
            return None;
        }
    }
    None
}

fn hex(digit: u8) -> u64 {
    u64::from(match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    })
}

/// What fits 64 bits.
const DIGITS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_strict_hexadecimal() {
        assert_eq!(parse(b"1aF"), Ok((0x1af, 0)));
        assert_eq!(parse(b"ffffffffffffffff"), Ok((u64::MAX, 0)));
        assert_eq!(parse(b"0000000000000005"), Ok((5, 0)));
        for wrong in
            ["", " 5", "5 ", "+5", "-5", "0x5", "5_0", "g", "10000000000000000", "00000000000000005", "5,"]
        {
            assert_eq!(parse(wrong.as_bytes()), Err(Refusal::ChunkSize), "{wrong:?}");
        }
    }

    #[test]
    fn extensions_follow_their_grammar() {
        for right in [";a", ";a=b", " ; a = b;c", ";a=\"x;y\\\"z\"", ";a;b;c=\"\""] {
            assert_eq!(parse(format!("5{right}").as_bytes()), Ok((5, right.len())), "{right:?}");
        }
        for wrong in [";", ";;a", ";a=", ";=b", ";a b", ";a=\"x", ";a=\"\x01\"", ";a=b,", ";a;", ";a\r"] {
            assert_eq!(parse(format!("5{wrong}").as_bytes()), Err(Refusal::ChunkExtension), "{wrong:?}");
        }
    }
}
