//! A configuration before it has types: a tree whose every value knows where it came from.

use std::collections::BTreeMap;

use super::source::Source;

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) source: Source,
}

/// What a file or a variable can say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Table(BTreeMap<String, Node>),
    List(Vec<Node>),
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// What a variable says: its type is the one that is asked for.
    Words(String),
}

impl Node {
    /// An empty table.
    pub(crate) fn table() -> Self {
        Self { value: Value::Table(BTreeMap::new()), source: Source::Default }
    }

    /// Puts `node` at `path`, over what was there; what stands in the way of the path is replaced.
    pub(crate) fn put(&mut self, path: &[String], node: Self) {
        let Some((first, rest)) = path.split_first() else {
            self.merge(node);
            return;
        };
        if !matches!(self.value, Value::Table(_)) {
            self.value = Value::Table(BTreeMap::new());
            self.source = node.source.clone();
        }
        if let Value::Table(table) = &mut self.value {
            table.entry(first.clone()).or_insert_with(Self::table).put(rest, node);
        }
    }

    /// Lays `over` on top: tables are joined, everything else is replaced.
    pub(crate) fn merge(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Table(mine), Value::Table(over)) => {
                for (key, node) in over {
                    match mine.get_mut(&key) {
                        Some(known) => known.merge(node),
                        None => drop(mine.insert(key, node)),
                    }
                }
            }
            (mine, value) => {
                *mine = value;
                self.source = over.source;
            }
        }
    }

    /// Takes the value of `key` out of a table.
    pub(crate) fn take(&mut self, key: &str) -> Option<Self> {
        match &mut self.value {
            Value::Table(table) => table.remove(key),
            _ => None,
        }
    }

    /// Calls `visit` with the path and the source of every value that is not a table.
    pub(crate) fn leaves<'a>(&'a self, path: &str, visit: &mut impl FnMut(String, &'a Source)) {
        match &self.value {
            Value::Table(table) => {
                for (key, node) in table {
                    node.leaves(&join(path, key), visit);
                }
            }
            _ => visit(path.to_owned(), &self.source),
        }
    }
}

/// `server` and `port` make `server.port`.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
