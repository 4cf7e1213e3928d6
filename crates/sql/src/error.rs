//! What went wrong with a database.
//!
//! In: errors of the driver, and refusals of our own. Out: [`Error`], whose [`ErrorKind`] says what to do about it.

use std::{borrow::Cow, error::Error as StdError, fmt};

use sqlx::{
    error::{DatabaseError, ErrorKind as Violation},
    mysql::MySqlDatabaseError,
    sqlite::SqliteError,
};

/// What a call of this crate gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a statement was not carried out.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, ErrorKind};
///
/// let db = Database::open("sqlite::memory:")?.db();
/// let error = db.execute("INSERT INTO nowhere VALUES (1)", ()).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Statement);
/// assert_eq!(error.statement(), Some("INSERT INTO nowhere VALUES (1)"));
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    statement: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL is none of a database.
    Url,
    /// The database can't be reached, or does not let us in, or hung up.
    Connect,
    /// Every connection was in use for longer than one waits for it.
    Exhausted,
    /// The database refuses the statement: a misspelt word, a table that is not there.
    Statement,
    /// The values are not those that the statement has places for.
    Values,
    /// A column does not hold what was asked for.
    Decode,
    /// There is no row, and one was asked for.
    NoRow,
    /// A value is there already, and may be there once.
    Unique,
    /// What is referred to is not there, or what is to go is referred to.
    ForeignKey,
    /// A value is missing.
    NotNull,
    /// A value breaks a rule of its table.
    Check,
    /// A write where only reading is allowed.
    ReadOnly,
    /// Two transactions waited for each other, and this one was given up.
    Deadlock,
    /// Another transaction held a lock for too long.
    LockTimeout,
    /// Another transaction has changed what this one saw.
    Serialization,
    /// SQLite: another process is writing.
    Busy,
    /// A row is locked, and the statement said not to wait.
    Locked,
    /// The statement would end the transaction behind the back of whoever began it.
    ImplicitCommit,
    /// The table can't roll back.
    NotTransactional,
    /// The transaction is over.
    Ended,
    /// Rows are still being read on the same connection.
    InUse,
    /// The outcome of a commit is not known: the connection broke while it was waited for.
    Unknown,
    /// A migration does not fit.
    Migration,
}

impl ErrorKind {
    /// Whether the same work may well succeed when its transaction is begun again.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Deadlock | Self::LockTimeout | Self::Serialization | Self::Busy)
    }
}

