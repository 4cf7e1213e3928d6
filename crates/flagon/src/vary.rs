//! Which request fields an answer depends on: what becomes its `Vary`.
//!
//! In: the names of fields that were looked at. Out: the `Vary` of the answer. Never: knows why one was looked at.
//!
//! RFC 9110 §12.5.5.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The names of the request's fields that were looked at.
#[derive(Debug, Default)]
pub(crate) struct Vary {
    /// A bit for each of [`USUAL`].
    usual: AtomicU8,
    others: Mutex<Vec<HeaderName>>,
}

/// The names that need no list.
const USUAL: [HeaderName; 5] =
    [header::ACCEPT, header::ACCEPT_LANGUAGE, header::ACCEPT_ENCODING, header::COOKIE, header::ORIGIN];

/// That there are others than the usual ones.
const OTHERS: u8 = 1 << 7;

impl Vary {
    /// Remembers that the answer depends on the field `name`.
    pub(crate) fn add(&self, name: &HeaderName) {
        if let Some(place) = USUAL.iter().position(|usual| usual == name) {
            self.usual.fetch_or(1 << place, Ordering::Relaxed);
            return;
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if !others.contains(name) {
            others.push(name.clone());
        }
        drop(others);
        self.usual.fetch_or(OTHERS, Ordering::Relaxed);
    }

    /// Remembers that the field `name` was looked at, unless no choice among answers can come from it: where the request
    /// goes, its body, its conditions and ranges.
    pub(crate) fn looked_at(&self, name: &HeaderName) {
        let text = name.as_str();
        let is_aside = *name == header::HOST
            || *name == header::RANGE
            || *name == header::EXPECT
            || ["content-", "if-"].iter().any(|start| text.starts_with(start));
        if !is_aside {
            self.add(name);
        }
    }

    /// Whether any field was looked at.
    #[cfg(feature = "cache")]
    pub(crate) fn is_any(&self) -> bool {
        self.usual.load(Ordering::Relaxed) != 0
    }

    /// Forgets what was looked at, for [`give_back`](Self::give_back).
    #[cfg(feature = "cache")]
    pub(crate) fn take(&self) -> u8 {
        self.usual.swap(0, Ordering::Relaxed)
    }

    /// Remembers again what was forgotten.
    #[cfg(feature = "cache")]
    pub(crate) fn give_back(&self, usual: u8) {
        self.usual.fetch_or(usual, Ordering::Relaxed);
    }

    /// Puts the names into `headers`, beside those that are there.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        let looked_at = self.usual.load(Ordering::Relaxed);
        if looked_at == 0 {
            return;
        }
        let usual = USUAL.iter().enumerate().filter(|(place, _)| looked_at & (1 << place) != 0);
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let names = usual.map(|(_, name)| name).chain(others.iter());
        let new: Vec<&str> =
            names.map(HeaderName::as_str).filter(|name| !names_field(headers, name)).collect();
        if new.is_empty() {
            return;
        }
        let before = headers.get_all(header::VARY).iter().filter_map(|line| line.to_str().ok());
        let all: Vec<&str> = before.filter(|line| !line.is_empty()).chain(new).collect();
        if let Ok(value) = HeaderValue::try_from(all.join(", ")) {
            headers.insert(header::VARY, value);
        }
    }
}

/// Whether the `Vary` of `headers` has `name`, or the `*` that is every name.
fn names_field(headers: &HeaderMap, name: &str) -> bool {
    let lines = headers.get_all(header::VARY).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(before: Option<&'static str>, names: &[&'static str]) -> Option<String> {
        let vary = Vary::default();
        for name in names {
            vary.add(&HeaderName::from_static(name));
        }
        let mut headers = HeaderMap::new();
        headers.extend(before.map(|value| (header::VARY, HeaderValue::from_static(value))));
        vary.apply(&mut headers);
        headers.get(header::VARY).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn each_name_stands_once() {
        assert_eq!(applied(None, &[]), None);
        assert_eq!(
            applied(None, &["x-a", "cookie", "accept", "cookie", "x-a"]).unwrap(),
            "accept, cookie, x-a"
        );
        assert_eq!(
            applied(Some("Accept-Encoding, Cookie"), &["cookie", "origin"]).unwrap(),
            "Accept-Encoding, Cookie, origin"
        );
        assert_eq!(applied(Some("Cookie"), &["cookie"]).unwrap(), "Cookie");
        assert_eq!(applied(Some("*"), &["cookie", "x-a"]).unwrap(), "*");
    }
}
