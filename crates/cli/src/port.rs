//! `flagon port`: check, fix, routes, explain.

use std::{io, num::NonZero, path::Path, process::ExitCode, thread};

use flagon_port::{
    Finding, Port as Rules, Ported, PythonFile, Sarif, explain, python_files, reference, unified_diff,
    write_json, write_text,
};

use crate::{
    arguments::{Check, Fix, Format, Look, Port, Routes, Written},
    routes::{self, Registered},
    terminal::{self, Progress},
    write::{self, Backup},
};

const FOUND: u8 = 1;
const FAILED: u8 = 2;

/// Runs the subcommand.
pub(crate) fn run(command: Port) -> ExitCode {
    let done = match command {
        Port::Check(arguments) => check(&arguments),
        Port::Fix(arguments) => fix(&arguments),
        Port::Routes(arguments) => routes(&arguments),
        Port::Explain { code } => {
            terminal::show(&code.map_or_else(reference, explain));
            Ok(ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|error| {
        terminal::error(&error.to_string());
        ExitCode::from(FAILED)
    })
}

/// Reads and ports the files that `look` names. `work` runs on many threads, `done` in order.
fn each<T: Send>(
    look: &Look,
    work: impl Fn(&PythonFile, Ported) -> T + Sync,
    mut done: impl FnMut(&PythonFile, io::Result<T>, &mut Progress),
) -> io::Result<usize> {
    let files = python_files(&look.paths)?;
    let rules = Rules::new()
        .select(look.select.iter().copied())
        .ignore(look.ignore.iter().copied())
        .dialect(look.from.dialect());
    let threads = look.jobs.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
    let mut progress = if look.quiet { Progress::hidden() } else { Progress::new(files.len()) };
    rules.files(
        &files,
        threads,
        |file, ported| ported.map(|ported| work(file, ported)),
        |file, made| {
            done(file, made, &mut progress);
            progress.step();
        },
    );
    progress.clear();
    Ok(files.len())
}

/// What `check` tells of a file.
struct Checked {
    findings: Vec<Finding>,
    text: String,
    is_readable: bool,
}

fn check(arguments: &Check) -> io::Result<ExitCode> {
    let (mut found, mut failed) = (0, 0);
    let mut log = String::new();
    let mut sarif = (arguments.format == Format::Sarif).then(|| Sarif::new(&mut log));
    let look = |file: &PythonFile, ported: Ported| {
        let (findings, is_readable) = (ported.report.findings, ported.report.is_readable);
        let path = file.path.display().to_string();
        let mut text = String::new();
        match arguments.format {
            Format::Text => write_text(&mut text, &path, &findings),
            Format::Json => write_json(&mut text, &path, &findings),
            Format::Sarif => (),
        }
        Checked { findings, text, is_readable }
    };
    let count = each(&arguments.look, look, |file, checked, progress| {
        let checked = match checked {
            Ok(checked) => checked,
            Err(error) => {
                failed += 1;
                return tell(file, &error.to_string(), progress);
            }
        };
        failed += usize::from(!checked.is_readable);
        found += checked.findings.len();
        let is_wanted = !arguments.look.quiet || arguments.format != Format::Text;
        if is_wanted && !checked.text.is_empty() {
            progress.clear();
            terminal::show(&checked.text);
        }
        if let Some(sarif) = &mut sarif {
            let path = file.path.display().to_string();
            let path = path.strip_prefix("./").unwrap_or(&path);
            checked.findings.iter().for_each(|finding| sarif.add(&mut log, path, finding));
            progress.clear();
            terminal::show(&log);
            log.clear();
        }
    })?;
    if let Some(sarif) = sarif {
        sarif.finish(&mut log);
        terminal::show(&log);
    } else if !arguments.look.quiet && arguments.format == Format::Text {
        terminal::remark(&format!("{found} findings in {count} files; {failed} files could not be read"));
    }
    Ok(match (failed, found) {
        (1.., _) => ExitCode::from(FAILED),
        (0, 1..) => ExitCode::from(FOUND),
        (0, 0) => ExitCode::SUCCESS,
    })
}

fn tell(file: &PythonFile, text: &str, progress: &mut Progress) {
    progress.clear();
    terminal::error(&format!("{}: {text}", file.path.display()));
}

/// What `fix` tells of a file, and whether it was written.
struct Fixed {
    diff: String,
    /// Findings that are left for a person.
    rest: Vec<Finding>,
    is_changed: bool,
    failure: Option<String>,
}

fn fix(arguments: &Fix) -> io::Result<ExitCode> {
    let (mut changed, mut left, mut failed) = (0, 0, 0);
    let quiet = arguments.look.quiet;
    let count = each(
        &arguments.look,
        |file, ported| fix_file(arguments, file, &ported),
        |file, fixed, progress| {
            let fixed = match fixed {
                Ok(fixed) => fixed,
                Err(error) => {
                    failed += 1;
                    return tell(file, &error.to_string(), progress);
                }
            };
            changed += usize::from(fixed.is_changed);
            left += fixed.rest.len();
            if let Some(failure) = fixed.failure {
                failed += 1;
                tell(file, &failure, progress);
            }
            if !quiet && (!fixed.diff.is_empty() || !fixed.rest.is_empty()) {
                progress.clear();
                terminal::show_diff(&fixed.diff);
                let mut text = String::new();
                write_text(&mut text, &file.path.display().to_string(), &fixed.rest);
                terminal::show(&text);
            }
        },
    )?;
    if !quiet {
        let verb = if arguments.dry_run { "would be rewritten" } else { "rewritten" };
        terminal::remark(&format!(
            "{changed} of {count} files {verb}; {left} findings are left for you; {failed} files could not be ported"
        ));
    }
    Ok(if failed > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn fix_file(arguments: &Fix, file: &PythonFile, ported: &Ported) -> Fixed {
    let report = &ported.report;
    let is_changed = report.text != ported.before;
    let is_diff_wanted = is_changed && !arguments.look.quiet && !arguments.no_diff;
    let diff = if is_diff_wanted {
        unified_diff(&file.path.display().to_string(), &ported.before, &report.text)
    } else {
        String::new()
    };
    let rest = report.findings.iter().filter(|finding| !finding.is_fixed()).cloned().collect();
    let written = save(arguments, file, ported, is_changed).err().map(|error| error.to_string());
    let failure = if report.is_readable {
        written
    } else {
        let line = report.findings.first().map_or(0, Finding::line);
        Some(format!("line {line} is no Python that can be rewritten; the file stays as it is"))
    };
    Fixed { diff, rest, is_changed, failure }
}

fn save(arguments: &Fix, file: &PythonFile, ported: &Ported, is_changed: bool) -> io::Result<()> {
    if arguments.dry_run {
        return Ok(());
    }
    match &arguments.output {
        Some(folder) => write::create(&folder.join(Path::new(&file.relative)), &ported.bytes, &file.path),
        None if is_changed => {
            let backup = if arguments.no_backup { Backup::None } else { Backup::Keep };
            write::replace(&file.path, &ported.bytes, backup)
        }
        None => Ok(()),
    }
}

fn routes(arguments: &Routes) -> io::Result<ExitCode> {
    let inventory = routes::ask(&arguments.app, &arguments.chdir, arguments.python.as_deref());
    let inventory = inventory.map_err(io::Error::other)?;
    let registered = if arguments.register { Registered::All } else { Registered::None };
    let text = match arguments.format {
        Written::Rust => routes::stubs(&inventory, &arguments.app, registered),
        Written::Json => serde_json::to_string_pretty(&inventory)? + "\n",
    };
    let Some(path) = &arguments.output else {
        terminal::show(&text);
        return Ok(ExitCode::SUCCESS);
    };
    write::new(path, text.as_bytes())?;
    terminal::remark(&format!("{} rules written to {}", inventory.rules.len(), path.display()));
    Ok(ExitCode::SUCCESS)
}
