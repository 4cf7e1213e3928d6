//! What of two answers may differ.

use std::time::Duration;

use crate::{
    noise::{Noise, Random},
    selector::{Selector, SelectorError},
};

/// What of two answers may differ.
///
/// By themselves these differences are passed over: fields of one connection, `Date`, `Server`, `Via`, `Age`, `ETag`, `Last-Modified` and
/// `X-Request-Id`; the headers that keep browsers safe, which Flagon adds; values of cookies; times within two minutes of each other; tokens:
/// random texts of 20 characters and more, `nonce`s, and what a form sends as `csrf_token`; the order of a JSON object's members; in HTML
/// white space, comments, the order of attributes and of classes.
///
/// # Examples
///
/// ```
/// use flagon_shadow::{Answer, Rules, compare};
///
/// let one = Answer::new(200, [("content-type", "application/json")], "{\"id\": 1, \"at\": \"2026-11-23T10:43:50Z\", \"hits\": 17}");
/// let other = Answer::new(200, [("content-type", "application/json")], "{\"at\": \"2026-11-23T10:43:51Z\", \"hits\": 18, \"id\": 1}");
/// assert_eq!(compare(&one, &other, &Rules::default())[0].place, "json /hits");
/// assert!(compare(&one, &other, &Rules::default().ignore_json("/hits")).is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct Rules {
    pub(crate) noise: Noise,
    pub(crate) headers: Vec<String>,
    pub(crate) json: Vec<Vec<String>>,
    pub(crate) html: Vec<Selector>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            noise: Noise { near: Duration::from_mins(2), tokens: Random::Ignored, ids: Random::Compared },
            headers: IGNORED.map(str::to_owned).into(),
            json: Vec::new(),
            html: Vec::new(),
        }
    }
}

impl Rules {
    /// Passes over the field `name`.
    #[must_use]
    pub fn ignore_header(mut self, name: &str) -> Self {
        self.headers.push(name.to_ascii_lowercase());
        self
    }

    /// Compares the field `name`, though it is one of those that are passed over.
    #[must_use]
    pub fn compare_header(mut self, name: &str) -> Self {
        self.headers.retain(|known| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Passes over what a JSON body has at `pointer` (RFC 6901), where `*` stands for any member or item: `/posts/*/views`.
    #[must_use]
    pub fn ignore_json(mut self, pointer: &str) -> Self {
        self.json.push(
            pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect(),
        );
        self
    }

    /// Passes over elements of HTML that fit `selector`, with all that is in them: a tag, `.class`, `#id`, `[name=value]`, or several of
    /// these in a row.
    ///
    /// # Errors
    ///
    /// When `selector` is none of these.
    pub fn ignore_html(mut self, selector: &str) -> Result<Self, SelectorError> {
        self.html.push(selector.parse()?);
        Ok(self)
    }

    /// Passes over UUIDs and hexadecimal numbers of 24 digits and more: where both sides make new ones.
    #[must_use]
    pub fn ignore_ids(mut self) -> Self {
        self.noise.ids = Random::Ignored;
        self
    }

    /// Compares random texts too.
    #[must_use]
    pub fn compare_tokens(mut self) -> Self {
        self.noise.tokens = Random::Compared;
        self
    }

    /// Takes two times for the same when they are at most `apart`.
    #[must_use]
    pub fn times_within(mut self, apart: Duration) -> Self {
        self.noise.near = apart;
        self
    }

    /// Whether what is at `path` of a JSON body is passed over.
    pub(crate) fn passes_json(&self, path: &[String]) -> bool {
        self.json.iter().any(|rule| {
            rule.len() == path.len() && rule.iter().zip(path).all(|(rule, part)| rule == "*" || rule == part)
        })
    }
}

const IGNORED: [&str; 27] = [
    "age",
    "alt-svc",
    "connection",
    "content-length",
    "content-security-policy",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "keep-alive",
    "last-modified",
    "nel",
    "origin-agent-cluster",
    "permissions-policy",
    "referrer-policy",
    "report-to",
    "reporting-endpoints",
    "server",
    "server-timing",
    "strict-transport-security",
    "transfer-encoding",
    "via",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "x-permitted-cross-domain-policies",
];
