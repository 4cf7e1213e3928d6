//! Within the value of an attribute, by what the attribute is for.

use crate::{
    context::{Chain, Inner, Outer},
    entities,
};

use super::{Hole, Position, Refused, css::Css, js::Js, tag::Tag, url::Url};

/// A place within a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    name: String,
    quote: Option<char>,
    language: Language,
    /// Text whose character references are not decoded yet.
    text: String,
    /// The static text of it so far, as far as it matters.
    whole: Option<String>,
    empty: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Language {
    Text,
    Url(Url),
    /// URLs with this between them.
    Urls(char, Url),
    Js(Js),
    Css(Css),
    Html(Box<Position>),
    /// The content of `<meta>`, which may be a redirect.
    Meta,
}

impl Value {
    pub(super) fn new(tag: &Tag, name: &str, quote: Option<char>) -> Self {
        let language = language(&tag.name, name);
        Self {
            name: name.to_owned(),
            quote,
            language,
            text: String::new(),
            whole: Some(String::new()),
            empty: true,
        }
    }

    pub(super) fn describe(&self) -> String {
        format!("the value of {}", self.name)
    }

    pub(super) fn is_of(&self, name: &str) -> bool {
        self.name == name
    }

    pub(super) fn is_quoted(&self) -> bool {
        self.quote.is_some()
    }

    pub(super) fn ends_at(&self, c: char) -> bool {
        match self.quote {
            Some(quote) => c == quote,
            None => c == '>' || c.is_ascii_whitespace(),
        }
    }

    pub(super) fn push(&mut self, c: char) {
        self.text.push(c);
        self.empty = false;
    }

