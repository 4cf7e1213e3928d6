//! What a client prefers: media types, languages, codings.
//!
//! In: the values of `Accept`, `Accept-Language`, `Accept-Encoding`, and what can be offered. Out: the best offer.
//! Never: a decision on what to do when none is acceptable.
//!
//! RFC 9110 §12.4.2, §12.5; RFC 4647 §3.3.1, §3.4 (languages). Elements that are malformed are skipped, and at
//! most 64 are read.

use std::cmp::Reverse;

use http::HeaderValue;

/// Picks the media type of `offers` (`type/subtype`, with parameters perhaps) that the lines of an `Accept` field
/// prefer. Among equals the one named most exactly wins, then the one offered first. Without a line it is the
/// first offer.
///
/// # Examples
///
/// ```
/// use flagon_http::accept::best_media_type;
/// use http::HeaderValue;
///
/// let accept = HeaderValue::from_static("text/html, application/json;q=0.9, */*;q=0.1");
/// assert_eq!(best_media_type([&accept], &["application/json", "text/html"]), Some("text/html"));
/// assert_eq!(best_media_type([], &["application/json", "text/html"]), Some("application/json"));
/// ```
pub fn best_media_type<'a, 'o>(
    lines: impl IntoIterator<Item = &'a HeaderValue>,
    offers: &[&'o str],
) -> Option<&'o str> {
    best(lines, offers, media_type_fit)
}

/// Picks the language of `offers` (such as `en` or `zh-Hans`) that the lines of an `Accept-Language` field prefer.
/// A range also finds a shorter offer (`zh-CN` finds `zh`) where nothing fits it better. Without a line it is the
/// first offer.
///
/// # Examples
///
/// ```
/// use flagon_http::accept::best_language;
/// use http::HeaderValue;
///
/// let accept = HeaderValue::from_static("zh-CN, zh;q=0.9, en;q=0.8");
/// assert_eq!(best_language([&accept], &["en", "zh"]), Some("zh"));
/// ```
pub fn best_language<'a, 'o>(
    lines: impl IntoIterator<Item = &'a HeaderValue>,
    offers: &[&'o str],
) -> Option<&'o str> {
    best(lines, offers, language_fit)
}

/// Picks the coding of `offers` (such as `br` or `gzip`; `identity` is plain content) that the lines of an
/// `Accept-Encoding` field prefer. Among equals the one offered first wins, so offer the smallest first and
/// `identity` last. Without a line only `identity` is sure to be understood.
///
/// # Examples
///
/// ```
/// use flagon_http::accept::best_encoding;
/// use http::HeaderValue;
///
/// let accept = HeaderValue::from_static("gzip, deflate, br");
/// assert_eq!(best_encoding([&accept], &["br", "gzip", "identity"]), Some("br"));
/// assert_eq!(best_encoding([], &["br", "identity"]), Some("identity"));
/// ```
pub fn best_encoding<'a, 'o>(
    lines: impl IntoIterator<Item = &'a HeaderValue>,
    offers: &[&'o str],
) -> Option<&'o str> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return offers.iter().copied().find(|offer| offer.eq_ignore_ascii_case("identity"));
    }
    let ranges = elements(lines);
    let mut best: Option<(u16, &'o str)> = None;
    for offer in offers {
        let quality = encoding_quality(&ranges, offer);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, offer));
        }
    }
    best.map(|(_, offer)| offer)
}

/// An element of the field: a range with its weight in thousandths.
#[derive(Debug)]
struct Element<'a> {
    range: &'a str,
    quality: u16,
}

/// The best of `offers`, where `fit` says how exactly a range names an offer (zero: not at all).
fn best<'a, 'o>(
    lines: impl IntoIterator<Item = &'a HeaderValue>,
    offers: &[&'o str],
    fit: fn(&str, &str) -> u16,
) -> Option<&'o str> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return offers.first().copied();
    }
    let ranges = elements(lines);
    let rated = offers.iter().enumerate().filter_map(|(place, offer)| {
        let fitting = ranges.iter().map(|range| (fit(range.range, offer), range.quality));
        // The range that names the offer most exactly has the say (§12.5.1).
        let (exactness, quality) = fitting.filter(|(exactness, _)| *exactness > 0).max()?;
        (quality > 0).then_some(((quality, exactness, Reverse(place)), *offer))
    });
    rated.max_by_key(|(rating, _)| *rating).map(|(_, offer)| offer)
}