impl Error {
    /// Makes an error of our own.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), statement: None, source: None }))
    }

    /// Wraps what the driver said.
    pub(crate) fn of(source: sqlx::Error) -> Self {
        let kind = kind(&source);
        Self::new(kind, message(kind)).because(source)
    }

    /// Adds the cause.
    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the text of the statement, without values.
    pub(crate) fn in_statement(mut self, statement: &str) -> Self {
        self.0.statement.get_or_insert_with(|| statement.to_owned());
        self
    }

    /// Makes it another kind, with its message; cause and statement stay.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self.saying(message(kind))
    }

    /// Gives it another message.
    pub(crate) fn saying(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// What an error of the driver means.
    #[cfg(feature = "sea-orm")]
    pub(crate) fn kind_of(source: &sqlx::Error) -> ErrorKind {
        kind(source)
    }

    /// The error of the driver that it stands for, or itself where there is none.
    #[cfg(feature = "sea-orm")]
    pub(crate) fn into_driver(mut self) -> std::result::Result<sqlx::Error, Self> {
        match self.0.source.take().map(<dyn StdError + Send + Sync>::downcast::<sqlx::Error>) {
            Some(Ok(driver)) => Ok(*driver),
            Some(Err(source)) => {
                self.0.source = Some(source);
                Err(self)
            }
            None => Err(self),
        }
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The text of the statement, without its values.
    pub fn statement(&self) -> Option<&str> {
        self.0.statement.as_deref()
    }

    /// The number of MySQL's error, or SQLite's extended result code.
    pub fn number(&self) -> Option<u32> {
        let driver = self.0.source.as_deref()?.downcast_ref::<sqlx::Error>()?;
        number(driver.as_database_error()?)
    }
}

fn number(error: &dyn DatabaseError) -> Option<u32> {
    match error.try_downcast_ref::<MySqlDatabaseError>() {
        Some(error) => Some(error.number().into()),
        None => error.code()?.parse().ok(),
    }
}

fn kind(error: &sqlx::Error) -> ErrorKind {
    match error {
        sqlx::Error::Database(error) => match error.kind() {
            Violation::UniqueViolation => ErrorKind::Unique,
            Violation::ForeignKeyViolation => ErrorKind::ForeignKey,
            Violation::NotNullViolation => ErrorKind::NotNull,
            Violation::CheckViolation => ErrorKind::Check,
            _ => by_number(&**error),
        },
        sqlx::Error::RowNotFound => ErrorKind::NoRow,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Configuration(_) => ErrorKind::Connect,
        sqlx::Error::Encode(_) => ErrorKind::Values,
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::TypeNotFound { .. } => ErrorKind::Decode,
        _ => ErrorKind::Statement,
    }
}

fn by_number(error: &dyn DatabaseError) -> ErrorKind {
    let Some(number) = number(error) else { return ErrorKind::Statement };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        // Extended result codes keep the primary one in their lowest byte.
        return match (number, number & 0xff) {
            (SQLITE_BUSY_SNAPSHOT, _) => ErrorKind::Serialization,
            (_, SQLITE_BUSY | SQLITE_LOCKED) => ErrorKind::Busy,
            (_, SQLITE_READONLY) => ErrorKind::ReadOnly,
            (_, SQLITE_CANTOPEN | SQLITE_NOTADB | SQLITE_IOERR) => ErrorKind::Connect,
            _ => ErrorKind::Statement,
        };
    }
    match number {
        1213 | 1614 => ErrorKind::Deadlock, // ER_LOCK_DEADLOCK (also Galera's conflicts), ER_XA_RBDEADLOCK
        1205 => ErrorKind::LockTimeout,     // ER_LOCK_WAIT_TIMEOUT
        1020 => ErrorKind::Serialization,   // ER_CHECKREAD: the record has changed since last read
        3572 => ErrorKind::Locked,          // ER_LOCK_NOWAIT
        1792 | 1290 | 1836 => ErrorKind::ReadOnly, // in a READ ONLY transaction, --read-only
        // Too many connections, no access, no such database, gone away, shutting down, killed.
        1040 | 1044 | 1045 | 1049 | 1053 | 1129 | 1130 | 1226 | 1251 | 1317 | 1927 | 2006 | 2013 | 4031 => {
            ErrorKind::Connect
        }
        1047 => ErrorKind::Busy, // a Galera node that is not ready, or lost its cluster
        _ => ErrorKind::Statement,
    }
}

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;
const SQLITE_BUSY_SNAPSHOT: u32 = 517;

fn message(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Connect => "the connection to the database failed",
        ErrorKind::Values => "the values do not fit the statement",
        ErrorKind::Decode => "a column does not hold what was asked for",
        ErrorKind::NoRow => "the query gives no row, and one was asked for; optional() gives None then",
        ErrorKind::Unique => "the value is there already, and may be there only once",
        ErrorKind::ForeignKey => "a foreign key does not allow it",
        ErrorKind::NotNull => "a value is missing",
        ErrorKind::Check => "a value breaks a rule of its table",
        ErrorKind::ReadOnly => "only reading is allowed here",
        ErrorKind::Deadlock => "the transaction was given up in a deadlock with another one",
        ErrorKind::LockTimeout => "another transaction held a lock for too long",
        ErrorKind::Serialization => "another transaction has changed what this one saw",
        ErrorKind::Busy => "the database is busy with another writer",
        ErrorKind::Locked => "the row is locked by another transaction",
        _ => "the database refuses the statement",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.statement {
            Some(statement) => write!(f, ", in `{}`", one_line(statement)),
            None => Ok(()),
        }
    }
}

/// A statement on one line, and not all of it when it is long.
fn one_line(statement: &str) -> String {
    const LONGEST: usize = 300;
    let mut line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("statement", &self.0.statement)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
