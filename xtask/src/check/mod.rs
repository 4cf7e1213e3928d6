//! `cargo xtask check`: everything that has to hold besides the tests.
//!
//! In: the names of steps, or none for all. Out: a line for each that holds, all about each that does not.
//! Never: stops at the first that fails, since the others may be mended in the same go.

mod format;
mod layers;
mod mentions;
mod docs;
mod typos;
mod msrv;
mod clippy;
mod rustdoc;
mod features;
mod deny;

use crate::{
    failure::{Failure, Result},
    project::Project,
    setup,
    terminal::Live,
};

/// One thing that has to hold.
#[derive(Debug)]
pub(crate) struct Step {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it makes sure of, for `--help`.
    pub(crate) purpose: &'static str,
    /// Gives in a few words what was looked at.
    run: fn(&Project, &mut Live) -> Result<String>,
    needs: Needs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Cargo,
    Tools,
}

/// The steps, quickest first.
pub(crate) static STEPS: [Step; 10] = [
    Step { name: "fmt", purpose: "rustfmt would change nothing", run: format::run, needs: Needs::Cargo },
    Step {
        name: "layers",
        purpose: "modules use only modules declared above them",
        run: layers::run,
        needs: Needs::Cargo,
    },
    Step {
        name: "mentions",
        purpose: "no file names a place that only its author has",
        run: mentions::run,
        needs: Needs::Cargo,
    },
    Step {
        name: "docs",
        purpose: "documents name files that exist, and explain every dependency",
        run: docs::run,
        needs: Needs::Cargo,
    },
    Step { name: "typos", purpose: "words are spelled as usual", run: typos::run, needs: Needs::Tools },
    Step {
        name: "deny",
        purpose: "dependencies: licences, duplicates, sources, advisories",
        run: deny::run,
        needs: Needs::Tools,
    },
    Step { name: "clippy", purpose: "no warning in any target", run: clippy::run, needs: Needs::Cargo },
    Step {
        name: "rustdoc",
        purpose: "no warning in the documentation",
        run: rustdoc::run,
        needs: Needs::Cargo,
    },
    Step {
        name: "features",
        purpose: "each library builds alone, with no, the default and all features",
        run: features::run,
        needs: Needs::Cargo,
    },
    Step {
        name: "msrv",
        purpose: "the `rust-version` of Cargo.toml is true",
        run: msrv::run,
        needs: Needs::Cargo,
    },
];

/// The steps called `names`, or all if there are none.
///
/// # Errors
///
/// When a name is not a step's; the text lists those there are.
pub(crate) fn steps(names: &[String]) -> Result<Vec<&'static Step>> {
    if names.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let find = |name: &String| {
        STEPS.iter().find(|step| step.name == name).ok_or_else(|| {
            let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            Failure::new(format!("`{name}` is not a step of check; the steps are {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

/// Runs `steps`, all of them, whatever fails on the way.
///
/// # Errors
///
/// When a step fails; the text names those that did.
pub(crate) fn run(project: &Project, steps: &[&Step]) -> Result {
    if steps.iter().any(|step| step.needs == Needs::Tools) {
        setup::for_checks(project)?;
    }
    let failed: Vec<&str> = steps.iter().filter(|step| !holds(project, step)).map(|step| step.name).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names = failed.join(" ");
    Err(Failure::new(format!(
        "{} of {} checks failed; again with: cargo xtask check {names}",
        failed.len(),
        steps.len()
    )))
}

fn holds(project: &Project, step: &Step) -> bool {
    Live::show(step.name, |live| (step.run)(project, live))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_every_step() {
        assert_eq!(steps(&[]).unwrap().len(), STEPS.len());
    }

    #[test]
    fn a_name_that_is_no_step_is_answered_with_those_there_are() {
        let names = ["fmt".to_owned(), "lint".to_owned()];
        let text = steps(&names).unwrap_err().to_string();
        assert!(text.starts_with("`lint` is not a step of check; the steps are fmt, layers,"), "{text}");
    }
}
