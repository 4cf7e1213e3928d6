//! `urlize` and `urlencode`: addresses that are made of text.

use std::fmt::{self, Write as _};

use minijinja::{
    Error, ErrorKind, Value,
    value::{Kwargs, Rest, ValueKind},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::escape::html;

use super::arguments::Arguments;

/// What Python's `urllib.parse.quote` leaves as it is.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const QUOTED_PATH: &AsciiSet = &QUOTED.remove(b'/');

/// `urlencode`: text, or names with values as a query.
pub(super) fn url_encode(value: &Value) -> Result<String, Error> {
    let pairs: Vec<(Value, Value)> = match value.kind() {
        ValueKind::Map => value
            .try_iter()?
            .map(|name| value.get_item(&name).map(|value| (name, value)))
            .collect::<Result<_, _>>()?,
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter()?.map(|pair| pair_of(&pair)).collect::<Result<_, _>>()?
        }
        ValueKind::Undefined => return Ok(String::new()),
        _ => return Ok(utf8_percent_encode(&value.to_string(), QUOTED_PATH).to_string()),
    };
    let quoted =
        |value: &Value| utf8_percent_encode(&value.to_string(), QUOTED).to_string().replace("%20", "+");
    Ok(pairs
        .iter()
        .map(|(name, value)| format!("{}={}", quoted(name), quoted(value)))
        .collect::<Vec<_>>()
        .join("&"))
}

fn pair_of(pair: &Value) -> Result<(Value, Value), Error> {
    let mut parts = pair.try_iter()?;
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(value), None) => Ok((name, value)),
        _ => Err(Error::new(ErrorKind::InvalidOperation, "urlencode: a list has to hold pairs")),
    }
}

/// `urlize(trim_url_limit=none, nofollow=false, target=none, rel=none)`: addresses in text become links.
#[expect(clippy::needless_pass_by_value, reason = "what minijinja calls takes its arguments by value")]
pub(super) fn urlize(value: &Value, positional: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let given = Arguments::new(&["trim_url_limit", "nofollow", "target", "rel"], positional, &named)?;
    let rel = given.get::<String>("rel")?.unwrap_or_default();
    let mut words: Vec<&str> = rel.split_whitespace().chain(["noopener"]).collect();
    if given.get::<bool>("nofollow")?.unwrap_or_default() {
        words.push("nofollow");
    }
    words.sort_unstable();
    words.dedup();
    let links = Links {
        limit: given.get("trim_url_limit")?,
        attributes: attributes(&words.join(" "), given.get("target")?).map_err(Error::from)?,
    };
    let mut escaped = String::new();
    if value.is_safe() {
        escaped = value.to_string();
    } else if !value.is_undefined() {
        html::write_text(&mut escaped, &value.to_string()).map_err(Error::from)?;
    }
    let mut out = String::new();
    for piece in escaped.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        links.write_word(&mut out, word).map_err(Error::from)?;
        out.push_str(&piece[word.len()..]);
    }
    Ok(Value::from_safe_string(out))
}

fn attributes(rel: &str, target: Option<String>) -> Result<String, fmt::Error> {
    let mut out = " rel=\"".to_owned();
    html::write_text(&mut out, rel)?;
    if let Some(target) = target {
        out.push_str("\" target=\"");
        html::write_text(&mut out, &target)?;
    }
    out.push('"');
    Ok(out)
}

struct Links {
    limit: Option<usize>,
    attributes: String,
}

