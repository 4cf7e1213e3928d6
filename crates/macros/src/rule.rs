//! The rule of an attribute, taken apart by the same parser that the app uses.
//!
//! In: the literal. Out: its [`Variable`]s and their places in the text. Never: knows the function.

use std::ops::Range;

use flagon_routing::{Rule, RuleError, VariableKind};
use proc_macro2::{Ident, Span};
use syn::LitStr;

use crate::message::at_piece;

/// A variable of a rule.
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// What its converter lets through.
    pub(crate) kind: Kind,
    /// Where it stands in the rule, with its angle brackets.
    pub(crate) place: Range<usize>,
}

/// What text a variable can hold, which decides the types it can become: a type in `flagon::kind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// `string`, the default converter: text without a slash.
    Text,
    /// `path`: text with slashes.
    Path,
    /// `any`: one of some words.
    Any,
    /// `int`: digits.
    Int,
    /// `int(signed=True)`: digits with a sign.
    SignedInt,
    /// `float`.
    Float,
    /// `uuid`.
    Uuid,
    /// A converter of the app's own.
    Custom,
}

impl Kind {
    /// The type that stands for it.
    pub(crate) fn ident(self) -> Ident {
        Ident::new(&format!("{self:?}"), Span::call_site())
    }

    /// The type that a person would give such an argument.
    pub(crate) fn usual_type(self) -> &'static str {
        match self {
            Self::Text | Self::Path | Self::Any | Self::Custom => "String",
            Self::Int | Self::SignedInt => "i64",
            Self::Float => "f64",
            Self::Uuid => "Uuid",
        }
    }
}

impl From<VariableKind<'_>> for Kind {
    fn from(kind: VariableKind<'_>) -> Self {
        match kind {
            VariableKind::String => Self::Text,
            VariableKind::Path => Self::Path,
            VariableKind::Any => Self::Any,
            VariableKind::Int { signed: false } => Self::Int,
            VariableKind::Int { signed: true } => Self::SignedInt,
            VariableKind::Float { .. } => Self::Float,
            VariableKind::Uuid => Self::Uuid,
            _ => Self::Custom,
        }
    }
}

/// The variables of `rule`, in order.
pub(crate) fn variables(rule: &LitStr) -> syn::Result<Vec<Variable>> {
    let text = rule.value();
    if let Some(at) = outside(&text, ['?', '#']) {
        let message = "a rule is a path, without a query: take `Query<…>` as an argument of the view";
        return Err(at_piece(rule, at..text.len(), message));
    }
    let parsed =
        Rule::parse(&text).map_err(|error| at_piece(rule, piece(&text, &error), &error.to_string()))?;
    Ok(found(&parsed, &text))
}

/// The variables in a subdomain or a host.
pub(crate) fn domain_variables(domain: &LitStr) -> syn::Result<Vec<Variable>> {
    let text = domain.value();
    if let Some(at) = text.find('/') {
        return Err(at_piece(domain, at..text.len(), "a domain has no slash: the path stands in the rule"));
    }
    let path = format!("/{text}");
    let parsed = Rule::parse(&path).map_err(|error| {
        let piece = piece(&path, &error);
        at_piece(domain, piece.start - 1..piece.end - 1, &error.to_string())
    })?;
    let mut variables = found(&parsed, &path);
    for variable in &mut variables {
        variable.place = variable.place.start - 1..variable.place.end - 1;
    }
    Ok(variables)
}

fn found(rule: &Rule, text: &str) -> Vec<Variable> {
    let one = |variable: &flagon_routing::Variable| Variable {
        name: variable.name().to_owned(),
        kind: variable.kind().into(),
        place: variable.at()..end_of_variable(text, variable.at(), variable.name()),
    };
    rule.variables().iter().map(one).collect()
}

/// The byte after the `>` that follows the name: an argument of the converter may hold a `>` too.
fn end_of_variable(text: &str, at: usize, name: &str) -> usize {
    let end = format!("{name}>");
    text[at..].find(&end).map_or(text.len(), |start| at + start + end.len())
}

/// The first of `letters` that is not inside a variable.
fn outside(text: &str, letters: [char; 2]) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(at, letter)| {
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => (),
        }
        (depth == 0 && letters.contains(&letter)).then_some(at)
    })
}

/// The piece of the rule that an error is about: a variable, a word, or one letter.
fn piece(text: &str, error: &RuleError) -> Range<usize> {
    let mut at = error.at().min(text.len());
    if let Some(named) = text[..at].strip_suffix('=') {
        // A named argument of a converter: its name belongs to it.
        at = named
            .rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .map_or(0, |before| before + 1);
    }
    let rest = &text[at..];
    let length = if rest.starts_with('<') {
        rest.find('>').map_or(rest.len(), |end| end + 1)
    } else {
        let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        word.max(rest.chars().next().map_or(0, char::len_utf8))
    };
    at..at + length
}
