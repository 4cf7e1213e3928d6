//! What is logged: set-up, the access log, and errors.
//!
//! In: the `[log]` configuration, requests and errors. Out: `tracing` events, and for `main` a subscriber that writes
//! them to stderr, and for a test client one that prints errors. Otherwise never: prints by itself; an app that is not
//! started by `main` brings its own subscriber.

mod writer;
mod line;
mod access;
mod failure;

use std::sync::LazyLock;

use tracing::{Dispatch, Level, dispatcher::get_default, subscriber::NoSubscriber};
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
};

use crate::config::{AccessLog, LogConfig, LogFormat, filter};

pub(crate) use access::Entry;
pub(crate) use failure::{broke_off, failed, socket_failed};
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

/// Where a test client's requests log: errors are printed, which the test harness shows of a test that failed. It is the
/// test's own subscriber where there is one.
pub(crate) fn of_test() -> Dispatch {
    static PRINTED: LazyLock<Dispatch> = LazyLock::new(|| {
        Dispatch::new(
            fmt().with_max_level(Level::ERROR).with_test_writer().with_ansi(false).without_time().finish(),
        )
    });
    let current = get_default(Dispatch::clone);
    if current.is::<NoSubscriber>() { PRINTED.clone() } else { current }
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
