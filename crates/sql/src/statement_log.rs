//! The statements of one piece of work, such as a request: kept for who looks into it afterwards.
//!
//! In: what an [`Observer`](crate::Observer) is told. Out: [`LoggedStatement`]s in their order. Never: more than it has room for; what
//! came after that is counted.

use std::{
    fmt,
    panic::Location,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::SqlStr;

use crate::{arguments::Arguments, dialect::Dialect, digest::digest, observed::Observed};

/// A statement that was carried out.
#[derive(Clone)]
pub struct LoggedStatement {
    dialect: Dialect,
    sql: SqlStr,
    arguments: Option<Arguments>,
    values: Option<usize>,
    rows: u64,
    began: Instant,
    took: Duration,
    error: Option<String>,
    place: Option<&'static Location<'static>>,
}

impl LoggedStatement {
    fn new(observed: &Observed<'_>) -> Self {
        let arguments = observed.arguments.filter(|arguments| arguments.size() <= LARGEST_VALUES);
        Self {
            dialect: observed.dialect,
            sql: observed.sql.clone(),
            arguments: arguments.cloned(),
            values: observed.arguments.map(Arguments::len),
            rows: observed.rows,
            began: observed.began,
            took: observed.took,
            error: observed.error.map(|error| cut(&error.to_string())),
            place: observed.place,
        }
    }

    /// Which database it was sent to.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Its text, with `?` for each value.
    pub fn sql(&self) -> &str {
        self.sql.as_str()
    }

    /// Its text without literals, the same for all that differ in values alone: see [`digest`].
    pub fn digest(&self) -> String {
        digest(self.dialect, self.sql())
    }

    /// How many values it had; `None` for a command of our own, such as `COMMIT`.
    pub fn value_count(&self) -> Option<usize> {
        self.values
    }

    /// Its values, to ask the database how it carries out the same once more; `None` when they were too large to keep. They can't be
    /// printed, as there may be passwords among them.
    pub fn arguments(&self) -> Option<&Arguments> {
        self.arguments.as_ref()
    }

    /// How many rows came or were changed.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// When it was sent.
    pub fn began(&self) -> Instant {
        self.began
    }

    /// How long it took.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Why the database refused it.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Where in the program it was made.
    pub fn place(&self) -> Option<&'static Location<'static>> {
        self.place
    }

    /// How many bytes it takes, about.
    fn size(&self) -> usize {
        size_of::<Self>()
            + self.sql().len()
            + self.arguments.as_ref().map_or(0, Arguments::size)
            + self.error.as_ref().map_or(0, String::len)
    }
}

/// Values that are larger than this are not kept.
const LARGEST_VALUES: usize = 16 * 1024;

/// A text, and not all of it when it is long.
fn cut(text: &str) -> String {
    const LONGEST: usize = 1000;
    text.chars().take(LONGEST).collect()
}

impl fmt::Debug for LoggedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedStatement")
            .field("sql", &self.sql())
            .field("values", &self.values)
            .field("rows", &self.rows)
            .field("took", &self.took)
            .field("error", &self.error)
            .field("place", &self.place.map(ToString::to_string))
            .finish_non_exhaustive()
    }
}

/// The statements of one piece of work, in the order in which they ended.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, Observed, Observer, Options, StatementLog};
/// use std::sync::Arc;
///
/// #[derive(Debug, Default)]
/// struct Keep(StatementLog);
///
/// impl Observer for Keep {
///     fn carried_out(&self, statement: &Observed<'_>) {
///         self.0.push(statement);
///     }
/// }
///
/// let kept = Arc::new(Keep::default());
/// let mut options: Options = "sqlite::memory:".parse()?;
/// options.observer = Some(kept.clone());
/// Database::with_options(options).db().query("SELECT ? + 1", (41,)).one().await?;
/// let logged = &kept.0.statements()[0];
/// assert_eq!((logged.sql(), logged.value_count(), logged.rows()), ("SELECT ? + 1", Some(1), 1));
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Default)]
pub struct StatementLog(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    statements: Vec<LoggedStatement>,
    size: usize,
    left_out: u64,
}

impl StatementLog {
    /// How many statements are kept at most.
    pub const MOST: usize = 500;

    /// How many bytes are kept at most, about.
    pub const LARGEST: usize = 512 * 1024;

    /// Adds a statement, or counts it where there is no more room.
    pub fn push(&self, observed: &Observed<'_>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let statement = LoggedStatement::new(observed);
        let size = kept.size + statement.size();
        if kept.statements.len() >= Self::MOST || size > Self::LARGEST {
            kept.left_out += 1;
        } else {
            kept.size = size;
            kept.statements.push(statement);
        }
    }

    /// The statements, as they are now.
    pub fn statements(&self) -> Vec<LoggedStatement> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).statements.clone()
    }

    /// How many there was no room for.
    pub fn left_out(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).left_out
    }

    /// How many bytes are kept, about.
    pub fn size(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size
    }
}
