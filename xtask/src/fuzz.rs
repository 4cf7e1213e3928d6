//! `cargo xtask fuzz`: the parsers against bytes that nobody thought of.
//!
//! In: the targets in `fuzz/fuzz_targets`, and for each the inputs kept in `fuzz/corpus`. Out: what was covered,
//! or the input that a target fell over. Never: asks for cargo-fuzz or a nightly compiler. Everything the
//! build needs is a stable flag of rustc, the folders are where cargo-fuzz has them, and it works too.
//!
//! Without a sanitizer: no crate here has `unsafe` code, and what is looked for is panics, overflows, loops and
//! memory without end, which show without one.

use std::{ffi::OsStr, fs, path::PathBuf};

use crate::{
    failure::{Failure, Result, While as _},
    program::Program,
    project::{Project, entries},
    terminal::Live,
};

/// The compiler flags that make libFuzzer see which code an input reaches (those of cargo-fuzz).
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// What ends a run besides its time: an input that takes 10 seconds, or 2 GiB.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=2048"];

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The targets, or none for all.
    pub(crate) targets: Vec<String>,
    /// How long each is run, after its corpus.
    pub(crate) seconds: u32,
    /// One input to run instead.
    pub(crate) input: Option<PathBuf>,
    /// What becomes of inputs that reach new code.
    pub(crate) findings: Findings,
}

/// What becomes of inputs that reach new code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Findings {
    /// They stay in `target/fuzz/corpus`, for the next run here.
    Private,
    /// The few that are needed to reach all that code are added to `fuzz/corpus`, to be committed.
    Kept,
}

/// Builds the targets, and runs those asked for.
///
/// # Errors
///
/// When there is no such target, the build fails, or a target falls over.
pub(crate) fn run(project: &Project, options: &Options) -> Result {
    let targets = chosen(targets(project)?, &options.targets)?;
    let folder = build(project)?;
    let mut failed = Vec::new();
    for name in targets {
        let target = Target { project, program: folder.join(&name), name };
        match &options.input {
            Some(input) => target.repeat(input)?,
            None if target.withstands(options) => {}
            None => failed.push(target.name),
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("fuzz targets failed: {}", failed.join(", "))))
    }
}

/// The targets there are, by name.
fn targets(project: &Project) -> Result<Vec<String>> {
    let files = entries(&project.root().join("fuzz/fuzz_targets"))?;
    let sources = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    Ok(sources.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect())
}

fn chosen(known: Vec<String>, wanted: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(format!(
            "`{unknown}` is not a fuzz target; the targets are {}",
            known.join(", ")
        )));
    }
    Ok(if wanted.is_empty() { known } else { wanted.to_vec() })
}

