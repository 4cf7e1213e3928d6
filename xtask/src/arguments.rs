//! The command line: what was typed, as a [`Task`].
//!
//! Written by hand: with it this program has no dependencies, and a fresh clone starts its first task
//! after two seconds instead of twenty.

use std::vec;

use crate::{
    bench,
    check::{self, Step},
    failure::{Failure, Result},
    fuzz, terminal, test,
};

/// How long a person's run of a fuzz target takes, unless `--seconds` says otherwise.
const FUZZING_SECONDS: u32 = 60;

/// What to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Say what there is to do.
    Help,
    /// Install what tests and checks need.
    Setup,
    /// Run tests.
    Test(test::Options),
    /// Run steps of the checks.
    Check(Vec<&'static Step>),
    /// Run fuzz targets.
    Fuzz(fuzz::Options),
    /// Measure something beside others that do the same.
    Bench(Measured, bench::Options),
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measured {
    /// Views with a database.
    Sql,
    /// Requests that are passed on.
    Upstream,
    /// The port of Python 2 sources.
    Port,
    /// Ordering.
    Order,
}

/// Reads what was typed after `cargo xtask`.
///
/// # Errors
///
/// When a word is not understood; the text says which, and what would be.
pub(crate) fn parse(typed: Vec<String>) -> Result<Task> {
    if typed.is_empty() || typed.iter().any(|word| matches!(word.as_str(), "--help" | "-h" | "help")) {
        return Ok(Task::Help);
    }
    let mut words = typed.into_iter();
    let task = words.next().unwrap_or_default();
    match task.as_str() {
        "setup" => nothing_more("setup", words).map(|()| Task::Setup),
        "test" => test_options(words).map(Task::Test),
        "check" => check_steps(words).map(Task::Check),
        "fuzz" => fuzz_options(words).map(Task::Fuzz),
        "bench" => bench_options(words).map(|(measured, options)| Task::Bench(measured, options)),
        _ => Err(Failure::new(format!(
            "`{task}` is not a task; the tasks are setup, test, check, fuzz and bench"
        ))),
    }
}

/// What `cargo xtask --help` shows.
pub(crate) fn help() -> String {
    let strong = |text| terminal::paint(terminal::Look::Strong, text);
    let steps: Vec<String> =
        check::STEPS.iter().map(|step| format!("      {:<10} {}", step.name, step.purpose)).collect();
    format!(
        "{usage} cargo xtask TASK

{tasks}
  test [NAME…] [--package PACKAGE] [--slow]
      Installs what the tests need, runs those whose names contain a NAME (all, if none is given),
      and with all of them runs each fuzz target for {TEST_SECONDS} seconds.
      --package PACKAGE   only the tests of PACKAGE; may be given more than once
      --slow              also the tests marked #[ignore = \"slow: …\"]

  check [STEP…]
      Runs the steps named, or all:
{steps}
  fuzz [TARGET…] [--seconds N] [--keep] [--input FILE]
      Runs each target in fuzz/fuzz_targets (or those named) on its corpus, then on new inputs.
      --seconds N         for N seconds each (default {FUZZING_SECONDS})
      --keep              adds inputs that reach new code to fuzz/corpus, to be committed
      --input FILE        runs just this input, for instance one that a target fell over

  bench sql|upstream|port [--seconds N] [--rounds N] [--connections N]
      sql: views with a database on a private MariaDB, beside axum with sqlx and actix-web with diesel-async.
      upstream: requests that are passed on, beside nginx.
      port: `flagon port fix` beside 2to3, on the packages that set-up has downloaded, --rounds times.
      --seconds N         for N seconds each in a round (default 5), --rounds N times (default 5)
      --connections N     with N clients and N connections to the database (default 32)
      --built             does not build the programs before

  bench order
      Measures ordering by several fields, of texts, and the first few of many, beside the standard library's sorts.

  setup
      Only installs what tests and checks need: as root with apt-get, else it says what to type.
",
        steps = steps.join("\n"),
        usage = strong("Usage:"),
        tasks = strong("Tasks"),
        TEST_SECONDS = test::FUZZING_SECONDS,
    )
}

fn test_options(mut words: vec::IntoIter<String>) -> Result<test::Options> {
    let mut options = test::Options { names: Vec::new(), packages: Vec::new(), extent: test::Extent::Usual };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--slow" => options.extent = test::Extent::Slow,
            "--package" | "-p" => options.packages.push(value(&word, &mut words)?),
            _ if word.starts_with('-') => return Err(unknown("test", &word)),
            _ => options.names.push(word),
        }
    }
    Ok(options)
}

fn check_steps(words: vec::IntoIter<String>) -> Result<Vec<&'static Step>> {
    let names: Vec<String> = words.collect();
    match names.iter().find(|name| name.starts_with('-')) {
        Some(option) => Err(unknown("check", option)),
        None => check::steps(&names),
    }
}

