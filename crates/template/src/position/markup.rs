//! Comments, document types, CDATA: places that hold no values.
//!
//! HTML §13.2.5.41 to §13.2.5.71.

use super::{Line, Place, Position, Refused};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Declaration {
    /// After `<!` and this.
    Begun(String),
    /// A comment, and what of its end has been seen; `>` stands for its begin, which may be its end as well.
    Comment(&'static str),
    /// Anything else up to `>`.
    Bogus,
    /// `<![CDATA[` in SVG and `MathML`, and what of its end has been seen.
    CData(&'static str),
}

impl Declaration {
    pub(super) fn refuse(&self) -> Refused {
        match self {
            Self::Comment(_) => Refused::new(
                "a hole within a comment",
                "use {# … #}, which leaves the comment out of the page, or move the value out of it",
            ),
            Self::CData(_) => Refused::new("a hole within CDATA", "write the text without CDATA"),
            Self::Begun(_) | Self::Bogus => {
                Refused::new("a hole within a declaration", "write the declaration as it is")
            }
        }
    }
}

impl Position {
    pub(super) fn declaration(&mut self, declaration: Declaration, c: char) -> Place {
        let next = match declaration {
            Declaration::Begun(begun) => self.begun(begun, c),
            Declaration::Bogus => (c != '>').then_some(Declaration::Bogus),
            Declaration::Comment(seen) => comment(seen, c),
            Declaration::CData(seen) => match (seen, c) {
                ("]]", '>') => None,
                ("]" | "]]", ']') => Some(Declaration::CData("]]")),
                (_, ']') => Some(Declaration::CData("]")),
                _ => Some(Declaration::CData("")),
            },
        };
        next.map_or(Place::Text(Line::Later), Place::Declaration)
    }

    fn begun(&self, mut begun: String, c: char) -> Option<Declaration> {
        begun.push(c);
        let cdata = self.foreign > 0 && "[CDATA[".starts_with(&begun);
        match begun.as_str() {
            "--" => Some(Declaration::Comment(">")),
            "[CDATA[" if cdata => Some(Declaration::CData("")),
            "-" => Some(Declaration::Begun(begun)),
            _ if cdata => Some(Declaration::Begun(begun)),
            _ if c == '>' => None,
            _ => Some(Declaration::Bogus),
        }
    }
}

fn comment(seen: &str, c: char) -> Option<Declaration> {
    Some(Declaration::Comment(match (seen, c) {
        (">" | ">-" | "--" | "--!", '>') => return None, // `<!-->` and `<!--->` are whole
        (">", '-') => ">-",
        (">-" | "-" | "--", '-') => "--",
        ("--!" | "", '-') => "-",
        ("--", '!') => "--!",
        _ => "",
    }))
}
