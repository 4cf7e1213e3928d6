//! Entity tags, and the conditional requests that carry them.
//!
//! In: the values of `ETag`, `If-Match`, `If-None-Match`, `If-Range` and the two dates beside them. Out: whether
//! two tags match, and what a condition means for the answer. Never: computes a tag.
//!
//! RFC 9110 §8.8.3 (tags), §13.1 (fields), §13.2.2 (their order).

use std::{fmt, time::SystemTime, time::UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, Method, header};

use crate::{http_date, method::is_retrieval};

/// An entity tag: the name of one state of a resource.
///
/// # Examples
///
/// ```
/// use flagon_http::etag::ETag;
///
/// let (strong, weak) = (ETag::strong("a1").unwrap(), ETag::weak("a1").unwrap());
/// assert_eq!(weak.to_string(), r#"W/"a1""#);
/// assert!(strong.matches_weakly(&weak) && !strong.matches_strongly(&weak));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag {
    is_weak: bool,
    opaque: Box<[u8]>,
}

impl ETag {
    /// Makes a tag for byte-for-byte equal content; `None` when `opaque` holds `"`, a space, a control byte or a
    /// byte outside ASCII.
    pub fn strong(opaque: &str) -> Option<Self> {
        let is_visible = opaque.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        is_visible.then(|| Self { is_weak: false, opaque: opaque.as_bytes().into() })
    }

    /// Makes a tag for content that is as good as equal; `None` as in [`ETag::strong`].
    pub fn weak(opaque: &str) -> Option<Self> {
        Self::strong(opaque).map(|tag| Self { is_weak: true, ..tag })
    }

    /// Makes a strong tag of whatever tells one state from another, such as the number of a version; letters that a tag
    /// can't hold are written as `%` and their bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_http::etag::ETag;
    ///
    /// assert_eq!(ETag::of_version(7).to_string(), r#""7""#);
    /// assert_eq!(ETag::of_version("2026-11-23 10:00").to_string(), r#""2026-11-23%2010:00""#);
    /// ```
    pub fn of_version(version: impl fmt::Display) -> Self {
        let text = version.to_string();
        let mut opaque = Vec::with_capacity(text.len());
        for byte in text.bytes() {
            if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
                opaque.push(byte);
            } else {
                opaque.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
        }
        Self { is_weak: false, opaque: opaque.into() }
    }

    /// The same tag, said to be weak.
    #[must_use]
    pub fn into_weak(self) -> Self {
        Self { is_weak: true, ..self }
    }

    /// Reads the value of an `ETag` field, one tag and nothing else.
    pub fn parse(field: &[u8]) -> Option<Self> {
        match take_tag(field.trim_ascii())? {
            (tag, []) => Some(tag),
            _ => None,
        }
    }

    /// The tag of the content as it is packed by `coding`, such as `br`: a strong tag names bytes, so these have one of their own
    /// (§8.8.3.3), `"v1~br"`. A weak one stays as it is. `None` where `coding` can't be a part of a tag.
    ///
    /// Conditions on states, `If-Match` and `If-None-Match`, take such a tag for the one that it was made of; `If-Range`, which
    /// is about bytes, does not.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_http::etag::{ETag, ETags};
    ///
    /// let tag = ETag::strong("v1").unwrap();
    /// assert_eq!(tag.coded("br").unwrap().to_string(), "\"v1~br\"");
    /// assert!(ETags::parse([b"\"v1~br\"".as_slice()]).unwrap().match_strongly(Some(&tag)));
    /// ```
    pub fn coded(&self, coding: &str) -> Option<Self> {
        if self.is_weak {
            return Some(self.clone());
        }
        Self::strong(coding)?;
        Some(Self { is_weak: false, opaque: [&*self.opaque, b"~", coding.as_bytes()].concat().into() })
    }

    /// The tag that [`coded`](Self::coded) made this one of, if it did.
    fn uncoded(&self) -> Option<Self> {
        let at = self.opaque.iter().rposition(|byte| *byte == b'~')?;
        let is_coding = CODINGS.contains(&&self.opaque[at + 1..]);
        is_coding.then(|| Self { is_weak: self.is_weak, opaque: self.opaque[..at].into() })
    }

