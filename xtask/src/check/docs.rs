//! The documents name only files that exist, and explain every dependency.
//!
//! In: the Markdown files at the project's root, and the workspace's manifest. Out: links and paths that lead
//! nowhere, dependencies without a row in ARCHITECTURE.md or with an old version there.
//! Never: follows a link out of the project.

use crate::{
    failure::{Failure, Result},
    project::{self, Project, entries},
    terminal::Live,
};

/// The document with the table of dependencies.
const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// The program that the README shows.
const HELLO: &str = "examples/hello/src/main.rs";

/// What a path in the documents begins with; other words in backquotes are code.
const FOLDERS: [&str; 6] = ["crates/", "examples/", "fuzz/", "tests/", "xtask/", ".ci/"];

pub(super) fn run(project: &Project, _live: &mut Live) -> Result<String> {
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for path in entries(project.root())? {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for (line, named) in paths_named(&project.read(&path)?) {
            looked_at += 1;
            if !project.root().join(named).exists() {
                wrong.push(format!("{}:{line}: there is no `{named}`", project.shown(&path)));
            }
        }
    }
    let architecture = project.read(ARCHITECTURE)?;
    let manifest = project.read("Cargo.toml")?;
    let dependencies = dependencies(&manifest);
    wrong.extend(dependencies.iter().filter_map(|(name, version)| unexplained(&architecture, name, version)));
    wrong.extend(retired(&architecture, &dependencies));
    let manifests = manifests(project)?;
    wrong.extend(dependencies.iter().filter(|(name, _)| !is_used(&manifests, name)).map(|(name, _)| {
        format!("Cargo.toml: no package uses `{name}`; remove it, and its row in {ARCHITECTURE}")
    }));
    if !shows(&project.read("README.md")?, &project.read(HELLO)?) {
        wrong.push(format!(
            "README.md: its program is not the one of {HELLO}, which is the one that is compiled"
        ));
    }
    if wrong.is_empty() {
        return Ok(format!("{looked_at} paths, {} dependencies", dependencies.len()));
    }
    Err(Failure::new(wrong.join("\n")))
}

/// The files and folders that a document names, by a link or in backquotes, each with its line.
fn paths_named(document: &str) -> Vec<(usize, &str)> {
    let mut named = Vec::new();
    for (number, line) in (1..).zip(document.lines()) {
        let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links.filter(|link| !link.contains(':') && !link.starts_with('#'));
        let quoted = line.split('`').skip(1).step_by(2);
        let quoted = quoted.filter(|text| {
            let is_path = FOLDERS.iter().any(|folder| text.starts_with(folder));
            // `fuzz/corpus/NAME` stands for many.
            is_path && !text.contains(|c: char| c.is_whitespace() || c.is_uppercase() || c == '*')
        });
        named.extend(links.chain(quoted).map(|path| (number, path)));
    }
    named
}

/// The dependencies from outside that a workspace's manifest lists, with the versions it asks for.
fn dependencies(manifest: &str) -> Vec<(&str, &str)> {
    project::pairs(manifest, "workspace.dependencies")
        .filter(|(_, value)| !value.contains("path = "))
        .filter_map(|(name, value)| {
            let version = value.split_once("version = ").map_or(value, |(_, rest)| rest);
            Some((name, version.split('"').nth(1)?))
        })
        .collect()
}

/// What is wrong with the row of a dependency, if anything is.
fn unexplained(architecture: &str, name: &str, version: &str) -> Option<String> {
    let start = format!("| `{name}` ");
    let row = architecture.lines().find_map(|line| line.strip_prefix(&start));
    match row.map(|row| row.split(" |").next().unwrap_or_default()) {
        Some(stated) if stated == version => None,
        Some(stated) => {
            Some(format!("{ARCHITECTURE}: `{name}` is {version} now, and the table says {stated}"))
        }
        None => Some(format!(
            "{ARCHITECTURE}: `{name}` is missing from the table of dependencies: add a row \
             `{start}{version} | LICENCE | WHAT FOR | RATHER THAN WHAT |`"
        )),
    }
}

