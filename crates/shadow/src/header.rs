//! The fields of two answers.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName};

use crate::{difference::Difference, rules::Rules};

/// Compares the fields of two answers.
pub(crate) fn compare(one: &HeaderMap, other: &HeaderMap, rules: &Rules, found: &mut Vec<Difference>) {
    let names: BTreeSet<_> = one.keys().chain(other.keys()).map(HeaderName::as_str).collect();
    for name in names.into_iter().filter(|name| !rules.headers.iter().any(|ignored| ignored == name)) {
        let (ones, others) = (values(one, name), values(other, name));
        let is_same = match (&ones, &others) {
            (Some(one), Some(other)) => rules.noise.is_between(one, other),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            found.push(Difference::new(format!("header {name}"), ones.as_deref(), others.as_deref()));
        }
    }
}

/// All values of a field in the form in which they are compared.
fn values(headers: &HeaderMap, name: &str) -> Option<String> {
    let all: Vec<_> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    if all.is_empty() {
        return None;
    }
    let whole = all.join(", ");
    Some(match name {
        "set-cookie" => sorted(all.iter().map(|cookie| without_value(cookie)), "; "),
        "vary" | "allow" | "cache-control" => {
            sorted(whole.split(',').map(|part| part.trim().to_ascii_lowercase()), ", ")
        }
        "content-type" => whole.to_ascii_lowercase().replace("; ", ";"),
        "location" | "content-location" => without_origin(&whole).to_owned(),
        _ => whole,
    })
}

fn sorted(parts: impl Iterator<Item = String>, join: &str) -> String {
    let parts: BTreeSet<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.into_iter().collect::<Vec<_>>().join(join)
}

/// A cookie's name and attributes; values are secrets, and signed with a time. `Expires` says no more than `Max-Age`.
fn without_value(cookie: &str) -> String {
    let mut parts = cookie.split(';');
    let name = parts.next().unwrap_or_default().split('=').next().unwrap_or_default().trim();
    let attributes = parts.map(|part| part.trim().to_ascii_lowercase());
    let kept = attributes.filter(|part| !part.starts_with("expires=") && !part.starts_with("max-age="));
    format!("{name}[{}]", sorted(kept, " "))
}

/// A URL without its scheme and host: one side may write them, the other not.
fn without_origin(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return url };
    rest.find('/').map_or("/", |at| &rest[at..])
}
