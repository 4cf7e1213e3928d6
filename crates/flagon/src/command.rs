//! The commands of an app itself.
//!
//! In: async functions given to [`App::cli`](crate::App::cli). Out: [`Commands`], which `main` finds them in.

use std::fmt;

use clap::{ArgMatches, Args};
use futures_util::future::BoxFuture;

use crate::error::Result;

/// A function that can be a command: async, with nothing or one [`clap::Args`] as its argument, and with `()` or a `Result<()>`
/// as its outcome.
pub trait Command<Arguments>: Send + Sync + 'static {
    /// Adds the arguments of the command to its grammar.
    fn describe(command: clap::Command) -> clap::Command;

    /// Runs it.
    ///
    /// # Errors
    ///
    /// What the function gives, or 500 when the arguments can't be made.
    fn run(&self, matches: &ArgMatches) -> Result<BoxFuture<'static, Result<()>>>;
}

/// What a command, or a task of [`background`](crate::background), may give.
#[diagnostic::on_unimplemented(
    message = "a command and a background task give `()` or a `Result<()>`, not `{Self}`",
    label = "this gives `{Self}`, which nobody would look at",
    note = "what a view needs of a task is given by `flagon::spawn(…).await`"
)]
pub trait Outcome {
    /// Whether it went well.
    ///
    /// # Errors
    ///
    /// When it did not.
    fn into_outcome(self) -> Result<()>;
}

impl Outcome for () {
    fn into_outcome(self) -> Result<()> {
        Ok(())
    }
}

impl<E: Into<crate::Error>> Outcome for Result<(), E> {
    fn into_outcome(self) -> Result<()> {
        self.map_err(E::into)
    }
}

impl<F, A> Command<()> for F
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output: Outcome> + Send + 'static,
{
    fn describe(command: clap::Command) -> clap::Command {
        command
    }

    fn run(&self, _: &ArgMatches) -> Result<BoxFuture<'static, Result<()>>> {
        let work = self();
        Ok(Box::pin(async move { work.await.into_outcome() }))
    }
}

impl<F, A, T> Command<(T,)> for F
where
    F: Fn(T) -> A + Send + Sync + 'static,
    A: Future<Output: Outcome> + Send + 'static,
    T: Args,
{
    fn describe(command: clap::Command) -> clap::Command {
        T::augment_args(command)
    }

    fn run(&self, matches: &ArgMatches) -> Result<BoxFuture<'static, Result<()>>> {
        let work = self(T::from_arg_matches(matches)?);
        Ok(Box::pin(async move { work.await.into_outcome() }))
    }
}

/// The commands that an app was given.
#[derive(Default)]
pub(crate) struct Commands(Vec<Entry>);

type Run = Box<dyn Fn(&ArgMatches) -> Result<BoxFuture<'static, Result<()>>> + Send + Sync>;

/// A command.
pub(crate) struct Entry {
    grammar: clap::Command,
    run: Run,
}

impl Commands {
    /// Adds a command.
    pub(crate) fn add<Arguments, C: Command<Arguments>>(
        &mut self,
        name: &'static str,
        about: &'static str,
        command: C,
    ) {
        let grammar = C::describe(clap::Command::new(name).about(about));
        self.0.push(Entry { grammar, run: Box::new(move |matches| command.run(matches)) });
    }

    /// Adds the commands to the grammar of the command line.
    pub(crate) fn describe(&self, grammar: clap::Command) -> clap::Command {
        grammar.subcommands(self.0.iter().map(|entry| entry.grammar.clone()))
    }

    /// Finds the command called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.grammar.get_name() == name)
    }
}

impl Entry {
    /// Calls the function with what `matches` says.
    ///
    /// # Errors
    ///
    /// 500 when its arguments can't be made.
    pub(crate) fn call(&self, matches: &ArgMatches) -> Result<BoxFuture<'static, Result<()>>> {
        (self.run)(matches)
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|entry| entry.grammar.get_name())).finish()
    }
}
