//! The two languages of the handbook.
//!
//! In: a code from a URL or a cookie, or an `Accept-Language` field. Out: a [`Language`].
//! Never: guesses from an address.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language in which every page exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Simplified Chinese, the language of the sheet.
    Zh,
}

impl Language {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The code used in URLs and in the cookie: `en` or `zh`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The tag for `lang` and `hreflang` attributes (RFC 5646).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }

    /// The one that is not this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }

    /// The language that an `Accept-Language` field prefers; English when it names neither.
    ///
    /// Ranges match by their primary subtag, so that `zh-TW` gets Chinese; of equal weights the first
    /// one named wins (RFC 9110 §12.5.4).
    ///
    /// ```
    /// use handbook::Language;
    ///
    /// assert_eq!(Language::preferred("fr, zh-CN;q=0.8, en;q=0.5"), Language::Zh);
    /// assert_eq!(Language::preferred("zh;q=0, *"), Language::En);
    /// ```
    pub fn preferred(accept_language: &str) -> Self {
        let mut best = (Self::En, 0.0);
        for item in accept_language.split(',') {
            let (range, parameters) = item.split_once(';').unwrap_or((item, ""));
            let primary = range.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let Ok(language) = primary.parse() else { continue };
            let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse).unwrap_or(0.0);
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or(UnknownLanguage)
    }
}

/// A code that is neither `en` nor `zh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLanguage;

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handbook is written in `en` and `zh`")
    }
}

impl std::error::Error for UnknownLanguage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefers_by_weight_then_by_order() {
        for (field, expected) in [
            ("", Language::En),
            ("de", Language::En),
            ("zh", Language::Zh),
            ("ZH-tw", Language::Zh),
            ("en, zh", Language::En),
            ("zh, en", Language::Zh),
            ("en;q=0.3, zh;q=0.9", Language::Zh),
            ("zh;q=0", Language::En),
            ("zh;q=x, en", Language::En),
            ("zho", Language::En),
        ] {
            assert_eq!(Language::preferred(field), expected, "{field}");
        }
    }
}
