//! Within a tag, outside of attributes' values.
//!
//! HTML §13.2.5.32 to §13.2.5.40.

use super::{Line, Place, Position, Refused, attribute::Value, raw::Raw};

/// A tag whose name is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tag {
    pub(super) name: String,
    end: bool,
    nonce: bool,
    /// What `type` says, of a script.
    pub(super) script: Script,
    /// Whether there may have been a `type`: of several the first counts.
    typed: bool,
}

/// What a `<script>` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Script {
    Code,
    /// Data that no browser runs, such as a template of the client's.
    Data,
    /// What a value says.
    Unknown,
}

/// What is before the next attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Gap {
    None,
    Space,
    Slash,
    /// Branches have left off here and there: a name may have begun.
    Unsure,
    /// A space after that: a name may be waiting for `=`.
    UnsureSpace,
}

impl Tag {
    pub(super) fn new(end: bool, name: String) -> Self {
        Self { name, end, nonce: false, script: Script::Code, typed: false }
    }

    pub(super) fn is_end(&self) -> bool {
        self.end
    }

    pub(super) fn wants_nonce(&self) -> bool {
        !self.end && !self.nonce && matches!(self.name.as_str(), "script" | "style")
    }

    /// Takes note of an attribute with this value; none when it is not known.
    pub(super) fn takes(&mut self, name: &str, value: Option<&str>) {
        if name == "nonce" {
            self.nonce = true;
        }
        if self.name == "script" && name == "type" {
            let said = value.map_or(Script::Unknown, script);
            self.script = if self.typed && said != self.script { Script::Unknown } else { said };
            self.typed = true;
        }
    }

    /// A hole has given attributes, `type` possibly among them.
    pub(super) fn forget_type(&mut self) {
        if self.name == "script" {
            (self.script, self.typed) = (Script::Unknown, true);
        }
    }

    /// The tag after either of two branches.
    pub(super) fn join(&self, other: &Self) -> Option<Self> {
        let same = self.name == other.name && self.end == other.end;
        let script = if self.script == other.script { self.script } else { Script::Unknown };
        let (nonce, typed) = (self.nonce && other.nonce, self.typed || other.typed);
        same.then(|| Self { nonce, script, typed, ..self.clone() })
    }
}

/// HTML §4.12.1: which types are scripts, modules and their kin; JSON is written as code is.
fn script(kind: &str) -> Script {
    let kind = kind.trim().to_ascii_lowercase();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    match essence {
        "" | "module" | "importmap" | "speculationrules" => Script::Code,
        _ if essence.ends_with("javascript") || essence.ends_with("ecmascript") => Script::Code,
        _ if essence.ends_with("/json") || essence.ends_with("+json") => Script::Code,
        "text/jscript" | "text/livescript" | "text/babel" | "text/jsx" | "text/typescript" => Script::Code,
        _ if essence.starts_with("text/javascript1.") => Script::Code,
        _ => Script::Data,
    }
}

impl Position {
    pub(super) fn in_tag(&mut self, tag: Tag, gap: Gap, c: char) -> Result<Place, Refused> {
        Ok(match (gap, c) {
            (_, '>') => self.close(&tag, gap),
            (_, '/') => Place::Tag(tag, Gap::Slash),
            (Gap::Unsure | Gap::UnsureSpace, c) if c.is_ascii_whitespace() => {
                Place::Tag(tag, Gap::UnsureSpace)
            }
            (_, c) if c.is_ascii_whitespace() => Place::Tag(tag, Gap::Space),
            (Gap::Unsure, _) => {
                return Err(Refused::new(
                    "a name that a branch before may have begun",
                    "write attributes' names in one piece, with a space before",
                ));
            }
            (Gap::UnsureSpace, '=') => {
                return Err(Refused::new(
                    "`=` after branches that have left off at different attributes",
                    "write the attribute, its name and its value, within each branch",
                ));
            }
            (_, c) => Place::AttributeName(tag, c.to_ascii_lowercase().to_string()),
        })
    }

    pub(super) fn attribute_name(&mut self, mut tag: Tag, mut name: String, c: char) -> Place {
        match c {
            '=' => Place::BeforeValue(tag, name),
            c if c.is_ascii_whitespace() => Place::AfterName(tag, name),
            '>' | '/' => {
                tag.takes(&name, Some(""));
                if c == '/' { Place::Tag(tag, Gap::Slash) } else { self.close(&tag, Gap::None) }
            }
            c => {
                name.push(c.to_ascii_lowercase());
                Place::AttributeName(tag, name)
            }
        }
    }

    pub(super) fn after_name(&mut self, mut tag: Tag, name: String, c: char) -> Place {
        match c {
            '=' => return Place::BeforeValue(tag, name),
            c if c.is_ascii_whitespace() => return Place::AfterName(tag, name),
            _ => tag.takes(&name, Some("")),
        }
        match c {
            '>' => self.close(&tag, Gap::None),
            '/' => Place::Tag(tag, Gap::Slash),
            c => Place::AttributeName(tag, c.to_ascii_lowercase().to_string()),
        }
    }

    pub(super) fn before_value(&mut self, mut tag: Tag, name: &str, c: char) -> Result<Place, Refused> {
        Ok(match c {
            '"' | '\'' => {
                let value = Value::new(&tag, name, Some(c));
                Place::Value(tag, value)
            }
            '>' => {
                tag.takes(name, Some(""));
                self.close(&tag, Gap::None)
            }
            c if c.is_ascii_whitespace() => Place::BeforeValue(tag, name.to_owned()),
            c => {
                let value = Value::new(&tag, name, None);
                self.in_value(tag, value, c)?
            }
        })
    }

    pub(super) fn in_value(&mut self, mut tag: Tag, mut value: Value, c: char) -> Result<Place, Refused> {
        if !value.ends_at(c) {
            value.push(c);
            return Ok(Place::Value(tag, value));
        }
        value.finish(&mut tag)?;
        Ok(match c {
            '>' => self.close(&tag, Gap::None),
            '"' | '\'' => Place::Tag(tag, Gap::None),
            _ => Place::Tag(tag, Gap::Space),
        })
    }

    /// What follows a tag.
    pub(super) fn close(&mut self, tag: &Tag, gap: Gap) -> Place {
        let is_foreign = matches!(tag.name.as_str(), "svg" | "math");
        if tag.end {
            self.foreign = self.foreign.saturating_sub(u8::from(is_foreign));
            return Place::Text(Line::Later);
        }
        let closed = gap == Gap::Slash && (self.foreign > 0 || is_foreign);
        if closed {
            return Place::Text(Line::Later);
        }
        self.foreign = self.foreign.saturating_add(u8::from(is_foreign));
        match Raw::of(tag, self.foreign > 0) {
            Some(raw) => Place::Raw(raw),
            None if matches!(tag.name.as_str(), "pre" | "listing") => Place::Text(Line::First),
            None => Place::Text(Line::Later),
        }
    }
}
