//! JSON as Flask's `tojson` writes it: keys in order, a space after `,` and `:`, nothing but ASCII, and no character of HTML's.

use std::io::{self, Write};

use minijinja::Value;
use serde::Serialize as _;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter, PrettyFormatter},
};

/// `value` as JSON, on one line or indented by so many spaces.
pub(crate) fn to_string(value: &Value, indent: Option<usize>) -> Result<String, serde_json::Error> {
    let value = sorted(serde_json::to_value(value)?);
    let mut out = Vec::new();
    if let Some(width) = indent {
        let spaces = " ".repeat(width.min(16));
        let inner = PrettyFormatter::with_indent(spaces.as_bytes());
        let pretty = Flask { inner, separators: Separators::Inner };
        value.serialize(&mut Serializer::with_formatter(&mut out, pretty))?;
    } else {
        let compact = Flask { inner: CompactFormatter, separators: Separators::Spaced };
        value.serialize(&mut Serializer::with_formatter(&mut out, compact))?;
    }
    Ok(String::from_utf8(out).unwrap_or_default()) // only ASCII was written
}

fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(map) => {
            let mut pairs: Vec<_> = map.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            serde_json::Value::Object(pairs.into_iter().collect())
        }
        serde_json::Value::Array(values) => values.into_iter().map(sorted).collect(),
        other => other,
    }
}

struct Flask<F> {
    inner: F,
    separators: Separators,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Separators {
    Spaced,
    Inner,
}

impl<F: Formatter> Formatter for Flask<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for c in fragment.chars() {
            if c.is_ascii() && !matches!(c, '<' | '>' | '&' | '\'') {
                writer.write_all(&[c as u8])?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_array_value(writer, first)?;
        self.space(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_object_key(writer, first)?;
        self.space(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object_value(writer)?;
        self.space(writer, false)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object_value(writer)
    }
}

impl<F> Flask<F> {
    fn space<W: ?Sized + Write>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        if first || self.separators == Separators::Inner { Ok(()) } else { writer.write_all(b" ") }
    }
}
