//! Names with one or more values, in the order they came: query strings, forms, cookies.

use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// Names with one or more values each, in the order they came: Werkzeug's `MultiDict`.
///
/// # Examples
///
/// ```
/// let args = flagon::MultiDict::from_query("tag=a&tag=b&page=2");
/// assert_eq!(args.get("tag"), Some("a"));
/// assert_eq!(args.get_all("tag").collect::<Vec<_>>(), ["a", "b"]);
/// assert_eq!(args.get_as::<u32>("page"), Some(2));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MultiDict(Vec<(String, String)>);

impl MultiDict {
    /// Reads `application/x-www-form-urlencoded` text, as the URL standard does: `+` is a space, what is
    /// not UTF-8 after decoding becomes U+FFFD.
    pub fn from_query(query: &str) -> Self {
        query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// The first value of `name` as a `T`; `None` too when it does not read as one, as Werkzeug's
    /// `get(name, type=int)`.
    pub fn get_as<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// Every value of `name`, in order.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Every name with its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is no name at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for MultiDict {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decode(name), decode(value))
}

fn decode(text: &str) -> String {
    if text.contains('+') {
        percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    } else {
        percent_decode_str(text).decode_utf8_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_decoded_and_keeps_order() {
        let args = MultiDict::from_query("a=1+2&&b=%E4%B8%AD&a=%zz&c&=x");
        let pairs: Vec<_> = args.iter().collect();
        assert_eq!(pairs, [("a", "1 2"), ("b", "中"), ("a", "%zz"), ("c", ""), ("", "x")]);
    }
}
