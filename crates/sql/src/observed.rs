//! What can be known of a statement that was carried out.
//!
//! In: a statement and its outcome. Out: a span for who traces, an event for who logs, and [`Observed`] for an [`Observer`]. Never: the
//! values, which may be passwords, to any but an observer; and no time is taken when nobody listens.

use std::{
    fmt,
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::SqlStr;
use tracing::{Span, field};

use crate::{
    arguments::Arguments,
    dialect::Dialect,
    digest::digest,
    error::{Error, ErrorKind},
};

/// A statement that was carried out, or refused.
#[derive(Debug)]
#[non_exhaustive]
pub struct Observed<'s> {
    /// Which database it is.
    pub dialect: Dialect,
    /// Its text; cloning it copies nothing.
    pub sql: &'s SqlStr,
    /// Its values; `None` for commands of our own, such as `COMMIT`.
    pub arguments: Option<&'s Arguments>,
    /// How many rows came or were changed.
    pub rows: u64,
    /// When it was sent.
    pub began: Instant,
    /// How long it took, the wait for a connection aside. For a stream of rows: until the last that was read.
    pub took: Duration,
    /// Why the database refused it.
    pub error: Option<&'s Error>,
    /// Where in the program it was made.
    pub place: Option<&'static Location<'static>>,
}

/// Is told of each statement, in the task that sent it. Given to [`Options::observer`](crate::Options).
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, Observed, Observer, Options};
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
///
/// #[derive(Debug, Default)]
/// struct Rows(AtomicU64);
///
/// impl Observer for Rows {
///     fn carried_out(&self, statement: &Observed<'_>) {
///         self.0.fetch_add(statement.rows, Ordering::Relaxed);
///     }
/// }
///
/// let rows = Arc::new(Rows::default());
/// let mut options: Options = "sqlite::memory:".parse()?;
/// options.observer = Some(rows.clone());
/// Database::with_options(options).db().query("VALUES (1), (2)", ()).all().await?;
/// assert_eq!(rows.0.load(Ordering::Relaxed), 2);
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// `statement` was carried out, or refused. It may not wait.
    fn carried_out(&self, statement: &Observed<'_>);
}

/// The target of spans and events.
const TARGET: &str = "flagon::sql";

/// Watches one statement, if anybody wants to know of it.
pub(crate) struct Watch {
    span: Span,
    watched: Option<Box<Watched>>,
}

struct Watched {
    observer: Option<Arc<dyn Observer>>,
    dialect: Dialect,
    sql: SqlStr,
    arguments: Option<Arguments>,
    place: Option<&'static Location<'static>>,
    began: Instant,
}

impl Watch {
    /// Begins to watch.
    pub(crate) fn begin(
        observer: Option<&Arc<dyn Observer>>,
        dialect: Dialect,
        sql: &SqlStr,
        arguments: Option<&Arguments>,
        place: Option<&'static Location<'static>>,
    ) -> Self {
        let span = tracing::debug_span!(
            target: TARGET,
            "statement",
            digest = field::Empty,
            rows = field::Empty,
            milliseconds = field::Empty,
            error = field::Empty,
        );
        if observer.is_none() && span.is_disabled() {
            return Self { span, watched: None };
        }
        if !span.is_disabled() {
            span.record("digest", digest(dialect, sql.as_str()));
        }
        // Values are for an observer, whom they are worth a copy.
        let arguments = observer.and(arguments).cloned();
        let (observer, sql) = (observer.cloned(), sql.clone());
        let watched = Watched { observer, dialect, sql, arguments, place, began: Instant::now() };
        Self { span, watched: Some(Box::new(watched)) }
    }

    /// What the statement is carried out in.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Tells what came of it.
    pub(crate) fn end(self, rows: u64, error: Option<&Error>) {
        let Some(watched) = self.watched else { return };
        let took = watched.began.elapsed();
        if !self.span.is_disabled() {
            let milliseconds = took.as_secs_f64() * 1e3;
            self.span.record("rows", rows).record("milliseconds", milliseconds);
            if let Some(error) = error {
                self.span.record("error", field::debug(error.kind()));
            }
            let (sql, error) = (watched.sql.as_str(), error.map(Error::kind));
            event(sql, rows, milliseconds, error);
        }
        if let Some(observer) = &watched.observer {
            observer.carried_out(&Observed {
                dialect: watched.dialect,
                sql: &watched.sql,
                arguments: watched.arguments.as_ref(),
                rows,
                began: watched.began,
                took,
                error,
                place: watched.place,
            });
        }
    }
}

/// The same for logs, whose writers pass over spans.
fn event(sql: &str, rows: u64, milliseconds: f64, error: Option<ErrorKind>) {
    let error = error.map(field::debug);
    tracing::debug!(target: TARGET, sql, rows, milliseconds, error, "statement");
}
