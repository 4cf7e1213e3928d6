//! Where in an HTML document a template stands: what its static text has opened and not closed yet.
//!
//! In: static text, and the places of holes. Out: the [`Chain`] that each hole needs, or why none would do. Never: looks at values.
//!
//! HTML §13.2.5, of which this follows the states that matter to a hole, character by character, so that text may be
//! cut anywhere by statements of the template.

mod attribute;
mod css;
mod js;
mod join;
mod markup;
mod raw;
mod tag;
mod url;

use std::borrow::Cow;

use crate::context::{Chain, Inner, Outer};

pub(crate) use self::attribute::{Meaning, meaning};
use self::{
    attribute::Value,
    markup::Declaration,
    raw::Raw,
    tag::{Gap, Tag},
};

/// Why a hole, or a piece of text, cannot be there, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) what: Cow<'static, str>,
    pub(crate) instead: &'static str,
}

impl Refused {
    pub(crate) fn new(what: impl Into<Cow<'static, str>>, instead: &'static str) -> Self {
        Self { what: what.into(), instead }
    }
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Position {
    place: Place,
    /// How many `<svg>` and `<math>` are open: within them `<script>` and `<style>` are tokenized differently.
    foreign: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    Text(Line),
    /// After `<` or `</`.
    TagOpen(Edge),
    TagName(Edge, String),
    /// In a start tag, or an end tag, between attributes.
    Tag(Tag, Gap),
    AttributeName(Tag, String),
    AfterName(Tag, String),
    BeforeValue(Tag, String),
    Value(Tag, Value),
    Declaration(Declaration),
    Raw(Raw),
}

/// Whether a line break would be the first character of a `<pre>` or `<textarea>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    First,
    Later,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Edge {
    Start,
    End,
}

/// What can be said of a hole's value before it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hole {
    Any,
    /// A constant of the template; see [`Position::allows`].
    Constants,
    /// The result of `xmlattr`: attributes, after a space.
    Attributes,
    /// The result of `urlencode`, which must not be encoded twice.
    UrlEncoded,
}

impl Default for Position {
    fn default() -> Self {
        Self { place: Place::Text(Line::Later), foreign: 0 }
    }
}

impl Position {
    /// The begin of a document in SVG or XHTML, where no element holds raw text.
    pub(crate) fn foreign() -> Self {
        Self { foreign: 1, ..Self::default() }
    }

