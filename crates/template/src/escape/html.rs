//! Text as HTML: MarkupSafe's five entities, and what attributes without quotes need besides.
//!
//! What needs no escaping is found with vector instructions and copied at once; nothing is allocated.

use std::fmt::{self, Write};

/// Writes `text` with `&`, `<`, `>`, `"` and `'` as MarkupSafe does, so that pages equal Jinja2's to the byte.
pub(crate) fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    let mut written = 0;
    for (number, chunk) in text.as_bytes().chunks(CHUNK).enumerate() {
        if !has_entities(chunk) {
            continue;
        }
        for (within, byte) in chunk.iter().enumerate() {
            let Some(entity) = entity(*byte) else { continue };
            let at = number * CHUNK + within;
            out.write_str(&text[written..at])?; // what is replaced is one byte, so this is a boundary
            out.write_str(entity)?;
            written = at + 1;
        }
    }
    out.write_str(&text[written..])
}

/// As many bytes as one vector register holds everywhere.
const CHUNK: usize = 16;

/// Written so that the compiler compares all bytes at once: with `bool` or `matches!` it does not, and a page costs a third more.
fn has_entities(chunk: &[u8]) -> bool {
    let Ok(chunk) = <&[u8; CHUNK]>::try_from(chunk) else {
        return chunk.iter().any(|byte| ENTITY[usize::from(*byte)]);
    };
    let mut any = 0;
    for byte in chunk {
        let is = |entity: u8| u8::from(*byte == entity);
        any |= is(b'&') | is(b'<') | is(b'>') | is(b'"') | is(b'\'');
    }
    any != 0
}

/// Writes markup where only text may stand: its character references stay, its tags become text.
pub(crate) fn write_markup_as_text(out: &mut impl Write, markup: &str) -> fmt::Result {
    write_with(out, markup, |byte| if byte == b'&' { None } else { entity(byte) })
}

/// Writes `text` for an attribute without quotes.
pub(crate) fn write_unquoted(out: &mut impl Write, text: &str) -> fmt::Result {
    write_with(out, text, |byte| entity(byte).or_else(|| separator(byte)))
}

/// The same for markup.
pub(crate) fn write_markup_unquoted(out: &mut impl Write, markup: &str) -> fmt::Result {
    write_with(out, markup, |byte| if byte == b'&' { None } else { entity(byte).or_else(|| separator(byte)) })
}

fn write_with(out: &mut impl Write, text: &str, replace: impl Fn(u8) -> Option<&'static str>) -> fmt::Result {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let Some(entity) = replace(byte) else { continue };
        out.write_str(&text[written..at])?; // what is replaced is one byte, so this is a boundary
        out.write_str(entity)?;
        written = at + 1;
    }
    out.write_str(&text[written..])
}

const ENTITY: [bool; 256] = {
    let mut table = [false; 256];
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table[b'"' as usize] = true;
    table[b'\'' as usize] = true;
    table
};

fn entity(byte: u8) -> Option<&'static str> {
    if !ENTITY[usize::from(byte)] {
        return None;
    }
    Some(match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&#34;",
        _ => "&#39;",
    })
}

/// HTML §13.1.2.3: what ends a value without quotes, or is an error within.
fn separator(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'\t' => "&#9;",
        b'\n' => "&#10;",
        b'\x0c' => "&#12;",
        b'\r' => "&#13;",
        b' ' => "&#32;",
        b'=' => "&#61;",
        b'`' => "&#96;",
        _ => return None,
    })
}
