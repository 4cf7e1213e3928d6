//! `flagon routes`, `flagon shadow` and their like: commands of the app itself, which is built and asked.
//!
//! In: the command as it was typed. Out: what the app says, and its exit code. Never: a second opinion; only the app knows its
//! routes, and where it keeps what was compared.

use std::{
    env, io,
    path::Path,
    process::{Command, ExitCode},
};

use crate::{arguments::OfApp, terminal};

const FAILED: u8 = 2;

/// Has the app do its command `name`.
pub(crate) fn run(name: &str, of_app: &OfApp) -> ExitCode {
    let asked = match &of_app.program {
        Some(program) => Ok(Command::new(program)),
        None => cargo(of_app),
    };
    let status = asked.and_then(|mut command| {
        command.current_dir(&of_app.chdir).arg(name).args(&of_app.arguments);
        let shown = command.get_program().display().to_string();
        command.status().map_err(|error| io::Error::other(format!("{shown} does not start: {error}")))
    });
    match status.map(|status| status.code()) {
        Ok(Some(0)) => ExitCode::SUCCESS,
        Ok(code) => {
            let code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED);
            // What a command line of Flagon's ends with that it does not understand.
            if code == 2 {
                terminal::remark(&hint(name));
            }
            ExitCode::from(code)
        }
        Err(error) => {
            terminal::error(&error.to_string());
            ExitCode::from(FAILED)
        }
    }
}

/// Cargo, about to build and run the app.
fn cargo(of_app: &OfApp) -> io::Result<Command> {
    let folder = std::path::absolute(&of_app.chdir)?;
    if !is_package(&folder) {
        return Err(io::Error::other(format!(
            "there is no Cargo.toml in {} or above it: name the app's folder by --chdir, or its program by --program",
            folder.display()
        )));
    }
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["run", "--quiet"]);
    if let Some(package) = &of_app.package {
        command.arg("--package").arg(package);
    }
    command.arg("--");
    Ok(command)
}

fn is_package(folder: &Path) -> bool {
    folder.ancestors().any(|above| above.join("Cargo.toml").is_file())
}

fn hint(name: &str) -> String {
    match name {
        "shadow" => "an app has the command `shadow` when it says `.upstream(…).shadow(…)`".to_owned(),
        _ => format!("`{name}` is a command of apps whose `main` is `app().main()`"),
    }
}