    /// Whether this is text between tags.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.place, Place::Text(_))
    }

    /// Follows `text`; gives where in it the start tags of scripts and styles end that have no nonce.
    ///
    /// # Errors
    ///
    /// The place and the reason, if what the browser would make of it cannot be told.
    pub(crate) fn follow(&mut self, text: &str) -> Result<Vec<usize>, (usize, Refused)> {
        let mut without_nonce = Vec::new();
        for (at, c) in text.char_indices() {
            let lacks_nonce = c == '>' && self.ends_tag_without_nonce();
            self.step(c).map_err(|refused| (at, refused))?;
            if lacks_nonce {
                without_nonce.push(if text[..at].ends_with('/') { at - 1 } else { at });
            }
        }
        Ok(without_nonce)
    }

    /// What people call this place.
    pub(crate) fn describe(&self) -> String {
        match &self.place {
            Place::Text(_) => "text".to_owned(),
            Place::TagOpen(_) => "the begin of a tag".to_owned(),
            Place::TagName(_, name) => format!("the tag <{name}"),
            Place::Tag(tag, _)
            | Place::AttributeName(tag, _)
            | Place::AfterName(tag, _)
            | Place::BeforeValue(tag, _) => {
                format!("the tag <{}", tag.name)
            }
            Place::Value(tag, value) => format!("{} of the tag <{}", value.describe(), tag.name),
            Place::Declaration(Declaration::Comment(_)) => "a comment".to_owned(),
            Place::Declaration(_) => "a declaration".to_owned(),
            Place::Raw(raw) => format!("the content of <{}>", raw.element),
        }
    }

    fn ends_tag_without_nonce(&self) -> bool {
        let tag = match &self.place {
            Place::TagName(Edge::Start, name) => return matches!(name.as_str(), "script" | "style"),
            Place::Tag(tag, _) => tag,
            Place::AttributeName(tag, name) | Place::AfterName(tag, name) | Place::BeforeValue(tag, name)
                if name != "nonce" =>
            {
                tag
            }
            Place::Value(tag, value) if !value.is_quoted() && !value.is_of("nonce") => tag,
            _ => return false,
        };
        tag.wants_nonce()
    }

    fn step(&mut self, c: char) -> Result<(), Refused> {
        let place = std::mem::replace(&mut self.place, Place::Text(Line::Later));
        self.place = match place {
            Place::Text(_) if c == '<' => Place::TagOpen(Edge::Start),
            Place::Text(_) => Place::Text(Line::Later),
            Place::TagOpen(edge) => tag_open(edge, c),
            Place::TagName(edge, name) => self.tag_name(edge, name, c),
            Place::Tag(tag, gap) => self.in_tag(tag, gap, c)?,
            Place::AttributeName(tag, name) => self.attribute_name(tag, name, c),
            Place::AfterName(tag, name) => self.after_name(tag, name, c),
            Place::BeforeValue(tag, name) => self.before_value(tag, &name, c)?,
            Place::Value(tag, value) => self.in_value(tag, value, c)?,
            Place::Declaration(declaration) => self.declaration(declaration, c),
            Place::Raw(raw) => self.raw(raw, c)?,
        };
        Ok(())
    }

    fn tag_name(&mut self, edge: Edge, mut name: String, c: char) -> Place {
        if c.is_ascii_whitespace() {
            return Place::Tag(Tag::new(edge == Edge::End, name), Gap::Space);
        }
        match c {
            '/' => Place::Tag(Tag::new(edge == Edge::End, name), Gap::Slash),
            '>' => self.close(&Tag::new(edge == Edge::End, name), Gap::None),
            c => {
                name.push(c.to_ascii_lowercase());
                Place::TagName(edge, name)
            }
        }
    }

    /// What a hole needs here; afterwards this is the place behind it.
    pub(crate) fn hole(&mut self, hole: Hole) -> Result<Chain, Refused> {
        match &mut self.place {
            Place::Text(Line::Later) => Ok(Chain::TEXT),
            Place::Text(line) => {
                *line = Line::Later;
                Ok(Chain::new(Inner::FirstLine, Outer::Text))
            }
            Place::Raw(raw) => raw.hole(),
            Place::Value(_, value) => value.hole(hole),
            Place::BeforeValue(tag, name) => {
                let mut value = Value::new(tag, name, None);
                let chain = value.hole(hole);
                self.place = Place::Value(tag.clone(), value);
                chain
            }
            Place::Declaration(declaration) => Err(declaration.refuse()),
            Place::TagOpen(_) => Err(Refused::new(
                "a hole right after `<`",
                "write &lt; if the sign is meant, or the tag's name as it is",
            )),
            Place::TagName(Edge::Start, _) if matches!(hole, Hole::Attributes | Hole::Constants) => {
                self.attributes_hole(hole)
            }
            Place::TagName(..) => Err(Refused::new(
                "a hole within a tag's name",
                "write the names, each in a branch: {% if … %}<a>{% else %}<b>{% endif %}",
            )),
            Place::Tag(..) | Place::AttributeName(..) | Place::AfterName(..) => self.attributes_hole(hole),
        }
    }

    /// Whether `constant` can stand here, as an attribute, without a hole's escaping.
    pub(crate) fn allows(&self, constant: &str) -> bool {
        let mut place = self.settled();
        if !matches!(
            place.place,
            Place::TagName(..) | Place::Tag(..) | Place::AttributeName(..) | Place::AfterName(..)
        ) {
            return true; // it is escaped as anything else
        }
        let separate = constant.is_empty()
            || constant.starts_with(' ')
            || matches!(
                place.place,
                Place::Tag(_, Gap::Space | Gap::None | Gap::Slash) | Place::AfterName(..)
            );
        separate && place.follow(constant).is_ok() && place.is_between_attributes()
    }

    fn is_between_attributes(&self) -> bool {
        match &self.place {
            Place::Tag(..) | Place::AttributeName(..) | Place::AfterName(..) | Place::TagName(..) => true,
            Place::Value(_, value) => !value.is_quoted(),
            _ => false,
        }
    }

    fn attributes_hole(&mut self, hole: Hole) -> Result<Chain, Refused> {
        let place = std::mem::replace(&mut self.place, Place::Text(Line::Later));
        let mut tag = match place {
            Place::TagName(_, name) => Tag::new(false, name),
            Place::Tag(tag, _) | Place::AttributeName(tag, _) | Place::AfterName(tag, _) => tag,
            _ => unreachable!("called for places within a tag"),
        };
        if tag.is_end() {
            return Err(Refused::new("a hole within an end tag", "end tags have no attributes"));
        }
        let chain = match hole {
            Hole::Attributes => Chain::new(Inner::Attributes, Outer::Text),
            Hole::Constants => Chain::new(Inner::Plain, Outer::Raw),
            _ => {
                return Err(Refused::new(
                    "a hole where an attribute's name would stand",
                    "write name=\"{{ … }}\"; or {% if … %}name{% endif %}; or {{ attributes|xmlattr }} for a map",
                ));
            }
        };
        tag.forget_type();
        self.place = Place::Tag(tag, Gap::Unsure);
        Ok(chain)
    }
}

fn tag_open(edge: Edge, c: char) -> Place {
    match (edge, c) {
        (_, c) if c.is_ascii_alphabetic() => Place::TagName(edge, c.to_ascii_lowercase().to_string()),
        (Edge::Start, '/') => Place::TagOpen(Edge::End),
        (Edge::Start, '!') => Place::Declaration(Declaration::Begun(String::new())),
        (Edge::Start, '<') => Place::TagOpen(Edge::Start),
        (Edge::End, '>') => Place::Text(Line::Later),
        (Edge::Start, '?') | (Edge::End, _) => Place::Declaration(Declaration::Bogus),
        (Edge::Start, _) => Place::Text(Line::Later),
    }
}