    /// Follows the text that is not decoded yet.
    pub(super) fn flush(&mut self) -> Result<(), Refused> {
        if self.text.is_empty() {
            return Ok(());
        }
        let raw = std::mem::take(&mut self.text);
        let text = entities::decode(&raw);
        if let Some(whole) = &mut self.whole {
            whole.push_str(&text);
        }
        match &mut self.language {
            Language::Text | Language::Meta => {}
            Language::Url(url) => {
                url.follow(&text);
                url.allow_data(self.whole.as_deref().unwrap_or_default());
            }
            Language::Urls(separator, url) => {
                for (number, candidate) in text.split(*separator).enumerate() {
                    if number > 0 {
                        *url = Url::default();
                    }
                    url.follow(candidate);
                }
            }
            Language::Js(js) => js.follow(&text),
            Language::Css(css) => css.follow(&text),
            Language::Html(position) => {
                position.follow(&text).map_err(|(_, refused)| refused)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, tag: &mut Tag) -> Result<(), Refused> {
        self.flush()?;
        tag.takes(&self.name, self.whole.as_deref());
        Ok(())
    }

    pub(super) fn hole(&mut self, hole: Hole) -> Result<Chain, Refused> {
        self.flush()?;
        let before = self.whole.take().unwrap_or_default();
        let first = std::mem::replace(&mut self.empty, false);
        let outer = match self.quote {
            Some(_) => Outer::Quoted,
            None if first => Outer::UnquotedFirst,
            None => Outer::Unquoted,
        };
        let inner = match &mut self.language {
            Language::Html(position) => {
                let chain = position.hole(hole)?;
                if chain.around.is_some() {
                    return Err(Refused::new(
                        "a hole within srcdoc within srcdoc",
                        "serve the inner document by a URL",
                    ));
                }
                let inner = if chain.inner == Inner::Plain { Inner::Html } else { chain.inner };
                return Ok(Chain { inner, outer: chain.outer, around: Some(outer) });
            }
            Language::Meta if redirects(&before) => {
                self.language = Language::Url(Url::AfterHole);
                Inner::Url
            }
            Language::Text | Language::Meta => Inner::Plain,
            Language::Url(url) => url.hole()?,
            Language::Urls(separator, url) => match (*separator, url.hole()?) {
                (',', Inner::Url) => Inner::SrcSet,
                (',', inner) => inner,
                (_, Inner::Url) => Inner::UrlList,
                // Nothing within one URL may begin another.
                (_, Inner::UrlPart | Inner::UrlValue) => Inner::UrlValue,
                _ => {
                    return Err(Refused::new(
                        "a hole that completes the begin of a URL in a list",
                        "write the whole URL as one value, or the whole list",
                    ));
                }
            },
            Language::Js(js) => js.hole()?,
            Language::Css(css) => css.hole()?,
        };
        let encoded = hole == Hole::UrlEncoded && inner == Inner::UrlValue;
        Ok(Chain::new(if encoded { Inner::UrlPart } else { inner }, outer))
    }

    /// The same place, of which only is kept what any text within leaves as it is.
    pub(super) fn loosen(&mut self) {
        (self.whole, self.empty) = (None, false);
        match &mut self.language {
            Language::Url(url) | Language::Urls(_, url) => url.loosen(),
            Language::Js(js) => js.loosen(),
            Language::Css(css) => css.loosen(),
            Language::Html(position) => **position = position.loosened(),
            Language::Text | Language::Meta => {}
        }
    }

    /// The value after either of two branches.
    pub(super) fn join(&self, other: &Self) -> Option<Self> {
        if self.name != other.name || self.quote != other.quote {
            return None;
        }
        let language = match (&self.language, &other.language) {
            (one, other) if one == other => one.clone(),
            (Language::Url(one), Language::Url(other)) => Language::Url(one.join(other)),
            (Language::Urls(separator, one), Language::Urls(of_other, other)) if separator == of_other => {
                Language::Urls(*separator, one.join(other))
            }
            (Language::Js(one), Language::Js(other)) => Language::Js(one.join(other)?),
            (Language::Css(one), Language::Css(other)) => Language::Css(one.join(other)?),
            (Language::Html(one), Language::Html(other)) => Language::Html(Box::new(one.join(other)?)),
            (Language::Meta, Language::Url(url)) | (Language::Url(url), Language::Meta) => {
                Language::Url(url.clone())
            }
            _ => return None,
        };
        let whole = if self.whole == other.whole { self.whole.clone() } else { None };
        Some(Self { language, whole, empty: self.empty && other.empty, ..self.clone() })
    }
}

/// Whether a URL begins after `content="0; url=`.
fn redirects(before: &str) -> bool {
    let before = before.trim_end().trim_end_matches(['"', '\'']).trim_end().to_ascii_lowercase();
    before.strip_suffix('=').is_some_and(|before| before.trim_end().ends_with("url"))
}

fn language(tag: &str, name: &str) -> Language {
    match (name, meaning(name)) {
        ("style", _) => Language::Css(Css::default()),
        ("srcdoc", _) => Language::Html(Box::default()),
        ("content", _) if tag == "meta" => Language::Meta,
        (_, Meaning::Code) => Language::Js(Js::default()),
        // Only an animation gives these to another attribute, which may be `href`.
        ("to" | "from" | "by" | "values", _) if !tag.starts_with("animate") && tag != "set" => Language::Text,
        (_, Meaning::Url) => Language::Url(Url::default()),
        (_, Meaning::Urls(separator)) => Language::Urls(separator, Url::default()),
        (_, Meaning::Text) => Language::Text,
    }
}

/// What the values of an attribute are, in whatever tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Text,
    Url,
    /// URLs with this between them.
    Urls(char),
    /// Scripts, styles, documents.
    Code,
}

/// What the attribute `name` means.
pub(crate) fn meaning(name: &str) -> Meaning {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "style" | "srcdoc" => Meaning::Code,
        "srcset" | "imagesrcset" => Meaning::Urls(','),
        "values" => Meaning::Urls(';'),
        "href" | "src" | "action" | "formaction" | "data" | "poster" | "background" | "cite" | "longdesc"
        | "usemap" | "manifest" | "codebase" | "classid" | "archive" | "profile" | "icon" | "ping"
        | "dynsrc" | "lowsrc" | "to" | "from" | "by" => Meaning::Url,
        _ if is_script(&name) => Meaning::Code,
        _ if name.ends_with(":href") => Meaning::Url,
        _ => Meaning::Text,
    }
}

/// Event handlers, and the attributes of widespread libraries that hold expressions.
fn is_script(name: &str) -> bool {
    let event = name.len() > 2 && name.starts_with("on");
    event
        || name.starts_with(['@', ':'])
        || ["x-on:", "x-bind:", "v-on:", "v-bind:", "hx-on", "data-hx-on"]
            .iter()
            .any(|start| name.starts_with(start))
        || matches!(name, "x-data" | "x-init" | "x-effect" | "x-show" | "x-if" | "x-text" | "x-html")
        || matches!(name, "x-for" | "x-model" | "v-for" | "v-model" | "v-memo")
        || matches!(name, "v-if" | "v-else-if" | "v-show" | "v-text" | "v-html")
}
