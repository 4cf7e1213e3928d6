//! Where a test's requests go: scheme, host and path of a URL.

use http::{
    Uri,
    uri::{Authority, Scheme},
};

use crate::redirect::encoded;

/// A scheme and a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseUrl {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

impl BaseUrl {
    /// `http://localhost`, as Flask's.
    pub(super) fn localhost() -> Self {
        Self { scheme: Scheme::HTTP, authority: Authority::from_static("localhost") }
    }

    /// # Panics
    ///
    /// When `url` has no scheme and host.
    #[track_caller]
    pub(super) fn parse(url: &str) -> Self {
        match url.parse::<Uri>().map(Uri::into_parts) {
            Ok(http::uri::Parts { scheme: Some(scheme), authority: Some(authority), .. }) => {
                Self { scheme, authority }
            }
            _ => panic!("{url:?} is no URL with a scheme and a host, such as https://example.org"),
        }
    }

    pub(super) fn host(&self) -> &str {
        self.authority.host()
    }

    pub(super) fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Reads `target`, which is a path or a whole URL, as a browser at `current` of this host would: the base and the path
    /// with its query, without an anchor.
    ///
    /// # Panics
    ///
    /// When it is neither.
    #[track_caller]
    pub(super) fn join(&self, current: &str, target: &str) -> (Self, String) {
        let target = encoded(target);
        let target = target.split('#').next().unwrap_or_default();
        if let Some(after) = target.strip_prefix("//") {
            return self.join(current, &format!("{}://{after}", self.scheme));
        }
        if target.starts_with("http://") || target.starts_with("https://") {
            let base = Self::parse(target);
            let after = target.split_once("://").map_or("", |(_, after)| after);
            let path = &after[base.authority.as_str().len()..];
            let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
            return (base, path);
        }
        let path = current.split('?').next().unwrap_or_default();
        (
            self.clone(),
            match target.as_bytes() {
                [] => current.to_owned(),
                [b'/', ..] => target.to_owned(),
                [b'?', ..] => format!("{path}{target}"),
                _ => format!("{}/{target}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_from_where_one_is() {
        let base = BaseUrl::localhost();
        for (target, host, path) in [
            ("/a b?c=ü", "localhost", "/a%20b?c=%C3%BC"),
            ("", "localhost", "/x/y?z"),
            ("?page=2", "localhost", "/x/y?page=2"),
            ("w#top", "localhost", "/x/w"),
            ("//b.example", "b.example", "/"),
            ("https://b.example:81/q?r", "b.example", "/q?r"),
            ("http://b.example?r", "b.example", "/?r"),
        ] {
            let (joined, joined_path) = base.join("/x/y?z", target);
            assert_eq!((joined.host(), joined_path.as_str()), (host, path), "{target}");
        }
    }
}
