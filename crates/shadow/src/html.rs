//! The HTML bodies of two answers, by their trees.
//!
//! In: two documents. Out: elements, attributes and texts in which they differ. Passed over: white space but in `pre` and `textarea`, comments, the
//! order of attributes and classes, tokens of forms.

use std::borrow::Cow;

use crate::{
    difference::Difference,
    dom::{Dom, Id, ROOT, Seen},
    limit::MOST,
    rules::Rules,
};

/// Compares two documents.
pub(crate) fn compare(one: &str, other: &str, rules: &Rules, found: &mut Vec<Difference>) {
    let (one, other) = (Side { dom: Dom::parse(one), rules }, Side { dom: Dom::parse(other), rules });
    Walk { one: &one, other: &other, rules, found, path: Vec::new() }.nodes(ROOT, ROOT, Space::Collapsed);
}

/// One document, and what of it is not looked at.
struct Side<'a> {
    dom: Dom,
    rules: &'a Rules,
}

/// What white space means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Collapsed,
    Kept,
}

struct Walk<'a> {
    one: &'a Side<'a>,
    other: &'a Side<'a>,
    rules: &'a Rules,
    found: &'a mut Vec<Difference>,
    path: Vec<String>,
}

impl Side<'_> {
    /// The children of `id` that are compared.
    fn children(&self, id: Id, space: Space) -> Vec<Id> {
        let children = self.dom.children(id).iter().copied();
        children.filter(|child| self.is_compared(*child, space)).collect()
    }

    fn is_compared(&self, id: Id, space: Space) -> bool {
        match self.dom.seen(id) {
            None => false,
            Some(Seen::Text(text)) => space == Space::Kept || !text.trim().is_empty(),
            Some(Seen::Element(tag, attributes)) => {
                !self.rules.html.iter().any(|selector| selector.fits(tag, attributes))
            }
        }
    }

    /// A node in a few words.
    fn shown(&self, id: Id) -> String {
        match self.dom.seen(id) {
            Some(Seen::Text(text)) => collapsed(text).into_owned(),
            Some(Seen::Element(tag, attributes)) => {
                let attribute =
                    |text: String, (name, value): &(String, String)| text + " " + name + "=\"" + value + "\"";
                attributes.iter().fold(format!("<{tag}"), attribute) + ">"
            }
            None => String::new(),
        }
    }
}

