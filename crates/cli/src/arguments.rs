//! The command line.

use std::{ffi::OsString, io, num::NonZero, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use flagon_port::{Code, Dialect, find_code};

/// Flagon's command.
#[derive(Debug, Parser)]
#[command(name = "flagon", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Python 2 to Python 3.
    Port {
        #[command(subcommand)]
        command: Port,
    },
    /// Begins an app: a folder that `cargo run` starts, with a page, a form, a table and a test.
    New(New),
    /// Lists the routes of the app in this folder; with `--coverage` those of the app that it takes the place of.
    ///
    /// Builds the app and has it do its own command `routes`: whatever that takes may be said here too.
    Routes(OfApp),
    /// Tells what differs between the app in this folder and its upstream (`report`), and switches routes (`switch`).
    ///
    /// Builds the app and has it do its own command `shadow`: whatever that takes may be said here too.
    Shadow(OfApp),
    /// The jobs of an app: looks at its queue, and runs them again or cancels them.
    ///
    /// Needs the app's database alone. Ends with 1 when something could not be done.
    Jobs(Jobs),
    /// Prints a script that completes this command line in a shell.
    Completion {
        /// The shell.
        shell: Shell,
    },
}

/// Whose jobs, and what about them.
#[derive(Debug, Args)]
pub(crate) struct Jobs {
    /// The app's database; otherwise `FLAGON_DATABASE`, or `database` of `flagon.toml` in this folder.
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) database: Option<String>,
    #[command(subcommand)]
    pub(crate) action: flagon_jobs::command::Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Port {
    /// Tells what differs between Python 2 and 3, and writes nothing.
    ///
    /// Ends with 1 when there is a finding, with 2 when a file cannot be read.
    Check(Check),
    /// Rewrites Python 2 as Python 3, shows the difference and keeps the old files.
    ///
    /// A line that ends with `# port: keep` stays; `# port: keep P204` keeps it from that finding only.
    /// Ends with 2 when a file cannot be read or written; such a file stays as it was.
    Fix(Fix),
    /// Writes the views of a Flask app as stubs, from the URL map that the app itself tells.
    ///
    /// The app is imported, so its code runs. No stub is registered until you say so: while a view is not written, its requests go on
    /// to the old app.
    Routes(Routes),
    /// Explains a finding's code; without one, all of them.
    Explain {
        /// A code or its name: `P204`, `dict`.
        #[arg(value_parser = code)]
        code: Option<&'static Code>,
    },
}

/// Which app is begun.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder, whose last part names the app.
    pub(crate) path: PathBuf,
    /// Takes Flagon from this folder instead of the registry.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) flagon: Option<PathBuf>,
}

/// Which app is asked, and for what.
#[derive(Debug, Args)]
pub(crate) struct OfApp {
    /// The folder of the app.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) chdir: PathBuf,
    /// The package of the app, where the folder has several.
    #[arg(long, short, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Runs this program, which is built already, instead of building the app.
    #[arg(long, value_name = "PATH", conflicts_with = "package")]
    pub(crate) program: Option<PathBuf>,
    /// What the app's command takes, such as `--coverage` or `report --json`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

/// What to look for, and where.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// Files and folders.
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Looks for these codes or names only; this is how the optional ones are asked for.
    #[arg(long, value_delimiter = ',', value_parser = code, value_name = "CODES")]
    pub(crate) select: Vec<&'static Code>,
    /// Does not look for these codes or names.
    #[arg(long, value_delimiter = ',', value_parser = code, value_name = "CODES")]
    pub(crate) ignore: Vec<&'static Code>,
    /// What the sources are. What Python 2 and 3 both have is rewritten in a source of Python 2 only; `auto` takes a project
    /// for Python 2 when a file of it certainly is.
    #[arg(long, value_enum, default_value_t = From::Auto)]
    pub(crate) from: From,
    /// How many files are worked on at once; as many as there are processors.
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// Says nothing but what goes wrong.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) look: Look,
    /// How findings are told: `json` is an object a line, `sarif` what code scanning reads.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Writes into this folder instead of in place; files that need no change are copied.
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// Writes nothing, only shows the difference.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Does not show the difference.
    #[arg(long)]
    pub(crate) no_diff: bool,
    /// Does not keep `name.py` as `name.py.bak`.
    #[arg(long, conflicts_with = "output")]
    pub(crate) no_backup: bool,
}

/// Which app is asked, and what for.
#[derive(Debug, Args)]
pub(crate) struct Routes {
    /// The app as `flask --app` takes it: `module`, `module:name`, `module:create_app()`.
    pub(crate) app: String,
    /// The Python that the app runs with; that of the active environment, or of `.venv` or `venv` beside the app.
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// The folder that the app is imported from.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) chdir: PathBuf,
    /// What is written: `rust` are stubs, `json` is the URL map, for `routes --coverage`.
    #[arg(long, value_enum, default_value_t = Written::Rust)]
    pub(crate) format: Written,
    /// Writes into this file, which may not be there yet.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Registers all stubs: what is not written answers 501 and goes nowhere else.
    #[arg(long)]
    pub(crate) register: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    Rust,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    Auto,
    #[value(name = "2")]
    Python2,
    #[value(name = "3")]
    Python3,
}

impl From {
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Auto => Dialect::Auto,
            Self::Python2 => Dialect::Python2,
            Self::Python3 => Dialect::Python3,
        }
    }
}

fn code(text: &str) -> Result<&'static Code, String> {
    find_code(text).ok_or_else(|| "no such code; `flagon port explain` lists them".to_owned())
}

/// Prints the script for a shell.
pub(crate) fn completion(shell: Shell) -> ExitCode {
    clap_complete::generate(shell, &mut Arguments::command(), "flagon", &mut io::stdout());
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
