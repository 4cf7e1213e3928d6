//! A transaction: begun at its first statement, then committed or rolled back as a whole.
//!
//! In: statements. Out: a [`Transaction`], which any number of [`Db`](crate::Db) share. Never: goes on after the database has
//! given it up, since what follows would be committed without what came before.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
    },
};

use futures_util::future::BoxFuture;
use sqlx::AssertSqlSafe;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::{
    connection::{Answer, Role, Statement, Want},
    database::Database,
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    facts::facts,
    pool::{Lease, LeaseState},
};

/// A transaction that begins at its first statement. It is rolled back when it is dropped before [`commit`](Self::commit).
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, Db, Terms, Transaction};
///
/// let database = Database::open("sqlite::memory:")?;
/// database.db().execute("CREATE TABLE t (a INTEGER)", ()).await?;
///
/// let transaction = Transaction::new(&database, Terms::default());
/// Db::within(&transaction).execute("INSERT INTO t VALUES (1)", ()).await?;
/// transaction.rollback().await;
/// assert_eq!(database.db().query_as::<i64>("SELECT count(*) FROM t", ()).one().await?, 0);
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
pub struct Transaction {
    database: Database,
    terms: Terms,
    open: AsyncMutex<Open>,
    phase: AtomicU8,
    /// Why the database gave it up.
    doom: OnceLock<ErrorKind>,
    is_read: AtomicBool,
    /// The outermost savepoint that was dropped before its end, and is to be rolled back before anything else; 0 for none.
    abandoned: AtomicU32,
    after_commit: Mutex<Vec<AfterCommit>>,
}

/// What runs when a transaction has been committed.
pub type AfterCommit = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

/// What is needed of the connection while a transaction is open.
#[derive(Default)]
struct Open {
    lease: Option<Lease>,
    savepoints: u32,
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// Whether it may write.
    pub access: Access,
    /// How far it is kept apart from others: as the database is set up (MySQL: repeatable read), if nothing is said. SQLite is always
    /// serializable.
    pub isolation: Option<Isolation>,
    /// Whether it may write to tables that can't roll back.
    pub mixed_engines: MixedEngines,
}

/// Whether a transaction may write to tables that can't roll back, such as those of MyISAM.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MixedEngines {
    /// Such a write is refused.
    #[default]
    Refuse,
    /// It is carried out, and stays when the transaction is rolled back.
    Allow,
}

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// It may. In SQLite there is one at a time, and it begins with `BEGIN IMMEDIATE`.
    #[default]
    ReadWrite,
    /// The database refuses writes.
    ReadOnly,
}

/// The isolation levels of the SQL standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// Sees what others have not committed.
    ReadUncommitted,
    /// Sees what was committed before each statement.
    ReadCommitted,
    /// Sees what was committed before its first statement.
    RepeatableRead,
    /// As if transactions came one after another.
    Serializable,
}

impl Isolation {
    fn command(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
            Self::ReadCommitted => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            Self::RepeatableRead => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            Self::Serializable => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        }
    }
}

impl Terms {
    /// Reading only.
    pub fn read_only() -> Self {
        Self { access: Access::ReadOnly, ..Self::default() }
    }

    /// With this isolation.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }
}

/// Where a transaction is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// No statement has come.
    New,
    Open,
    /// The database has given it up.
    Doomed,
    Committed,
    RolledBack,
}

impl Transaction {
    /// Makes one. The database hears of it at the first statement.
    pub fn new(database: &Database, terms: Terms) -> Arc<Self> {
        Arc::new(Self {
            database: database.clone(),
            terms,
            open: AsyncMutex::default(),
            phase: AtomicU8::new(Phase::New as u8),
            doom: OnceLock::new(),
            is_read: AtomicBool::new(false),
            abandoned: AtomicU32::new(0),
            after_commit: Mutex::default(),
        })
    }

