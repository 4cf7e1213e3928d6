//! The stub of one view: attributes, documentation, a function that is still to be written.
//!
//! In: an endpoint's rules. Out: Rust. What Rust or Flagon has no word for becomes a comment that says so.
//! Never: looks at other endpoints.

use std::fmt::{self, Write as _};

use flagon_routing::{Rule, VariableKind};
use serde_json::Value;

use super::inventory::{Given, OldRule};

/// The methods that have an attribute of their own.
const SHORTHANDS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"];
const REFUSED: [&str; 2] = ["TRACE", "CONNECT"];

/// A view that is to be written.
#[derive(Debug)]
pub(crate) struct Stub {
    /// The function's name.
    pub(crate) name: String,
    attributes: Vec<String>,
    arguments: Vec<Argument>,
    doc: Option<String>,
    origin: Option<String>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Argument {
    name: String,
    ty: &'static str,
    is_optional: bool,
}

/// A rule that can be written down, with its variables.
struct Kept<'r> {
    old: &'r OldRule,
    path: String,
    methods: Vec<&'r str>,
    variables: Vec<(String, &'static str)>,
    defaults: Vec<(&'r str, String)>,
}

impl Stub {
    /// Makes the stub of an endpoint, whose name within its blueprint is `endpoint`; `prefix` is what its blueprint puts before the rules.
    pub(crate) fn new(name: String, endpoint: &str, rules: &[&OldRule], prefix: &str) -> Self {
        let mut notes = Vec::new();
        let mut kept: Vec<Kept<'_>> = Vec::new();
        for old in rules {
            match Kept::new(old, prefix, &mut notes) {
                Ok(rule) if rule.contradicts(&kept) => notes.push(format!(
                    "{:?} has a variable of another kind than the rules here: it needs a view of its own.",
                    old.rule
                )),
                Ok(rule) => kept.push(rule),
                Err(why) => notes.push(format!("{:?} {why}", old.rule)),
            }
        }
        let mut attributes: Vec<String> = kept.iter().map(Kept::attribute).collect();
        if endpoint.contains('.') || endpoint.is_empty() {
            notes.push(format!(
                "The endpoint {endpoint:?} is called {name:?} here: a dot parts the names of blueprints."
            ));
        } else if let Some(first) = attributes.first_mut().filter(|_| endpoint != name) {
            let _ = write!(first, ", endpoint = {endpoint:?}");
        }
        let first = rules.first();
        let origin = first.and_then(|rule| match (&rule.view, &rule.place) {
            (Some(view), Some(place)) => Some(format!("`{view}`, {}:{}", place.file, place.line)),
            (Some(view), None) => Some(format!("`{view}`")),
            (None, _) => None,
        });
        let doc = first.and_then(|rule| rule.doc.clone());
        Self { name, attributes, arguments: arguments(&kept), doc, origin, notes }
    }

    /// Whether a rule is left that Flagon can have.
    pub(crate) fn is_view(&self) -> bool {
        !self.attributes.is_empty()
    }

    /// Writes the stub, each line behind `indent`.
    pub(crate) fn write(&self, out: &mut String, indent: &str) {
        let mut line = |text: &str| {
            let _ = writeln!(out, "{}", format!("{indent}{text}").trim_end());
        };
        line("");
        for doc in self.doc.iter().flat_map(|doc| doc_lines(doc)) {
            line(&format!("/// {doc}"));
        }
        if let Some(origin) = &self.origin {
            if self.doc.is_some() {
                line("///");
            }
            line(&format!("/// In Flask {}.", plain(origin)));
        }
        for note in &self.notes {
            line(&format!("// {}", plain(note)));
        }
        if !self.is_view() {
            return;
        }
        for attribute in &self.attributes {
            line(&format!("#[{attribute})]"));
        }
        let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
        line(&format!("pub async fn {}({}) -> Result<Response> {{", self.name, arguments.join(", ")));
        line("    abort(501)");
        line("}");
    }
}

/// The underscore says that it is not looked at yet; the variable's name is the rest.
impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, ty) = (&self.name, self.ty);
        if self.is_optional { write!(f, "_{name}: Option<{ty}>") } else { write!(f, "_{name}: {ty}") }
    }
}

/// The arguments of a view that answers all of `rules`.
fn arguments(rules: &[Kept<'_>]) -> Vec<Argument> {
    let mut found: Vec<Argument> = Vec::new();
    for rule in rules {
        let of_defaults = rule.defaults.iter().map(|(name, literal)| ((*name).to_owned(), type_of(literal)));
        for (name, ty) in rule.variables.iter().cloned().chain(of_defaults) {
            if found.iter().all(|argument| argument.name != name) {
                let is_optional = !rules.iter().all(|rule| rule.gives(&name));
                found.push(Argument { name, ty, is_optional });
            }
        }
    }
    found
}

fn type_of(literal: &str) -> &'static str {
    match literal.chars().next() {
        Some('"') => "String",
        Some('t' | 'f') => "bool",
        _ if literal.contains(['.', 'e']) => "f64",
        _ => "i64",
    }
}

