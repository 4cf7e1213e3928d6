//! The text of a rule, taken apart into slashes, literal text and variables.
//!
//! In: `/a/<int:b>` or `<user>.example.com`. Out: a [`Pattern`]. Never: gives a text a meaning beyond its syntax.

use crate::{Arguments, RuleError, RuleErrorKind, arguments::parse_arguments, converter::Spec};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    pub(crate) tokens: Vec<Token>,
    pub(crate) variables: Vec<Variable>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Slash,
    Literal(Box<str>),
    /// The index of a variable.
    Variable(usize),
}

/// A variable of a rule.
///
/// See [`Rule::variables`](crate::Rule::variables) for an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    name: Box<str>,
    at: usize,
    pub(crate) spec: Spec,
}

impl Variable {
    /// The name, under which a view receives the value.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The byte of the rule's text at which the variable begins, with its `<`.
    pub fn at(&self) -> usize {
        self.at
    }
}

impl Pattern {
    /// Parses the path of a rule.
    pub(crate) fn path(text: &str) -> Result<Self, RuleError> {
        if !text.starts_with('/') {
            return Err(RuleError::new(0, RuleErrorKind::NoSlash));
        }
        Self::parse(text)
    }

    /// Parses a subdomain or a host.
    pub(crate) fn domain(text: &str) -> Result<Self, RuleError> {
        match text.find('/') {
            Some(at) => Err(RuleError::new(at, RuleErrorKind::SlashInHost)),
            None => Self::parse(text),
        }
    }

    fn parse(text: &str) -> Result<Self, RuleError> {
        let mut pattern = Pattern { tokens: Vec::new(), variables: Vec::new() };
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            at = match first {
                '/' => {
                    pattern.tokens.push(Token::Slash);
                    at + 1
                }
                '<' => pattern.variable(text, at)?,
                _ => {
                    let end = text[at..].find(['/', '<']).map_or(text.len(), |length| at + length);
                    pattern.tokens.push(Token::Literal(text[at..end].into()));
                    end
                }
            };
        }
        Ok(pattern)
    }

    /// Takes the variable that begins at `at`; gives the byte after it.
    fn variable(&mut self, text: &str, at: usize) -> Result<usize, RuleError> {
        let first = identifier(text, at + 1);
        let after = at + 1 + first.len();
        if first.is_empty() {
            return Err(unexpected(text, after));
        }
        let (name, spec, end) = match text[after..].chars().next() {
            Some('>') => (first, Spec::new("default", Arguments::default(), at + 1)?, after),
            Some(':') => {
                let name = identifier(text, after + 1);
                (name, Spec::new(first, Arguments::default(), at + 1)?, after + 1 + name.len())
            }
            Some('(') => {
                let (close, name) = closing(text, after)?;
                let arguments = parse_arguments(&text[after + 1..close], after + 1)?;
                (name, Spec::new(first, arguments, at + 1)?, close + 2 + name.len())
            }
            _ => return Err(unexpected(text, after)),
        };
        if name.is_empty() || !text[end..].starts_with('>') {
            return Err(unexpected(text, end));
        }
        if self.variables.iter().any(|known| *known.name == *name) {
            return Err(RuleError::new(at, RuleErrorKind::Duplicate(name.into())));
        }
        self.tokens.push(Token::Variable(self.variables.len()));
        self.variables.push(Variable { name: name.into(), at, spec });
        Ok(end + 1)
    }
}

/// The name that begins at `at`, or nothing.
fn identifier(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    if rest.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &rest[..end] }
}

/// The first `)` after which `:name>` follows, with that name: a `)` may stand inside an argument's text.
fn closing(text: &str, open: usize) -> Result<(usize, &str), RuleError> {
    text[open..]
        .match_indices(')')
        .find_map(|(offset, _)| {
            let close = open + offset;
            let rest = text[close + 1..].strip_prefix(':')?;
            let name = identifier(text, close + 2);
            (!name.is_empty() && rest[name.len()..].starts_with('>')).then_some((close, name))
        })
        .ok_or_else(|| {
            let message = "these arguments are not closed; write `):name>` after them";
            RuleError::argument(open, message)
        })
}

/// The error for what stands at `at`, where a name or the end of a variable should.
fn unexpected(text: &str, at: usize) -> RuleError {
    let kind = match text[at..].chars().next() {
        None | Some('/') => RuleErrorKind::Unclosed,
        Some('>' | '<' | ':' | '(') => RuleErrorKind::Variable,
        Some(other) => RuleErrorKind::Name(other),
    };
    RuleError::new(at, kind)
}
