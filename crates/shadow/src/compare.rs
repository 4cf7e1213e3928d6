//! The comparison of two whole answers.

use std::borrow::Cow;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};

use crate::{difference::Difference, dom::is_shallow, header, html, json, limit::MOST, rules::Rules};

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The fields.
    pub headers: HeaderMap,
    /// The body; `None` for one that was too long to be kept, and is not compared.
    pub body: Option<Bytes>,
}

impl Answer {
    /// Makes an answer of constants, for tests.
    ///
    /// # Panics
    ///
    /// When a part is not what HTTP allows there.
    ///
    /// # Examples
    ///
    /// See [`compare`].
    pub fn new<const N: usize>(
        status: u16,
        headers: [(&'static str, &'static str); N],
        body: impl Into<Bytes>,
    ) -> Self {
        let fields =
            headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Self {
            status: StatusCode::from_u16(status).expect("a status is from 100 to 999"),
            headers: fields.into_iter().collect(),
            body: Some(body.into()),
        }
    }

    fn media_type(&self) -> Cow<'_, str> {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim();
        if essence.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(essence.to_ascii_lowercase())
        } else {
            Cow::Borrowed(essence)
        }
    }

    fn is_packed(&self) -> bool {
        self.headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity")
    }
}

/// Compares two answers to one request. At most 50 differences are told.
///
/// # Examples
///
/// ```
/// use flagon_shadow::{Answer, Rules, compare};
///
/// let html = [("content-type", "text/html")];
/// let one = Answer::new(200, html, "<p class='a b'>one</p>");
/// let other = Answer::new(404, html, "<html><body>\n  <p class='b a'>two</p>\n</body></html>");
/// let found = compare(&one, &other, &Rules::default());
/// let places: Vec<_> = found.iter().map(|difference| &*difference.place).collect();
/// assert_eq!(places, ["status", "html html/body/p[0]"]);
/// ```
pub fn compare(one: &Answer, other: &Answer, rules: &Rules) -> Vec<Difference> {
    let mut found = Vec::new();
    if one.status != other.status {
        found.push(Difference::new("status", Some(one.status.as_str()), Some(other.status.as_str())));
    }
    header::compare(&one.headers, &other.headers, rules, &mut found);
    body(one, other, rules, &mut found);
    found.truncate(MOST);
    found
}

fn body(one: &Answer, other: &Answer, rules: &Rules, found: &mut Vec<Difference>) {
    let (Some(ones), Some(others)) = (&one.body, &other.body) else { return };
    if ones == others {
        return;
    }
    if one.is_packed() || other.is_packed() {
        return; // what is not the same packed may well be the same
    }
    let media_type = one.media_type();
    if media_type != other.media_type() {
        return found.push(sizes(ones, others)); // the fields say why
    }
    let texts = std::str::from_utf8(ones).ok().zip(std::str::from_utf8(others).ok());
    match (&*media_type, texts) {
        (kind, Some((one, other))) if kind == "application/json" || kind.ends_with("+json") => {
            match (serde_json::from_str(one), serde_json::from_str(other)) {
                (Ok(one), Ok(other)) => json::compare(&one, &other, rules, found),
                _ => lines(one, other, rules, found),
            }
        }
        ("text/html" | "application/xhtml+xml", Some((one, other)))
            if is_shallow(one) && is_shallow(other) =>
        {
            html::compare(one, other, rules, found);
        }
        (kind, Some((one, other))) if kind.starts_with("text/") || is_text(kind) => {
            lines(one, other, rules, found);
        }
        _ => found.push(sizes(ones, others)),
    }
}

fn is_text(kind: &str) -> bool {
    kind.ends_with("+xml")
        || ["application/xml", "application/javascript", "application/x-www-form-urlencoded", ""]
            .contains(&kind)
}

fn lines(one: &str, other: &str, rules: &Rules, found: &mut Vec<Difference>) {
    let (mut ones, mut others) = (one.lines(), other.lines());
    for number in 1.. {
        let (one, other) = (ones.next(), others.next());
        match (one, other) {
            (None, None) => return,
            (Some(one), Some(other)) if rules.noise.is_between(one, other) => (),
            _ if found.len() >= MOST => return,
            _ => found.push(Difference::new(format!("text line {number}"), one, other)),
        }
    }
}

fn sizes(one: &Bytes, other: &Bytes) -> Difference {
    let size = |bytes: &Bytes| format!("{} bytes", bytes.len());
    Difference::new("body", Some(&size(one)), Some(&size(other)))
}
