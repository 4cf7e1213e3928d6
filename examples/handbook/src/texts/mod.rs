//! The texts of the handbook, both languages side by side in `texts/*.toml`.
//!
//! In: the files, embedded when the program is built. Out: [`Chapter`]s in the order of the sheet, the
//! site's words and the registry of status codes, each asked for [in a language](Chapter::localized).
//! Never: a text that exists in one language only; such a file does not load.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{language::Language, markup};

/// The same text in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    en: String,
    zh: String,
}

impl Text {
    /// The text in `language`.
    pub(crate) fn within(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }
}

/// Short texts by name, such as the labels of a form.
pub(crate) type Words = BTreeMap<String, Text>;

/// The words in one language, for a template.
pub(crate) fn localized(words: &Words, language: Language) -> BTreeMap<&str, &str> {
    words.iter().map(|(name, text)| (name.as_str(), text.within(language))).collect()
}

/// One topic of the sheet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chapter {
    /// Its place on the sheet, from 1.
    pub(crate) number: u8,
    /// Its name in URLs.
    pub(crate) slug: String,
    title: Text,
    question: Text,
    answer: Text,
    laboratory: Option<Text>,
    how: Option<Text>,
    /// Names and labels in its laboratory.
    #[serde(default)]
    pub(crate) words: Words,
    #[serde(default)]
    errata: Vec<Erratum>,
    #[serde(default)]
    questions: Vec<Question>,
}

/// What the sheet says, and what is so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Erratum {
    /// Not on the sheet, but commonly said.
    #[serde(default)]
    common: bool,
    sheet: String,
    gloss: String,
    verdict: Verdict,
    truth: Text,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Wrong,
    Imprecise,
    Outdated,
    Spelling,
    Missing,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    ask: Text,
    reply: Text,
}

impl Chapter {
    /// Whether the chapter has a laboratory.
    pub(crate) fn is_live(&self) -> bool {
        self.laboratory.is_some()
    }

    /// One of its words; empty if there is none of that name, which a test of all names rules out.
    pub(crate) fn word(&self, name: &str, language: Language) -> &str {
        self.words.get(name).map_or("", |text| text.within(language))
    }

    /// What the list of chapters shows.
    pub(crate) fn heading(&self, language: Language) -> Heading<'_> {
        Heading {
            number: self.number,
            slug: &self.slug,
            title: self.title.within(language),
            question: self.question.within(language),
            live: self.is_live(),
        }
    }

    /// The whole chapter in one language, its Markdown rendered.
    pub(crate) fn localized(&self, language: Language) -> Localized<'_> {
        let rendered = |text: &Option<Text>| text.as_ref().map(|text| markup::blocks(text.within(language)));
        Localized {
            heading: self.heading(language),
            answer: markup::blocks(self.answer.within(language)),
            laboratory: rendered(&self.laboratory),
            how: rendered(&self.how),
            errata: self.errata.iter().map(|erratum| erratum.localized(language)).collect(),
            questions: self.questions.iter().map(|question| question.localized(language)).collect(),
        }
    }
}

impl Erratum {
    fn localized(&self, language: Language) -> LocalizedErratum<'_> {
        let name = match self.verdict {
            Verdict::Wrong => "verdict_wrong",
            Verdict::Imprecise => "verdict_imprecise",
            Verdict::Outdated => "verdict_outdated",
            Verdict::Spelling => "verdict_spelling",
            Verdict::Missing => "verdict_missing",
        };
        LocalizedErratum {
            common: self.common,
            sheet: &self.sheet,
            gloss: &self.gloss,
            verdict_name: site_word(name, language),
            truth: markup::inline(self.truth.within(language)),
        }
    }
}

impl Question {
    fn localized(&self, language: Language) -> LocalizedQuestion {
        LocalizedQuestion {
            ask: markup::inline(self.ask.within(language)),
            reply: markup::blocks(self.reply.within(language)),
        }
    }
}

/// A chapter as the list of chapters shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Heading<'a> {
    /// Its place on the sheet.
    pub(crate) number: u8,
    /// Its name in URLs.
    pub(crate) slug: &'a str,
    /// Its title.
    pub(crate) title: &'a str,
    /// The question that it answers.
    pub(crate) question: &'a str,
    /// Whether it has a laboratory.
    pub(crate) live: bool,
}

