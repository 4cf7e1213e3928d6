//! One connection, of either database.
//!
//! In: statements with their values. Out: rows and counts. Never: keeps track of transactions.

use std::{
    fmt,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor, SqlSafeStr, SqlStr, mysql::MySqlConnection,
    sqlite::SqliteConnection,
};
use tracing::Instrument;

use crate::{
    arguments::{self, Arguments},
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    observed::{Observer, Watch},
    options::{Options, Target},
    row::{self, Row},
};

/// One connection.
pub(crate) struct Connection {
    driver: Driver,
    role: Role,
    observer: Option<Arc<dyn Observer>>,
    session: Session,
}

/// By what a statement is ended from outside, whose answer nobody waits for any more.
#[derive(Debug)]
pub(crate) enum Session {
    /// MySQL: the number of the connection, and the server that gave it. `None` where the server does not say.
    MySql(Option<Arc<OnServer>>),
    /// SQLite looks at this now and then, and ends what it is at when it is set: when the connection is dropped.
    Sqlite(#[expect(dead_code, reason = "kept for its end")] Interrupt),
}

/// A connection as its server calls it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OnServer {
    pub(crate) number: u64,
    /// Where several servers are behind one address, a number alone may be the one of somebody else.
    pub(crate) server: String,
}

/// Set when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

enum Driver {
    MySql(Box<MySqlConnection>),
    Sqlite(Box<SqliteConnection>),
}

const WHO: &str = "SELECT connection_id(), concat(@@hostname, ':', @@port, ':', @@datadir)";

/// After so many of its virtual machine's instructions SQLite asks whether it is to go on: some milliseconds.
const STEPS: i32 = 100_000;

/// What a connection is for. One of MySQL can be given another role, one of SQLite is opened in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Statements that are each on their own.
    Each,
    /// Transactions that only read.
    Read,
    /// Transactions that may write.
    Write,
}

/// A statement with its values.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sql: SqlStr,
    pub(crate) arguments: Arguments,
    /// Whether it says `NOWAIT`, which MariaDB answers as if it had waited.
    pub(crate) is_nowait: bool,
    /// Where in the program it was made.
    pub(crate) place: Option<&'static Location<'static>>,
}

impl Statement {
    pub(crate) fn new(sql: impl SqlSafeStr, arguments: Arguments) -> Self {
        Self { sql: sql.into_sql_str(), arguments, is_nowait: false, place: None }
    }
}

/// How much of an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    All,
    First,
    Count,
}

/// An answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    /// How many rows were written.
    pub(crate) count: u64,
    /// The id that the database gave to the first row that was inserted.
    pub(crate) last_id: i64,
    /// The same for SeaORM.
    #[cfg(feature = "sea-orm")]
    pub(crate) done: Option<sea_orm::ExecResult>,
}

impl Connection {
    pub(crate) async fn open(options: &Options, role: Role) -> Result<Self> {
        let opened = match &options.target {
            Target::MySql(options) => {
                MySqlConnection::connect_with(options).await.map(Box::new).map(Driver::MySql)
            }
            Target::Sqlite(options, _) => {
                let options = (**options).clone().read_only(role == Role::Read);
                let options = if role == Role::Read { options.create_if_missing(false) } else { options };
                SqliteConnection::connect_with(&options).await.map(Box::new).map(Driver::Sqlite)
            }
        };
        let driver = opened.map_err(|error| {
            let message = format!("no connection to {}", options.place());
            Error::of(error).with_kind(ErrorKind::Connect).saying(message)
        })?;
        // MySQL begins with `autocommit` on.
        let first = if matches!(driver, Driver::MySql(_)) { Role::Each } else { role };
        let (observer, session) = (options.observer.clone(), Session::MySql(None));
        let mut connection = Self { driver, role: first, observer, session };
        connection.take_role(role).await?;
        connection.session = connection.find_session().await?;
        Ok(connection)
    }

    async fn find_session(&mut self) -> Result<Session> {
        match &mut self.driver {
            Driver::MySql(driver) => {
                let found: Result<(u64, String), _> = sqlx::query_as(WHO).fetch_one(&mut **driver).await;
                // Not every server that speaks MySQL's protocol has all of its variables.
                Ok(Session::MySql(found.ok().map(|(number, server)| Arc::new(OnServer { number, server }))))
            }
            Driver::Sqlite(driver) => {
                let interrupt = Interrupt::default();
                let is_set = Arc::clone(&interrupt.0);
                let mut handle = driver.lock_handle().await.map_err(Error::of)?;
                handle.set_progress_handler(STEPS, move || !is_set.load(Ordering::Relaxed));
                Ok(Session::Sqlite(interrupt))
            }
        }
    }

