//! What the environment says: the only place that asks for a variable.
//!
//! `FLAGON_SERVER__PORT=8000` is `server.port`: the prefix goes, two underscores part the levels, and case does not
//! matter. An empty variable is as good as none. Two variables are no keys: `FLAGON_CONFIG` names the file, and
//! `FLAGON_LOG` is short for `FLAGON_LOG__LEVEL`.

use std::{env, path::PathBuf, sync::Arc};

use super::{
    node::{Node, Value},
    source::Source,
};

const PREFIX: &str = "FLAGON_";

/// The variables of this process that are for us; others need not be Unicode.
pub(crate) fn variables() -> Vec<(String, String)> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, _)| name.to_ascii_uppercase().starts_with(PREFIX))
        .collect()
}

/// Whether the user asked for no colours (<https://no-color.org>).
pub(crate) fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The file that `FLAGON_CONFIG` names.
pub(crate) fn named_file(variables: &[(String, String)]) -> Option<PathBuf> {
    let named = |(name, value): &(String, String)| {
        (name.eq_ignore_ascii_case("FLAGON_CONFIG") && !value.is_empty()).then(|| value.into())
    };
    variables.iter().find_map(named)
}

/// Makes a tree of `variables`, each with two parts: those of other programs are passed over.
pub(crate) fn tree(variables: impl IntoIterator<Item = (String, String)>) -> Node {
    let mut root = Node::table();
    for (name, value) in variables {
        let upper = name.to_ascii_uppercase();
        let Some(key) = upper.strip_prefix(PREFIX).filter(|_| !value.is_empty()) else { continue };
        let path = match key {
            "CONFIG" => continue,
            "LOG" => vec!["log".to_owned(), "level".to_owned()],
            _ => key.to_ascii_lowercase().split("__").map(str::to_owned).collect(),
        };
        let source = Source::Variable(Arc::from(name));
        root.put(&path, Node { value: Value::Words(value), source });
    }
    root
}
