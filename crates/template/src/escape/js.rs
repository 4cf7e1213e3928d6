//! Values as JavaScript and JSON, such that no HTML tokenizer finds a tag, a comment or a reference in them.

use std::fmt::{self, Write};

/// Writes `text` as the content of a string with any quotes, valid in JSON as well.
pub(crate) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    write_with(out, text, |_| false)
}

/// Writes `text` as the content of a template literal.
pub(crate) fn write_template(out: &mut impl Write, text: &str) -> fmt::Result {
    write_with(out, text, |c| matches!(c, '$' | '{' | '}'))
}

/// Writes `text` as a part of a regular expression that matches it literally.
pub(crate) fn write_regex(out: &mut impl Write, text: &str) -> fmt::Result {
    if text.is_empty() {
        return out.write_str("(?:)"); // `//` would begin a comment
    }
    write_with(out, text, |c| {
        matches!(
            c,
            '$' | '(' | ')' | '*' | '+' | '-' | '.' | '/' | '?' | '[' | ']' | '^' | '{' | '|' | '}' | '\\'
        )
    })
}

/// Writes JSON, in which `<`, `>`, `&`, `/` and the line separators of JavaScript are escaped: all of them stand within strings.
pub(crate) fn write_json(out: &mut impl Write, json: &str) -> fmt::Result {
    let mut written = 0;
    for (at, c) in json.char_indices() {
        if c == '/' {
            write!(out, "{}\\/", &json[written..at])?;
            written = at + 1;
        }
        if matches!(c, '<' | '>' | '&' | '\'' | '`' | '\u{2028}' | '\u{2029}') {
            out.write_str(&json[written..at])?;
            write!(out, "\\u{:04x}", u32::from(c))?;
            written = at + c.len_utf8();
        }
    }
    out.write_str(&json[written..])
}

fn write_with(out: &mut impl Write, text: &str, special: impl Fn(char) -> bool) -> fmt::Result {
    let mut written = 0;
    for (at, c) in text.char_indices() {
        let short = match c {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\\' if !special(c) => "\\\\",
            '/' if !special(c) => "\\/", // so that no `</` comes of it, whatever stands before
            '<' | '>' | '&' | '"' | '\'' | '`' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' | '\x7f' => "",
            c if special(c) => "",
            _ => continue,
        };
        out.write_str(&text[written..at])?;
        if short.is_empty() {
            write!(out, "\\u{:04x}", u32::from(c))?; // all of these are below U+FFFF
        } else {
            out.write_str(short)?;
        }
        written = at + c.len_utf8();
    }
    out.write_str(&text[written..])
}
