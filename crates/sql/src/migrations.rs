//! Migrations: numbered SQL files that make and change tables, each once.
//!
//! In: the files of a folder, built into the program. Out: tables, and a row in `flagon_migration` for each that was done. Never: two
//! programs at once, and never over one that stopped in the middle.

use std::{fmt::Write as _, time::Duration};

use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use crate::{
    connection::{Connection, Role, Statement, Want},
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    options::Options,
    row::FromRow as _,
    scan::{self, Token},
    values::{Values, bound},
};

/// The migrations of an app: what `migrations!("migrations")` makes of a folder.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, Migration, Migrations, Script};
///
/// static ALL: Migrations = Migrations::new(&[Migration {
///     number: 1,
///     name: "create_post",
///     up: Script::both("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL)"),
///     down: Some(Script::both("DROP TABLE post")),
/// }]);
///
/// let database = Database::open("sqlite::memory:")?;
/// assert_eq!(ALL.migrate(database.options()).await?, [1]);
/// assert_eq!(ALL.migrate(database.options()).await?, [0; 0]); // each once
/// assert_eq!(ALL.roll_back(database.options(), 1).await?, [1]);
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    all: &'static [Migration],
    /// Where it is remembered which were done.
    table: &'static str,
}

/// One step: how to take it, and how to take it back.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the order, such as 20260228 or 1.
    pub number: u64,
    /// What it does, as the file's name says.
    pub name: &'static str,
    /// What is done.
    pub up: Script,
    /// What undoes it, if it can be undone.
    pub down: Option<Script>,
}

/// The text of a step, which may be another one for each database.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// For SQLite.
    pub sqlite: Option<&'static str>,
    /// For MySQL and MariaDB.
    pub mysql: Option<&'static str>,
}

impl Script {
    /// The same text for both.
    pub const fn both(sql: &'static str) -> Self {
        Self { sqlite: Some(sql), mysql: Some(sql) }
    }

    fn of(self, dialect: Dialect) -> Option<&'static str> {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::MySql => self.mysql,
        }
    }
}

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationState {
    /// It is done.
    Done,
    /// It is to be done.
    Pending,
    /// It was done, and its file has been changed since.
    Changed,
    /// It stopped in the middle, in a database that can't undo changes of tables.
    Broken,
    /// It was done, and this program does not have it.
    Unknown,
}

/// A migration that was done, as the database remembers it.
#[derive(Debug)]
struct Done {
    number: u64,
    name: String,
    checksum: String,
    is_whole: bool,
}

/// The columns of the table in which it is remembered what was done.
const COLUMNS: &str = "(number BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, checksum CHAR(64) NOT NULL, \
    is_whole SMALLINT NOT NULL, done TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

impl Migrations {
    /// Takes the migrations, which have to be in order.
    ///
    /// # Panics
    ///
    /// When two have the same number, or one is before another with a smaller one.
    pub const fn new(all: &'static [Migration]) -> Self {
        let mut place = 1;
        while place < all.len() {
            assert!(
                all[place - 1].number < all[place].number,
                "migrations are in the order of their numbers"
            );
            place += 1;
        }
        Self { all, table: "flagon_migration" }
    }

    /// Remembers in `table` which were done, instead of in `flagon_migration`: for a library with tables of its own, whose numbers then
    /// have nothing to do with those of the app.
    ///
    /// # Panics
    ///
    /// When it is no plain name.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_sql::{Migration, Migrations};
    ///
    /// const ALL: &[Migration] = &[];
    /// static OF_JOBS: Migrations = Migrations::new(ALL).remembered_in("flagon_job_migration");
    /// assert!(OF_JOBS.all().is_empty());
    /// ```
    #[must_use]
    pub const fn remembered_in(self, table: &'static str) -> Self {
        let mut place = 0;
        while place < table.len() {
            assert!(
                matches!(table.as_bytes()[place], b'a'..=b'z' | b'_'),
                "the name of a table is of small letters and underscores"
            );
            place += 1;
        }
        Self { all: self.all, table }
    }

