//! A value for a variable: what `url_for` is given, and what a rule's `defaults` hold.
//!
//! In: Rust's integers, floats, texts, options and lists. Out: the text that goes into a URL.
//! Never: percent-encodes.

use std::{borrow::Cow, fmt};

/// A value for a variable of a rule or for the query.
///
/// Made with `from` out of integers, floats, texts, [`uuid::Uuid`], `bool`, `Option` (`None`
/// is left out of the URL) and `Vec` (repeated in the query).
///
/// ```
/// use flagon_routing::Value;
///
/// assert_eq!(Value::from(7), Value::from(7.0)); // as in Python
/// assert_ne!(Value::from(7), Value::from("7"));
/// assert_eq!(Value::from(2.0).to_string(), "2.0");
/// ```
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Nothing: treated as if it were not given.
    None,
    /// An integer.
    Int(i128),
    /// A floating point number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Several values for one name; only a query can hold them.
    List(Vec<Value<'a>>),
}

impl Value<'_> {
    /// Copies a borrowed text, so that the value can be kept.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::None => Value::None,
            Value::Int(number) => Value::Int(number),
            Value::Float(number) => Value::Float(number),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::List(values) => Value::List(values.into_iter().map(Value::into_owned).collect()),
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
                whole(*float) == Some(*int)
            }
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::List(a), Value::List(b)) => a == b,
            _ => false,
        }
    }
}

/// The integer that `float` is, if it is one.
pub(crate) fn whole(float: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "guarded: within i128 and without a fraction")]
    (float.fract() == 0.0 && float.abs() < 1e38).then_some(float as i128)
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => Ok(()),
            Value::Int(number) => number.fmt(f),
            Value::Float(number) if number.is_finite() && number.fract() == 0.0 => write!(f, "{number}.0"),
            Value::Float(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
            Value::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value<'_> {
            fn from(number: $integer) -> Self {
                Value::Int(i128::from(number))
            }
        }
    )*};
}
from_integers!(i8 i16 i32 i64 i128 u8 u16 u32 u64);

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Value::Int(number as i128)
    }
}

impl From<isize> for Value<'_> {
    fn from(number: isize) -> Self {
        Value::Int(number as i128)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Value::Float(number)
    }
}

impl From<f32> for Value<'_> {
    fn from(number: f32) -> Self {
        Value::Float(f64::from(number))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Text(Cow::Borrowed(if truth { "true" } else { "false" }))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Value::Text(text)
    }
}

impl From<uuid::Uuid> for Value<'_> {
    fn from(uuid: uuid::Uuid) -> Self {
        Value::Text(Cow::Owned(uuid.to_string()))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::None, Into::into)
    }
}

impl<'a, T: Into<Value<'a>>> From<Vec<T>> for Value<'a> {
    fn from(values: Vec<T>) -> Self {
        Value::List(values.into_iter().map(Into::into).collect())
    }
}
