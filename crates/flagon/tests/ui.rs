//! Wrong views: each message underlines the argument, or the piece of the rule, and says what to write instead.
//!
//! Each `ui/*.rs` is compiled against the library that this test was just linked with, and what the compiler says
//! has to be `ui/*.stderr`. `UI=overwrite cargo test -p flagon --test ui` writes those files anew.
//! (`trybuild` would build every dependency a second time.)

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

#[test]
fn wrong_views_are_explained() {
    let cases = files("rs");
    assert!(cases.len() >= 28, "{} cases", cases.len());
    let compiler = Compiler::new();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(compiler.check(case));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}\n{} cases differ", wrong.join("\n"), wrong.len());
}

#[test]
fn every_expectation_has_its_case() {
    let left: Vec<_> =
        files("stderr").into_iter().filter(|file| !file.with_extension("rs").exists()).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn files(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        all.filter(|path| path.extension() == Some(OsStr::new(extension)) && has_feature(path)).collect();
    files.sort();
    files
}

/// Whether the library has what the case is about.
fn has_feature(case: &Path) -> bool {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    (cfg!(feature = "jobs") || !name.starts_with("job_"))
        && (cfg!(feature = "cache") || !name.starts_with("cached_"))
}

struct Compiler {
    dependencies: PathBuf,
    flagon: PathBuf,
}

impl Compiler {
    /// The libraries beside this test's own program: the newest is of the sources as they are.
    fn new() -> Self {
        let dependencies = env::current_exe().unwrap().parent().unwrap().to_owned();
        let entries = fs::read_dir(&dependencies).unwrap().map(|entry| entry.unwrap());
        let libraries = entries.filter(|entry| {
            let file = entry.path();
            file.extension() == Some(OsStr::new("rlib"))
                && file.file_stem().unwrap().to_str().unwrap().starts_with("libflagon-")
        });
        let newest = libraries.max_by_key(|entry| entry.metadata().unwrap().modified().unwrap());
        let flagon = newest.expect("this test links it").path();
        Self { dependencies, flagon }
    }

    /// Compiles `case`; gives what is not as it should be.
    fn check(&self, case: &Path) -> Option<String> {
        let name = case.file_name().unwrap().to_str().unwrap();
        let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["--edition=2024", "--emit=metadata", "--crate-type=bin", "-Awarnings", "--color=never"])
            .args(["--diagnostic-width=140", "-o"])
            .arg(env::temp_dir().join(format!("flagon-ui-{}-{name}", std::process::id())))
            .arg("-L")
            .arg(format!("dependency={}", self.dependencies.display()))
            .arg(format!("--extern=flagon={}", self.flagon.display()))
            .arg(format!("tests/ui/{name}"))
            .output()
            .unwrap();
        if output.status.success() {
            return Some(format!("{name}: compiles, and should not"));
        }
        let said = normalized(&String::from_utf8(output.stderr).unwrap());
        let expected = case.with_extension("stderr");
        if env::var_os("UI").is_some_and(|word| word == "overwrite") {
            fs::write(&expected, &said).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        (said != expected).then(|| format!("== {name} says\n{said}\n== instead of\n{expected}"))
    }
}

/// Leaves out what changes with Flagon's own sources (places, which other types implement a trait), and the count
/// of errors.
fn normalized(stderr: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut in_list = false;
    for line in stderr.lines() {
        if line.starts_with("error: aborting due to") {
            break;
        }
        let begins_list = line.contains("the following other types implement trait");
        in_list = begins_list || (in_list && line.starts_with(' ') && !line.contains(" = note: required"));
        if !in_list {
            let line = normalized_line(line);
            lines.push(if line.starts_with("LL") { line } else { short_paths(&line) });
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// Leaves modules out of names: whether the compiler writes them depends on which other crates it has loaded.
fn short_paths(line: &str) -> String {
    const MODULES: [&str; 7] = [
        "std::string::",
        "std::result::",
        "std::option::",
        "http::response::",
        "flagon::kind::",
        "flagon::sql::",
        "flagon::",
    ];
    MODULES.iter().fold(line.to_owned(), |line, module| {
        let mut pieces = line.split(module);
        let mut short = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let is_type = piece.starts_with(|c: char| c.is_ascii_uppercase());
            short += if is_type { "" } else { module };
            short += piece;
        }
        short
    })
}

fn normalized_line(line: &str) -> String {
    let trimmed = line.trim_start();
    let inside = |path: &str| path.starts_with("tests/ui/");
    for arrow in ["--> ", "::: "] {
        if let Some(place) = trimmed.strip_prefix(arrow)
            && !inside(place)
        {
            let file = place.rsplitn(3, ':').last().unwrap_or(place);
            let file = file.rsplit_once("/library/").map_or(file, |(_, file)| file);
            return format!("  {arrow}{file}");
        }
    }
    let number = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
    match number.trim_start() {
        rest if rest.starts_with('|') && number.len() < trimmed.len() => format!("LL {rest}"),
        rest if rest.starts_with(['|', '=']) || rest.starts_with("-->") || rest.starts_with(":::") => {
            format!("   {rest}")
        }
        _ => line.trim_end().to_owned(),
    }
}
