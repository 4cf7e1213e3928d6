//! `int` and `float`, which read text as Python does and never fail.

use minijinja::{
    Error, ErrorKind, Value,
    value::{Kwargs, Rest},
};

use super::arguments::Arguments;

/// `int(default=0, base=10)`.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn int(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["default", "base"], positional, &named)?;
    let base = given.get::<u32>("base")?.unwrap_or(10);
    if !(2..=36).contains(&base) {
        return Err(Error::new(ErrorKind::InvalidOperation, "int: a base is from 2 to 36"));
    }
    let whole = match value.as_str() {
        Some(text) => integer(text, base).or_else(|| truncated(float_of(text)?)),
        None if value.is_integer() => return Ok(value.clone()),
        None => bool::try_from(value.clone())
            .ok()
            .filter(|_| value.kind() == minijinja::value::ValueKind::Bool)
            .map(i128::from)
            .or_else(|| truncated(f64::try_from(value.clone()).ok()?)),
    };
    Ok(match whole {
        Some(whole) => whole.into(),
        None => given.get("default")?.unwrap_or_else(|| 0.into()),
    })
}

/// `float(default=0.0)`.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn float(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["default"], positional, &named)?;
    let number = match value.as_str() {
        Some(text) => float_of(text),
        None => f64::try_from(value.clone()).ok(),
    };
    Ok(match number {
        Some(number) => number.into(),
        None => given.get("default")?.unwrap_or_else(|| 0.0.into()),
    })
}

/// Digits, with `_` between them, and the prefix of the base.
fn integer(text: &str, base: u32) -> Option<i128> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (&text[..1], digits),
        None => ("", text),
    };
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let start = digits.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix));
    let digits = without_underscores(&digits[start.map_or(0, str::len)..])?;
    i128::from_str_radix(&format!("{sign}{digits}"), base).ok()
}

fn float_of(text: &str) -> Option<f64> {
    without_underscores(text.trim())?.parse().ok()
}

/// Python's `_`: between digits only.
fn without_underscores(text: &str) -> Option<String> {
    let wrong = text.is_empty() || text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!wrong).then(|| text.replace('_', ""))
}

fn truncated(number: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "that is what is asked for, and NaN is left out")]
    let whole = number.is_finite().then_some(number as i128);
    whole
}
