//! `shadow`: what was found by comparing the app with its upstream, and whose routes are.

use std::io;

use clap::{Args, Subcommand, ValueEnum};

use super::terminal;
use crate::{
    error::{Error, Result},
    globals::current_app,
    shadow::ShadowStore,
    upstream,
};

/// What is to be done.
#[derive(Debug, Args)]
pub(super) struct ShadowArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Tell what differs, and how long each side takes
    Report {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Let one side answer a route from now on, in every process that serves
    Switch {
        /// The name of the route's endpoint, as `routes` lists it
        endpoint: String,
        /// Who answers
        side: Side,
    },
    /// Forget what was found; whose routes are stays
    Clear,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Side {
    Flagon,
    Upstream,
}

/// Runs the command.
pub(super) async fn shadow(arguments: ShadowArguments) -> Result<()> {
    let app = current_app();
    let Some(store) = app.state::<ShadowStore>() else { return Ok(()) }; // the command is there with it only
    let store = &store.0;
    store.prepare().await?;
    match arguments.action {
        Action::Report { json: true } => print(&format!("{:#}\n", serde_json::json!(store.report().await?))),
        Action::Report { json: false } => print(&store.report().await?.to_string()),
        Action::Switch { endpoint, side } => {
            if !app.url_map().endpoints().any(|known| known.name() == endpoint) {
                let problem = format!("there is no route `{endpoint}`; `routes` lists them");
                return Err(Error::from(io::Error::other(problem)));
            }
            let (side, name) = match side {
                Side::Flagon => (upstream::Side::Flagon, "Flagon"),
                Side::Upstream => (upstream::Side::Upstream, "the upstream"),
            };
            store.switch(&endpoint, side).await?;
            print(&format!("{name} answers `{endpoint}` from now on; servers see it within a second\n"))
        }
        Action::Clear => store.clear().await,
    }
}

fn print(text: &str) -> Result<()> {
    terminal::print(text).map_err(|failure| io::Error::other(failure.to_string()).into())
}
