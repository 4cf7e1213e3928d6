//! The command line of every app.

use std::{
    env,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use clap::{ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::{Config, Layers, Secret, Source};

/// The command line.
#[derive(Debug, Default, Parser)]
#[command(disable_help_subcommand = true)]
pub(super) struct Arguments {
    /// Read this configuration file instead of `flagon.toml`
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    action: Option<Action>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Serve the app; what is done without a command
    Run(Flags),
    /// List the rules, with their endpoints and methods
    Routes(RoutesListing),
    /// Show the configuration, and where each value comes from
    Config(ConfigListing),
}

/// What may be set for one run: wins over everything else.
#[derive(Debug, Default, Clone, Args)]
pub(super) struct Flags {
    /// Listen at this name or address [default: 127.0.0.1]
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Listen at this port for HTTP; 0 takes a free one [default: 8000]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Listen at this port for HTTPS too; without --cert with a certificate for development
    #[arg(long, value_name = "PORT")]
    tls_port: Option<u16>,
    /// The certificate chain (PEM)
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Serve with so many threads [default: one per core]
    #[arg(long, value_name = "COUNT")]
    threads: Option<NonZeroUsize>,
    /// The database: `sqlite://FILE`, or `mysql://USER:PASSWORD@HOST/NAME`
    #[cfg(feature = "sql")]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Sign sessions and tokens with this key; a file or `FLAGON_SECRET_KEY` is seen by fewer
    #[arg(long, value_name = "KEY")]
    secret_key: Option<String>,
    /// Show errors in the browser, with source lines and values
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_debug")]
    debug: bool,
    /// Show visitors a plain page instead of the error
    #[arg(long, action = ArgAction::SetTrue)]
    no_debug: bool,
    /// Let --debug be used where other machines can reach the server
    #[arg(long, action = ArgAction::SetTrue)]
    allow_remote_debug: bool,
}

/// How rules are listed.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct RoutesListing {
    /// The order
    #[arg(long, value_enum, default_value_t = RoutesOrder::Endpoint)]
    pub(super) sort: RoutesOrder,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    /// List the rules of the upstream instead, with who answers them now
    #[arg(long, conflicts_with = "sort")]
    pub(super) coverage: bool,
}

/// The order in which rules are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RoutesOrder {
    /// By endpoint
    Endpoint,
    /// By methods
    Methods,
    /// By rule
    Rule,
    /// As they were registered
    Match,
}

/// How the configuration is shown.
#[derive(Debug, Clone, Args)]
pub(super) struct ConfigListing {
    #[command(flatten)]
    flags: Flags,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Arguments {
    /// What stands before a command of the app's own in `matches`.
    pub(super) fn before_command(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let config = matches.get_one("config").cloned();
        Ok(Self { config, flags: Flags::from_arg_matches(matches)?, action: None })
    }

    /// What is to be done: `run` when nothing is said.
    pub(super) fn action(&self) -> &Action {
        const RUN: &Action = &Action::Run(Flags::NONE);
        self.action.as_ref().unwrap_or(RUN)
    }

    /// The configuration file that was asked for.
    pub(super) fn file(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// Sets what was given for this run, before the command and after it.
    pub(super) fn apply(&self, layers: &mut Layers) {
        self.flags.apply(layers);
        match &self.action {
            Some(Action::Run(flags)) => flags.apply(layers),
            Some(Action::Config(listing)) => listing.flags.apply(layers),
            Some(Action::Routes(_)) | None => (),
        }
    }
}

impl Flags {
    const NONE: Self = Self {
        host: None,
        port: None,
        tls_port: None,
        cert: None,
        key: None,
        threads: None,
        #[cfg(feature = "sql")]
        database: None,
        secret_key: None,
        debug: false,
        no_debug: false,
        allow_remote_debug: false,
    };

    fn apply(&self, layers: &mut Layers) {
        fn set<T: Clone>(
            layers: &mut Layers,
            flag: &'static str,
            given: Option<&T>,
            to: impl FnOnce(&mut Config, T),
        ) {
            if let Some(value) = given.cloned() {
                layers.change(&Source::Flag(flag), |config| to(config, value));
            }
        }
        set(layers, "--host", self.host.as_ref(), |config, value| config.server.host = value);
        set(layers, "--port", self.port.as_ref(), |config, value| config.server.port = value);
        set(layers, "--tls-port", self.tls_port.as_ref(), |config, value| {
            config.server.tls_port = Some(value);
        });
        set(layers, "--cert", self.cert.as_ref(), |config, value| config.server.cert = Some(value));
        set(layers, "--key", self.key.as_ref(), |config, value| config.server.key = Some(value));
        set(layers, "--threads", self.threads.as_ref(), |config, value| config.server.threads = Some(value));
        #[cfg(feature = "sql")]
        set(layers, "--database", self.database.as_ref(), |config, value| config.database = value.into());
        set(layers, "--secret-key", self.secret_key.as_ref(), |config, value| {
            config.secret_key = Some(Secret::new(value));
        });
        set(layers, "--debug", self.debug.then_some(&true), |config, value| config.debug = value);
        set(layers, "--no-debug", self.no_debug.then_some(&false), |config, value| config.debug = value);
        set(layers, "--allow-remote-debug", self.allow_remote_debug.then_some(&true), |config, value| {
            config.server.allow_remote_debug = value;
        });
    }
}

/// The name that the program was started by, or the app's.
pub(super) fn program(app: &str) -> String {
    let path = env::args_os().next().map(PathBuf::from);
    let name = path.as_deref().and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| app.to_owned())
}

/// The grammar of the command line of an app of `version`.
pub(super) fn grammar(program: &str, version: String) -> clap::Command {
    let completions = clap::Command::new(COMPLETIONS)
        .about("Write completions for a shell, to be sourced by it")
        .arg(clap::Arg::new("shell").required(true).value_parser(clap::value_parser!(Shell)));
    Arguments::command()
        .name(program.to_owned())
        .bin_name(program.to_owned())
        .version(version)
        .about(None)
        .subcommand(completions)
}

const COMPLETIONS: &str = "completions";

/// The shell for which completions were asked for.
pub(super) fn completions(matches: &ArgMatches) -> Option<Shell> {
    matches.subcommand_matches(COMPLETIONS)?.get_one("shell").copied()
}

/// What `shell` reads to complete the command line.
pub(super) fn completion_script(shell: Shell, mut grammar: clap::Command, program: &str) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut grammar, program, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
