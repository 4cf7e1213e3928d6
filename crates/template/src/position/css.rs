//! Where in a style sheet: values, strings, `url()`, comments.
//!
//! CSS Syntax §4.

use crate::context::Inner;

use super::{Refused, url::Url};

/// A place in a style sheet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Css {
    mode: Mode,
    /// A backslash, the begin or end of a comment, or the word before.
    pending: String,
    /// Whether the next string is a URL, as after `@import`.
    import: Import,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Import {
    #[default]
    No,
    Now,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
enum Mode {
    #[default]
    Code,
    String(char),
    /// `url(` with a quote, or without.
    Url(Option<char>, Url),
    /// Between `url(` and its value.
    UrlOpen,
    Comment,
    Broken,
}

impl Css {
    pub(crate) fn follow(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    fn step(&mut self, c: char) {
        match &mut self.mode {
            Mode::Code => self.code(c),
            Mode::Comment => match (self.pending.as_str(), c) {
                ("*", '/') => self.enter(Mode::Code),
                (_, '*') => "*".clone_into(&mut self.pending),
                _ => self.pending.clear(),
            },
            Mode::UrlOpen => match c {
                '"' | '\'' => self.enter(Mode::Url(Some(c), Url::default())),
                ')' => self.enter(Mode::Code),
                c if c.is_whitespace() => {}
                c => {
                    self.enter(Mode::Url(None, Url::default()));
                    self.step(c);
                }
            },
            Mode::String(quote) => {
                let quote = *quote;
                self.quoted(quote, c);
            }
            Mode::Url(quote, url) => {
                let quote = *quote;
                url.follow(c.encode_utf8(&mut [0; 4]));
                match quote {
                    Some(quote) => self.quoted(quote, c),
                    None => self.unquoted(c),
                }
            }
            Mode::Broken => {}
        }
    }

    fn enter(&mut self, mode: Mode) {
        self.mode = mode;
        self.pending.clear();
    }

    fn code(&mut self, c: char) {
        let before = std::mem::take(&mut self.pending);
        if before == "\\" {
            return;
        }
        match c {
            '*' if before == "/" => self.enter(Mode::Comment),
            '"' | '\'' if self.import == Import::Now => {
                self.import = Import::No;
                self.enter(Mode::Url(Some(c), Url::default()));
            }
            '"' | '\'' => self.enter(Mode::String(c)),
            '(' if matches!(before.to_ascii_lowercase().as_str(), "url" | "src") => self.enter(Mode::UrlOpen),
            '/' | '\\' => self.pending.push(c),
            ';' | '{' | '}' => self.import = Import::No,
            c if c.is_alphanumeric() || matches!(c, '@' | '-' | '_') => {
                self.pending = if before == "/" { String::new() } else { before };
                self.pending.push(c);
                if self.pending.eq_ignore_ascii_case("@import")
                    || self.pending.eq_ignore_ascii_case("@namespace")
                {
                    self.import = Import::Now;
                }
            }
            _ => {}
        }
    }

    fn quoted(&mut self, quote: char, c: char) {
        match (self.pending.as_str(), c) {
            ("\\", _) => self.pending.clear(),
            (_, '\\') => "\\".clone_into(&mut self.pending),
            (_, '\n' | '\r' | '\x0c') => self.enter(Mode::Broken),
            (_, c) if c == quote => self.enter(Mode::Code),
            _ => {}
        }
    }

    fn unquoted(&mut self, c: char) {
        match (self.pending.as_str(), c) {
            ("\\", _) => self.pending.clear(),
            (_, '\\') => "\\".clone_into(&mut self.pending),
            (_, ')') => self.enter(Mode::Code),
            _ => {}
        }
    }

    /// What a hole needs here; afterwards this is the place behind it.
    pub(crate) fn hole(&mut self) -> Result<Inner, Refused> {
        let pending = std::mem::take(&mut self.pending);
        if pending == "\\" {
            return Err(Refused::new(
                "a hole right after a backslash",
                "put the backslash and the value apart",
            ));
        }
        if self.mode == Mode::UrlOpen {
            self.enter(Mode::Url(None, Url::default()));
        }
        match &mut self.mode {
            Mode::Code if pending == "/" => {
                Err(Refused::new("a hole right after a slash", "put a space between the slash and the value"))
            }
            Mode::Code => Ok(Inner::CssValue),
            Mode::String(_) => Ok(Inner::CssString),
            Mode::Url(_, url) => match url.hole()? {
                Inner::Url => Ok(Inner::CssUrl),
                Inner::UrlSegment | Inner::UrlRooted => Err(Refused::new(
                    "a hole that completes the begin of a URL in a style sheet",
                    "write the whole URL as one value: url(\"{{ url }}\")",
                )),
                _ => Ok(Inner::CssString),
            },
            Mode::Comment => Err(Refused::new(
                "a hole within a comment of a style sheet",
                "use {# … #}, which leaves the comment out of the page",
            )),
            Mode::Broken | Mode::UrlOpen => Err(Refused::new(
                "a hole in a style sheet with a string that is not closed",
                "close it on its line",
            )),
        }
    }

    pub(crate) fn loosen(&mut self) {
        if self.mode == Mode::Code && self.pending != "/" && self.pending != "\\" {
            self.pending.clear();
        }
        if let Mode::Url(_, url) = &mut self.mode {
            url.loosen();
        }
    }

    /// The place after either of two branches.
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        let settled = |css: &Self| {
            let mut css = css.clone();
            if css.mode == Mode::Code && css.pending != "/" && css.pending != "\\" {
                css.pending.clear();
            }
            css
        };
        let (mut one, mut other) = (settled(self), settled(other));
        if let (Mode::Url(_, url), Mode::Url(_, of_other)) = (&mut one.mode, &mut other.mode) {
            let joined = url.join(of_other);
            *url = joined.clone();
            *of_other = joined;
        }
        (one == other).then_some(one)
    }
}