/// Whether the first Rust that `document` holds is `program` without the comment at its head and its tests.
fn shows(document: &str, program: &str) -> bool {
    let shown = document.split_once("```rust\n").and_then(|(_, rest)| rest.split_once("```"));
    let lines = program.lines().skip_while(|line| line.is_empty() || line.starts_with("//"));
    let code: Vec<&str> = lines.take_while(|line| *line != "#[cfg(test)]").collect();
    shown.is_some_and(|(shown, _)| shown.trim_end() == code.join("\n").trim_end())
}

/// The rows of dependencies that are no more.
fn retired(architecture: &str, dependencies: &[(&str, &str)]) -> Vec<String> {
    let rows = architecture.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` "));
    let rows = rows.filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit() || c == '='));
    let retired = rows.filter(|(name, _)| !dependencies.iter().any(|(known, _)| known == name));
    retired
        .map(|(name, _)| format!("{ARCHITECTURE}: `{name}` is no dependency any more: remove its row"))
        .collect()
}

fn manifests(project: &Project) -> Result<Vec<String>> {
    let packages = project.packages()?;
    packages.iter().map(|package| project.read(package.folder.join("Cargo.toml"))).collect()
}

fn is_used(manifests: &[String], dependency: &str) -> bool {
    let uses = |line: &str| {
        line.strip_prefix(dependency)
            .is_some_and(|rest| rest.starts_with(['.', ' ']) && rest.contains("workspace = true"))
    };
    manifests.iter().any(|manifest| manifest.lines().any(uses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_quoted_paths_are_named() {
        let document = "See [it](A.md), [out](https://example.com), [here](#part)\nand `crates/http/src`, `cargo doc`, `fuzz/corpus/NAME`.";
        assert_eq!(paths_named(document), [(1, "A.md"), (2, "crates/http/src")]);
    }

    #[test]
    fn dependencies_are_those_from_outside() {
        let manifest = "[workspace.dependencies]\nours = { path = \"crates/ours\", version = \"0.1.0\" }\nbytes = \"1.10\"\nsyn = { version = \"2.0\", features = [\"full\"] }\n";
        assert_eq!(dependencies(manifest), [("bytes", "1.10"), ("syn", "2.0")]);
    }

    #[test]
    fn a_document_shows_a_program_when_the_lines_are_the_same() {
        let program = "//! Hello.\n\nuse a;\n\nfn main() {}\n\n#[cfg(test)]\nmod tests {}\n";
        assert!(shows("# A\n\n```rust\nuse a;\n\nfn main() {}\n```\n", program));
        assert!(!shows("# A\n\n```rust\nuse b;\n\nfn main() {}\n```\n", program));
        assert!(!shows("# A", program));
    }

    #[test]
    fn a_row_has_a_dependency() {
        let table = "| `http` 1.5 | MIT |\n| `multer` 3.1 | MIT |\n| `crates/x.rs` | `f` |";
        let found = retired(table, &[("http", "1.5")]);
        assert_eq!(found, ["ARCHITECTURE.md: `multer` is no dependency any more: remove its row"]);
    }

    #[test]
    fn a_dependency_is_used_by_its_whole_name() {
        let manifests =
            ["[dependencies]\nhttp-body.workspace = true\ntokio = { workspace = true }\n".to_owned()];
        assert!(is_used(&manifests, "http-body"));
        assert!(is_used(&manifests, "tokio"));
        assert!(!is_used(&manifests, "http"));
    }

    #[test]
    fn a_dependency_has_a_row_with_its_version() {
        let table = "| `http` 1.5 | MIT | types | own |";
        assert_eq!(unexplained(table, "http", "1.5"), None);
        let old = unexplained(table, "http", "1.6").unwrap();
        assert!(old.ends_with("`http` is 1.6 now, and the table says 1.5"), "{old}");
        let missing = unexplained(table, "http-body", "1.1").unwrap();
        assert!(missing.contains("add a row `| `http-body` 1.1 | LICENCE |"), "{missing}");
    }
}