    /// One that is over already: statements of its [`Db`](crate::Db) read, each on its own, and do not write.
    pub fn over(database: &Database) -> Arc<Self> {
        let transaction = Self::new(database, Terms::read_only());
        transaction.set_phase(Phase::Committed);
        transaction
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What it may do.
    pub fn terms(&self) -> Terms {
        self.terms
    }

    /// Whether it may write, and a statement has been sent or something waits for its commit.
    pub fn writes(&self) -> bool {
        let waits = || !self.after_commit.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        self.terms.access == Access::ReadWrite && (self.is_open() || waits())
    }

    /// Whether a statement has been sent, and the transaction is neither committed nor rolled back.
    pub fn is_open(&self) -> bool {
        matches!(self.phase(), Phase::Open | Phase::Doomed)
    }

    /// Whether it has been committed.
    pub fn is_committed(&self) -> bool {
        self.phase() == Phase::Committed
    }

    /// Why the database gave it up, when it did: all of it is rolled back, and it may be tried again from its beginning.
    pub fn doom(&self) -> Option<ErrorKind> {
        self.doom.get().copied()
    }

    /// Keeps `work` for after the commit; it is dropped when there is none.
    pub fn after_commit(&self, work: AfterCommit) {
        self.after_commit.lock().unwrap_or_else(PoisonError::into_inner).push(work);
    }

    /// Takes what [`after_commit`](Self::after_commit) kept.
    pub fn take_after_commit(&self) -> Vec<AfterCommit> {
        std::mem::take(&mut *self.after_commit.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::New,
            1 => Phase::Open,
            2 => Phase::Doomed,
            3 => Phase::Committed,
            _ => Phase::RolledBack,
        }
    }

    fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// Carries out a statement in the transaction.
    pub(crate) async fn perform(&self, statement: Statement, want: Want) -> Result<Answer> {
        self.check_statement(statement.sql.as_str())?;
        let mut open = self.open.lock().await;
        let lease = self.begin(&mut open).await?;
        lease.set(LeaseState::Broken);
        let answer = match self.check_engines(lease, statement.sql.as_str()).await {
            Ok(()) => lease.connection().perform(statement, want).await,
            Err(refused) => Err(refused),
        };
        lease.set(LeaseState::Open);
        let answer = match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.failed(&mut open, error).await),
        };
        if self.phase() == Phase::RolledBack {
            drop(open.lease.take()); // its request ended meanwhile
        }
        answer
    }

    /// Refuses what can't be carried out now.
    fn check(&self) -> Result<()> {
        let message = match self.phase() {
            Phase::New | Phase::Open if self.is_read.load(Ordering::Acquire) => {
                let message = "a stream of rows is still being read in this transaction; read it to its end, drop it, \
                     or take all() of its rows before the next statement";
                return Err(Error::new(ErrorKind::InUse, message));
            }
            Phase::New | Phase::Open => return Ok(()),
            Phase::Doomed => {
                return Err(self.doomed());
            }
            Phase::Committed => "the transaction is committed already",
            Phase::RolledBack => "the transaction is rolled back already",
        };
        Err(Error::new(ErrorKind::Ended, message))
    }

    fn doomed(&self) -> Error {
        let kind = self.doom().unwrap_or(ErrorKind::Ended);
        Error::new(kind, "the database has rolled this transaction back; it has to be begun again as a whole")
    }

    fn check_statement(&self, sql: &str) -> Result<()> {
        self.check()?;
        let facts = facts(self.database.dialect(), sql);
        if !facts.ends_transaction {
            return Ok(());
        }
        let message = format!(
            "{} would end this transaction; nest with transaction(), and change tables in a migration or with the app's db()",
            facts.word
        );
        Err(Error::new(ErrorKind::ImplicitCommit, message).in_statement(sql))
    }

    /// Refuses a write to a table that can't roll back.
    async fn check_engines(&self, lease: &mut Lease, sql: &str) -> Result<()> {
        let is_checked = self.database.dialect() == Dialect::MySql
            && self.terms.access == Access::ReadWrite
            && self.terms.mixed_engines == MixedEngines::Refuse;
        if !is_checked {
            return Ok(());
        }
        let facts = facts(Dialect::MySql, sql);
        if facts.written.is_empty() {
            return Ok(());
        }
        let checked = self.database.known_plain_tables().check(lease.connection(), &facts.written).await;
        checked.map_err(|error| error.in_statement(sql))
    }

    /// The connection, on which the transaction is begun.
    async fn begin<'o>(&self, open: &'o mut Open) -> Result<&'o mut Lease> {
        self.check()?; // it may have ended while another statement was waited for
        if open.lease.is_none() {
            match self.begin_on_lease().await {
                Ok(lease) => open.lease = Some(lease),
                Err(error) => return Err(self.failed(open, error).await),
            }
            self.set_phase(Phase::Open);
        }
        self.roll_back_abandoned(open).await?;
        Ok(open.lease.as_mut().expect("it was put there"))
    }

    /// Rolls back the part that was dropped before its end.
    async fn roll_back_abandoned(&self, open: &mut Open) -> Result<()> {
        let number = self.abandoned.swap(0, Ordering::AcqRel);
        if let Some(lease) = open.lease.as_mut().filter(|_| number != 0) {
            roll_back_savepoint(lease, number).await?;
            open.savepoints = number - 1;
        }
        Ok(())
    }

    /// Has a part rolled back before the next statement: for `Drop`.
    pub(crate) fn abandon_savepoint(&self, number: u32) {
        let outermost = |known: u32| Some(if known == 0 { number } else { known.min(number) });
        let _ = self.abandoned.fetch_update(Ordering::AcqRel, Ordering::Acquire, outermost);
    }

    async fn begin_on_lease(&self) -> Result<Lease> {
        let role = match self.terms.access {
            Access::ReadWrite => Role::Write,
            Access::ReadOnly => Role::Read,
        };
        let mut lease = self.database.lend(role).await?;
        match (self.database.dialect(), role, self.terms.isolation) {
            (Dialect::Sqlite, Role::Read, _) => lease.command("BEGIN").await?,
            (Dialect::Sqlite, ..) => {
                if let Err(error) = lease.command("BEGIN IMMEDIATE").await {
                    lease.set(LeaseState::Clean);
                    return Err(error);
                }
            }
            // Their first statement begins it, as `autocommit` is off.
            (Dialect::MySql, _, Some(isolation)) => lease.command(isolation.command()).await?,
            (Dialect::MySql, _, None) => (),
        }
        lease.set(LeaseState::Open);
        Ok(lease)
    }

    /// What a failed statement means for the transaction: a refused one leaves it as it was.
    async fn failed(&self, open: &mut Open, error: Error) -> Error {
        if !ends_transaction(self.database.dialect(), &error) {
            return error;
        }
        let _ = self.doom.set(error.kind());
        self.set_phase(Phase::Doomed);
        if let Some(mut lease) = open.lease.take() {
            if error.kind() == ErrorKind::Connect {
                lease.set(LeaseState::Gone);
            }
            lease.roll_back().await; // also after a lock-wait timeout, which ends only its statement in MySQL
        }
        error
    }

    /// Commits. What [`after_commit`](Self::after_commit) kept is the caller's to run.
    ///
    /// # Errors
    ///
    /// When the database refuses, and has rolled back; when it has given the transaction up before; when rows are still being read.
    /// [`ErrorKind::Unknown`] when the connection broke, so that nobody knows.
    pub async fn commit(&self) -> Result<()> {
        self.check()?; // before a wait for a stream that nobody reads
        let mut open = self.open.lock().await;
        self.check()?;
        self.roll_back_abandoned(&mut open).await?;
        let Some(mut lease) = open.lease.take() else {
            self.set_phase(Phase::Committed);
            return Ok(());
        };
        if self.terms.access == Access::ReadOnly {
            self.set_phase(Phase::Committed);
            return Ok(()); // nothing to keep: the lease ends it when nobody waits for it any more
        }
        match lease.command("COMMIT").await {
            Ok(()) => {
                lease.set(LeaseState::Clean);
                self.set_phase(Phase::Committed);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Connect => {
                self.set_phase(Phase::RolledBack);
                Err(error
                    .with_kind(ErrorKind::Unknown)
                    .saying("the connection broke at the commit: whether it was kept is not known"))
            }
            Err(error) => {
                let _ = self.doom.set(error.kind());
                self.set_phase(Phase::Doomed);
                lease.roll_back().await;
                Err(error)
            }
        }
    }

    /// Rolls back, and returns when the database has done so. A statement whose answer nobody waits for any more is ended.
    pub async fn rollback(&self) {
        if matches!(self.phase(), Phase::Committed) {
            return;
        }
        self.set_phase(Phase::RolledBack);
        // A statement that is under way in another task does it at its end.
        let lease = self.open.try_lock().ok().and_then(|mut open| open.lease.take());
        if let Some(lease) = lease {
            lease.roll_back().await;
        }
    }

    /// Rolls back without waiting for it: for `Drop`. A statement that is under way in another task ends first.
    pub fn abandon(&self) {
        if !matches!(self.phase(), Phase::Committed | Phase::RolledBack) {
            self.set_phase(Phase::RolledBack);
            if let Ok(mut open) = self.open.try_lock() {
                drop(open.lease.take());
            }
        }
    }

    /// Begins a part that can be rolled back on its own, and gives its number.
    pub(crate) async fn begin_savepoint(&self) -> Result<u32> {
        self.check()?;
        let mut open = self.open.lock().await;
        let number = open.savepoints + 1;
        let lease = self.begin(&mut open).await?;
        lease.command(AssertSqlSafe(format!("SAVEPOINT flagon_{number}"))).await?;
        open.savepoints = number;
        Ok(number)
    }

    /// Ends a part: keeps it, or rolls it back.
    pub(crate) async fn end_savepoint(&self, number: u32, end: SavepointEnd) -> Result<()> {
        self.check()?;
        let mut open = self.open.lock().await;
        let lease = self.begin(&mut open).await?;
        match end {
            SavepointEnd::RollBack => roll_back_savepoint(lease, number).await?,
            SavepointEnd::Keep => {
                lease.command(AssertSqlSafe(format!("RELEASE SAVEPOINT flagon_{number}"))).await?;
            }
        }
        open.savepoints = number - 1;
        Ok(())
    }

    /// Takes the connection for a stream of rows.
    pub(crate) async fn read(&self, sql: &str) -> Result<Reading<'_>> {
        self.check_statement(sql)?;
        let mut open = self.open.lock().await;
        self.begin(&mut open).await?;
        self.is_read.store(true, Ordering::Release);
        Ok(Reading { open, transaction: self })
    }
}

