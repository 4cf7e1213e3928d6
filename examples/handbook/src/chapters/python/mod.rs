//! Chapter 1: Python 2 that a reader pastes, with what differs and what becomes of it; and snippets that both Pythons run.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use flagon::{blocking, prelude::*};
use flagon_port::{Dialect, Finding, Port, unified_diff};

use super::{chapter_page, enter, source};
use crate::{
    gate::Gate,
    language::Language,
    markup,
    texts::{self, Chapter},
};

mod examples;
mod versions;

use examples::EXAMPLES;
use versions::{SNIPPETS, Shown};

/// Two at the same time, forty in a row, and then four a second.
static PORT_GATE: Gate = Gate::new(2, 40, Duration::from_millis(250));
/// One at a time, ten in a row, and then one a second: each starts two processes.
static RUN_GATE: Gate = Gate::new(1, 10, Duration::from_secs(1));

/// How many characters of source are read: some two hundred lines.
const LONGEST: usize = 8_000;

/// Which example is shown.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    example: String,
}

/// What the reader asks for: their own source to be rewritten, which is read and never run; or one of the fixed snippets, by its
/// name, to be run.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    source: Option<String>,
    snippet: Option<String>,
}

/// What was found in the source, and what became of it.
#[derive(Debug, Serialize)]
struct Ported {
    findings: Vec<Row>,
    diff: Vec<Line>,
    is_readable: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    line: u32,
    code: &'static str,
    title: &'static str,
    why: String,
    advice: Option<&'static str>,
    kind: &'static str,
}

/// A line of the difference.
#[derive(Debug, Serialize)]
struct Line {
    kind: &'static str,
    text: String,
}

/// The chapter and what its forms ask for.
pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("python").routes(routes![page, asked])
}

/// The chapter, with an example that is rewritten.
#[get("/<any(en, zh):lang>/python/")]
async fn page(lang: Language, choice: Query<Choice>) -> Result<Html> {
    let example = EXAMPLES.iter().find(|example| example.name == choice.example).unwrap_or(&EXAMPLES[0]);
    show(lang, example.source.to_owned(), example.name, None).await
}

/// The chapter, with the reader's own source, or with what both Pythons say to a snippet.
#[post("/<any(en, zh):lang>/python/")]
async fn asked(lang: Language, asked: Form<Asked>) -> Result<Html> {
    let example = &EXAMPLES[0];
    let Some(name) = &asked.snippet else {
        let source = asked.source.as_deref().unwrap_or(example.source).replace("\r\n", "\n");
        return show(lang, source.chars().take(LONGEST).collect(), "", None).await;
    };
    let snippet = SNIPPETS.iter().find(|snippet| snippet.name == name).or_404()?;
    let pass = enter(&RUN_GATE)?;
    let shown = blocking(move || snippet.run()).await;
    drop(pass);
    show(lang, example.source.to_owned(), example.name, Some(&shown)).await
}

async fn show(lang: Language, source: String, example: &str, ran: Option<&Shown>) -> Result<Html> {
    let pass = enter(&PORT_GATE)?;
    let text = source.clone();
    let ported = blocking(move || ported(&text, lang)).await;
    drop(pass);
    let more = context! {
        examples => EXAMPLES.iter().map(|example| example.name).collect::<Vec<_>>(),
        example,
        python => source,
        longest => LONGEST,
        ported,
        snippets => SNIPPETS,
        ran,
        source => source!("src/chapters/python/versions.rs"),
    };
    chapter_page(chapter(), lang, "chapters/python.html", more)
}

fn ported(source: &str, lang: Language) -> Ported {
    let report = Port::new().dialect(Dialect::Python2).fix(source);
    let diff = unified_diff("python", source, &report.text);
    let lines = diff.lines().skip(2).filter(|line| !line.starts_with('\\')).map(|line| Line {
        kind: match line.as_bytes().first() {
            Some(b'-') => "old",
            Some(b'+') => "new",
            Some(b'@') => "hunk",
            _ => "same",
        },
        text: line.to_owned(),
    });
    Ported {
        findings: report.findings.iter().map(|finding| row(finding, lang)).collect(),
        diff: lines.collect(),
        is_readable: report.is_readable,
    }
}

fn row(finding: &Finding, lang: Language) -> Row {
    let code = finding.code();
    let is_english = lang == Language::En;
    let chinese = || CHINESE.get(code.code).cloned().unwrap_or_else(|| code.why.to_owned());
    Row {
        line: finding.line(),
        code: code.code,
        title: if is_english { code.title } else { "" },
        why: markup::inline(&if is_english { code.why.to_owned() } else { chinese() }),
        advice: finding.advice().filter(|_| is_english),
        kind: match (finding.is_fixed(), finding.confidence().as_str()) {
            (true, "safe") => "safe",
            (true, _) => "unsure",
            (false, _) => "left",
        },
    }
}

/// What each code of the porting tool means, in Chinese; the tool itself speaks English.
static CHINESE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../texts/python-codes.toml")).expect("a test reads it")
});

fn chapter() -> &'static Chapter {
    texts::chapter("python").expect("texts/01-python.toml is the chapter of this module")
}

#[cfg(test)]
mod tests {
    use flagon_port::CODES;

    use super::*;

    #[test]
    fn every_code_is_explained_in_chinese() {
        let known: Vec<&str> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(CHINESE.keys().collect::<Vec<_>>(), known);
        assert!(CHINESE.values().all(|text| text.ends_with('。')));
    }

    #[test]
    fn every_example_has_findings_and_is_rewritten() {
        for example in EXAMPLES {
            let ported = ported(example.source, Language::Zh);
            assert!(
                ported.is_readable && ported.findings.len() > 4 && ported.diff.len() > 5,
                "{}",
                example.name
            );
        }
    }
}
