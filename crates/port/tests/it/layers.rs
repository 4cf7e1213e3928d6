//! Modules are declared in `lib.rs` in reading order, and each uses only modules above its own.

use std::{collections::HashMap, fs, path::Path};

#[test]
fn modules_use_only_modules_above_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let order: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    // `pub use app::App;` makes `crate::App` another way to say `crate::app`.
    let mut home: HashMap<String, &str> =
        order.iter().map(|module| ((*module).to_owned(), *module)).collect();
    for line in lib.lines().filter_map(|line| line.strip_prefix("pub use ")) {
        let (module, names) = line.split_once("::").unwrap();
        let Some(module) = order.iter().find(|known| **known == module) else { continue };
        for name in names.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty()) {
            home.insert(name.to_owned(), module);
        }
    }

    let mut upward = Vec::new();
    for (place, module) in order.iter().enumerate() {
        for (file, text) in sources(&src, module) {
            for used in names_used(&text) {
                let Some(target) = home.get(&used) else { continue };
                if order.iter().position(|known| known == target).unwrap() > place {
                    upward.push(format!(
                        "{file}: `{module}` uses `{target}` (crate::{used}), which stands below it"
                    ));
                }
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

fn sources(src: &Path, module: &str) -> Vec<(String, String)> {
    let file = src.join(format!("{module}.rs"));
    let mut found = Vec::new();
    let mut left = if file.exists() { vec![file] } else { vec![src.join(module)] };
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The first names after `crate::`, outside comments and inline tests.
fn names_used(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        let group = match after.strip_prefix('{') {
            Some(group) => top_level_names(group),
            None => vec![after],
        };
        names.extend(
            group.iter().map(|name| name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()),
        );
    }
    names
}

fn top_level_names(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut names) = (1, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        if depth == 0 || (c == ',' && depth == 1) {
            names.push(group[start..at].trim());
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}