    /// Who it is on its server.
    pub(crate) fn on_server(&self) -> Option<Arc<OnServer>> {
        match &self.session {
            Session::MySql(on_server) => on_server.clone(),
            Session::Sqlite(_) => None,
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.driver {
            Driver::MySql(_) => Dialect::MySql,
            Driver::Sqlite(_) => Dialect::Sqlite,
        }
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// Becomes what `role` needs: one round trip, and none when it is that already.
    pub(crate) async fn take_role(&mut self, role: Role) -> Result<()> {
        if self.role != role {
            // Without `autocommit` the first statement begins a transaction, which saves the round trip of a BEGIN.
            self.command(match role {
                Role::Each => "SET autocommit = 1; SET SESSION TRANSACTION READ WRITE",
                Role::Read => "SET autocommit = 0; SET SESSION TRANSACTION READ ONLY",
                Role::Write => "SET autocommit = 0; SET SESSION TRANSACTION READ WRITE",
            })
            .await?;
            self.role = role;
        }
        Ok(())
    }

    /// Sends commands that have no values and give no rows.
    pub(crate) async fn command(&mut self, sql: impl SqlSafeStr) -> Result<()> {
        let sql = sql.into_sql_str();
        let watch = Watch::begin(self.observer.as_ref(), self.dialect(), &sql, None, None);
        let text = sql.clone();
        let done = match &mut self.driver {
            Driver::MySql(driver) => driver.execute(sql).instrument(watch.span()).await.map(drop),
            Driver::Sqlite(driver) => driver.execute(sql).instrument(watch.span()).await.map(drop),
        };
        let done = done.map_err(|error| Error::of(error).in_statement(text.as_str()));
        watch.end(0, done.as_ref().err());
        done
    }

    /// Rolls back, without a word to who watches: nobody waits for it. Gives whether it succeeded.
    pub(crate) async fn roll_back(&mut self) -> bool {
        const SQL: &str = "ROLLBACK";
        match &mut self.driver {
            Driver::MySql(driver) => driver.execute(SQL).await.is_ok(),
            Driver::Sqlite(driver) => driver.execute(SQL).await.is_ok(),
        }
    }

    /// Sends a command that was put together from names of our own.
    pub(crate) async fn composed(&mut self, sql: String) -> Result<()> {
        self.command(AssertSqlSafe(sql)).await
    }

    /// Carries out `statement`.
    pub(crate) async fn perform(&mut self, statement: Statement, want: Want) -> Result<Answer> {
        let watch = self.watch(&statement);
        let Statement { sql, arguments, is_nowait, .. } = statement;
        let text = sql.clone();
        let answer = match (&mut self.driver, arguments.inner) {
            (Driver::MySql(driver), arguments::Inner::MySql(arguments)) => {
                my_sql(driver, (sql, Some(arguments)), want).instrument(watch.span()).await
            }
            (Driver::Sqlite(driver), arguments::Inner::Sqlite(arguments)) => {
                sqlite(driver, (sql, Some(arguments)), want).instrument(watch.span()).await
            }
            _ => unreachable!("values are made for the database that they are sent to"),
        };
        let rows = answer.as_ref().map_or(0, |answer| answer.count.max(answer.rows.len() as u64));
        let answer = answer.map_err(|error| refused(error, is_nowait).in_statement(text.as_str()));
        watch.end(rows, answer.as_ref().err());
        answer
    }

    fn watch(&self, statement: &Statement) -> Watch {
        let Statement { sql, arguments, place, .. } = statement;
        Watch::begin(self.observer.as_ref(), self.dialect(), sql, Some(arguments), *place)
    }

    /// The rows of `statement`, each when it comes.
    pub(crate) fn stream(&mut self, statement: Statement) -> BoxStream<'_, Result<Row>> {
        let mut reading = Reading { watch: Some(self.watch(&statement)), rows: 0 };
        let Statement { sql, arguments, is_nowait, .. } = statement;
        let text = sql.clone();
        let in_statement = move |error| refused(error, is_nowait).in_statement(text.as_str());
        let rows = match (&mut self.driver, arguments.inner) {
            (Driver::MySql(driver), arguments::Inner::MySql(arguments)) => {
                let rows = driver.fetch((sql, Some(arguments)));
                rows.map_ok(|row| Row(row::Inner::MySql(row))).map_err(in_statement).boxed()
            }
            (Driver::Sqlite(driver), arguments::Inner::Sqlite(arguments)) => {
                let rows = driver.fetch((sql, Some(arguments)));
                rows.map_ok(|row| Row(row::Inner::Sqlite(row))).map_err(in_statement).boxed()
            }
            _ => unreachable!("values are made for the database that they are sent to"),
        };
        rows.inspect(move |row| reading.came(row)).boxed()
    }

    /// Carries out a query of SQLite, throws its rows away, and gives how many steps its machine took; it is stopped after `most`.
    pub(crate) async fn steps(&mut self, sql: &str, most: u64) -> Result<u64> {
        let Driver::Sqlite(driver) = &mut self.driver else { return Ok(0) };
        let steps = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&steps);
        let more = move || counter.fetch_add(1, Ordering::Relaxed) < most;
        driver.lock_handle().await.map_err(Error::of)?.set_progress_handler(1, more);
        let failed = |error| Error::of(error).in_statement(sql);
        let done = {
            let mut rows = driver.fetch(AssertSqlSafe(sql.to_owned()));
            let mut done = Ok(());
            while let Some(row) = rows.next().await {
                done = row.map(drop);
            }
            done.map_err(failed)
        };
        driver.lock_handle().await.map_err(Error::of)?.remove_progress_handler();
        done.map(|()| steps.load(Ordering::Relaxed))
    }

