//! Reads a TOML file into a tree of nodes, with the line of each value.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    error::ConfigError,
    node::{Node, Value},
    source::Source,
};

/// Which file is read.
#[derive(Debug, Clone)]
pub(crate) enum File {
    /// One that was asked for: it must be there.
    Named(PathBuf),
    /// One that is read if it is there.
    IfThere(PathBuf),
}

impl File {
    /// Reads the file; an empty table where it is not there and need not be.
    pub(crate) fn read(&self) -> Result<Node, ConfigError> {
        let (Self::Named(path) | Self::IfThere(path)) = self;
        match (fs::read_to_string(path), self) {
            (Ok(text), _) => parse(path, &text),
            (Err(error), Self::IfThere(_)) if error.kind() == io::ErrorKind::NotFound => Ok(Node::table()),
            (Err(error), _) => Err(ConfigError::unreadable(path, error)),
        }
    }
}

fn parse(path: &Path, text: &str) -> Result<Node, ConfigError> {
    let lines = Lines { path: path.into(), text };
    let table = DeTable::parse(text).map_err(|error| {
        let source = lines.source(error.span().map_or(0, |span| span.start));
        ConfigError::at(&source, &format_args!("this is not TOML: {}", error.message()))
    })?;
    let span = table.span();
    Ok(Node { value: lines.table(table.into_inner())?, source: lines.source(span.start) })
}

struct Lines<'a> {
    path: Arc<Path>,
    text: &'a str,
}

impl Lines<'_> {
    fn source(&self, at: usize) -> Source {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        Source::File(Arc::clone(&self.path), 1 + memchr::memchr_iter(b'\n', before).count())
    }

    fn table(&self, table: DeTable<'_>) -> Result<Value, ConfigError> {
        let entry = |(key, value): (Spanned<_>, _)| {
            let source = self.source(key.span().start);
            let key: toml::de::DeString<'_> = key.into_inner();
            Ok((key.into_owned(), self.node(source, value)?))
        };
        table.into_iter().map(entry).collect::<Result<_, _>>().map(Value::Table)
    }

    fn node(&self, source: Source, value: Spanned<DeValue<'_>>) -> Result<Node, ConfigError> {
        let unreadable = |what: &dyn std::fmt::Display| {
            ConfigError::at(&source, &format_args!("{what} is larger than a configuration can hold"))
        };
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Boolean(value) => Value::Boolean(value),
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(Value::Integer)
                .map_err(|_| unreadable(&number))?,
            DeValue::Float(number) => {
                number.as_str().parse().map(Value::Float).map_err(|_| unreadable(&number))?
            }
            DeValue::Array(list) => list
                .into_iter()
                .map(|item| self.node(self.source(item.span().start), item))
                .collect::<Result<_, _>>()
                .map(Value::List)?,
            DeValue::Table(table) => self.table(table)?,
        };
        Ok(Node { value, source })
    }
}
