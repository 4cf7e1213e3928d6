//! A value with parameters, as `Content-Type` and `Content-Disposition` have them.
//!
//! In: `multipart/form-data; boundary="x"`. Out: [`Parameterized`]. Never: decides which values are right.
//!
//! RFC 9110 §5.6.6.

/// A value with its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameterized {
    /// The part before the first semicolon, in lower case.
    pub(super) value: String,
    parameters: Vec<(String, String)>,
}

/// Why a value is not one with parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A parameter is not `name=value`.
    Parameter,
    /// A quoted value has no closing quote.
    Quote,
    /// A parameter is given twice.
    Twice,
}

impl Parameterized {
    /// Takes `text` apart.
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        let (value, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let mut parameters: Vec<(String, String)> = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                break;
            }
            let (name, after) = rest.split_once('=').ok_or(Malformed::Parameter)?;
            let name = name.trim().to_ascii_lowercase();
            if name.is_empty() || name.contains([' ', ';', '"']) {
                return Err(Malformed::Parameter);
            }
            let (value, after) = parameter_value(after)?;
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(Malformed::Twice);
            }
            parameters.push((name, value));
            rest = after;
        }
        Ok(Self { value: value.trim().to_ascii_lowercase(), parameters })
    }

    /// The parameter `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The charset, when it is one that is not UTF-8 or a part of it.
    pub(super) fn foreign_charset(&self) -> Option<&str> {
        let known = ["utf-8", "utf8", "us-ascii", "ascii"];
        self.get("charset").filter(|charset| !known.iter().any(|name| name.eq_ignore_ascii_case(charset)))
    }
}

/// The value at the beginning of `text`, and what follows it up to the next semicolon.
fn parameter_value(text: &str) -> Result<(String, &str), Malformed> {
    let text = text.trim_start_matches([' ', '\t']);
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return Ok((value.trim_end().to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let rest = quoted[at + 1..].trim_start_matches([' ', '\t']);
                return if rest.is_empty() || rest.starts_with(';') {
                    Ok((value, rest))
                } else {
                    Err(Malformed::Quote)
                };
            }
            // Only a quote and a backslash are escaped by browsers and curl; `C:\new` is a path of an old one.
            '\\' if quoted[at + 1..].starts_with(['"', '\\']) => {
                value.extend(letters.next().map(|(_, letter)| letter));
            }
            letter => value.push(letter),
        }
    }
    Err(Malformed::Quote)
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Parameterized};

    #[test]
    fn parameters_are_found_quoted_or_not() {
        let value = Parameterized::parse("Multipart/Form-Data; Boundary=\"a;b\" ; charset=UTF-8;").unwrap();
        assert_eq!(value.value, "multipart/form-data");
        assert_eq!(value.get("boundary"), Some("a;b"));
        assert_eq!(value.foreign_charset(), None);
    }

    #[test]
    fn only_quotes_and_backslashes_are_escaped() {
        let value = Parameterized::parse(r#"form-data; filename="C:\new \"x\" \\y""#).unwrap();
        assert_eq!(value.get("filename"), Some(r#"C:\new "x" \y"#));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for (text, why) in [
            ("a; b", Malformed::Parameter),
            ("a; =b", Malformed::Parameter),
            ("a; b=\"c", Malformed::Quote),
            ("a; b=\"c\"d", Malformed::Quote),
            ("a; b=c; B=d", Malformed::Twice),
        ] {
            assert_eq!(Parameterized::parse(text), Err(why), "{text}");
        }
    }
}
