//! `flagon port`: check, fix, explain.

use std::{io, num::NonZero, path::Path, process::ExitCode, thread};

use flagon_port::{
    Finding, Port as Rules, Ported, PythonFile, explain, python_files, reference, unified_diff, write_json,
    write_sarif, write_text,
};

use crate::{
    arguments::{Check, Fix, Format, Look, Port},
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

/// Reads and ports the files that `look` names, one after the other for the eye.
fn each(
    look: &Look,
    mut done: impl FnMut(&PythonFile, io::Result<Ported>, &mut Progress),
) -> io::Result<usize> {
    let files = python_files(&look.paths)?;
    let rules = Rules::new()
        .select(look.select.iter().copied())
        .ignore(look.ignore.iter().copied())
        .dialect(look.from.dialect());
    let threads = look.jobs.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
    let mut progress = if look.quiet { Progress::hidden() } else { Progress::new(files.len()) };
    rules.files(&files, threads, |file, ported| {
        done(file, ported, &mut progress);
        progress.step();
    });
    progress.clear();
    Ok(files.len())
}

fn check(arguments: &Check) -> io::Result<ExitCode> {
    let (mut found, mut failed) = (0, 0);
    let mut all: Vec<(String, Vec<Finding>)> = Vec::new();
    let count = each(&arguments.look, |file, ported, progress| {
        let ported = match ported {
            Ok(ported) => ported,
            Err(error) => {
                failed += 1;
                progress.clear();
                return terminal::error(&format!("{}: {error}", file.path.display()));
            }
        };
        failed += usize::from(!ported.report.is_readable);
        let findings = ported.report.findings;
        found += findings.len();
        let path = file.path.display().to_string();
        let mut text = String::new();
        match arguments.format {
            Format::Text => write_text(&mut text, &path, &findings),
            Format::Json => write_json(&mut text, &path, &findings),
            Format::Sarif if findings.is_empty() => (),
            Format::Sarif => all.push((path, findings)),
        }
        let is_wanted = !arguments.look.quiet || arguments.format != Format::Text;
        if is_wanted && !text.is_empty() {
            progress.clear();
            terminal::show(&text);
        }
    })?;
    if arguments.format == Format::Sarif {
        let findings = all
            .iter()
            .flat_map(|(path, findings)| findings.iter().map(move |finding| (path.as_str(), finding)));
        terminal::show(&write_sarif(findings));
    } else if !arguments.look.quiet && arguments.format == Format::Text {
        terminal::remark(&format!("{found} findings in {count} files; {failed} files could not be read"));
    }
    Ok(match (failed, found) {
        (1.., _) => ExitCode::from(FAILED),
        (0, 1..) => ExitCode::from(FOUND),
        (0, 0) => ExitCode::SUCCESS,
    })
}

fn fix(arguments: &Fix) -> io::Result<ExitCode> {
    let (mut changed, mut left, mut failed) = (0, 0, 0);
    let quiet = arguments.look.quiet;
    let count = each(&arguments.look, |file, ported, progress| {
        let told = |progress: &mut Progress, text: &str| {
            progress.clear();
            terminal::error(&format!("{}: {text}", file.path.display()));
        };
        let ported = match ported {
            Ok(ported) => ported,
            Err(error) => {
                failed += 1;
                return told(progress, &error.to_string());
            }
        };
        let report = &ported.report;
        let path = file.path.display().to_string();
        if !report.is_readable {
            failed += 1;
            let line = report.findings.first().map_or(0, Finding::line);
            told(
                progress,
                &format!("line {line} is no Python that can be rewritten; the file stays as it is"),
            );
        }
        let is_changed = report.text != ported.before;
        changed += usize::from(is_changed);
        let rest: Vec<Finding> =
            report.findings.iter().filter(|finding| !finding.is_fixed()).cloned().collect();
        left += rest.len();
        if !quiet && (is_changed || !rest.is_empty()) {
            progress.clear();
            if !arguments.no_diff {
                terminal::show_diff(&unified_diff(&path, &ported.before, &report.text));
            }
            let mut text = String::new();
            write_text(&mut text, &path, &rest);
            terminal::show(&text);
        }
        if let Err(error) = save(arguments, file, &ported, is_changed) {
            failed += 1;
            told(progress, &error.to_string());
        }
    })?;
    if !quiet {
        let verb = if arguments.dry_run { "would be rewritten" } else { "rewritten" };
        terminal::remark(&format!(
            "{changed} of {count} files {verb}; {left} findings are left for you; {failed} files could not be ported"
        ));
    }
    Ok(if failed > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
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
