//! A rule made ready for a map: its steps through the tree, and how its URL is written.
//!
//! In: a [`Rule`], its host, and its converters. Out: a [`Compiled`]. Never: matches; the tree does.

use std::cmp::Reverse;

use crate::{
    Match, MergeSlashes, Reach, Rule, RuleId, Value,
    bound::{Bound, Check},
    found::Target,
    methods::MethodSet,
    part::{Extent, Part, Weight},
    pattern::{Pattern, Token},
    percent::push_path,
    pieces::Piece,
    spans::Spans,
    tree::Step,
};

/// A rule of a map.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) rule: Rule,
    pub(crate) methods: MethodSet,
    pub(crate) merge: MergeSlashes,
    answers_options: bool,
    /// The host's variables, then the path's.
    pub(crate) variables: Vec<Bound>,
    pub(crate) in_host: usize,
    pub(crate) domain: Pattern,
    path: Vec<Token>,
    write_domain: Vec<Write>,
    write_path: Vec<Write>,
    pub(crate) redirect_to: Option<RedirectTo>,
    /// The rules that this one redirects to when their defaults fit.
    pub(crate) overshadowed_by: Vec<usize>,
    /// Whether a match is final, without a check of its values or a redirect.
    pub(crate) is_plain: bool,
}

/// One stroke in writing a URL.
#[derive(Clone, Debug)]
enum Write {
    /// Text, percent-encoded.
    Text(String),
    /// The value of a variable.
    Variable(usize),
}

/// The target of `redirect_to`.
#[derive(Clone, Debug)]
pub(crate) struct RedirectTo {
    pub(crate) pieces: Vec<RedirectPiece>,
    from: RedirectFrom,
}

/// What a target is relative to. Its literal text alone decides that, so that no value can lead to another host.
#[derive(Clone, Copy, Debug)]
enum RedirectFrom {
    ApplicationRoot,
    HostRoot,
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) enum RedirectPiece {
    Text(Box<str>),
    Variable(usize),
}

/// A variable and the value that its converter does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unwritable {
    pub(crate) name: Box<str>,
    pub(crate) value: String,
    pub(crate) wanted: String,
}

/// Why a rule cannot be made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CompileError {
    /// A default is no value of its variable's converter.
    Default(Unwritable),
    /// `redirect_to` names a variable that the rule does not have.
    RedirectVariable(Box<str>),
}

impl From<Unwritable> for CompileError {
    fn from(unwritable: Unwritable) -> Self {
        CompileError::Default(unwritable)
    }
}

impl RedirectTo {
    fn new(target: &str, variables: &[Bound]) -> Result<Self, CompileError> {
        let mut pieces = Vec::new();
        let mut rest = target;
        while let Some((before, (name, after))) =
            rest.split_once('<').and_then(|(before, after)| Some((before, after.split_once('>')?)))
        {
            let index = variables.iter().position(|variable| *variable.name == *name);
            let index = index.ok_or_else(|| CompileError::RedirectVariable(name.into()))?;
            pieces.extend([RedirectPiece::Text(before.into()), RedirectPiece::Variable(index)]);
            rest = after;
        }
        pieces.push(RedirectPiece::Text(rest.into()));
        let literal = target.split('<').next().unwrap_or_default();
        let from = if literal.starts_with("//") || has_scheme(literal) {
            RedirectFrom::Nothing
        } else if literal.starts_with('/') {
            RedirectFrom::HostRoot
        } else {
            RedirectFrom::ApplicationRoot
        };
        Ok(Self { pieces, from })
    }

    /// Where the filled in text leads.
    pub(crate) fn target(&self, url: String) -> Target {
        match self.from {
            RedirectFrom::Nothing => Target::Absolute(url),
            RedirectFrom::HostRoot => Target::Absolute(format!("/{}", url.trim_start_matches('/'))),
            RedirectFrom::ApplicationRoot => Target::Below(url.trim_start_matches('/').to_owned()),
        }
    }
}

