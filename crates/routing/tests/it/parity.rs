//! The tables in `tests/cases` answered by Werkzeug and by Flagon: equal, or listed in `differences.json`.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};

use crate::{questions, werkzeug};

#[test]
fn answers_are_werkzeugs_or_listed_differences() {
    let tables = tables();
    let theirs = werkzeug::answers(&tables);
    let mut listed: Vec<Json> = read("differences.json");
    let (mut compared, mut surprises) = (0, Vec::new());
    for (table, theirs) in tables.iter().zip(&theirs) {
        for (question, werkzeug, flagon) in pairs(table, theirs, &questions::answer(table)) {
            compared += 1;
            if werkzeug == flagon {
                continue;
            }
            let found = json!({ "table": table["name"], "question": question, "werkzeug": werkzeug, "flagon": flagon });
            let known = listed.iter().position(|known| without_reason(known) == found);
            match known {
                Some(known) => drop(listed.remove(known)),
                None => surprises.push(found.to_string()),
            }
        }
    }
    assert!(surprises.is_empty(), "unlisted differences:\n{}", surprises.join("\n"));
    assert!(listed.is_empty(), "listed differences that are none: {}", json!(listed));
    assert!(compared >= 250, "only {compared} comparisons");
}

fn without_reason(known: &Json) -> Json {
    let mut known = known.clone();
    let reason = known.as_object_mut().unwrap().remove("reason");
    assert!(reason.is_some_and(|reason| reason.as_str().is_some_and(|text| !text.is_empty())), "{known}");
    known
}

/// Each question of a table with both answers.
pub(crate) fn pairs(table: &Json, theirs: &Json, ours: &Json) -> Vec<(Json, Json, Json)> {
    let mut pairs = vec![(json!("accepted"), theirs["accepted"].clone(), ours["accepted"].clone())];
    if theirs["accepted"] != ours["accepted"] {
        return pairs;
    }
    for kind in ["find", "allowed", "build"] {
        let questions = table[kind].as_array().into_iter().flatten();
        for (index, question) in questions.enumerate() {
            let question = json!({ kind: question });
            pairs.push((question, theirs[kind][index].clone(), ours[kind][index].clone()));
        }
    }
    pairs
}

fn tables() -> Vec<Json> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "differences.json")
        .collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).map(questions::expand).collect()
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn read(file: &str) -> Vec<Json> {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}