    /// Whether the other end is still there.
    pub(crate) async fn ping(&mut self) -> bool {
        match &mut self.driver {
            Driver::MySql(driver) => driver.ping().await.is_ok(),
            Driver::Sqlite(_) => true,
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(self) {
        let _ = match self.driver {
            Driver::MySql(driver) => driver.close().await,
            Driver::Sqlite(driver) => driver.close().await,
        };
    }
}

fn refused(error: sqlx::Error, is_nowait: bool) -> Error {
    let error = Error::of(error);
    if is_nowait && error.kind() == ErrorKind::LockTimeout {
        error.with_kind(ErrorKind::Locked)
    } else {
        error
    }
}

macro_rules! perform {
    ($name:ident, $driver:ty, $arguments:ty, $row:path, $last_id:expr) => {
        async fn $name(
            driver: &mut $driver,
            statement: (SqlStr, Option<$arguments>),
            want: Want,
        ) -> Result<Answer, sqlx::Error> {
            let mut answer = Answer::default();
            match want {
                Want::All => {
                    let mut rows = driver.fetch(statement);
                    while let Some(row) = rows.try_next().await? {
                        answer.rows.push(Row($row(row)));
                    }
                }
                Want::First => {
                    answer.rows.extend(driver.fetch_optional(statement).await?.map(|row| Row($row(row))))
                }
                Want::Count => {
                    let done = driver.execute(statement).await?;
                    answer.count = done.rows_affected();
                    answer.last_id = $last_id(&done);
                    #[cfg(feature = "sea-orm")]
                    {
                        answer.done = Some(done.into());
                    }
                }
            }
            Ok(answer)
        }
    };
}

perform!(
    my_sql,
    MySqlConnection,
    sqlx::mysql::MySqlArguments,
    row::Inner::MySql,
    |done: &sqlx::mysql::MySqlQueryResult| { i64::try_from(done.last_insert_id()).unwrap_or(i64::MAX) }
);
perform!(
    sqlite,
    SqliteConnection,
    sqlx::sqlite::SqliteArguments,
    row::Inner::Sqlite,
    sqlx::sqlite::SqliteQueryResult::last_insert_rowid
);

/// A stream of rows that is watched until it ends or is dropped.
struct Reading {
    watch: Option<Watch>,
    rows: u64,
}

impl Reading {
    fn came(&mut self, row: &Result<Row>) {
        match row {
            Ok(_) => self.rows += 1,
            Err(error) => self.end(Some(error)),
        }
    }

    fn end(&mut self, error: Option<&Error>) {
        if let Some(watch) = self.watch.take() {
            watch.end(self.rows, error);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.end(None);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("role", &self.role).finish_non_exhaustive()
    }
}
