//! What is logged: set-up, the access log, and errors.
//!
//! In: the `[log]` configuration, requests and errors. Out: `tracing` events, and for `main` a subscriber that writes
//! them to stderr. Never: prints by itself; an app that is not started by `main` brings its own subscriber.

mod writer;
mod line;
mod access;
mod failure;

use tracing::Level;
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
};

use crate::config::{AccessLog, LogConfig, LogFormat, filter};

pub(crate) use access::Entry;
pub(crate) use failure::{broke_off, failed};
pub(crate) use writer::Writer;

/// Whether what is written may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    Use,
    Avoid,
}

/// Makes this process log as `config` says, through `writer`. Leaves a subscriber that is set already alone.
///
/// # Errors
///
/// A sentence when `level` can't be read.
pub(crate) fn install(config: &LogConfig, writer: &Writer, colours: Colours) -> Result<(), String> {
    let subscriber = subscriber(config, writer, colours)?;
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

fn subscriber(
    config: &LogConfig,
    writer: &Writer,
    colours: Colours,
) -> Result<impl tracing::Subscriber + Send + Sync + use<>, String> {
    let filter = filter(&config.level).map_err(|problem| format!("`log.level` {problem}"))?;
    let filter = filter.with_target(access::TARGET, LevelFilter::OFF);
    let events = fmt::layer().with_writer(writer.clone());
    let events: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Human => events.with_ansi(colours == Colours::Use).boxed(),
        LogFormat::Json => events.json().boxed(),
    };
    let requests = match config.access {
        AccessLog::Off => LevelFilter::OFF,
        _ => Level::INFO.into(),
    };
    let requests = Targets::new().with_target(access::TARGET, requests);
    let lines = line::Lines::new(config.access, writer.clone());
    Ok(tracing_subscriber::registry().with(events.with_filter(filter)).with(lines.with_filter(requests)))
}

#[cfg(test)]
mod tests;
