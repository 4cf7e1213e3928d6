//! Values in style sheets: what could be more than a value is blocked, strings are escaped.

use std::fmt::{self, Write};

/// What stands where a value of a style sheet was not safe.
pub(crate) const BLOCKED: &str = "flagon-blocked";

/// Functions that a value may call: they compute, and load nothing.
const FUNCTIONS: [&str; 33] = [
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "hwb",
    "lab",
    "lch",
    "oklab",
    "oklch",
    "color",
    "calc",
    "min",
    "max",
    "clamp",
    "round",
    "translate",
    "translatex",
    "translatey",
    "scale",
    "scalex",
    "scaley",
    "rotate",
    "skew",
    "matrix",
    "minmax",
    "repeat",
    "var",
    "blur",
    "brightness",
    "opacity",
    "linear-gradient",
    "radial-gradient",
    "cubic-bezier",
];

/// Whether `text` is a value and nothing else: words, numbers, colours, and calls of functions that only compute.
pub(crate) fn is_value(text: &str) -> bool {
    let mut open = 0_usize;
    let mut word = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '(' if FUNCTIONS.contains(&text[word..at].to_ascii_lowercase().as_str()) => open += 1,
            ')' if open > 0 => open -= 1,
            '*' | '/' if open > 0 && !matches!(before, '*' | '/') => {}
            '/' if !matches!(before, '*' | '/') && !text[at + 1..].starts_with(['*', '/']) => {}
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | ' ' | '#' | '.' | ',' | '%' | '+' | '!' => {}
            c if !c.is_ascii() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') => {}
            _ => return false,
        }
        if !(c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            word = at + c.len_utf8();
        }
        before = c;
    }
    open == 0 && !text.ends_with('/') && !text.starts_with(['/', '*'])
}

/// Writes `text` as the content of a string, or of `url()`.
pub(crate) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    let mut written = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ',' | '#' | '%' | '!' | '?' | '=')
        {
            continue;
        }
        if !c.is_ascii() && !c.is_control() {
            continue;
        }
        out.write_str(&text[written..at])?;
        // CSS Syntax §4.3.7: NUL has no escape; the space ends the number.
        write!(out, "\\{:x} ", if c == '\0' { 0xFFFD } else { u32::from(c) })?;
        written = at + c.len_utf8();
    }
    out.write_str(&text[written..])
}
