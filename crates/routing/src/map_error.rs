//! Why rules make no map.

use std::fmt;

use crate::{RuleError, compiled::CompileError};

/// Why rules make no map.
///
/// ```
/// use flagon_routing::{Map, Rule};
///
/// let error = Map::builder().rule(Rule::parse("/<slgu:name>").unwrap()).build().unwrap_err();
/// assert_eq!(error.rule(), "/<slgu:name>");
/// assert!(error.to_string().starts_with("rule `/<slgu:name>`, byte 2: unknown converter `slgu`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapError {
    pub(crate) rule: Box<str>,
    pub(crate) kind: MapErrorKind,
}

/// What is wrong with a rule in its map.
///
/// See [`MapError`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapErrorKind {
    /// The rule's text, for example an unknown converter.
    Rule(RuleError),
    /// The rule's subdomain or host.
    Domain(Box<str>, RuleError),
    /// The map matches whole hosts, and the rule names none, so it could never match.
    NoHost,
    /// A default is no value of its variable.
    Default {
        /// The variable.
        name: Box<str>,
        /// What its converter takes.
        wanted: String,
    },
    /// `redirect_to` names a variable that the rule does not have.
    RedirectVariable(Box<str>),
    /// The endpoint of an alias has no rule that is not an alias.
    AliasOfNothing,
    /// A converter was registered under a name that is taken.
    ConverterName(Box<str>),
    /// The rules name more than 63 methods.
    TooManyMethods,
}

impl MapError {
    /// The text of the rule; empty when the mistake is in no rule.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What is wrong.
    pub fn kind(&self) -> &MapErrorKind {
        &self.kind
    }
}

impl From<CompileError> for MapErrorKind {
    fn from(error: CompileError) -> Self {
        match error {
            CompileError::Default(unwritable) => {
                MapErrorKind::Default { name: unwritable.name, wanted: unwritable.wanted }
            }
            CompileError::RedirectVariable(name) => MapErrorKind::RedirectVariable(name),
        }
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.rule;
        match &self.kind {
            MapErrorKind::Rule(error) => write!(f, "rule `{rule}`, byte {}: {error}", error.at()),
            MapErrorKind::Domain(domain, error) => {
                write!(f, "rule `{rule}`, its host `{domain}`, byte {}: {error}", error.at())
            }
            MapErrorKind::NoHost => {
                write!(
                    f,
                    "rule `{rule}` has no host, but the map matches whole hosts; give it one with `host`"
                )
            }
            MapErrorKind::Default { name, wanted } => {
                write!(f, "rule `{rule}`: the default of `{name}` must be {wanted}")
            }
            MapErrorKind::RedirectVariable(name) => {
                write!(f, "rule `{rule}`: redirect_to names `<{name}>`, which is no variable of the rule")
            }
            MapErrorKind::AliasOfNothing => {
                write!(f, "rule `{rule}` is an alias, but its endpoint has no other rule to lead to")
            }
            MapErrorKind::ConverterName(name) => {
                write!(f, "the converter name `{name}` is taken or easily mistaken; choose another one")
            }
            MapErrorKind::TooManyMethods => {
                write!(f, "rule `{rule}`: a map has at most 63 different methods")
            }
        }
    }
}

impl std::error::Error for MapError {}
