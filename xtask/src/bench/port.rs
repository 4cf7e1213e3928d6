//! `flagon port fix` beside 2to3, on the same tree: the old packages that set-up downloads for the tests.
//!
//! 2to3 works with one process, as it does unless it is told otherwise; `flagon` with as many threads as there are processors, as it does. So
//! both the time that passes and the time of processors are told. That memory stays flat is seen on the tree taken once and four times.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Build, Options, median};
use crate::{
    failure::{Failure, Result, While as _},
    program::Program,
    project::Project,
    terminal::{self, Look},
};

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Took {
    wall: f64,
    processor: f64,
    /// In KiB, the most at any time.
    memory: f64,
}

pub(super) fn run(project: &Project, options: &Options) -> Result {
    if options.build == Build::Fresh {
        Program::cargo(project, ["build", "--release", "--package", "flagon-cli"]).pass_through()?;
    }
    let folder = env::temp_dir().join(format!("flagon-bench-{}", std::process::id()));
    let done = measure(project, &folder, options);
    let _ = fs::remove_dir_all(&folder);
    done
}

fn measure(project: &Project, folder: &Path, options: &Options) -> Result {
    let python = with_2to3(project)?;
    let archives = project.target().join("python2");
    let (once, four) = (folder.join("once"), folder.join("four"));
    let copies = (0..4).map(|copy| four.join(copy.to_string()));
    for to in [once.clone()].into_iter().chain(copies) {
        fs::create_dir_all(&to).while_doing("making a folder")?;
        let unpacked = Program::new(project, &python, ["-W", "ignore", "-c", UNPACK]).and([&archives, &to]);
        unpacked.answer().ok_or_else(|| Failure::new("`cargo xtask setup` downloads the packages"))?;
    }
    let (files, lines) = size(&once)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    terminal::line(&terminal::paint(
        Look::Strong,
        &format!("{files} files, {lines} lines; {cores} processors"),
    ));
    let flagon = |tree: &Path, jobs: Option<&str>| -> Result<Took> {
        let mut command = Command::new(project.target().join("release/flagon"));
        command.args(["port", "fix", "--quiet", "--output"]).arg(folder.join("flagon")).arg(tree);
        command.args(jobs.map(|jobs| ["--jobs", jobs]).into_iter().flatten());
        took(command)
    };
    let rounds = |tree: &Path, jobs: Option<&str>| -> Result<Took> {
        let all = (0..options.rounds.max(1)).map(|_| flagon(tree, jobs)).collect::<Result<Vec<_>>>()?;
        let middle = |of: fn(&Took) -> f64| median(all.iter().map(of).collect());
        Ok(Took {
            wall: middle(|it| it.wall),
            processor: middle(|it| it.processor),
            memory: middle(|it| it.memory),
        })
    };
    let ours = rounds(&once, None)?;
    let alone = rounds(&once, Some("1"))?;
    let larger = rounds(&four, None)?;
    let mut command = Command::new(python);
    command.args(["-W", "ignore", "-m", "lib2to3", "--write", "--nobackups", "--no-diffs"]);
    command.arg("--output-dir").arg(folder.join("2to3")).arg(&once);
    let theirs = took(command)?;
    show("2to3", theirs, ours);
    show("flagon port fix", ours, ours);
    show("  with one thread", alone, ours);
    show("  the tree four times", larger, ours);
    Ok(())
}

fn show(name: &str, took: Took, ours: Took) {
    terminal::line(&format!(
        "  {name:<22} {:>8.2} s, {:>8.2} s of processor, {:>5.0} MiB   {:.1} and {:.1} times flagon's",
        took.wall,
        took.processor,
        took.memory / 1024.0,
        took.wall / ours.wall,
        took.processor / ours.processor,
    ));
}

/// Runs `command`, whose output nobody reads.
fn took(mut command: Command) -> Result<Took> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (before, begun) = (children()?, Instant::now());
    let mut child = command.spawn().while_doing(format_args!("starting {command:?}"))?;
    let status = format!("/proc/{}/status", child.id());
    let mut memory: f64 = 0.0;
    // proc(5): `VmHWM` is the most it ever had, so that looking now and then is enough.
    while child.try_wait().while_doing("waiting")?.is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let most = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        memory =
            most.and_then(|most| most.split_whitespace().next()?.parse().ok()).unwrap_or(0.0_f64).max(memory);
        thread::sleep(Duration::from_millis(1));
    }
    let wall = begun.elapsed().as_secs_f64();
    Ok(Took { wall, processor: children()? - before, memory })
}

/// How many seconds of processors the programs took that have ended: cutime and cstime of proc(5).
fn children() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").while_doing("reading /proc/self/stat")?;
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
    let ticks = field(13).zip(field(14)).map(|(user, system)| user + system);
    ticks.map(|ticks| ticks / 100.0).ok_or_else(|| Failure::new("/proc/self/stat has another form"))
}

/// A Python that has 2to3 still.
fn with_2to3(project: &Project) -> Result<PathBuf> {
    let names = ["python3"].map(str::to_owned).into_iter();
    let names = names.chain((8..13).rev().map(|minor| format!("python3.{minor}")));
    let has = |name: &String| {
        Program::new(project, name, ["-W", "ignore", "-c", "import lib2to3"]).answer().is_some()
    };
    let found = names.into_iter().find(has).map(PathBuf::from);
    found.ok_or_else(|| Failure::new("this takes a Python up to 3.12, which has 2to3 still"))
}

fn size(folder: &Path) -> Result<(usize, usize)> {
    let (mut files, mut lines) = (0, 0);
    for entry in fs::read_dir(folder).while_doing("reading a folder")?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            let (more, longer) = size(&path)?;
            (files, lines) = (files + more, lines + longer);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            let bytes = fs::read(&path).while_doing("reading a file")?;
            (files, lines) = (files + 1, lines + String::from_utf8_lossy(&bytes).matches('\n').count());
        }
    }
    Ok((files, lines))
}

const UNPACK: &str = "
import os, shutil, sys
for name in sorted(os.listdir(sys.argv[1])):
    if not name.endswith('.txt'):
        shutil.unpack_archive(os.path.join(sys.argv[1], name), sys.argv[2])
";
