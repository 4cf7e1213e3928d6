//! The layers of a configuration laid over each other, with where each value came from.
//!
//! In: a file, variables, then what code and flags change. Out: a [`Config`] and, for people, every setting with its value and
//! its source. Each later layer wins.

use std::collections::BTreeMap;

use super::{
    Config, ConfigError, environment, file::File, node::Node, node::join, secret::masked, source::Source,
};

/// A configuration that knows where its values came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    pub(crate) config: Config,
    sources: BTreeMap<String, Source>,
}

/// One setting, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its dotted path.
    pub(crate) key: String,
    /// Its value as TOML or JSON would write it, hidden when it is a secret; `None` when it is not set.
    pub(crate) value: Option<String>,
    /// Where the value came from.
    pub(crate) source: Source,
}

impl Layers {
    /// Reads `file`, then `variables`.
    pub(crate) fn read(
        file: Option<&File>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut root = file.map_or_else(|| Ok(Node::table()), File::read)?;
        root.merge(environment::tree(variables));
        let mut sources = BTreeMap::new();
        root.leaves("", &mut |key, source| drop(sources.insert(key, source.clone())));
        Ok(Self { config: Config::from_tree(root)?, sources })
    }

    /// Lets `change` change the configuration: what is different after it came from `source`.
    pub(crate) fn change(&mut self, source: &Source, change: impl FnOnce(&mut Config)) {
        let before = values(&self.config);
        change(&mut self.config);
        for (key, value) in values(&self.config) {
            if before.get(&key) != Some(&value) {
                self.sources.insert(key, source.clone());
            }
        }
    }

    /// Gives every setting, by name.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let setting = |(key, value): (String, serde_json::Value)| {
            let source = self.source(&key).clone();
            Setting { value: shown(&key, &value), key, source }
        };
        values(&self.config).into_iter().map(setting).collect()
    }

    fn source(&self, key: &str) -> &Source {
        self.sources.get(key).unwrap_or(&Source::Default)
    }
}

/// The settings of `config` by their dotted paths. Lists are values.
fn values(config: &Config) -> BTreeMap<String, serde_json::Value> {
    let mut found = BTreeMap::new();
    let whole = serde_json::to_value(config).expect("a configuration is made of tables with text keys");
    collect("", whole, &mut found);
    found
}

fn collect(path: &str, value: serde_json::Value, found: &mut BTreeMap<String, serde_json::Value>) {
    match value {
        serde_json::Value::Object(table) => {
            for (key, value) in table {
                collect(&join(path, &key), value, found);
            }
        }
        value => drop(found.insert(path.to_owned(), value)),
    }
}

fn shown(key: &str, value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(format!("{:?}", masked(key, text))),
        serde_json::Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| shown(key, item)).collect();
            Some(format!("[{}]", items.join(", ")))
        }
        value => Some(masked(key, &value.to_string())),
    }
}

/// Every setting of `config`, with secrets hidden: key and value.
pub(crate) fn shown_settings(config: &Config) -> impl Iterator<Item = (String, String)> {
    values(config)
        .into_iter()
        .filter_map(|(key, value)| Some((shown(&key, &value)?, key)))
        .map(|(value, key)| (key, value))
}
