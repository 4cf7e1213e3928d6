//! What every page needs to know of its request: language, theme, its own address.

use std::collections::BTreeMap;

use flagon::{http::Version, prelude::*};

use crate::{language::Language, texts};

/// The cookie that keeps the language.
pub(crate) const LANGUAGE_COOKIE: &str = "language";
/// The cookie that keeps the theme.
pub(crate) const THEME_COOKIE: &str = "theme";

/// What all templates see besides what a view gives them.
#[derive(Debug, Serialize)]
pub(crate) struct Shared {
    page: Page,
    site: BTreeMap<&'static str, &'static str>,
}

/// Makes it for the current request: the site's context processor.
pub(crate) fn shared() -> Shared {
    let language = language();
    Shared { page: Page::here(language), site: texts::localized(texts::site(), language) }
}

/// The page in the making.
#[derive(Debug, Serialize)]
struct Page {
    lang: Language,
    html_lang: &'static str,
    other_html_lang: &'static str,
    other_href: String,
    href: String,
    bare_href: String,
    theme: &'static str,
    protocol: String,
    alternates: Vec<Alternate>,
}

#[derive(Debug, Serialize)]
struct Alternate {
    hreflang: &'static str,
    href: String,
}

impl Page {
    /// The page of the current request, in `language`.
    fn here(language: Language) -> Self {
        let request = request();
        let rest = beneath_language(request.path());
        let query = Some(request.query_string()).filter(|query| !query.is_empty());
        let in_language = |language: Language| match rest {
            Some(rest) => format!("/{language}/{rest}"),
            None => format!("/{language}/"),
        };
        let with_query = |path: String| query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
        Self {
            lang: language,
            html_lang: language.tag(),
            other_html_lang: language.other().tag(),
            other_href: with_query(in_language(language.other())),
            href: with_query(in_language(language)),
            bare_href: in_language(language),
            theme: theme(),
            protocol: protocol(),
            alternates: Language::ALL
                .map(|language| Alternate { hreflang: language.tag(), href: in_language(language) })
                .into(),
        }
    }
}

/// The language to answer in: the one that the address names, or else the reader's.
pub(crate) fn language() -> Language {
    language_of_path().unwrap_or_else(preferred_language)
}

/// The reader's language: that of the last page, or what the browser prefers, or English.
pub(crate) fn preferred_language() -> Language {
    let request = request();
    let kept = request.cookies().get(LANGUAGE_COOKIE).and_then(|code| code.parse().ok());
    let wanted = || request.best_language(&Language::ALL.map(Language::code))?.parse().ok();
    kept.or_else(wanted).unwrap_or(Language::En)
}

/// The language that the address of the current request names.
pub(crate) fn language_of_path() -> Option<Language> {
    request().path().get(1..3)?.parse().ok().filter(|_| beneath_language(request().path()).is_some())
}

/// What follows `/en/` or `/zh/`.
fn beneath_language(path: &str) -> Option<&str> {
    Language::ALL
        .iter()
        .find_map(|language| path.strip_prefix('/')?.strip_prefix(language.code())?.strip_prefix('/'))
}

fn theme() -> &'static str {
    let request = request();
    let kept = request.cookies().get(THEME_COOKIE);
    ["light", "dark"].into_iter().find(|theme| kept == Some(theme)).unwrap_or("auto")
}

fn protocol() -> String {
    let request = request();
    let version = match request.version() {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    };
    match &request.connection().tls {
        Some(tls) => format!("{version} + {}", tls.version),
        None => version.to_owned(),
    }
}