fn fuzz_options(mut words: vec::IntoIter<String>) -> Result<fuzz::Options> {
    let mut options = fuzz::Options {
        targets: Vec::new(),
        seconds: FUZZING_SECONDS,
        input: None,
        findings: fuzz::Findings::Private,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => options.seconds = whole_number(&word, &value(&word, &mut words)?)?,
            "--keep" => options.findings = fuzz::Findings::Kept,
            "--input" => options.input = Some(value(&word, &mut words)?.into()),
            _ if word.starts_with('-') => return Err(unknown("fuzz", &word)),
            _ => options.targets.push(word),
        }
    }
    if options.input.is_some() && options.targets.len() != 1 {
        return Err(Failure::new("`--input FILE` is for one target: cargo xtask fuzz TARGET --input FILE"));
    }
    Ok(options)
}

fn bench_options(mut words: vec::IntoIter<String>) -> Result<(Measured, bench::Options)> {
    let measured = match words.next().as_deref() {
        Some("sql") => Measured::Sql,
        Some("upstream") => Measured::Upstream,
        Some("port") => Measured::Port,
        Some("order") => Measured::Order,
        Some(word) => return Err(unknown("bench", word)),
        None => {
            return Err(Failure::new(
                "`bench` wants to know what: cargo xtask bench sql, upstream, port or order",
            ));
        }
    };
    let mut options = bench::Options::default();
    while let Some(word) = words.next() {
        let number = match word.as_str() {
            "--built" => {
                options.build = bench::Build::Kept;
                continue;
            }
            "--seconds" => &mut options.seconds,
            "--rounds" => &mut options.rounds,
            "--connections" => &mut options.connections,
            _ => return Err(unknown("bench", &word)),
        };
        *number = whole_number(&word, &value(&word, &mut words)?)?;
    }
    Ok((measured, options))
}

fn nothing_more(task: &str, mut words: vec::IntoIter<String>) -> Result {
    words.next().map_or(Ok(()), |word| Err(unknown(task, &word)))
}

fn value(option: &str, words: &mut vec::IntoIter<String>) -> Result<String> {
    words.next().ok_or_else(|| Failure::new(format!("`{option}` wants a value after it")))
}

fn whole_number(option: &str, value: &str) -> Result<u32> {
    value.parse().map_err(|_| Failure::new(format!("`{option} {value}`: the value is not a whole number")))
}

fn unknown(task: &str, word: &str) -> Failure {
    Failure::new(format!("`{task}` does not know `{word}`; see `cargo xtask --help`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> Result<Task> {
        parse(typed.split_whitespace().map(ToOwned::to_owned).collect())
    }

    fn refusal(typed: &str) -> String {
        parsed(typed).unwrap_err().to_string()
    }

    #[test]
    fn help_is_given_wherever_it_is_asked_for() {
        for typed in ["", "--help", "-h", "help", "check --help"] {
            assert!(matches!(parsed(typed), Ok(Task::Help)), "{typed}");
        }
    }

    #[test]
    fn help_names_every_step() {
        for step in &check::STEPS {
            assert!(help().contains(&format!("      {} ", step.name)), "{}", step.name);
        }
    }

    #[test]
    fn tests_are_chosen_by_name_package_and_extent() {
        let Ok(Task::Test(options)) = parsed("test chunked -p flagon-http --slow") else { panic!() };
        assert_eq!(options.names, ["chunked"]);
        assert_eq!(options.packages, ["flagon-http"]);
        assert_eq!(options.extent, test::Extent::Slow);
    }

    #[test]
    fn fuzzing_takes_a_time_and_targets() {
        let Ok(Task::Fuzz(options)) = parsed("fuzz head --seconds 300 --keep cookie") else { panic!() };
        assert_eq!(options.targets, ["head", "cookie"]);
        assert_eq!(options.seconds, 300);
        assert_eq!(options.findings, fuzz::Findings::Kept);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(refusal("tset"), "`tset` is not a task; the tasks are setup, test, check, fuzz and bench");
        assert_eq!(refusal("test --fast"), "`test` does not know `--fast`; see `cargo xtask --help`");
        assert_eq!(refusal("setup now"), "`setup` does not know `now`; see `cargo xtask --help`");
        assert_eq!(refusal("fuzz --seconds"), "`--seconds` wants a value after it");
        assert_eq!(refusal("fuzz --seconds soon"), "`--seconds soon`: the value is not a whole number");
        assert!(refusal("fuzz --input x").starts_with("`--input FILE` is for one target"));
        assert!(refusal("check fmt lint").starts_with("`lint` is not a step of check"));
    }
}
