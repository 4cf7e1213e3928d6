//! Where in a URL: before its scheme is known, in its path, its query, or its fragment.

use crate::{context::Inner, escape::url};

use super::Refused;

/// A place in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Url {
    /// This static text so far, which may turn out to be a scheme.
    Start(String),
    /// A hole has begun the URL.
    AfterHole,
    /// A single `/` is all there is for sure: the holes before and behind it may have been empty.
    Rooted,
    Path,
    /// In a query, before or after the `=` of a parameter.
    Query(Parameter),
    Fragment,
    /// After a scheme that runs code, or makes a document.
    Code(String),
    /// After branches that left off in different parts.
    Unsure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Parameter {
    Name,
    Value,
}

impl Default for Url {
    fn default() -> Self {
        Self::Start(String::new())
    }
}

impl Url {
    pub(crate) fn follow(&mut self, text: &str) {
        for c in text.chars() {
            self.step(c);
        }
    }

    fn step(&mut self, c: char) {
        match (&mut *self, c) {
            (Self::AfterHole, ':') => *self = Self::Code("a scheme that is a value".to_owned()),
            (Self::Code(_), _) => {}
            (_, '#') => *self = Self::Fragment,
            (Self::Query(_), '&' | ';') => *self = Self::Query(Parameter::Name),
            (Self::Query(_), '=') => *self = Self::Query(Parameter::Value),
            (Self::Fragment | Self::Query(_), _) => {}
            (_, '?') => *self = Self::Query(Parameter::Name),
            (Self::Start(text), c) => {
                text.push(c);
                *self = started(std::mem::take(text));
            }
            (Self::AfterHole, '/' | '\\') => *self = Self::Rooted,
            (Self::Rooted, _) => *self = Self::Path,
            (Self::AfterHole | Self::Path | Self::Unsure, _) => {}
        }
    }

    /// What a hole needs here; afterwards this is the place behind it.
    pub(crate) fn hole(&mut self) -> Result<Inner, Refused> {
        match self {
            Self::Start(text) => {
                let inner = match text.trim_start_matches(|c: char| c <= ' ') {
                    "" => Inner::Url,
                    "/" => Inner::UrlRooted,
                    _ => Inner::UrlSegment,
                };
                *self = if inner == Inner::UrlRooted { Self::Rooted } else { Self::AfterHole };
                Ok(inner)
            }
            Self::Rooted => Ok(Inner::UrlRooted),
            Self::AfterHole => Ok(Inner::UrlSegment),
            Self::Path | Self::Fragment | Self::Query(Parameter::Name) => Ok(Inner::UrlPart),
            Self::Query(Parameter::Value) => Ok(Inner::UrlValue),
            Self::Unsure => Err(Refused::new(
                "a hole in a URL of which branches before have left off in different parts",
                "put the whole URL into each branch",
            )),
            Self::Code(scheme) => Err(Refused::new(
                format!("a hole in a URL after {scheme}"),
                "give the whole URL as one value, and for code use a <script> with addEventListener",
            )),
        }
    }

    pub(crate) fn loosen(&mut self) {
        if !matches!(self, Self::Code(_)) {
            *self = Self::Unsure;
        }
    }

    /// The place after either of two branches.
    pub(crate) fn join(&self, other: &Self) -> Self {
        match (self, other) {
            _ if self == other => self.clone(),
            (Self::Code(scheme), _) | (_, Self::Code(scheme)) => Self::Code(scheme.clone()),
            (Self::Start(text), Self::Rooted | Self::Path)
            | (Self::Rooted | Self::Path, Self::Start(text))
                if text == "/" =>
            {
                Self::Rooted
            }
            // Whichever it is, a colon must not make a scheme.
            (Self::Start(text), Self::AfterHole | Self::Path | Self::Rooted)
            | (Self::AfterHole | Self::Path | Self::Rooted, Self::Start(text)) => {
                if text.is_empty() {
                    Self::default()
                } else {
                    Self::AfterHole
                }
            }
            (Self::Rooted, Self::Path) | (Self::Path, Self::Rooted) => Self::Rooted,
            (Self::Start(_), Self::Start(_))
            | (Self::AfterHole, Self::Path | Self::Rooted)
            | (Self::Path | Self::Rooted, Self::AfterHole) => Self::AfterHole,
            (Self::Query(_), Self::Query(_)) => Self::Query(Parameter::Value),
            _ => Self::Unsure,
        }
    }
}

/// What a URL is that begins with `text`.
fn started(text: String) -> Url {
    match url::scheme(&text) {
        Some(scheme) if scheme.eq_ignore_ascii_case("data") => Url::Code("data:".to_owned()),
        Some(scheme) if matches!(&*scheme.to_ascii_lowercase(), "javascript" | "vbscript") => {
            Url::Code(format!("{}:", scheme.to_ascii_lowercase()))
        }
        Some(_) => Url::Path,
        None if text.contains('\\')
            || text.trim_start_matches(|c: char| c <= ' ').len() > 1 && text.contains('/') =>
        {
            Url::Path
        }
        None => Url::Start(text),
    }
}

impl Url {
    /// `data:image/png;base64,` in static text fixes what the value is.
    pub(crate) fn allow_data(&mut self, value_so_far: &str) {
        let value = value_so_far.trim_start().to_ascii_lowercase();
        let Some((kind, _)) = value.strip_prefix("data:").and_then(|rest| rest.split_once(',')) else {
            return;
        };
        let harmless = ["image/", "font/", "audio/", "video/"].iter().any(|start| kind.starts_with(start));
        if harmless && !kind.contains("xml") {
            *self = Self::Path;
        }
    }
}
