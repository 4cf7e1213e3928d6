//! Which elements of a page are not compared: the simple part of CSS's selectors.

use std::{error::Error, fmt, str::FromStr};

/// `span`, `.clock`, `#now`, `[name=token]`, or several of these in a row: `input.hidden[name=token]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Selector {
    tag: Option<String>,
    /// Names of attributes and values; of `class`, one of its words.
    attributes: Vec<(String, String)>,
}

/// A selector that is none, or more than is understood: no spaces, no `>`, no `:`.
///
/// # Examples
///
/// ```
/// use flagon_shadow::Rules;
///
/// assert!(Rules::default().ignore_html("span.clock").is_ok());
/// assert!(Rules::default().ignore_html("ul > li").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectorError(String);

impl Selector {
    /// Whether an element fits.
    pub(crate) fn fits(&self, tag: &str, attributes: &[(String, String)]) -> bool {
        let has = |(name, value): &(String, String)| {
            attributes.iter().any(|(known, found)| {
                let is_value = if name == "class" {
                    found.split_ascii_whitespace().any(|class| class == value)
                } else {
                    found == value
                };
                known == name && is_value
            })
        };
        self.tag.as_deref().is_none_or(|known| known == tag) && self.attributes.iter().all(has)
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let wrong = || SelectorError(text.to_owned());
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        let mut selector = Self::default();
        let mut rest = text;
        let end = |rest: &str| rest.find(['.', '#', '[']).unwrap_or(rest.len());
        let tag = &rest[..end(rest)];
        if !tag.is_empty() {
            selector.tag = Some(tag.to_ascii_lowercase()).filter(|tag| is_name(tag));
            selector.tag.as_ref().ok_or_else(wrong)?;
            rest = &rest[tag.len()..];
        }
        while let Some(sign) = rest.chars().next() {
            rest = &rest[1..];
            let (name, value, after) = if sign == '[' {
                let (inside, after) = rest.split_once(']').ok_or_else(wrong)?;
                let (name, value) = inside.split_once('=').ok_or_else(wrong)?;
                (name.to_ascii_lowercase(), value.trim_matches('"'), after)
            } else {
                let (value, after) = rest.split_at(end(rest));
                (if sign == '.' { "class" } else { "id" }.to_owned(), value, after)
            };
            if !is_name(&name) || (sign != '[' && !is_name(value)) {
                return Err(wrong());
            }
            selector.attributes.push((name, value.to_owned()));
            rest = after;
        }
        if selector == Self::default() { Err(wrong()) } else { Ok(selector) }
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no selector that is understood; write a tag, `.class`, `#id`, `[name=value]`, or several in a row without spaces",
            self.0
        )
    }
}

impl Error for SelectorError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_fits_the_elements_that_have_all_it_names() {
        let attributes = [("class", "small clock"), ("name", "a")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        for (text, expected) in [
            ("span", true),
            ("div", false),
            (".clock", true),
            (".clo", false),
            ("span.clock.small[name=a]", true),
            ("span[name=\"b\"]", false),
            ("#x", false),
        ] {
            assert_eq!(text.parse::<Selector>().unwrap().fits("span", &attributes), expected, "{text}");
        }
        for wrong in ["", "a b", "a>b", "a:hover", ".", "[a]", "[a=b", "a..b"] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
    }
}
