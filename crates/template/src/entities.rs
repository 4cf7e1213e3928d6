//! Character references of HTML, decoded as within an attribute.
//!
//! HTML §13.2.5.72 to §13.2.5.80; the table of names is html5ever's.

use std::borrow::Cow;

use html5ever::data::NAMED_ENTITIES;

/// `text` with its character references replaced.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    let Some(mut at) = text.find('&') else { return Cow::Borrowed(text) };
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let length =
            if rest.starts_with("&#") { numeric(rest, &mut decoded) } else { named(rest, &mut decoded) };
        rest = &rest[length..];
        match rest.find('&') {
            Some(next) => at = next,
            None => break,
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Decodes the reference that `text` begins with, or takes its `&` as it is; gives the length of what was read.
fn named(text: &str, decoded: &mut String) -> usize {
    let end = text[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(text.len(), |end| end + 1);
    let with_semicolon = text[end..].starts_with(';').then(|| &text[1..=end]);
    let candidates = with_semicolon.into_iter().chain((1..end).rev().map(|end| &text[1..=end]));
    for name in candidates {
        let Some((first, second)) = NAMED_ENTITIES.get(name).filter(|(first, _)| *first != 0) else {
            continue;
        };
        // In an attribute a name without semicolon is none if a letter, digit or `=` follows.
        let next = text[1 + name.len()..].chars().next();
        if !name.ends_with(';') && next.is_some_and(|next| next == '=' || next.is_ascii_alphanumeric()) {
            continue;
        }
        decoded.extend(char::from_u32(*first));
        decoded.extend(char::from_u32(*second).filter(|c| *c != '\0'));
        return 1 + name.len();
    }
    decoded.push('&');
    1
}

fn numeric(text: &str, decoded: &mut String) -> usize {
    let (start, radix) = if text[2..].starts_with(['x', 'X']) { (3, 16) } else { (2, 10) };
    let length = text[start..].find(|c: char| !c.is_digit(radix)).unwrap_or(text.len() - start);
    if length == 0 {
        decoded.push('&');
        return 1;
    }
    let number = u32::from_str_radix(&text[start..start + length], radix).unwrap_or(u32::MAX);
    decoded.push(character(number));
    start + length + usize::from(text[start + length..].starts_with(';'))
}

/// HTML §13.2.5.80: what is no character is U+FFFD, and 0x80 to 0x9F are those of windows-1252.
fn character(number: u32) -> char {
    match number {
        0x80..=0x9F => WINDOWS_1252.chars().nth(number as usize - 0x80).unwrap_or('\u{FFFD}'),
        0 => '\u{FFFD}',
        _ => char::from_u32(number).unwrap_or('\u{FFFD}'),
    }
}

const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn references_are_those_of_the_specification() {
        for (text, decoded) in [
            ("a &amp; b &lt;&gt;", "a & b <>"),
            ("&#39;&#x27;&#X27;&#39", "''''"),
            ("java&Tab;script&colon;", "java\tscript:"),
            ("&ampx &amp=1 &amp", "&ampx &amp=1 &"),
            ("&#0;&#x110000;&#128;&#;&;&&amp;", "\u{FFFD}\u{FFFD}€&#;&;&&"),
            ("&NotEqualTilde;&nosuch;", "≂̸&nosuch;"),
        ] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }
}