impl Walk<'_> {
    /// Compares what is within two nodes of the same name.
    fn nodes(&mut self, one: Id, other: Id, space: Space) {
        if self.path.len() > DEPTH_MAX {
            return;
        }
        let (ones, others) = (self.one.children(one, space), self.other.children(other, space));
        // What is the same at both ends stays out of it, so that one more item is one difference.
        let is_same = |one: &Id, other: &Id| self.is_alike(*one, *other, space, 0);
        let before = ones.iter().zip(&others).take_while(|(one, other)| is_same(one, other)).count();
        let (one_rest, other_rest) = (&ones[before..], &others[before..]);
        let pairs = one_rest.iter().rev().zip(other_rest.iter().rev());
        let after = pairs.take_while(|(one, other)| is_same(one, other)).count();
        let (ones, others) = (&one_rest[..one_rest.len() - after], &other_rest[..other_rest.len() - after]);
        for at in 0..ones.len().max(others.len()) {
            if self.found.len() >= MOST {
                return;
            }
            self.pair(ones.get(at).copied(), others.get(at).copied(), before + at, space);
        }
    }

    fn pair(&mut self, one: Option<Id>, other: Option<Id>, at: usize, space: Space) {
        if let (Some(one), Some(other)) = (one, other)
            && let (Some(Seen::Element(tag, ones)), Some(Seen::Element(another, others))) =
                (self.one.dom.seen(one), self.other.dom.seen(other))
            && tag == another
        {
            self.path.push(if matches!(tag, "html" | "head" | "body") {
                tag.to_owned()
            } else {
                format!("{tag}[{at}]")
            });
            self.attributes(ones, others);
            let space =
                if matches!(tag, "pre" | "textarea" | "script" | "style") { Space::Kept } else { space };
            self.nodes(one, other, space);
            self.path.pop();
            return;
        }
        if let (Some(one), Some(other)) = (one, other)
            && self.is_alike(one, other, space, 0)
        {
            return;
        }
        let what = one.map(|one| self.one.shown(one));
        let else_ = other.map(|other| self.other.shown(other));
        let place = format!("html {}", self.path.join("/"));
        self.found.push(Difference::new(place, what.as_deref(), else_.as_deref()));
    }

    fn attributes(&mut self, ones: &[(String, String)], others: &[(String, String)]) {
        let value = |all: &[(String, String)], name: &str| {
            all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let is_token = is_token(ones) && is_token(others);
        let extra = others.iter().filter(|(name, _)| !ones.iter().any(|(known, _)| known == name));
        let names: Vec<_> = ones.iter().chain(extra).map(|(name, _)| name.clone()).collect();
        for name in names.iter().filter(|name| *name != "nonce" && !(is_token && *name == "value")) {
            let (one, other) = (value(ones, name), value(others, name));
            if !self.is_same_value(name, one.as_deref(), other.as_deref()) {
                let place = format!("html {}@{name}", self.path.join("/"));
                self.found.push(Difference::new(place, one.as_deref(), other.as_deref()));
            }
        }
    }

    fn is_same_value(&self, name: &str, one: Option<&str>, other: Option<&str>) -> bool {
        let classes = |text: &str| {
            let mut classes: Vec<_> = text.split_ascii_whitespace().map(str::to_owned).collect();
            classes.sort_unstable();
            classes
        };
        match (one, other) {
            (Some(one), Some(other)) if name == "class" => classes(one) == classes(other),
            (Some(one), Some(other)) => self.rules.noise.is_between(one, other),
            (one, other) => one == other,
        }
    }

    /// Whether two nodes are the same, with all that is in them.
    fn is_alike(&self, one: Id, other: Id, space: Space, depth: usize) -> bool {
        match (self.one.dom.seen(one), self.other.dom.seen(other)) {
            (Some(Seen::Text(one)), Some(Seen::Text(other))) => match space {
                Space::Kept => self.rules.noise.is_between(one, other),
                Space::Collapsed => self.rules.noise.is_between(&collapsed(one), &collapsed(other)),
            },
            (Some(Seen::Element(tag, ones)), Some(Seen::Element(another, others))) => {
                if tag != another || depth > DEPTH_MAX {
                    return tag == another;
                }
                let mut found = Vec::new();
                Walk { found: &mut found, path: Vec::new(), ..*self }.attributes(ones, others);
                let space =
                    if matches!(tag, "pre" | "textarea" | "script" | "style") { Space::Kept } else { space };
                let (ones, others) = (self.one.children(one, space), self.other.children(other, space));
                found.is_empty()
                    && ones.len() == others.len()
                    && ones
                        .iter()
                        .zip(&others)
                        .all(|(one, other)| self.is_alike(*one, *other, space, depth + 1))
            }
            _ => false,
        }
    }
}

/// Whether an element is a field or a `meta` that holds a token against forged requests.
fn is_token(attributes: &[(String, String)]) -> bool {
    attributes.iter().any(|(name, value)| name == "name" && TOKENS.contains(&value.as_str()))
}

/// White space as a browser shows it.
fn collapsed(text: &str) -> Cow<'_, str> {
    let is_plain = !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.contains(|c: char| c.is_whitespace() && c != ' ')
        && !text.contains("  ");
    if is_plain {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

const TOKENS: [&str; 4] = ["csrf_token", "csrf-token", "_csrf_token", "csrfmiddlewaretoken"];
/// Deeper than any page is; what is below is not compared.
const DEPTH_MAX: usize = 200;
