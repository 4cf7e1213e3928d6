//! The JSON bodies of two answers, by their values.

use serde_json::Value;

use crate::{difference::Difference, rules::Rules};

/// Compares two JSON values.
pub(crate) fn compare(one: &Value, other: &Value, rules: &Rules, found: &mut Vec<Difference>) {
    Walk { rules, found, path: Vec::new() }.values(Some(one), Some(other));
}

struct Walk<'a> {
    rules: &'a Rules,
    found: &'a mut Vec<Difference>,
    path: Vec<String>,
}

impl Walk<'_> {
    fn values(&mut self, one: Option<&Value>, other: Option<&Value>) {
        if self.rules.passes_json(&self.path) {
            return;
        }
        match (one, other) {
            (Some(Value::Object(ones)), Some(Value::Object(others))) => {
                for (name, one) in ones {
                    self.within(name.clone(), Some(one), others.get(name));
                }
                for (name, other) in others.iter().filter(|(name, _)| !ones.contains_key(*name)) {
                    self.within(name.clone(), None, Some(other));
                }
            }
            (Some(Value::Array(ones)), Some(Value::Array(others))) => {
                for at in 0..ones.len().max(others.len()) {
                    self.within(at.to_string(), ones.get(at), others.get(at));
                }
            }
            (Some(one), Some(other)) if self.is_same(one, other) => (),
            _ => {
                let parts = self.path.iter().map(|part| part.replace('~', "~0").replace('/', "~1"));
                let pointer = parts.fold(String::new(), |pointer, part| pointer + "/" + &part);
                let text = |value: Option<&Value>| value.map(Value::to_string);
                let place = format!("json {pointer}");
                self.found.push(Difference::new(place, text(one).as_deref(), text(other).as_deref()));
            }
        }
    }

    fn within(&mut self, part: String, one: Option<&Value>, other: Option<&Value>) {
        if self.found.len() >= crate::limit::MOST {
            return;
        }
        self.path.push(part);
        self.values(one, other);
        self.path.pop();
    }

    fn is_same(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::String(one), Value::String(other)) => self.rules.noise.is_between(one, other),
            // `1` and `1.0` are one number (RFC 8259 §6).
            (Value::Number(one), Value::Number(other)) if one != other => {
                match (one.as_f64(), other.as_f64()) {
                    #[expect(
                        clippy::float_cmp,
                        reason = "the same number in two forms, not a result of calculation"
                    )]
                    (Some(one), Some(other)) => {
                        one == other || self.rules.noise.is_between_numbers(one, other)
                    }
                    _ => false,
                }
            }
            _ => one == other,
        }
    }
}
