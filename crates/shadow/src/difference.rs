//! What differs, and where.

/// What differs between two answers in one place.
///
/// # Examples
///
/// See [`compare`](crate::compare).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Difference {
    /// Where: `status`, `header content-type`, `json /items/3/name`, `html body/ul/li[2]/a@href`, `text line 7`, `body`.
    pub place: String,
    /// What the first answer has there, at most 200 characters of it; `None` for nothing.
    pub one: Option<String>,
    /// What the second one has.
    pub other: Option<String>,
}

impl Difference {
    pub(crate) fn new(place: impl Into<String>, one: Option<&str>, other: Option<&str>) -> Self {
        Self { place: place.into(), one: one.map(clip), other: other.map(clip) }
    }

    /// The place without the numbers of items and lines: what differs in every item of a list is one kind of difference.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_shadow::{Answer, Rules, compare};
    ///
    /// let json = |text: &'static str| Answer::new(200, [("content-type", "application/json")], text);
    /// let found = compare(&json("[{\"a\": 1}]"), &json("[{\"a\": 2}]"), &Rules::default());
    /// assert_eq!((&*found[0].place, &*found[0].kind()), ("json /0/a", "json /*/a"));
    /// ```
    pub fn kind(&self) -> String {
        let Some((what, place)) = self.place.split_once(' ') else { return self.place.clone() };
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let general = |part: &str| if is_number(part) { "*".to_owned() } else { part.to_owned() };
        let place = match what {
            "json" => place.split('/').map(general).collect::<Vec<_>>().join("/"),
            "html" => without_numbers(place),
            "text" => "line *".to_owned(),
            _ => place.to_owned(),
        };
        format!("{what} {place}")
    }
}

/// `li[2]/a` as `li[*]/a`.
fn without_numbers(place: &str) -> String {
    let mut parts = place.split('[');
    let mut general = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        general.push_str("[*");
        general.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    general
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(CLIP) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

const CLIP: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_one_kind_have_one_name() {
        for (place, kind) in [
            ("status", "status"),
            ("header x-a", "header x-a"),
            ("json /posts/17/tags/0", "json /posts/*/tags/*"),
            ("html body/ul/li[12]/a[1]@href", "html body/ul/li[*]/a[*]@href"),
            ("text line 7", "text line *"),
        ] {
            assert_eq!(Difference::new(place, None, None).kind(), kind);
        }
    }
}