    /// All of them, in order.
    pub fn all(&self) -> &'static [Migration] {
        self.all
    }

    /// Where each stands, those that only the database knows among them.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn status(&self, options: &Options) -> Result<Vec<(u64, String, MigrationState)>> {
        let mut connection = open(options).await?;
        let done = done(&mut connection, self.table).await;
        connection.close().await;
        let done = done?;
        let mut all: Vec<_> = self
            .all
            .iter()
            .map(|migration| {
                let remembered = done.iter().find(|done| done.number == migration.number);
                let state = match remembered {
                    None => MigrationState::Pending,
                    Some(done) if !done.is_whole => MigrationState::Broken,
                    Some(done) if done.checksum != migration.checksum(options.dialect()) => {
                        MigrationState::Changed
                    }
                    Some(_) => MigrationState::Done,
                };
                (migration.number, migration.name.to_owned(), state)
            })
            .collect();
        let unknown =
            done.into_iter().filter(|done| self.all.iter().all(|known| known.number != done.number));
        all.extend(unknown.map(|done| (done.number, done.name, MigrationState::Unknown)));
        all.sort_by_key(|(number, ..)| *number);
        Ok(all)
    }

    /// Does what is pending, in order; gives the numbers of what was done. Programs that start at the same time wait for each other.
    ///
    /// In SQLite a migration is done whole or not at all. MySQL commits each change of a table at once, so one that fails there is
    /// remembered as broken, and nothing more is done until somebody has looked.
    ///
    /// # Errors
    ///
    /// When a file was changed after it was done, one is broken, a table would get an engine that can't roll back, or the database refuses.
    pub async fn migrate(&self, options: &Options) -> Result<Vec<u64>> {
        let mut connection = open(options).await?;
        let numbers = self.migrate_on(&mut connection, options.dialect()).await;
        connection.close().await;
        numbers
    }

    async fn migrate_on(&self, connection: &mut Connection, dialect: Dialect) -> Result<Vec<u64>> {
        lock(connection, dialect).await?;
        let mut numbers = Vec::new();
        for migration in self.all {
            match self.is_pending(migration, dialect, &done(connection, self.table).await?) {
                Ok(false) => (),
                Ok(true) => {
                    migration.take(connection, dialect, self.table).await?;
                    numbers.push(migration.number);
                }
                Err(error) => return Err(error),
            }
        }
        unlock(connection, dialect).await?;
        Ok(numbers)
    }

    fn is_pending(&self, migration: &Migration, dialect: Dialect, done: &[Done]) -> Result<bool> {
        let Some(remembered) = done.iter().find(|done| done.number == migration.number) else {
            return match done.iter().rfind(|done| done.number > migration.number && self.has(done.number)) {
                Some(later) => Err(Error::new(
                    ErrorKind::Migration,
                    format!(
                        "{migration} comes before {}_{}, which is done already; give it a higher number",
                        later.number, later.name
                    ),
                )),
                None => Ok(true),
            };
        };
        let problem = if !remembered.is_whole {
            format!(
                "{migration} stopped in the middle; look what is there of it, put that right, and then set `is_whole` to 1 in \
                 `{}`, or delete the row to do it again",
                self.table
            )
        } else if remembered.checksum == migration.checksum(dialect) {
            return Ok(false);
        } else {
            format!(
                "{migration} was changed after it was done; put it back as it was, and make the change in a new migration"
            )
        };
        Err(Error::new(ErrorKind::Migration, problem))
    }

    fn has(&self, number: u64) -> bool {
        self.all.iter().any(|migration| migration.number == number)
    }

    /// Takes the last `count` back; gives their numbers.
    ///
    /// # Errors
    ///
    /// When one has no way back, is not in this program, or the database refuses.
    pub async fn roll_back(&self, options: &Options, count: usize) -> Result<Vec<u64>> {
        let mut connection = open(options).await?;
        let numbers = self.roll_back_on(&mut connection, options.dialect(), count).await;
        connection.close().await;
        numbers
    }

    async fn roll_back_on(
        &self,
        connection: &mut Connection,
        dialect: Dialect,
        count: usize,
    ) -> Result<Vec<u64>> {
        lock(connection, dialect).await?;
        let mut numbers = Vec::new();
        for done in done(connection, self.table).await?.iter().rev().take(count) {
            let Some(migration) = self.all.iter().find(|migration| migration.number == done.number) else {
                let message = format!(
                    "{}_{} is not in this program, so it can't be taken back",
                    done.number, done.name
                );
                return Err(Error::new(ErrorKind::Migration, message));
            };
            migration.take_back(connection, dialect, self.table).await?;
            numbers.push(migration.number);
        }
        unlock(connection, dialect).await?;
        Ok(numbers)
    }
}

impl std::fmt::Display for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the migration {}_{}", self.number, self.name)
    }
}

impl Migration {
    /// SHA-256 of the text for `dialect`, in hexadecimal; line ends do not count.
    fn checksum(&self, dialect: Dialect) -> String {
        let text = self.up.of(dialect).unwrap_or_default().replace("\r\n", "\n");
        Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn text(&self, script: Option<Script>, dialect: Dialect) -> Result<&'static str> {
        script.and_then(|script| script.of(dialect)).ok_or_else(|| {
            Error::new(ErrorKind::Migration, format!("{self} has no SQL for this way and {}", dialect.name()))
        })
    }

    async fn take(&self, connection: &mut Connection, dialect: Dialect, table: &str) -> Result<()> {
        let text = self.text(Some(self.up), dialect)?;
        check_engines(self, text, dialect)?;
        let checksum = self.checksum(dialect);
        let values = (self.number, self.name, &*checksum);
        let remember = format!("INSERT INTO {table} (number, name, checksum, is_whole) VALUES (?, ?, ?, 0)");
        perform(connection, dialect, remember, values).await?;
        self.run(connection, text).await?;
        perform(
            connection,
            dialect,
            format!("UPDATE {table} SET is_whole = 1 WHERE number = ?"),
            (self.number,),
        )
        .await?;
        Ok(())
    }

