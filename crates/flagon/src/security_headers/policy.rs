//! Content-Security-Policy: what a page may load and run (CSP Level 3).

use std::fmt::Write as _;

/// What stands for the nonce of scripts until there is one.
pub(super) const SCRIPT_NONCE: char = '\u{1}';
/// What stands for the nonce of styles until there is one.
pub(super) const STYLE_NONCE: char = '\u{2}';

/// What a page may load and run: the directives of a Content-Security-Policy, in their order.
///
/// The default lets a page load from its own origin, run scripts and styles that have the answer's
/// [nonce](crate::csp_nonce), be framed by nobody, and give no text to what makes markup or code of it (Trusted Types):
///
/// ```text
/// default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';
/// form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types flagon default dompurify
/// ```
///
/// Where the page has a nonce, `'nonce-…' 'strict-dynamic'` joins `script-src`, so that nothing but what the page itself
/// named is run, and `'nonce-…'` joins `style-src`.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// let app = App::new("map").security_headers(|headers| {
///     headers.csp(|policy| policy.allow("img-src", "https://tiles.example.org").set("frame-ancestors", "'self'"))
/// });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentSecurityPolicy {
    directives: Vec<(String, String)>,
}

impl Default for ContentSecurityPolicy {
    fn default() -> Self {
        Self::empty()
            .set("default-src", "'self'")
            .set("script-src", "'self'")
            .set("style-src", "'self'")
            .set("img-src", "'self' data:")
            .set("object-src", "'none'")
            .set("base-uri", "'none'")
            .set("form-action", "'self'")
            .set("frame-ancestors", "'none'")
            .set("require-trusted-types-for", "'script'")
            .set("trusted-types", "flagon default dompurify")
    }
}

impl ContentSecurityPolicy {
    /// A policy that says nothing, for one of one's own: `set` each directive.
    pub fn empty() -> Self {
        Self { directives: Vec::new() }
    }

    /// Says what `directive` is, in the place of what it was.
    ///
    /// # Panics
    ///
    /// When the directive or a source can't stand in a policy, or a keyword has no quotes.
    #[must_use]
    #[track_caller]
    pub fn set(mut self, directive: &str, sources: &str) -> Self {
        check(directive, sources);
        let sources = sources.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        match self.directives.iter_mut().find(|(known, _)| known == directive) {
            Some((_, known)) => *known = sources,
            None => self.directives.push((directive.to_owned(), sources)),
        }
        self
    }

    /// Adds a source to `directive`. One that was not there begins with what `default-src` says, since it takes its place.
    ///
    /// # Panics
    ///
    /// As [`set`](Self::set) does.
    #[must_use]
    #[track_caller]
    pub fn allow(self, directive: &str, source: &str) -> Self {
        let falls_back = directive.ends_with("-src");
        let before = self.get(directive).or_else(|| self.get("default-src").filter(|_| falls_back));
        let sources = match before {
            None | Some("" | "'none'") => source.to_owned(),
            Some(before) if before.split(' ').any(|known| known == source) => before.to_owned(),
            Some(before) => format!("{before} {source}"),
        };
        self.set(directive, &sources)
    }

    /// Leaves `directive` out.
    #[must_use]
    pub fn remove(mut self, directive: &str) -> Self {
        self.directives.retain(|(known, _)| known != directive);
        self
    }

    /// Leaves Trusted Types out: text may become markup and code again.
    #[must_use]
    pub fn without_trusted_types(self) -> Self {
        self.remove("require-trusted-types-for").remove("trusted-types")
    }

    /// The sources of `directive`, as they are written.
    pub fn get(&self, directive: &str) -> Option<&str> {
        self.directives.iter().find(|(known, _)| known == directive).map(|(_, sources)| sources.as_str())
    }

    /// The whole text, with a mark in each place that a nonce goes to.
    pub(super) fn marked(&self) -> String {
        let mut text = String::new();
        for (directive, sources) in &self.directives {
            let mark = match directive.as_str() {
                "script-src" | "script-src-elem" => Some(SCRIPT_NONCE),
                "style-src" | "style-src-elem" => Some(STYLE_NONCE),
                _ => None,
            };
            // A nonce would turn off what somebody asked for: `'unsafe-inline'` (CSP Level 3 §6.7.3.2), and `'none'`,
            // which counts only when it stands alone.
            let mark = mark.filter(|_| !sources.contains("'unsafe-inline'") && sources != "'none'");
            let join = if text.is_empty() { "" } else { "; " };
            let space = if sources.is_empty() { "" } else { " " };
            write!(text, "{join}{directive}{space}{sources}").expect("text takes everything");
            text.extend(mark);
        }
        text
    }
}

#[track_caller]
fn check(directive: &str, sources: &str) {
    const KEYWORDS: [&str; 9] = [
        "self",
        "none",
        "unsafe-inline",
        "unsafe-eval",
        "wasm-unsafe-eval",
        "strict-dynamic",
        "unsafe-hashes",
        "report-sample",
        "script",
    ];
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    assert!(
        !directive.is_empty() && directive.bytes().all(is_name),
        "{directive:?} is no directive of a Content-Security-Policy, such as \"img-src\""
    );
    for source in sources.split_ascii_whitespace() {
        assert!(
            source.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b','),
            "{source:?} can't be a source of {directive}: it has a character that ends it"
        );
        assert!(
            !KEYWORDS.contains(&source),
            "{source:?} would be a host of that name: write \"'{source}'\" with its quotes for {directive}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_that_is_new_begins_with_the_default() {
        let policy = ContentSecurityPolicy::default()
            .allow("connect-src", "https://api.example.org")
            .allow("object-src", "https://media.example.org")
            .allow("img-src", "data:");
        assert_eq!(policy.get("connect-src"), Some("'self' https://api.example.org"));
        assert_eq!(policy.get("object-src"), Some("https://media.example.org"));
        assert_eq!(policy.get("img-src"), Some("'self' data:"));
        assert_eq!(policy.remove("img-src").get("img-src"), None);
    }

    #[test]
    fn unsafe_inline_gets_no_nonce() {
        let policy = ContentSecurityPolicy::empty()
            .set("script-src", "'self'  'unsafe-inline'")
            .set("style-src", "'self'")
            .set("upgrade-insecure-requests", "");
        assert_eq!(
            policy.marked(),
            format!(
                "script-src 'self' 'unsafe-inline'; style-src 'self'{STYLE_NONCE}; upgrade-insecure-requests"
            )
        );
    }

    #[test]
    #[should_panic(expected = "write \"'self'\" with its quotes")]
    fn a_keyword_without_quotes_is_told() {
        let _ = ContentSecurityPolicy::empty().set("img-src", "self");
    }

    #[test]
    #[should_panic(expected = "has a character that ends it")]
    fn a_source_ends_no_directive() {
        let _ = ContentSecurityPolicy::empty().allow("img-src", "https://a;script-src");
    }
}
