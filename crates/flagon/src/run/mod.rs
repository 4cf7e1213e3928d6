//! What `app().main()` does: the command line of an app.
//!
//! In: an [`App`] and the arguments of the process. Out: an exit code: 0, 1 after a sentence about what failed and what to
//! do, 2 for a wrong command line. The only place of the framework that prints.

mod failure;
mod terminal;
mod arguments;
mod routes;
mod coverage;
mod settings;
mod metrics;
mod serve;
#[cfg(feature = "sql")]
mod indexes;
#[cfg(feature = "sql")]
mod database;
#[cfg(feature = "jobs")]
mod jobs;
#[cfg(feature = "sql")]
mod shadow;

use std::{env, mem, process::ExitCode};

use clap::{ArgMatches, FromArgMatches as _};
use tokio::runtime::{Builder, Runtime};

use crate::{
    app::App,
    application::Application,
    command::{self, Commands},
    config::{Layers, Source},
    log::{self, Writer},
    panic, standing,
};

use arguments::{Action, Arguments, RoutesListing};
use failure::Failure;

impl App {
    /// Does what the command line says, as `flask` does: serves (`run`, or nothing at all), lists the rules (`routes`), shows the
    /// configuration (`config`), writes completions for a shell (`completions`), or runs one of the
    /// [commands](Self::cli) of the app.
    ///
    /// Where [stalled views](crate::config::ConcurrencyConfig::stall_watchdog) are watched, the program is started once more, as the helper
    /// that tells where they stand: what comes before this call in `main` is done in it as well.
    ///
    /// The configuration is read as [`config`](crate::config) says. Logs go to stderr and what was asked for to stdout.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use flagon::prelude::*;
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// fn app() -> App {
    ///     App::new("hello").routes(routes![index])
    /// }
    ///
    /// fn main() -> flagon::ExitCode {
    ///     app().main()
    /// }
    /// ```
    #[doc(alias = "run")]
    pub fn main(mut self) -> ExitCode {
        if env::args_os().nth(1).is_some_and(|argument| argument == standing::ARGUMENT) {
            standing::serve();
            return ExitCode::SUCCESS;
        }
        #[cfg(feature = "sql")]
        self.commands.add(
            "db",
            "Check and migrate the database, and look at its indexes",
            database::database,
        );
        #[cfg(feature = "jobs")]
        self.commands.add("jobs", "Work on jobs, look at them, run them again", jobs::jobs);
        #[cfg(feature = "sql")]
        if self.shadow.is_some() {
            self.commands.add(
                "shadow",
                "Compare the app with its upstream, and switch routes",
                shadow::shadow,
            );
        }
        let commands = mem::take(&mut self.commands);
        let program = arguments::program(&self.name);
        let version =
            self.version.take().unwrap_or_else(|| format!("(flagon {})", env!("CARGO_PKG_VERSION")));
        let grammar = || commands.describe(arguments::grammar(&program, version.clone()));
        let matches = match grammar().try_get_matches() {
            Ok(matches) => matches,
            Err(error) => {
                let _ = error.print(); // the terminal may be gone
                return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
            }
        };
        let done = match arguments::completions(&matches) {
            Some(shell) => terminal::print(&arguments::completion_script(shell, grammar(), &program)),
            None => act(self, &commands, &matches),
        };
        done.map_or_else(|failure| terminal::explain(&failure), |()| ExitCode::SUCCESS)
    }
}

fn act(app: App, commands: &Commands, matches: &ArgMatches) -> Result<(), Failure> {
    let unreadable = |error: clap::Error| Failure::new(error.to_string());
    let of_app = matches.subcommand().and_then(|(name, matches)| Some((commands.find(name)?, matches)));
    if let Some((command, of_command)) = of_app {
        let (app, _) = set_up(app, &Arguments::before_command(matches).map_err(unreadable)?)?;
        return run_command(command, of_command, &app);
    }
    let arguments = Arguments::from_arg_matches(matches).map_err(unreadable)?;
    match arguments.action() {
        Action::Run(_) => {
            let (app, layers) = set_up(app, &arguments)?;
            #[cfg(feature = "sql")]
            database::prepare(&app)?;
            serve::serve(&app, &layers.config)
        }
        Action::Routes(listing) => {
            let (app, _) = set_up(app, &arguments)?;
            if listing.coverage {
                return terminal::print(&coverage(&app, *listing)?);
            }
            terminal::print(&routes::table(app.current_app().url_map(), *listing))
        }
        Action::Config(listing) => {
            let (_, layers) = set_up(app, &arguments)?;
            terminal::print(&settings::table(&layers, listing))
        }
    }
}

/// Reads the configuration, lets the code and the command line change it, and ends setting the app up.
fn set_up(mut app: App, arguments: &Arguments) -> Result<(Application, Layers), Failure> {
    let mut layers = Layers::load(arguments.file(), &app.root_path)?;
    arguments.apply(&mut layers); // so that the code sees them
    for change in mem::take(&mut app.changes) {
        layers.change(&Source::Code, change);
    }
    arguments.apply(&mut layers); // so that they win
    let writer = Writer::to(std::io::stderr())
        .map_err(|error| Failure::new("no thread for the log").because(&error))?;
    terminal::flush_at_end(writer.clone());
    log::install(&layers.config.log, &writer, terminal::colours()).map_err(Failure::new)?;
    panic::install_hook();
    let app = app.with_config(layers.config.clone()).build()?;
    Ok((app, layers))
}

/// Lists the rules of the upstream, with what the app has kept of how often they are asked.
#[cfg(feature = "sql")]
fn coverage(app: &Application, listing: RoutesListing) -> Result<String, Failure> {
    let kept = event_loop()?.block_on(coverage::Kept::of(app))?;
    coverage::table(app, listing, kept.as_ref())
}

#[cfg(not(feature = "sql"))]
fn coverage(app: &Application, listing: RoutesListing) -> Result<String, Failure> {
    coverage::table(app, listing, None)
}

fn event_loop() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new("no event loop could be made").because(&error))
}

/// Runs a command of the app in a context of it. A panic ends the program, as it would in `main`.
fn run_command(command: &command::Entry, matches: &ArgMatches, app: &Application) -> Result<(), Failure> {
    let runtime = event_loop()?;
    let work = async { command.call(matches)?.await };
    let done = runtime.block_on(app.app_context().scope(work));
    terminal::flush();
    Ok(done?)
}

#[cfg(test)]
mod tests;