    async fn take_back(&self, connection: &mut Connection, dialect: Dialect, table: &str) -> Result<()> {
        let text = self.text(self.down, dialect)?;
        perform(
            connection,
            dialect,
            format!("UPDATE {table} SET is_whole = 0 WHERE number = ?"),
            (self.number,),
        )
        .await?;
        self.run(connection, text).await?;
        perform(connection, dialect, format!("DELETE FROM {table} WHERE number = ?"), (self.number,)).await?;
        Ok(())
    }

    async fn run(&self, connection: &mut Connection, text: &'static str) -> Result<()> {
        let begun = std::time::Instant::now();
        let done = connection.command(text).await;
        done.map_err(|error| error.saying(format!("{self} failed")))?;
        tracing::info!(target: "flagon::sql", number = self.number, name = self.name, seconds = begun.elapsed().as_secs_f64(), "migrated");
        Ok(())
    }
}

/// A migration may not make tables that can't roll back, unless a comment of it says `mixed_engines`.
fn check_engines(migration: &Migration, text: &str, dialect: Dialect) -> Result<()> {
    if dialect == Dialect::Sqlite || text.contains("mixed_engines") {
        return Ok(());
    }
    let tokens: Vec<_> = scan::tokens(dialect, text).map(|(_, token)| token).collect();
    for (place, token) in tokens.iter().enumerate() {
        let is_engine = matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("ENGINE"));
        let name =
            tokens[place + 1..].iter().find(|token| **token != Token::Other('=')).filter(|_| is_engine);
        if let Some(Token::Word(engine)) = name
            && PLAIN.iter().any(|plain| plain.eq_ignore_ascii_case(engine))
        {
            let message = format!(
                "{migration} makes a table of {engine}, which can't roll back; write ENGINE=InnoDB, or say why not in a comment with \
                 the word mixed_engines"
            );
            return Err(Error::new(ErrorKind::Migration, message));
        }
    }
    Ok(())
}

const PLAIN: [&str; 7] = ["MyISAM", "Aria", "MEMORY", "HEAP", "CSV", "ARCHIVE", "MRG_MyISAM"];

/// A connection of its own: locks and settings end with it.
async fn open(options: &Options) -> Result<Connection> {
    let role = if options.dialect() == Dialect::Sqlite { Role::Write } else { Role::Each };
    Connection::open(options, role).await
}

async fn perform(
    connection: &mut Connection,
    dialect: Dialect,
    sql: String,
    values: impl Values,
) -> Result<()> {
    let (arguments, _) = bound(dialect, &sql, &values)?;
    connection.perform(Statement::new(AssertSqlSafe(sql), arguments), Want::Count).await.map(drop)
}

async fn done(connection: &mut Connection, table: &str) -> Result<Vec<Done>> {
    let dialect = connection.dialect();
    if dialect == Dialect::MySql {
        connection.command("SET SESSION default_storage_engine = InnoDB").await?;
    }
    connection.composed(format!("CREATE TABLE IF NOT EXISTS {table} {COLUMNS}")).await?;
    let sql = format!("SELECT number, name, checksum, is_whole FROM {table} ORDER BY number");
    let (arguments, _) = bound(dialect, &sql, &())?;
    let rows = connection.perform(Statement::new(AssertSqlSafe(sql), arguments), Want::All).await?.rows;
    let read = |row| {
        let (number, name, checksum, is_whole) = <(u64, String, String, bool)>::from_row(row)?;
        Ok(Done { number, name, checksum, is_whole })
    };
    rows.into_iter().map(read).collect()
}

/// How long a program waits for another one that migrates.
const PATIENCE: Duration = Duration::from_mins(5);

/// Keeps other programs out: in SQLite by the one transaction in which everything is done, in MySQL by a named lock.
async fn lock(connection: &mut Connection, dialect: Dialect) -> Result<()> {
    if dialect == Dialect::Sqlite {
        connection.composed(format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis())).await?;
        return connection.command("BEGIN IMMEDIATE").await;
    }
    let sql = format!("SELECT GET_LOCK(concat('flagon_migration ', database()), {})", PATIENCE.as_secs());
    let (arguments, _) = bound(dialect, &sql, &())?;
    let answer = connection.perform(Statement::new(AssertSqlSafe(sql), arguments), Want::First).await?;
    let got = answer.rows.into_iter().next().map(Option::<i64>::from_row).transpose()?.flatten();
    if got == Some(1) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Migration,
        "another program migrates this database, and has not ended for five minutes",
    ))
}

async fn unlock(connection: &mut Connection, dialect: Dialect) -> Result<()> {
    connection.command(if dialect == Dialect::Sqlite { "COMMIT" } else { "DO RELEASE_ALL_LOCKS()" }).await
}
