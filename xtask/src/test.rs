//! `cargo xtask test`: installs what the tests need, runs them, and fuzzes the parsers for a moment.
//!
//! In: names of tests, or none for all. Out: what cargo says. Never: skips a test because something is missing.

use crate::{
    failure::{Failure, Result},
    fuzz,
    program::Program,
    project::Project,
    setup,
};

/// How long each fuzz target runs after its corpus, as part of all tests.
pub(crate) const FUZZING_SECONDS: u32 = 5;

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Parts of the names of the tests to run, or none for all.
    pub(crate) names: Vec<String>,
    /// The packages whose tests to run, or none for all.
    pub(crate) packages: Vec<String>,
    /// Which of them.
    pub(crate) extent: Extent,
}

/// Which tests are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All but those marked `#[ignore = "slow: …"]`.
    Usual,
    /// Those too.
    Slow,
}

/// Runs the tests asked for; when all were asked for, the fuzz targets too.
pub(crate) fn run(project: &Project, options: &Options) -> Result {
    setup::for_tests(project)?;
    let tests = Program::cargo(project, arguments(options))
        .with("TEST_PYTHON", setup::python_program(project, "python"))
        .pass_through();
    let is_all = options.names.is_empty() && options.packages.is_empty();
    if !is_all {
        return tests;
    }
    let fuzzing = fuzz::Options {
        targets: Vec::new(),
        seconds: FUZZING_SECONDS,
        input: None,
        findings: fuzz::Findings::Private,
    };
    match (tests, fuzz::run(project, &fuzzing)) {
        (Err(tests), Err(fuzzing)) => Err(Failure::new(format!("{tests}\n{fuzzing}"))),
        (tests, fuzzing) => tests.and(fuzzing),
    }
}

fn arguments(options: &Options) -> Vec<String> {
    let mut arguments: Vec<String> = vec!["test".into(), "--no-fail-fast".into()];
    if options.packages.is_empty() {
        arguments.extend(["--workspace".into(), "--all-features".into()]);
    }
    for package in &options.packages {
        arguments.extend(["--package".into(), package.clone()]);
    }
    arguments.push("--".into());
    if options.extent == Extent::Slow {
        arguments.push("--include-ignored".into());
    }
    arguments.extend(options.names.iter().cloned());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(names: &[&str], packages: &[&str], extent: Extent) -> String {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        arguments(&Options { names: owned(names), packages: owned(packages), extent }).join(" ")
    }

    #[test]
    fn all_tests_are_those_of_the_workspace() {
        assert_eq!(typed(&[], &[], Extent::Usual), "test --no-fail-fast --workspace --all-features --");
        assert_eq!(
            typed(&[], &[], Extent::Slow),
            "test --no-fail-fast --workspace --all-features -- --include-ignored"
        );
    }

    #[test]
    fn names_go_to_the_test_programs_and_packages_to_cargo() {
        let expected = "test --no-fail-fast --package flagon-http -- chunked trailers";
        assert_eq!(typed(&["chunked", "trailers"], &["flagon-http"], Extent::Usual), expected);
    }
}
