//! `flagon new`: the files of an app that runs.
//!
//! In: a folder that is not there yet. Out: its files, with the app's name in them. Never: anything written into a folder that has
//! something in it.

use std::{fs, io, path::Path, process::ExitCode};

use crate::{arguments::New, terminal};

/// The files, each with its path below the folder. `NAME` in them is the app's.
const FILES: [(&str, &str); 10] = [
    ("Cargo.toml", include_str!("app/Cargo.toml.txt")),
    ("src/main.rs", include_str!("app/src/main.rs")),
    ("src/tests.rs", include_str!("app/src/tests.rs")),
    ("templates/base.html", include_str!("app/templates/base.html")),
    ("templates/index.html", include_str!("app/templates/index.html")),
    ("static/style.css", include_str!("app/static/style.css")),
    ("migrations/0001_create_note.up.sql", include_str!("app/migrations/0001_create_note.up.sql")),
    ("migrations/0001_create_note.down.sql", include_str!("app/migrations/0001_create_note.down.sql")),
    ("flagon.toml", include_str!("app/flagon.toml")),
    (".gitignore", include_str!("app/gitignore.txt")),
];

const FAILED: u8 = 2;

/// Writes the app, and says how it is started.
pub(crate) fn run(arguments: &New) -> ExitCode {
    match write(arguments) {
        Ok(()) => {
            let path = arguments.path.display();
            terminal::remark(&format!("{path} is written. Start it, and see its tests pass:\n"));
            terminal::show(&format!("cd {path}\ncargo run -- --debug\ncargo test\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            terminal::error(&error.to_string());
            ExitCode::from(FAILED)
        }
    }
}

fn write(arguments: &New) -> io::Result<()> {
    let path = &arguments.path;
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_name(name));
    let name = name.ok_or_else(|| {
        let problem = "begins with a letter and has letters, digits, - and _ only, as a package of Rust";
        io::Error::other(format!("{}: the name of an app {problem}", path.display()))
    })?;
    if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(io::Error::other(format!("{} is there already, and is not empty", path.display())));
    }
    let flagon = dependency(arguments.flagon.as_deref())?;
    for (file, text) in FILES {
        let file = path.join(file);
        let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
        file.parent().map_or(Ok(()), fs::create_dir_all).map_err(told)?;
        fs::write(&file, text.replace("FLAGON", &flagon).replace("NAME", name)).map_err(told)?;
    }
    Ok(())
}

/// Whether cargo takes it for the name of a package; Rust's own words are none.
fn is_name(name: &str) -> bool {
    const TAKEN: [&str; 8] = ["test", "core", "std", "alloc", "flagon", "serde", "main", "self"];
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
        && !TAKEN.contains(&name)
}

/// What Cargo.toml says of Flagon: this version, or the folder that has it.
fn dependency(folder: Option<&Path>) -> io::Result<String> {
    let Some(folder) = folder else { return Ok(format!("{:?}", env!("CARGO_PKG_VERSION"))) };
    let found = fs::canonicalize(folder).ok().filter(|path| path.join("Cargo.toml").is_file());
    let found = found.ok_or_else(|| {
        io::Error::other(format!(
            "{} has no Cargo.toml: name the folder of the crate `flagon`",
            folder.display()
        ))
    })?;
    Ok(format!("{{ path = {:?} }}", found.display().to_string()))
}
