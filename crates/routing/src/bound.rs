//! A variable with its converter, complete: checks a value, compares it, writes it.
//!
//! In: a [`Spec`], and the application's own converters. Out: a [`Bound`]. Never: percent-encodes.

use std::sync::Arc;

use crate::{
    Arguments, Converter, RuleError, Value,
    converter::Spec,
    shape::{Shape, is_digits, is_uuid},
    value::whole,
};

/// What is asked of a value once its rule is found; without it, the rule's path is not found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Check {
    Int { digits: usize, min: Option<i64>, max: Option<i64> },
    Float { min: Option<f64>, max: Option<f64> },
}

impl Check {
    pub(crate) fn of(spec: &Spec) -> Option<Self> {
        match *spec {
            Spec::Int { digits, min, max, .. } if digits > 0 || min.is_some() || max.is_some() => {
                Some(Check::Int { digits, min, max })
            }
            Spec::Float { min, max, .. } if min.is_some() || max.is_some() => Some(Check::Float { min, max }),
            _ => None,
        }
    }

    pub(crate) fn passes(&self, text: &str) -> bool {
        match *self {
            Check::Int { digits, min, max } => {
                // An integer beyond 128 bits is beyond every limit, which has 64.
                let beyond = if text.starts_with('-') { i128::MIN } else { i128::MAX };
                let number = text.parse().unwrap_or(beyond);
                (digits == 0 || text.len() == digits)
                    && min.is_none_or(|min| number >= i128::from(min))
                    && max.is_none_or(|max| number <= i128::from(max))
            }
            Check::Float { min, max } => text.parse::<f64>().is_ok_and(|number| {
                min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
            }),
        }
    }
}

/// A variable's converter, complete.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) name: Box<str>,
    pub(crate) shape: Shape,
    pub(crate) check: Option<Check>,
    digits: usize,
}

impl Bound {
    pub(crate) fn new(
        name: &str,
        spec: &Spec,
        own: impl FnOnce(&str, &Arguments, usize) -> Result<Arc<dyn Converter>, RuleError>,
    ) -> Result<Self, RuleError> {
        let shape = match spec {
            Spec::String(length) => Shape::String(*length),
            Spec::Int { sign, .. } => Shape::Int(*sign),
            Spec::Float { sign, .. } => Shape::Float(*sign),
            Spec::Path => Shape::Path,
            Spec::Any(items) => Shape::Any(items.clone()),
            Spec::Uuid => Shape::Uuid,
            Spec::Own { name, arguments, at } => {
                let converter = own(name, arguments, *at)?;
                Shape::Own(name.clone(), arguments.clone(), converter)
            }
        };
        let digits = if let Spec::Int { digits, .. } = spec { *digits } else { 0 };
        Ok(Self { name: name.into(), shape, check: Check::of(spec), digits })
    }

    /// The value that `text` stands for, to be compared with a default.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Value<'t> {
        match self.shape {
            Shape::Int(_) => text.parse().map_or(Value::from(text), Value::Int),
            Shape::Float(_) => text.parse().map_or(Value::from(text), Value::Float),
            Shape::Uuid => Value::from(text.to_ascii_lowercase()),
            _ => Value::from(text),
        }
    }

    /// Writes a value, not percent-encoded.
    ///
    /// # Errors
    ///
    /// What the converter takes, when it does not take this value.
    pub(crate) fn write(&self, value: &Value<'_>) -> Result<String, String> {
        if let Value::List(_) | Value::None = value {
            return Err("one value".to_owned());
        }
        match &self.shape {
            Shape::String(_) | Shape::Path => Ok(value.to_string()),
            Shape::Int(_) => integer(value).map(|number| self.pad(&number)).ok_or("a whole number".into()),
            Shape::Float(_) => float_text(value).ok_or("a finite number".into()),
            Shape::Any(items) => {
                let text = value.to_string();
                if items.iter().any(|item| **item == *text) {
                    return Ok(text);
                }
                Err(format!("one of {}", items.join(", ")))
            }
            Shape::Uuid => {
                let text = value.to_string();
                if is_uuid(text.as_bytes()) {
                    Ok(text)
                } else {
                    Err("a UUID in its form with hyphens".into())
                }
            }
            Shape::Own(name, _, converter) => {
                converter.build(value).ok_or_else(|| format!("a value of the converter `{name}`"))
            }
        }
    }

    /// Puts noughts between the sign and the digits until `fixed_digits` is reached.
    fn pad(&self, number: &str) -> String {
        let (minus, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
        format!("{minus}{digits:0>width$}", width = self.digits.saturating_sub(minus.len()))
    }
}

fn integer(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => whole(*number).map(|number| number.to_string()),
        Value::Text(text) => {
            let text = text.trim();
            let (minus, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
            if !is_digits(digits) {
                return None;
            }
            let digits = digits.trim_start_matches('0');
            Some(if digits.is_empty() { "0".to_owned() } else { format!("{minus}{digits}") })
        }
        Value::None | Value::List(_) => None,
    }
}

fn float_text(value: &Value<'_>) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "an integer given for a float is rounded like any number")]
    let number = match value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => text.trim().parse().ok()?,
        Value::None | Value::List(_) => return None,
    };
    number.is_finite().then(|| Value::Float(number).to_string())
}