/// RFC 3986 §3.1.
fn has_scheme(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

impl Compiled {
    /// Puts a rule together; `variables` are the host's, then the path's.
    pub(crate) fn new(
        rule: Rule,
        domain: Pattern,
        variables: Vec<Bound>,
        methods: MethodSet,
        merge: MergeSlashes,
    ) -> Result<Self, CompileError> {
        let in_host = domain.variables.len();
        let mut path = rule.pattern.tokens.clone();
        if merge == MergeSlashes::Redirect {
            path.dedup_by(|a, b| *a == Token::Slash && *b == Token::Slash);
        }
        for token in &mut path {
            if let Token::Variable(index) = token {
                *index += in_host;
            }
        }
        let redirect_to = rule.redirect_to.as_deref().map(|target| RedirectTo::new(target, &variables));
        let mut compiled = Self {
            is_plain: redirect_to.is_none() && !rule.alias && variables.iter().all(|it| it.check.is_none()),
            answers_options: rule.answers_options(),
            rule,
            methods,
            merge,
            variables,
            in_host,
            domain,
            path,
            write_domain: Vec::new(),
            write_path: Vec::new(),
            redirect_to: redirect_to.transpose()?,
            overshadowed_by: Vec::new(),
        };
        compiled.write_domain = compiled.strokes(&compiled.domain.tokens)?;
        compiled.write_path = compiled.strokes(&compiled.path)?;
        Ok(compiled)
    }

    /// The rule's way through the tree.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = if self.domain.tokens.is_empty() {
            vec![Step::Static("".into())]
        } else {
            divide(&self.domain.tokens, &self.variables)
        };
        steps.extend(divide(&self.path, &self.variables));
        steps
    }

    /// The answer for a path that leads to this rule, which is number `rule`.
    #[inline]
    pub(crate) fn found(&self, rule: u32, spans: Spans, method: MethodSet) -> Match {
        Match {
            rule: RuleId(rule),
            spans,
            in_host: self.in_host,
            automatic_options: self.answers_options && method == MethodSet::OPTIONS,
        }
    }

    fn strokes(&self, tokens: &[Token]) -> Result<Vec<Write>, Unwritable> {
        let mut strokes = Vec::new();
        for token in tokens {
            let text = match token {
                Token::Slash => "/".to_owned(),
                Token::Literal(text) => encoded(text),
                Token::Variable(index) => {
                    let variable = &self.variables[*index];
                    let Some(value) = self.default(&variable.name) else {
                        strokes.push(Write::Variable(*index));
                        continue;
                    };
                    encoded(&write(variable, value)?)
                }
            };
            match strokes.last_mut() {
                Some(Write::Text(before)) => before.push_str(&text),
                _ => strokes.push(Write::Text(text)),
            }
        }
        Ok(strokes)
    }

    /// Orders the rules of an endpoint, the most suitable for building first.
    pub(crate) fn build_order(&self) -> (bool, Reverse<usize>, Reverse<usize>) {
        (self.rule.alias, Reverse(self.arguments().count()), Reverse(self.rule.defaults.len()))
    }

    /// The value that stands in for a variable.
    pub(crate) fn default(&self, name: &str) -> Option<&Value<'static>> {
        self.rule.defaults.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// The names of all values the rule needs: its variables and its defaults.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        let defaults = self.rule.defaults.iter().map(|(name, _)| &**name);
        let variables = self.variables.iter().map(|variable| &*variable.name);
        defaults.chain(variables.filter(|name| self.default(name).is_none()))
    }

    /// Whether `name` is a variable of the rule or has a default.
    pub(crate) fn has_argument(&self, name: &str) -> bool {
        self.arguments().any(|known| known == name)
    }

    /// Whether the two differ in nothing but literal options: then neither shows the other's defaults.
    fn is_same_url(&self, other: &Self) -> bool {
        let same = |a: &[Token], b: &[Token]| {
            a.len() == b.len()
                && a.iter().zip(b).all(|pair| match pair {
                    (Token::Variable(a), Token::Variable(b)) => {
                        self.variables[*a].name == other.variables[*b].name
                    }
                    (a, b) => a == b,
                })
        };
        same(&self.domain.tokens, &other.domain.tokens) && same(&self.path, &other.path)
    }

    /// Whether this rule shows what `other` shows when its variables have this rule's defaults.
    pub(crate) fn provides_defaults_for(&self, other: &Self) -> bool {
        let count = |rule: &Self| rule.arguments().count();
        !self.rule.build_only
            && !self.rule.defaults.is_empty()
            && !self.is_same_url(other)
            && count(self) == count(other)
            && self.arguments().all(|name| other.has_argument(name))
    }

    /// Whether the values are enough for this rule, and agree with its defaults.
    pub(crate) fn suits<'v>(&self, value: impl Fn(&str) -> Option<&'v Value<'v>>) -> bool {
        self.arguments().all(|name| match (self.default(name), value(name)) {
            (Some(default), Some(value)) => value == default,
            (default, value) => default.is_some() || value.is_some(),
        })
    }

    /// Writes the domain and the path, percent-encoded, with the values that `value` gives.
    pub(crate) fn write<'v>(
        &self,
        value: impl Fn(&str) -> Option<&'v Value<'v>>,
    ) -> Result<(String, String), Unwritable> {
        let line = |strokes: &[Write]| {
            let mut line = String::new();
            for stroke in strokes {
                match stroke {
                    Write::Text(text) => line.push_str(text),
                    Write::Variable(index) => {
                        let variable = &self.variables[*index];
                        let value = value(&variable.name).unwrap_or(&Value::None);
                        push_path(&mut line, &write(variable, value)?);
                    }
                }
            }
            Ok(line)
        };
        Ok((line(&self.write_domain)?, line(&self.write_path)?))
    }

    /// Whether the values lie within the limits of their converters.
    pub(crate) fn passes_checks<'t>(&self, text: impl Fn(usize) -> Option<&'t str>) -> bool {
        let passes = |index, check: &Check| text(index).is_some_and(|text| check.passes(text));
        self.variables
            .iter()
            .enumerate()
            .all(|(index, variable)| variable.check.as_ref().is_none_or(|check| passes(index, check)))
    }
}

