//! Why a rule's text is not a rule, and where.

use std::fmt;

/// A mistake in a rule's text, with its place.
///
/// Its text says what to write instead.
///
/// ```
/// use flagon_routing::Rule;
///
/// let error = Rule::parse("/users/<integer:id>").unwrap_err();
/// assert_eq!(error.at(), 8);
/// assert_eq!(error.to_string(), "unknown converter `integer`; did you mean `int`?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    at: usize,
    kind: RuleErrorKind,
}

/// What is wrong with a rule's text.
///
/// See [`RuleError`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleErrorKind {
    /// The rule does not begin with a `/`.
    NoSlash,
    /// A `<` does not begin a variable.
    Variable,
    /// A variable has no closing `>`.
    Unclosed,
    /// A character cannot stand in a name.
    Name(char),
    /// No converter has this name; the nearest one is given with it.
    UnknownConverter(Box<str>, Option<Box<str>>),
    /// A converter's argument is wrong; the text says how.
    Argument(Box<str>),
    /// Two variables have this name.
    Duplicate(Box<str>),
    /// A host has a variable that would reach across slashes, or a slash.
    SlashInHost,
}

impl RuleError {
    pub(crate) fn new(at: usize, kind: RuleErrorKind) -> Self {
        Self { at, kind }
    }

    pub(crate) fn argument(at: usize, message: impl Into<Box<str>>) -> Self {
        Self::new(at, RuleErrorKind::Argument(message.into()))
    }

    /// The byte of the rule's text at which the mistake begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What kind of mistake it is.
    pub fn kind(&self) -> &RuleErrorKind {
        &self.kind
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            RuleErrorKind::NoSlash => f.write_str("a rule begins with a slash: write `/` in front"),
            RuleErrorKind::Variable => {
                f.write_str("`<` begins a variable, which is written `<name>` or `<converter:name>`")
            }
            RuleErrorKind::Unclosed => f.write_str("this variable is not closed; write `>` after its name"),
            RuleErrorKind::Name(' ') => f.write_str("a variable is written without spaces, as in `<int:id>`"),
            RuleErrorKind::Name(found) => write!(
                f,
                "`{}` cannot stand here; a name is made of letters, digits and `_`, and begins with no digit",
                found.escape_debug()
            ),
            RuleErrorKind::UnknownConverter(name, Some(near)) => {
                write!(f, "unknown converter `{name}`; did you mean `{near}`?")
            }
            RuleErrorKind::UnknownConverter(name, None) => write!(
                f,
                "unknown converter `{name}`; known are string, int, float, path, any, uuid and those \
                 registered with `converter`"
            ),
            RuleErrorKind::Argument(message) => f.write_str(message),
            RuleErrorKind::Duplicate(name) => {
                write!(f, "the variable `{name}` occurs twice; give one of them another name")
            }
            RuleErrorKind::SlashInHost => {
                f.write_str("a host has no slashes, so it can have no `/` and no variable that matches one")
            }
        }
    }
}

impl std::error::Error for RuleError {}
