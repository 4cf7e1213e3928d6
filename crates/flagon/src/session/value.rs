//! What a session can hold: JSON, and what Flask marks with tags.

use std::{collections::BTreeMap, time::SystemTime};

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{deserialize, serialize};

/// The names and values of a session, ordered by name as Flask writes them.
pub(crate) type Values = BTreeMap<String, SessionValue>;

/// A value of a session: JSON, and the types that Flask keeps apart with its tags.
///
/// Mostly [`Session::insert`](crate::Session::insert) and [`get`](crate::Session::get) are enough, which take and give types
/// of Rust. What they make of them:
///
/// | Rust | here | Python |
/// |---|---|---|
/// | `()`, `None` | `Null` | `None` |
/// | `bool`, integers, floats, text | `Bool`, `Integer`, `Float`, `Text` | `bool`, `int`, `float`, `str` |
/// | tuples and arrays `[T; N]` | `Tuple` | `tuple` |
/// | `Vec<T>`, slices, sets | `List` | `list` |
/// | maps and structs | `Map` | `dict` |
/// | `SystemTime` | `Time` | `datetime`, whole seconds |
/// | bytes (`serde_bytes`) | `Bytes` | `bytes` |
///
/// # Examples
///
/// ```
/// use flagon::SessionValue;
///
/// let value = SessionValue::of(&("ada", [1, 2]))?;
/// assert_eq!(value.to_json(), r#"{" t":["ada",{" t":[1,2]}]}"#);
/// assert_eq!(value.get::<(String, Vec<u8>)>().unwrap().1, [1, 2]);
/// # Ok::<(), flagon::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SessionValue {
    /// `None`.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Integer(i128),
    /// An integer that has more digits, in decimal.
    LongInteger(String),
    /// A floating point number.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes: Flask's tag ` b`.
    Bytes(Vec<u8>),
    /// HTML that is to be shown as it is, a `Markup`: Flask's tag ` m`.
    Markup(String),
    /// A UUID: Flask's tag ` u`.
    Uuid(Uuid),
    /// A point in time, in whole seconds: Flask's tag ` d`.
    Time(SystemTime),
    /// A list.
    List(Vec<SessionValue>),
    /// A tuple: Flask's tag ` t`.
    Tuple(Vec<SessionValue>),
    /// A dict, whose keys are text.
    Map(BTreeMap<String, SessionValue>),
}

impl SessionValue {
    /// Makes a value of any that serde knows.
    ///
    /// # Errors
    ///
    /// When it is a map whose keys are neither text nor numbers.
    pub fn of(value: &impl Serialize) -> serde_json::Result<Self> {
        value.serialize(serialize::ToValue)
    }

    /// Makes a `T` of the value; `None` when it is none. Times are text for it, as HTTP writes them, or a `SystemTime`; UUIDs
    /// are text with hyphens.
    pub fn get<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(deserialize::FromValue(self)).ok()
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 4,
            Self::Integer(_) | Self::Float(_) | Self::Uuid(_) | Self::Time(_) => 16,
            Self::LongInteger(text) | Self::Text(text) | Self::Markup(text) => text.len() + 2,
            Self::Bytes(bytes) => bytes.len() + 2,
            Self::List(items) | Self::Tuple(items) => {
                items.iter().map(|item| item.size() + 1).sum::<usize>() + 2
            }
            Self::Map(map) => {
                map.iter().map(|(name, value)| name.len() + value.size() + 4).sum::<usize>() + 2
            }
        }
    }

    /// The value in Flask's tagged JSON.
    pub fn to_json(&self) -> String {
        super::write(self)
    }

    /// Reads Flask's tagged JSON; `None` when it is none.
    pub fn from_json(json: &str) -> Option<Self> {
        super::read(json)
    }
}

impl From<Uuid> for SessionValue {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

impl From<SystemTime> for SessionValue {
    fn from(value: SystemTime) -> Self {
        Self::Time(value)
    }
}