fn write(variable: &Bound, value: &Value<'_>) -> Result<String, Unwritable> {
    variable.write(value).map_err(|wanted| Unwritable {
        name: variable.name.clone(),
        value: value.to_string(),
        wanted,
    })
}

fn encoded(text: &str) -> String {
    let mut line = String::new();
    push_path(&mut line, text);
    line
}

/// Divides tokens at slashes; from a variable that reaches across slashes on, nothing is divided.
fn divide(tokens: &[Token], variables: &[Bound]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut draft = Draft::default();
    for token in tokens {
        match token {
            Token::Slash if draft.takes_rest => draft.literal("/"),
            Token::Slash => steps.push(std::mem::take(&mut draft).finish(Extent::Segment)),
            Token::Literal(text) => {
                draft.weight.add_literal(text);
                draft.literal(text);
            }
            Token::Variable(index) => {
                let shape = variables[*index].shape.clone();
                draft.weight.add_variable(shape.weight());
                draft.takes_rest |= shape.reach() == Reach::Slashes;
                draft.pieces.push(Piece::Variable(shape));
            }
        }
    }
    if !draft.takes_rest {
        steps.push(draft.finish(Extent::Segment));
    } else if draft.cut_slash() {
        steps.push(draft.finish(Extent::RestBeforeSlash));
        steps.push(Step::Static("".into()));
    } else {
        steps.push(draft.finish(Extent::Rest));
    }
    steps
}

/// A step in the making.
#[derive(Default)]
struct Draft {
    pieces: Vec<Piece>,
    weight: Weight,
    takes_rest: bool,
}

impl Draft {
    fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(before)) => *before = format!("{before}{text}").into(),
            _ => self.pieces.push(Piece::Literal(text.into())),
        }
    }

    /// Takes away the slash at the end, if there is one.
    fn cut_slash(&mut self) -> bool {
        let Some(Piece::Literal(last)) = self.pieces.last_mut() else { return false };
        let Some(cut) = last.strip_suffix('/') else { return false };
        if cut.is_empty() {
            self.pieces.pop();
        } else {
            *last = cut.into();
        }
        true
    }

    fn finish(self, extent: Extent) -> Step {
        match &*self.pieces {
            [] => Step::Static("".into()),
            [Piece::Literal(text)] => Step::Static(text.clone()),
            _ => Step::Dynamic(Part::new(self.pieces, extent, self.weight)),
        }
    }
}
