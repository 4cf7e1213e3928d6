//! What is wrong with an order that a client asked for.

use std::{error::Error, fmt};

/// Why a text is no order.
///
/// # Examples
///
/// ```
/// use flagon_order::{Field, OrderBy, OrderErrorKind};
///
/// let fields = [Field::in_sql("score"), Field::in_sql("id").unique()];
/// let error = OrderBy::parse("-scoer", &fields).unwrap_err(); // sic
/// assert_eq!(error.kind(), OrderErrorKind::Unknown);
/// assert_eq!(error.to_string(), "cannot order by `scoer`: the fields to order by are `score` and `id`"); // sic
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderError {
    pub(crate) kind: OrderErrorKind,
    pub(crate) field: String,
    pub(crate) allowed: Vec<&'static str>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderErrorKind {
    /// There is no such field, or it is not one to order by.
    Unknown,
    /// The field is named a second time.
    Repeated,
    /// Between two commas, or after a sign, is no name.
    Empty,
    /// There are more names than fields.
    TooMany,
}

impl OrderError {
    /// What is wrong.
    pub fn kind(&self) -> OrderErrorKind {
        self.kind
    }

    /// The field, as it was written; cut after 40 characters, as a client wrote it.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The names of the fields to order by.
    pub fn allowed(&self) -> &[&'static str] {
        &self.allowed
    }

    /// What to do instead, without the field's name.
    pub fn advice(&self) -> String {
        let mut names = String::new();
        for (place, name) in self.allowed.iter().enumerate() {
            names += match place {
                0 => "",
                _ if place + 1 == self.allowed.len() => " and ",
                _ => ", ",
            };
            names.extend(["`", name, "`"]);
        }
        let fields = match self.allowed.len() {
            0 => "there is no field to order by".to_owned(),
            1 => format!("the field to order by is {names}"),
            _ => format!("the fields to order by are {names}"),
        };
        match self.kind {
            OrderErrorKind::Unknown => fields,
            OrderErrorKind::Repeated => "it is named twice".to_owned(),
            OrderErrorKind::Empty => format!("a name is missing; {fields}"),
            OrderErrorKind::TooMany => format!("there are more names than fields; {fields}"),
        }
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot order by `{}`: {}", self.field, self.advice())
    }
}

impl Error for OrderError {}