fn elements<'a>(lines: impl Iterator<Item = &'a HeaderValue>) -> Vec<Element<'a>> {
    let texts = lines.filter_map(|line| line.to_str().ok());
    texts.flat_map(split_list).filter_map(parse_element).take(ELEMENTS_MAX).collect()
}

/// Splits at commas outside quotes.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut is_escaped) = (false, false);
    text.split(move |c: char| {
        if is_escaped {
            is_escaped = false;
            return false;
        }
        is_escaped = in_quotes && c == '\\';
        in_quotes ^= c == '"';
        c == ',' && !in_quotes
    })
}

/// Splits off the weight: what follows `;q=`, and what follows that (RFC 9110 dropped its meaning).
fn parse_element(text: &str) -> Option<Element<'_>> {
    let text = text.trim_ascii();
    let mut at = 0;
    for part in text.split(';') {
        if let Some(weight) =
            part.trim_ascii().strip_prefix(['q', 'Q']).and_then(|rest| rest.strip_prefix('='))
        {
            let range = text[..at.max(1) - 1].trim_ascii_end();
            return Some(Element { range, quality: parse_quality(weight)? })
                .filter(|found| !found.range.is_empty());
        }
        at += part.len() + 1;
    }
    (!text.is_empty()).then_some(Element { range: text, quality: 1000 })
}

/// §12.4.2: from 0 to 1 with at most three digits.
fn parse_quality(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{digits:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

/// `*/*` 1, `type/*` 2, `type/subtype` 3, and one more for each parameter.
fn media_type_fit(range: &str, offer: &str) -> u16 {
    let (range, parameters) = range.split_once(';').unwrap_or((range, ""));
    let (essence, offered) = offer.split_once(';').unwrap_or((offer, ""));
    let Some((kind, subtype)) = range.trim_ascii().split_once('/') else { return 0 };
    let Some((offered_kind, offered_subtype)) = essence.trim_ascii().split_once('/') else { return 0 };
    let exactness = match (kind, subtype) {
        ("*", "*") => 1,
        (kind, "*") if kind.eq_ignore_ascii_case(offered_kind) => 2,
        (kind, subtype)
            if kind.eq_ignore_ascii_case(offered_kind) && subtype.eq_ignore_ascii_case(offered_subtype) =>
        {
            3
        }
        _ => return 0,
    };
    let wanted = || parameters.split(';').map(str::trim_ascii).filter(|parameter| !parameter.is_empty());
    let is_offered = |wanted: &str| {
        offered.split(';').any(|parameter| parameter.trim_ascii().eq_ignore_ascii_case(wanted))
    };
    if wanted().all(is_offered) { exactness + u16::try_from(wanted().count()).unwrap_or(0) } else { 0 }
}

/// `*` 1, a longer range 2 (RFC 4647's lookup), a shorter range 3 (its basic filter), the very tag 4.
fn language_fit(range: &str, offer: &str) -> u16 {
    if range == "*" {
        1
    } else if range.eq_ignore_ascii_case(offer) {
        4
    } else if is_prefix(range, offer) {
        3
    } else {
        u16::from(is_prefix(offer, range)) * 2
    }
}

/// Whether `short` is the first subtags of `long`.
fn is_prefix(short: &str, long: &str) -> bool {
    long.len() > short.len()
        && long.as_bytes()[short.len()] == b'-'
        && long.as_bytes()[..short.len()].eq_ignore_ascii_case(short.as_bytes())
}

/// §12.5.3: what is not named has the weight of `*`; `identity` is acceptable unless it is excluded.
fn encoding_quality(ranges: &[Element<'_>], offer: &str) -> u16 {
    let quality = |wanted: &str| {
        ranges.iter().find(|range| range.range.eq_ignore_ascii_case(wanted)).map(|range| range.quality)
    };
    let unnamed = u16::from(offer.eq_ignore_ascii_case("identity"));
    quality(offer).or_else(|| quality("*")).unwrap_or(unnamed)
}

const ELEMENTS_MAX: usize = 64;