impl<'r> Kept<'r> {
    fn new(old: &'r OldRule, prefix: &str, notes: &mut Vec<String>) -> Result<Self, String> {
        if let Some(target) = &old.redirect_to {
            return Err(match target {
                Given::Value(target) => {
                    format!(
                        "leads to {target}: Route::redirect_to({:?}, {:?}, {target})",
                        old.endpoint, old.rule
                    )
                }
                Given::Repr(target) => format!("leads to what {target} says: write a view that redirects."),
            });
        }
        if old.build_only {
            return Err("only builds URLs and answers nothing.".to_owned());
        }
        if old.websocket {
            return Err("is for WebSocket.".to_owned());
        }
        let path = old.rule[prefix.len()..].to_owned();
        let rule = Rule::parse(&path).map_err(|error| format!("is no rule of Flagon: {error}."))?;
        let domain = old.host.as_ref().or(old.subdomain.as_ref());
        let of_domain = domain.map(|domain| Rule::parse(&format!("/{domain}"))).transpose();
        let of_domain = of_domain.map_err(|error| format!("has a domain that Flagon refuses: {error}."))?;
        let variables: Vec<(String, &'static str)> =
            [Some(rule), of_domain].iter().flatten().flat_map(variables).collect();
        let (methods, refused): (Vec<_>, Vec<_>) =
            old.own_methods().into_iter().partition(|method| !REFUSED.contains(method));
        if !refused.is_empty() {
            notes.push(format!(
                "{:?} answers {} too, which no view of Flagon may.",
                old.rule,
                refused.join(", ")
            ));
        }
        if methods.is_empty() {
            return Err("answers no method.".to_owned());
        }
        if !old.merge_slashes {
            notes.push(format!("{:?} keeps repeated slashes, which Flagon redirects to one.", old.rule));
        }
        let defaults = defaults(old, &variables, notes);
        Ok(Self { old, path, methods, variables, defaults })
    }

    /// Whether a variable has another type in one of `others`.
    fn contradicts(&self, others: &[Self]) -> bool {
        let known = others.iter().flat_map(|other| &other.variables);
        known
            .into_iter()
            .any(|(name, ty)| self.variables.iter().any(|(own, other)| own == name && other != ty))
    }

    fn gives(&self, name: &str) -> bool {
        self.variables.iter().any(|(known, _)| known == name)
            || self.defaults.iter().any(|(known, _)| *known == name)
    }

    /// The attribute without its last parenthesis.
    fn attribute(&self) -> String {
        let methods: Vec<String> = self.methods.iter().map(|method| format!("{method:?}")).collect();
        let mut text = match self.methods.as_slice() {
            [method] if SHORTHANDS.contains(method) => {
                format!("{}({:?}", method.to_ascii_lowercase(), self.path)
            }
            _ => format!("route({:?}, methods({})", self.path, methods.join(", ")),
        };
        if !self.defaults.is_empty() {
            let values: Vec<String> =
                self.defaults.iter().map(|(name, literal)| format!("{name} = {literal}")).collect();
            let _ = write!(text, ", defaults({})", values.join(", "));
        }
        if !self.old.strict_slashes {
            text += ", strict_slashes = false";
        }
        if let Some(host) = &self.old.host {
            let _ = write!(text, ", host = {host:?}");
        }
        if let Some(subdomain) = &self.old.subdomain {
            let _ = write!(text, ", subdomain = {subdomain:?}");
        }
        text
    }
}

fn variables(rule: &Rule) -> Vec<(String, &'static str)> {
    let kinds = rule.variables().iter().map(|variable| {
        let ty = match variable.kind() {
            VariableKind::Int { .. } => "i64",
            VariableKind::Float { .. } => "f64",
            VariableKind::Uuid => "flagon::Uuid",
            _ => "String",
        };
        (variable.name().to_owned(), ty)
    });
    kinds.collect()
}

/// The defaults that are literals of Rust; the others become notes.
fn defaults<'r>(
    old: &'r OldRule,
    variables: &[(String, &'static str)],
    notes: &mut Vec<String>,
) -> Vec<(&'r str, String)> {
    let mut found = Vec::new();
    for (name, value) in &old.defaults {
        let literal = match value {
            Given::Value(Value::String(text)) => Some(format!("{text:?}")),
            Given::Value(Value::Bool(it)) => Some(it.to_string()),
            Given::Value(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let is_variable = variables.iter().any(|(variable, _)| variable == name);
        match literal {
            Some(literal) if !is_variable => found.push((name.as_str(), literal)),
            // Only for building URLs: a rule that has the variable takes it from the path.
            Some(_) => (),
            None => {
                let text = match value {
                    Given::Repr(text) => text.clone(),
                    Given::Value(Value::Null) => "None".to_owned(),
                    Given::Value(value) => value.to_string(),
                };
                notes.push(format!("{:?} gives {name} = {text}.", old.rule));
            }
        }
    }
    found
}

/// A docstring as Markdown that says the same: indented lines are no programs of Rust, brackets no links.
fn doc_lines(doc: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_fenced = false;
    for line in doc.lines() {
        let line = plain(line);
        let is_indented = line.starts_with("    ") || line.starts_with('\t');
        if is_indented != is_fenced && !line.trim().is_empty() {
            lines.push(if is_fenced { "```" } else { "```text" }.to_owned());
            is_fenced = is_indented;
        }
        lines.push(if is_fenced { line } else { escaped(&line) });
    }
    if is_fenced {
        lines.push("```".to_owned());
    }
    lines
}

/// Without characters that end a line or change the direction of what is read.
fn plain(text: &str) -> String {
    let is_plain = |c: &char| {
        *c == '\t' || !c.is_control() && !matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(is_plain).collect()
}

fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut is_code = false;
    for c in line.chars() {
        is_code ^= c == '`';
        if !is_code && matches!(c, '[' | ']' | '<' | '>') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
