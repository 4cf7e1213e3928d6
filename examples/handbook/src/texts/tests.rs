use std::{collections::BTreeSet, fs, path::Path};

use super::*;

#[test]
fn the_chapters_stand_in_the_order_of_the_sheet() {
    let numbers: Vec<u8> = chapters().iter().map(|chapter| chapter.number).collect();
    assert_eq!(numbers, (1..=17).collect::<Vec<u8>>());
    let live: Vec<u8> =
        chapters().iter().filter(|chapter| chapter.is_live()).map(|chapter| chapter.number).collect();
    assert_eq!(live, [1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 15, 16]);
}

#[test]
fn a_live_chapter_has_every_part() {
    for chapter in chapters().iter().filter(|chapter| chapter.is_live()) {
        assert!(chapter.how.is_some() && !chapter.errata.is_empty(), "{}", chapter.slug);
        assert_eq!(chapter.questions.len(), 3, "{}", chapter.slug);
    }
}

#[test]
fn a_text_in_chinese_is_in_chinese_and_one_in_english_is_not() {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for chapter in chapters() {
        for text in [&chapter.question, &chapter.answer] {
            assert!(is_chinese(&text.zh), "{}", chapter.slug);
        }
        assert!(!is_chinese(&chapter.question.en) && !is_chinese(&chapter.title.en), "{}", chapter.slug);
    }
}

/// A misspelt name would show as nothing at all.
#[test]
fn every_word_that_a_template_names_exists() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for chapter in chapters().iter().filter(|chapter| chapter.is_live()) {
        let file = templates.join(format!("chapters/{}.html", chapter.slug));
        let mut named = names_after(&fs::read_to_string(file).unwrap(), "word.");
        if chapter.slug == "methods" {
            named.extend(refusals());
        }
        let missing: Vec<&String> = named.iter().filter(|name| !chapter.words.contains_key(*name)).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", chapter.slug);
    }
    for file in ["layout.html", "home.html", "chapter.html", "error.html"] {
        let named = names_after(&fs::read_to_string(templates.join(file)).unwrap(), "site.");
        let missing: Vec<&String> = named
            .iter()
            .filter(|name| !site().contains_key(*name) && *name != "css" && *name != "js")
            .collect();
        assert!(missing.is_empty(), "{file}: {missing:?}");
    }
}

fn refusals() -> impl Iterator<Item = String> {
    let source = include_str!("../wire/request.rs");
    names_after(source, "\"refused_")
        .into_iter()
        .map(|name| format!("refused_{name}"))
        .chain(["refused_form".to_owned()])
}

fn names_after(text: &str, prefix: &str) -> BTreeSet<String> {
    text.split(prefix)
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn the_registry_is_complete_and_in_order() {
    let codes: Vec<u16> = statuses().iter().map(|status| status.code).collect();
    assert!(codes.is_sorted());
    let expected: Vec<u16> = (100..=104)
        .chain(200..=208)
        .chain([226])
        .chain(300..=308)
        .chain(400..=418)
        .chain(421..=426)
        .chain([428, 429, 431, 451])
        .chain(500..=508)
        .chain([510, 511])
        .collect();
    assert_eq!(codes, expected);
}

/// Word for word, spelling included: what is corrected must really be there.
#[test]
fn what_is_said_to_stand_on_the_sheet_is_quoted_from_it() {
    let sheet = include_str!("../../tests/cases/sheet.txt").replace("\u{a0}", " ");
    for erratum in chapters().iter().flat_map(|chapter| &chapter.errata).filter(|erratum| !erratum.common) {
        for part in erratum.sheet.split(['…', '（']).map(str::trim).filter(|part| !part.is_empty()) {
            let quoted = part.trim_end_matches('）');
            assert!(erratum.sheet.starts_with('（') || sheet.contains(quoted), "{quoted}");
        }
    }
}
