//! No file names a place that only its author has, or that users may reach under another name:
//! a home folder, a folder beside the project, the host of a package registry.

use std::fs;

use crate::{
    failure::{Failure, Result},
    project::Project,
    terminal::Live,
};

/// Cargo writes the registry's address there itself.
const WRITTEN_BY_CARGO: &str = "Cargo.lock";

/// What no file may hold, in two parts so that this one does not, and what to write instead.
const FORBIDDEN: [(&str, &str, &str); 11] = [
    ("/root", "/", HOME),
    ("/Users", "/", HOME),
    ("..", "/shared", "what the project needs, it contains"),
    ("crates", ".io", REGISTRY),
    ("docs", ".rs/", "link to the item in the documentation instead: [`http::Request`]"),
    ("py", "pi.org", REGISTRY),
    ("pythonhosted", ".org", REGISTRY),
    ("npmjs", ".org", REGISTRY),
    ("npmjs", ".com", REGISTRY),
    ("deb.deb", "ian.org", REGISTRY),
    ("security.deb", "ian.org", REGISTRY),
];

/// The user of examples and tests.
const INVENTED: &str = "ada";

const HOME: &str = "a path that exists on one machine; derive it, or let the user name it";
const REGISTRY: &str = "people may use a mirror; say `cargo add`, `pip install` or `apt-get install` instead";

pub(super) fn run(project: &Project, _live: &mut Live) -> Result<String> {
    let (mut looked_at, mut found) = (0, Vec::new());
    for path in project.files()? {
        // What is no text holds nothing that people read.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if path.ends_with(WRITTEN_BY_CARGO) {
            continue;
        }
        looked_at += 1;
        let lines = mentions(&text);
        found
            .extend(lines.into_iter().map(|(line, what)| format!("{}:{line}: {what}", project.shown(&path))));
    }
    if found.is_empty() { Ok(format!("{looked_at} files")) } else { Err(Failure::new(found.join("\n"))) }
}

/// The lines of `text` that hold something forbidden, each with what and what to do.
fn mentions(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for (start, end, advice) in FORBIDDEN {
            let name = format!("{start}{end}");
            if line.contains(&name) {
                found.push((number, format!("`{name}`: {advice}")));
            }
        }
        if names_a_home(line) {
            found.push((number, format!("a folder in `/{}/`: {HOME}", "home")));
        }
    }
    found
}

/// Whether `line` holds the path of something in a person's folder, not just the word as part of a URL.
fn names_a_home(line: &str) -> bool {
    let start = ["/ho", "me/"].concat();
    line.split_once(&start).is_some_and(|(before, after)| {
        let is_path = !before.ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '/');
        let is_person = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && name != INVENTED;
        is_path && after.split_once('/').is_some_and(|(name, _)| is_person(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        mentions(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn places_of_one_machine_are_found_with_their_line() {
        let text = format!("fine\n{}/x and\n{}/y", ["..", "/shared"].concat(), "/root");
        assert_eq!(lines(&text), [2, 3]);
    }

    #[test]
    fn hosts_of_registries_are_found() {
        for host in [["https://crates", ".io/crates/x"], ["https://py", "pi.org/simple"]] {
            assert_eq!(lines(&host.concat()), [1], "{host:?}");
        }
    }

    #[test]
    fn a_home_is_a_path_and_not_a_word() {
        let home = |name: &str| format!("open /{}/{name}", "home");
        assert!(names_a_home(&home("grace/flagon")));
        assert!(!names_a_home(&home("ada/flagon")));
        assert!(!names_a_home(&home("<name>/flagon")));
        assert!(!names_a_home(&format!("http://localhost/{}/a/b", "home")));
    }
}