impl Links {
    /// Writes an escaped word, as a link if it is an address.
    fn write_word(&self, out: &mut String, word: &str) -> fmt::Result {
        let (head, middle, tail) = parts(word);
        out.push_str(head);
        if is_address(middle) {
            let scheme =
                if middle.starts_with("https://") || middle.starts_with("http://") { "" } else { "https://" };
            write!(out, "<a href=\"{scheme}{middle}\"{}>{}</a>", self.attributes, self.shown(middle))?;
        } else if let Some(mail) = middle.strip_prefix("mailto:").filter(|mail| is_mail(mail)) {
            write!(out, "<a href=\"{middle}\">{mail}</a>")?;
        } else if !middle.starts_with("www.")
            && !middle.starts_with('@')
            && !middle.contains(':')
            && is_mail(middle)
        {
            write!(out, "<a href=\"mailto:{middle}\">{middle}</a>")?;
        } else {
            out.push_str(middle);
        }
        out.push_str(tail);
        Ok(())
    }

    /// The text of a link, which may be cut; never within a character reference.
    fn shown(&self, address: &str) -> String {
        match self.limit.and_then(|limit| address.char_indices().nth(limit)) {
            Some((end, _)) => {
                let kept = &address[..end];
                let reference = kept.rfind('&').filter(|at| !kept[*at..].contains(';'));
                format!("{}...", &kept[..reference.unwrap_or(kept.len())])
            }
            None => address.to_owned(),
        }
    }
}

/// What is around an address: brackets before, brackets and marks behind. Brackets that are open within stay with it.
fn parts(word: &str) -> (&str, &str, &str) {
    let mut start = 0;
    while let Some(bracket) = ["(", "&lt;"].iter().find(|bracket| word[start..].starts_with(**bracket)) {
        start += bracket.len();
    }
    let mut end = word.len();
    while let Some(mark) = [")", ".", ",", "&gt;"].iter().find(|mark| word[start..end].ends_with(**mark)) {
        end -= mark.len();
    }
    for (open, close) in [("(", ")"), ("&lt;", "&gt;")] {
        let count = word[start..end].matches(open).count();
        if count > word[start..end].matches(close).count() {
            for _ in 0..count {
                let Some(at) = word[end..].find(close) else { break };
                end += at + close.len();
            }
        }
    }
    (&word[..start], &word[start..end], &word[end..])
}

/// Jinja's idea of an address on the web: a scheme or `www.` and a host, or a host that ends as they often do.
fn is_address(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let scheme = ["https://", "http://"].iter().find_map(|scheme| lower.strip_prefix(scheme));
    let rest = scheme.unwrap_or(&lower);
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let (host, port) = match authority.rfind(':').filter(|at| !authority[*at..].contains(']')) {
        Some(at) => (&authority[..at], Some(&authority[at + 1..])),
        None => (authority, None),
    };
    if port.is_some_and(|port| port.is_empty() || port.len() > 5 || !port.bytes().all(|b| b.is_ascii_digit()))
    {
        return false;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '%' | '-'))
    };
    let Some((last, before)) = labels.split_last() else { return false };
    let is_last = (2..=63).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_lowercase())
        || last.strip_prefix("xn--").is_some_and(|rest| rest.len() >= 2 && is_label(&rest));
    if scheme.is_some() {
        return is_last && before.iter().all(is_label) || is_ip(host);
    }
    let known = ["com", "net", "int", "edu", "gov", "org", "info", "mil"].contains(last);
    let named = known
        && !before.is_empty()
        && before.iter().all(|label| is_label(label) && label.chars().count() >= 2);
    let www = !before.is_empty() && labels[0] == "www" && is_last && before.iter().all(is_label);
    www || named
}

fn is_ip(host: &str) -> bool {
    let v4 = host.split('.').count() == 4
        && host
            .split('.')
            .all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let v6 = inner.is_some_and(|inner| {
        inner.matches(':').count() >= 2
            && inner.split(':').all(|part| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    v4 || v6
}

fn is_mail(word: &str) -> bool {
    let Some((user, host)) = word.rsplit_once('@') else { return false };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let Some((name, last)) = host.rsplit_once('.') else { return false };
    !user.is_empty()
        && name.starts_with(is_word)
        && name.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
        && !last.is_empty()
        && last.chars().all(is_word)
}