    /// Whether the tag is weak.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// The text between the quotes, as bytes: a tag from elsewhere may hold any from 0x80 on.
    pub fn opaque(&self) -> &[u8] {
        &self.opaque
    }

    /// Strong comparison: the same text, and neither is weak. For ranges and `If-Match`.
    pub fn matches_strongly(&self, other: &Self) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    /// Weak comparison: the same text. For `If-None-Match`.
    pub fn matches_weakly(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// The tag as the value of an `ETag` field.
    pub fn to_header_value(&self) -> HeaderValue {
        let prefix: &[u8] = if self.is_weak { b"W/\"" } else { b"\"" };
        // `take_tag` and `strong` let in no byte that a field value cannot hold.
        HeaderValue::from_bytes(&[prefix, &self.opaque, b"\""].concat())
            .unwrap_or(HeaderValue::from_static("\"\""))
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.is_weak { "W/" } else { "" };
        write!(f, "{prefix}\"{}\"", String::from_utf8_lossy(&self.opaque))
    }
}

/// The value of `If-Match` or `If-None-Match`.
///
/// # Examples
///
/// ```
/// use flagon_http::etag::{ETag, ETags};
///
/// let tags = ETags::parse([br#""a", W/"b""#.as_slice()]).unwrap();
/// assert!(tags.match_weakly(ETag::strong("b").as_ref()));
/// assert!(ETags::parse([b"*".as_slice()]).unwrap().match_weakly(ETag::strong("any").as_ref()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ETags {
    /// `*`: whatever state there is.
    Any,
    /// One of these.
    Listed(Vec<ETag>),
}

impl ETags {
    /// Reads the values of the field's lines; `None` when one is malformed, or there is no tag at all.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let mut tags = Vec::new();
        let mut is_any = false;
        for line in lines {
            let mut rest = line.trim_ascii();
            is_any |= rest == b"*";
            while !is_any && !rest.is_empty() {
                let (tag, after) = take_tag(rest)?;
                tags.push(tag);
                rest = match after.trim_ascii_start() {
                    [] => &[],
                    // RFC 9110 §5.6.1: empty list elements are skipped.
                    [b',', after @ ..] => skip_commas(after),
                    _ => return None,
                };
            }
        }
        match (is_any, tags.is_empty()) {
            (true, true) => Some(Self::Any),
            (false, false) => Some(Self::Listed(tags)),
            _ => None,
        }
    }

    /// Whether one of them matches `current` weakly; `None` is a resource without a state.
    pub fn match_weakly(&self, current: Option<&ETag>) -> bool {
        self.any(current, ETag::matches_weakly)
    }

    /// Whether one of them matches `current` strongly; `None` is a resource without a state.
    pub fn match_strongly(&self, current: Option<&ETag>) -> bool {
        self.any(current, ETag::matches_strongly)
    }

    fn any(&self, current: Option<&ETag>, matches: fn(&ETag, &ETag) -> bool) -> bool {
        let Some(current) = current else { return false };
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags
                .iter()
                .any(|tag| matches(tag, current) || tag.uncoded().is_some_and(|tag| matches(&tag, current))),
        }
    }
}

/// What the conditions of a request mean for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Go on: there is no condition, or it holds.
    Proceed,
    /// Answer 304: the client has this state.
    NotModified,
    /// Answer 412: the state is not the one that the client knows.
    Failed,
}

