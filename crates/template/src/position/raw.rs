//! Within elements whose content holds no tags: scripts, styles, `<textarea>`, `<title>`, and what browsers keep for old pages.
//!
//! HTML §13.2.5.2 to §13.2.5.31.

use crate::context::{Chain, Inner, Outer};

use super::{
    Line, Place, Position, Refused,
    css::Css,
    js::Js,
    tag::{Gap, Script, Tag},
};

/// A place within such an element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Raw {
    pub(super) element: String,
    pub(super) content: Content,
    /// What has been seen of an end tag.
    pub(super) seen: String,
    /// The last characters of a script, in which `<!--` changes what its end is.
    pub(super) recent: String,
    pub(super) escaped: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    Js(Js),
    Css(Css),
    /// Character references are decoded.
    Text(Line),
    /// A script that is no code: it is written as HTML, which is what clients use it for.
    Data,
    /// No value can stand here.
    Sealed(&'static str),
    /// In SVG or `MathML`, where tags may be tags.
    Foreign,
}

impl Raw {
    /// The content of the element that `tag` opens, if it is raw.
    pub(super) fn of(tag: &Tag, foreign: bool) -> Option<Self> {
        let content = match tag.name.as_str() {
            "title" if foreign => return None,
            "script" | "style" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes" if foreign => {
                Content::Foreign
            }
            "script" => match tag.script {
                Script::Code => Content::Js(Js::default()),
                Script::Data => Content::Data,
                Script::Unknown => Content::Sealed("a hole in a script whose type is a value"),
            },
            "style" => Content::Css(Css::default()),
            "textarea" => Content::Text(Line::First),
            "title" => Content::Text(Line::Later),
            "xmp" | "noembed" | "noframes" | "plaintext" | "iframe" => {
                Content::Sealed("a hole in an element whose content browsers show as it is, or not at all")
            }
            _ => return None,
        };
        Some(Self {
            element: tag.name.clone(),
            content,
            seen: String::new(),
            recent: String::new(),
            escaped: false,
        })
    }

    fn text(&mut self, text: &str) -> Result<(), Refused> {
        match &mut self.content {
            Content::Js(js) => js.follow(text),
            Content::Css(css) => css.follow(text),
            Content::Text(line) => *line = Line::Later,
            Content::Foreign if text.starts_with('<') => {
                return Err(Refused::new(
                    "`<` within a script or style of SVG or MathML",
                    "write &lt;, or put the element outside of <svg> and <math>",
                ));
            }
            Content::Data | Content::Sealed(_) | Content::Foreign => {}
        }
        Ok(())
    }

    /// HTML §13.2.5.20 ff: within `<!--` a `<script>` has to be closed twice.
    fn guard(&mut self, c: char) -> Result<(), Refused> {
        if self.element != "script" {
            return Ok(());
        }
        if self.recent.chars().count() == 8 {
            self.recent.remove(0);
        }
        self.recent.push(c.to_ascii_lowercase());
        if self.recent.ends_with("<!--") {
            self.escaped = true;
        } else if self.recent.ends_with("-->") {
            self.escaped = false;
        } else if self.escaped && self.recent.starts_with("<script") && !c.is_ascii_alphanumeric() {
            return Err(Refused::new(
                "`<script` after `<!--` within a script",
                "write <\\!-- or \\u003cscript in strings of scripts",
            ));
        }
        Ok(())
    }

    pub(super) fn hole(&mut self) -> Result<Chain, Refused> {
        let seen = std::mem::take(&mut self.seen);
        self.recent.clear();
        if seen.len() > 1 && !matches!(self.content, Content::Text(_)) {
            return Err(Refused::new("a hole within what may become an end tag", "write <\\/ instead of </"));
        }
        if !seen.is_empty() {
            self.text(&seen)?;
        }
        let chain = match &mut self.content {
            Content::Js(js) => match js.hole()? {
                Inner::JsString | Inner::JsTemplate if seen == "<" => {
                    Chain::new(Inner::JsAfterLess, Outer::Raw)
                }
                inner => Chain::new(inner, Outer::Raw),
            },
            Content::Css(css) => Chain::new(css.hole()?, Outer::Raw),
            Content::Text(line) => {
                let inner = if *line == Line::First { Inner::FirstLine } else { Inner::Plain };
                *line = Line::Later;
                Chain::new(inner, Outer::Quoted)
            }
            Content::Data => Chain::new(Inner::Plain, Outer::Quoted),
            Content::Sealed(why) => {
                return Err(Refused::new(*why, "write it as it is, or put the value elsewhere"));
            }
            Content::Foreign => {
                return Err(Refused::new(
                    "a hole within a script, style or form element of SVG or MathML",
                    "put the element outside of <svg> and <math>",
                ));
            }
        };
        Ok(chain)
    }
}

impl Position {
    pub(super) fn raw(&mut self, mut raw: Raw, c: char) -> Result<Place, Refused> {
        let end_tag = format!("</{}", raw.element);
        if raw.seen == end_tag
            && (c.is_ascii_whitespace() || matches!(c, '/' | '>'))
            && raw.element != "plaintext"
        {
            let tag = Tag::new(true, raw.element);
            return Ok(match c {
                '>' => self.close(&tag, Gap::None),
                '/' => Place::Tag(tag, Gap::Slash),
                _ => Place::Tag(tag, Gap::Space),
            });
        }
        raw.guard(c)?;
        let longer = format!("{}{}", raw.seen, c.to_ascii_lowercase());
        if end_tag.starts_with(&longer) {
            raw.seen = longer;
            return Ok(Place::Raw(raw));
        }
        let seen = std::mem::take(&mut raw.seen);
        if !seen.is_empty() {
            raw.text(&seen)?;
        }
        if c == '<' {
            "<".clone_into(&mut raw.seen);
        } else {
            raw.text(c.encode_utf8(&mut [0; 4]))?;
        }
        Ok(Place::Raw(raw))
    }
}