/// A chapter in one language, as templates take it; longer texts are HTML.
#[derive(Debug, Serialize)]
pub(crate) struct Localized<'a> {
    #[serde(flatten)]
    heading: Heading<'a>,
    answer: String,
    laboratory: Option<String>,
    how: Option<String>,
    errata: Vec<LocalizedErratum<'a>>,
    questions: Vec<LocalizedQuestion>,
}

#[derive(Debug, Serialize)]
struct LocalizedErratum<'a> {
    common: bool,
    sheet: &'a str,
    gloss: &'a str,
    verdict_name: &'a str,
    truth: String,
}

#[derive(Debug, Serialize)]
struct LocalizedQuestion {
    ask: String,
    reply: String,
}

/// A line of IANA's registry of status codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    /// The three digits.
    pub(crate) code: u16,
    /// The registered phrase.
    pub(crate) name: String,
    /// Where it is defined, such as `RFC 9110 §15.5.5`.
    pub(crate) source: String,
    meaning: Text,
    how: Option<Text>,
}

impl Status {
    /// How it is caused here, or why it is not.
    pub(crate) fn how(&self, language: Language) -> Option<&str> {
        self.how.as_ref().map(|text| text.within(language))
    }

    /// What the code says, in a sentence.
    pub(crate) fn meaning(&self, language: Language) -> &str {
        self.meaning.within(language)
    }
}

/// The seventeen chapters, in the order of the sheet.
pub(crate) fn chapters() -> &'static [Chapter] {
    &CHAPTERS
}

/// The chapter called `slug`.
pub(crate) fn chapter(slug: &str) -> Option<&'static Chapter> {
    chapters().iter().find(|chapter| chapter.slug == slug)
}

/// The words of the site itself.
pub(crate) fn site() -> &'static Words {
    &SITE
}

/// One of the site's words; empty if there is none of that name.
pub(crate) fn site_word(name: &str, language: Language) -> &'static str {
    SITE.get(name).map_or("", |text| text.within(language))
}

/// The registered status codes, in ascending order.
pub(crate) fn statuses() -> &'static [Status] {
    &STATUSES
}

/// The registered status code `code`.
pub(crate) fn status(code: u16) -> Option<&'static Status> {
    statuses().iter().find(|status| status.code == code)
}

static CHAPTERS: LazyLock<Vec<Chapter>> = LazyLock::new(|| {
    [
        include_str!("../../texts/01-python.toml"),
        include_str!("../../texts/02-methods.toml"),
        include_str!("../../texts/03-status.toml"),
        include_str!("../../texts/04-https.toml"),
        include_str!("../../texts/05-session.toml"),
        include_str!("../../texts/06-csrf.toml"),
        include_str!("../../texts/07-xss.toml"),
        include_str!("../../texts/08-rpc.toml"),
        include_str!("../../texts/09-concurrency.toml"),
        include_str!("../../texts/10-processes.toml"),
        include_str!("../../texts/11-async.toml"),
        include_str!("../../texts/12-quicksort.toml"),
        include_str!("../../texts/13-engines.toml"),
        include_str!("../../texts/14-indexes.toml"),
        include_str!("../../texts/15-transactions.toml"),
        include_str!("../../texts/16-context.toml"),
        include_str!("../../texts/17-rest.toml"),
    ]
    .map(|text| toml::from_str(text).expect("a chapter's file has both languages of every text"))
    .into()
});

static SITE: LazyLock<Words> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Site {
        words: Words,
    }
    let site: Site =
        toml::from_str(include_str!("../../texts/site.toml")).expect("texts/site.toml is well formed");
    site.words
});

static STATUSES: LazyLock<Vec<Status>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Registry {
        status: Vec<Status>,
    }
    let registry: Registry = toml::from_str(include_str!("../../texts/status-codes.toml"))
        .expect("texts/status-codes.toml is well formed");
    registry.status
});

#[cfg(test)]
mod tests;
