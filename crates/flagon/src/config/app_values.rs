//! An app's own settings: the `[app]` table, which has the types that the app gives it.

use std::fmt;

use serde::{Serialize, Serializer, de::DeserializeOwned, ser::SerializeMap};

use super::{
    error::ConfigError,
    node::{Node, Value},
    source::Source,
    typed::typed,
};

/// The `[app]` table, as it was read.
#[derive(Clone, PartialEq)]
pub(crate) struct AppValues(Node);

impl AppValues {
    pub(super) fn new(node: Option<Node>) -> Self {
        Self(node.unwrap_or_else(Node::table))
    }

    pub(super) fn typed<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        typed(&self.0, "app")
    }

    /// Sets the value at the dotted `key`.
    pub(super) fn set(&mut self, key: &str, value: toml::Value) {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        self.0.put(&path, from_code(value));
    }
}

fn from_code(value: toml::Value) -> Node {
    let value = match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::Integer(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(value) => Value::Boolean(value),
        toml::Value::Datetime(time) => Value::Text(time.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(from_code).collect()),
        toml::Value::Table(table) => {
            Value::Table(table.into_iter().map(|(key, value)| (key, from_code(value))).collect())
        }
    };
    Node { value, source: Source::Code }
}

/// Without values: there may be secrets among them.
impl fmt::Debug for AppValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppValues").finish_non_exhaustive()
    }
}

impl Default for AppValues {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Serialize for AppValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shown(&self.0).serialize(serializer)
    }
}

struct Shown<'a>(&'a Node);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Table(table) => {
                let mut map = serializer.serialize_map(Some(table.len()))?;
                for (key, node) in table {
                    map.serialize_entry(key, &Shown(node))?;
                }
                map.end()
            }
            Value::List(items) => serializer.collect_seq(items.iter().map(Shown)),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Text(text) | Value::Words(text) => serializer.serialize_str(text),
        }
    }
}
