//! What is wrong with a field of a query or a form.

use std::fmt;

use serde::de::Unexpected;

use super::argument::shown;

/// Which field is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    /// The field's name; empty for the whole.
    pub(super) field: String,
    /// What was expected and what came.
    pub(super) problem: String,
}

impl FieldError {
    pub(super) fn new(field: &str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into() }
    }

    /// Names the field, unless it is named.
    pub(super) fn within(mut self, field: &str) -> Self {
        if self.field.is_empty() {
            field.clone_into(&mut self.field);
        }
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.problem)
    }
}

impl std::error::Error for FieldError {}

impl serde::de::Error for FieldError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("", message.to_string().chars().take(300).collect::<String>())
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::invalid_value(got, expected)
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        let got = match got {
            Unexpected::Str(text) => shown("", text),
            Unexpected::Map => "names and values".to_owned(),
            _ => "something else".to_owned(),
        };
        Self::custom(format_args!("expected {expected}, got {got}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("expected {}, got {}", one_of(expected), shown("", variant)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let field: String = field.chars().take(80).collect();
        Self::new(&field, format!("no such field, expected {}", one_of(expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(field, "missing")
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(field, "given twice, expected once")
    }
}

fn one_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        names => format!("one of {}", names.join(", ")),
    }
}