/// Decides on `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since`, in this order.
///
/// `tag` and `modified` are those of the current state. A resource that exists without a tag matches `*` only if
/// it has a `modified` date: give at least one of the two for a resource that exists.
/// A malformed `If-Match` fails, any other malformed condition is ignored.
///
/// # Examples
///
/// ```
/// use flagon_http::etag::{Condition, ETag, condition};
/// use http::{HeaderMap, HeaderValue, Method, header::IF_NONE_MATCH};
///
/// let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static("\"v2\""))]);
/// let tag = ETag::strong("v2");
/// assert_eq!(condition(&Method::GET, &headers, tag.as_ref(), None), Condition::NotModified);
/// assert_eq!(condition(&Method::PUT, &headers, tag.as_ref(), None), Condition::Failed);
/// ```
pub fn condition(
    method: &Method,
    headers: &HeaderMap,
    tag: Option<&ETag>,
    modified: Option<SystemTime>,
) -> Condition {
    let exists = tag.is_some() || modified.is_some();
    let is_read = is_retrieval(method);
    // §13.2.2, steps 1 and 2.
    let may_write = if headers.contains_key(header::IF_MATCH) {
        match tags(headers, header::IF_MATCH) {
            Some(ETags::Any) => exists,
            Some(listed) => listed.match_strongly(tag),
            None => false,
        }
    } else {
        match (date(headers, header::IF_UNMODIFIED_SINCE), modified) {
            (Some(since), Some(modified)) => seconds(modified) <= seconds(since),
            _ => true,
        }
    };
    if !may_write {
        return Condition::Failed;
    }
    // Steps 3 and 4.
    let is_known = if headers.contains_key(header::IF_NONE_MATCH) {
        match tags(headers, header::IF_NONE_MATCH) {
            Some(ETags::Any) => exists,
            Some(listed) => listed.match_weakly(tag),
            None => false,
        }
    } else {
        match (date(headers, header::IF_MODIFIED_SINCE), modified) {
            (Some(since), Some(modified)) => is_read && seconds(modified) <= seconds(since),
            _ => false,
        }
    };
    match (is_known, is_read) {
        (false, _) => Condition::Proceed,
        (true, true) => Condition::NotModified,
        (true, false) => Condition::Failed,
    }
}

/// Whether a `Range` may be obeyed: there is no `If-Range`, or it names the current state (§13.1.5). A date does
/// so only when it is exactly `modified`, which must then be a strong validator (§8.8.2.2).
///
/// # Examples
///
/// ```
/// use flagon_http::etag::{ETag, allows_range};
/// use http::{HeaderMap, HeaderValue, header::IF_RANGE};
///
/// let headers = HeaderMap::from_iter([(IF_RANGE, HeaderValue::from_static("\"v1\""))]);
/// assert!(allows_range(&headers, ETag::strong("v1").as_ref(), None));
/// assert!(!allows_range(&headers, ETag::strong("v2").as_ref(), None));
/// ```
pub fn allows_range(headers: &HeaderMap, tag: Option<&ETag>, modified: Option<SystemTime>) -> bool {
    let Some(field) = headers.get(header::IF_RANGE) else { return true };
    if let Some(given) = ETag::parse(field.as_bytes()) {
        return tag.is_some_and(|tag| tag.matches_strongly(&given));
    }
    match (date(headers, header::IF_RANGE), modified) {
        (Some(given), Some(modified)) => seconds(given) == seconds(modified),
        _ => false,
    }
}

/// The content codings whose names [`ETag::coded`] marks tags by.
const CODINGS: [&[u8]; 4] = [b"br", b"gzip", b"deflate", b"zstd"];

fn tags(headers: &HeaderMap, name: header::HeaderName) -> Option<ETags> {
    ETags::parse(headers.get_all(name).iter().map(HeaderValue::as_bytes))
}

/// One date; with two lines of the field there is none (§13.1.3).
fn date(headers: &HeaderMap, name: header::HeaderName) -> Option<SystemTime> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => http_date::parse(line.to_str().ok()?),
        _ => None,
    }
}

/// Whole seconds, which is all that a field can say.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}

/// Takes `[ "W/" ] DQUOTE *etagc DQUOTE` off the front.
fn take_tag(text: &[u8]) -> Option<(ETag, &[u8])> {
    // §8.8.3: the prefix is case-sensitive.
    let (is_weak, quoted) = match text.strip_prefix(b"W/") {
        Some(quoted) => (true, quoted),
        None => (false, text),
    };
    let inside = quoted.strip_prefix(b"\"")?;
    let end = memchr::memchr(b'"', inside)?;
    let (opaque, rest) = (&inside[..end], &inside[end + 1..]);
    let is_valid = opaque.iter().all(|byte| byte.is_ascii_graphic() || *byte >= 0x80);
    is_valid.then(|| (ETag { is_weak, opaque: opaque.into() }, rest))
}

fn skip_commas(mut text: &[u8]) -> &[u8] {
    while let [b',' | b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}