/// Builds every target at once, and gives the folder of the programs.
fn build(project: &Project) -> Result<PathBuf> {
    let host = host(project)?;
    let folder = project.target().join("fuzz");
    let build = ["build", "--release", "--bins", "--manifest-path", "fuzz/Cargo.toml"];
    // With a platform named, the flags are for the targets alone, not for build scripts and macros.
    let build = Program::cargo(project, build)
        .and::<&OsStr>(["--target".as_ref(), host.as_ref(), "--target-dir".as_ref(), folder.as_os_str()])
        .with("RUSTFLAGS", COVERAGE)
        .with("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
        .with("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
    Live::require("fuzz build", |live| build.watch(live).map(|_| String::new()))?;
    Ok(folder.join(host).join("release"))
}

/// The name of the platform that rustc runs on.
fn host(project: &Project) -> Result<String> {
    let version = Program::new(project, "rustc", ["--version", "--verbose"]).answer().unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(ToOwned::to_owned).ok_or_else(|| Failure::new("`rustc --version --verbose` names no host"))
}

#[derive(Debug)]
struct Target<'project> {
    project: &'project Project,
    name: String,
    program: PathBuf,
}

impl Target<'_> {
    /// Explores, and shows the outcome.
    fn withstands(&self, options: &Options) -> bool {
        Live::show(&self.name, |live| self.explore(options, live))
    }

    /// Runs the kept inputs, then new ones for as long as asked.
    fn explore(&self, options: &Options, live: &mut Live) -> Result<String> {
        let (own, artifacts) = (self.made("corpus")?, self.made("artifacts")?);
        let kept = self.kept()?;
        let said = Program::new(self.project, &self.program, LIMITS)
            .and([
                format!("-max_total_time={}", options.seconds),
                format!("-artifact_prefix={}/", artifacts.display()),
            ])
            .and(self.dictionary().map(|path| format!("-dict={}", path.display())))
            .and([&own, &kept])
            .watch(live)
            .map_err(|failure| self.fell_over(&failure))?;
        if options.findings == Findings::Kept {
            Program::new(self.project, &self.program, ["-merge=1"]).and([&kept, &own]).watch(live)?;
        }
        Ok(format!("{} inputs kept; {}", entries(&kept)?.len(), result(&said)))
    }

    /// Runs one input, on the terminal.
    fn repeat(&self, input: &PathBuf) -> Result {
        Program::new(self.project, &self.program, LIMITS).and([input]).pass_through()
    }

    /// A folder of the target's own for what a run makes.
    fn made(&self, purpose: &str) -> Result<PathBuf> {
        let folder = self.project.target().join("fuzz").join(purpose).join(&self.name);
        fs::create_dir_all(&folder).while_doing(format_args!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// The folder of the inputs that the project keeps.
    fn kept(&self) -> Result<PathBuf> {
        let folder = self.project.root().join("fuzz/corpus").join(&self.name);
        fs::create_dir_all(&folder).while_doing(format_args!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// Words of the target's language, which libFuzzer would be slow to find by chance.
    fn dictionary(&self) -> Option<PathBuf> {
        let file = self.project.root().join("fuzz/dictionaries").join(format!("{}.dict", self.name));
        file.is_file().then_some(file)
    }

    fn fell_over(&self, failure: &Failure) -> Failure {
        let said = failure.to_string();
        let input =
            said.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, path)| path);
        let Some(input) = input else { return failure.clone() };
        Failure::new(format!(
            "{}\n\nThe target `{name}` fell over. To see it again, type\n\n    cargo xtask fuzz {name} --input {}\n\n\
             and, with the repair, copy that file to fuzz/corpus/{name}.",
            without_progress(&said),
            self.project.shown(input.as_ref()),
            name = self.name,
        ))
    }
}

/// What a target said as it fell over, without the thousands of lines of what went well before.
fn without_progress(said: &str) -> String {
    const PROGRESS: [&str; 5] = ["#", "\tNEW_", "INFO: ", "WARNING: Failed to find function", "NOTE: "];
    let lines = said.lines().filter(|line| !PROGRESS.iter().any(|start| line.starts_with(start)));
    lines.collect::<Vec<_>>().join("\n")
}

/// What libFuzzer said last about its work, for instance `cov: 812 ft: 2204 corp: 310/19Kb`.
fn result(said: &str) -> String {
    let last = said.lines().rfind(|line| line.starts_with('#') && line.contains("DONE")).unwrap_or_default();
    last.split_whitespace().skip(2).take(6).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_chosen_by_name() {
        let known = || vec!["cookie".to_owned(), "head".to_owned()];
        assert_eq!(chosen(known(), &[]).unwrap(), known());
        assert_eq!(chosen(known(), &["head".to_owned()]).unwrap(), ["head"]);
        let text = chosen(known(), &["url".to_owned()]).unwrap_err().to_string();
        assert_eq!(text, "`url` is not a fuzz target; the targets are cookie, head");
    }

    #[test]
    fn what_went_well_is_left_out_of_a_failure() {
        let said = "$ head\n#2\tINITED cov: 1\n\tNEW_FUNC[1/1]: 0x1\n#9\tNEW    cov: 2\nthread panicked\n(exit status: 77)";
        assert_eq!(without_progress(said), "$ head\nthread panicked\n(exit status: 77)");
    }

    #[test]
    fn the_result_is_the_last_line_of_libfuzzer() {
        let said = "#2\tINITED cov: 1 ft: 1 corp: 1/1b\n#98123\tDONE   cov: 812 ft: 2204 corp: 310/19Kb lim: 4096 exec/s: 16353\nDone 98123 runs in 6 second(s)\n";
        assert_eq!(result(said), "cov: 812 ft: 2204 corp: 310/19Kb");
    }
}
