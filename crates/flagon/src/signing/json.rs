//! JSON as itsdangerous writes it: compact, with Python's form of numbers.

use std::{fmt::Write as _, io};

use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

/// Writes `value` as `json.dumps(value, ensure_ascii=False, separators=(",", ":"))` does.
///
/// # Errors
///
/// When it has no JSON form, such as a map whose keys are no text.
pub(super) fn to_text(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Python))?;
    Ok(String::from_utf8(bytes).expect("serde_json and this formatter write UTF-8"))
}

struct Python;

impl Formatter for Python {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let mut text = String::new();
        write_float(&mut text, value);
        writer.write_all(text.as_bytes())
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(writer, value.into())
    }
}

/// Writes `value` as Python's `repr` does: the shortest digits that read back, an exponent from 1e16 on and below 1e-4.
pub(crate) fn write_float(to: &mut String, value: f64) {
    if value.is_nan() {
        return to.push_str("NaN");
    }
    if value.is_infinite() {
        return to.push_str(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("`e` writes an exponent");
    let exponent: i32 = exponent.parse().expect("`e` writes an exponent");
    if (-4..16).contains(&exponent) {
        write!(to, "{value:?}").expect("text takes everything");
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(to, "{digits}e{sign}{:02}", exponent.abs()).expect("text takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::write_float;

    /// Expected: Python 3.11, `repr(value)`.
    #[test]
    fn floats_are_python_s() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (123_456_789.125, "123456789.125"),
            (1e15, "1000000000000000.0"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1e16, "1e+16"),
            (1.234_567_890_123_456_7e22, "1.2345678901234568e+22"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let mut text = String::new();
            write_float(&mut text, value);
            assert_eq!(text, expected);
        }
    }
}