/// What becomes of a savepoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SavepointEnd {
    Keep,
    RollBack,
}

/// The connection of a transaction while a stream reads from it.
pub(crate) struct Reading<'t> {
    open: MutexGuard<'t, Open>,
    transaction: &'t Transaction,
}

impl Reading<'_> {
    pub(crate) fn lease(&mut self) -> &mut Lease {
        self.open.lease.as_mut().expect("read() has begun the transaction")
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.transaction.is_read.store(false, Ordering::Release);
    }
}

async fn roll_back_savepoint(lease: &mut Lease, number: u32) -> Result<()> {
    lease.command(AssertSqlSafe(format!("ROLLBACK TO SAVEPOINT flagon_{number}"))).await?;
    lease.command(AssertSqlSafe(format!("RELEASE SAVEPOINT flagon_{number}"))).await
}

/// Whether the database has rolled back more than the statement, or will not go on.
fn ends_transaction(dialect: Dialect, error: &Error) -> bool {
    // SQLite rolls back by itself when memory, disk or file fail (lang_transaction.html, "Response To Errors").
    let gave_up = dialect == Dialect::Sqlite
        && matches!(error.number().map(|code| code & 0xff), Some(7 | 9 | 10 | 11 | 13));
    gave_up
        || error.kind().is_transient()
        || matches!(error.kind(), ErrorKind::Connect | ErrorKind::Exhausted)
}

/// Rolls back when nobody holds it any more; the lease sees to that.
impl Drop for Transaction {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("terms", &self.terms)
            .field("phase", &self.phase())
            .field("doom", &self.doom())
            .finish_non_exhaustive()
    }
}
