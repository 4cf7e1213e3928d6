//! A database: its connections, and what is known of it.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::{self, Handle},
    sync::{OnceCell, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    connection::{Answer, Role, Statement, Want},
    dialect::Dialect,
    engines::{self, KnownTables, PlainTable},
    error::{ErrorKind, Result},
    facts::facts,
    migrations::Migrations,
    options::{Options, Sharing},
    pool::{Lease, LeaseState, Pool},
    retries::{Retries, RetryCounts},
};

/// The turn of one that the database gave up; it passes on when this is dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "kept for its end")] OwnedSemaphorePermit);

/// How long one waits for one's turn.
const LONGEST_TURN: Duration = Duration::from_secs(2);

/// A database. Cloning it gives another handle of the same connections; they are opened when they are first needed.
///
/// See the [crate](crate) for an example.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

/// How many connections a [`Database`] has open.
///
/// See [`Database::connections`] for an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connections {
    /// Those that somebody uses, or is about to open.
    pub lent: u64,
    /// Those that wait to be used again.
    pub idle: u64,
}

struct Inner {
    options: Arc<Options>,
    pools: Pools,
    file: OnceCell<()>,
    retries: RetryCounts,
    turn: Arc<Semaphore>,
    plain_tables: KnownTables,
    migrations: Vec<Migrations>,
    is_migrated: OnceCell<()>,
}

enum Pools {
    /// MySQL: by event loop, as each watches the sockets that were opened on it.
    ByRuntime(Mutex<HashMap<runtime::Id, Arc<Pool>>>),
    /// MySQL, where all threads share.
    One(Arc<Pool>),
    /// SQLite: one connection that writes, since there can't be two at a time, and many that read.
    Sqlite { writer: Arc<Pool>, readers: Arc<Pool> },
}

impl Database {
    /// Takes the database at `url`; see [`Options`]. Nothing is opened yet.
    ///
    /// # Errors
    ///
    /// When it is no URL of a database that is known.
    pub fn open(url: &str) -> Result<Self> {
        Ok(Self::with_options(Options::in_folder(url, Path::new(""))?))
    }

    /// Takes the database that `options` say.
    pub fn with_options(options: Options) -> Self {
        Self::with_migrations(options, [])
    }

    /// Takes the database that `options` say, and does `migrations` before its first statement.
    pub fn with_migrations(options: Options, migrations: impl IntoIterator<Item = Migrations>) -> Self {
        let options = Arc::new(options);
        let pools = match (options.dialect(), options.sharing) {
            (Dialect::Sqlite, _) => Pools::Sqlite {
                writer: Arc::new(Pool::new(&options, 1)),
                readers: Arc::new(Pool::new(&options, options.connections)),
            },
            (Dialect::MySql, Sharing::Shared) => {
                Pools::One(Arc::new(Pool::new(&options, options.connections)))
            }
            (Dialect::MySql, Sharing::PerThread) => Pools::ByRuntime(Mutex::default()),
        };
        Self(Arc::new(Inner {
            options,
            pools,
            file: OnceCell::new(),
            retries: RetryCounts::default(),
            turn: Arc::new(Semaphore::new(1)),
            plain_tables: KnownTables::default(),
            migrations: migrations.into_iter().collect(),
            is_migrated: OnceCell::new(),
        }))
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.0.options.dialect()
    }

    /// What it was opened with.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// Connects once, to say at start what is wrong.
    ///
    /// # Errors
    ///
    /// When the database can't be reached or does not let us in.
    pub async fn check(&self) -> Result<()> {
        self.lend(Role::Write).await.map(drop)
    }

    /// The tables whose engines can't roll back, the largest first; none in SQLite.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn plain_tables(&self) -> Result<Vec<PlainTable>> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(Vec::new());
        }
        let mut lease = self.lend(Role::Each).await?;
        let tables = engines::plain_tables(lease.connection()).await?;
        Ok(tables.into_iter().filter(|(_, is_ours)| *is_ours).map(|(table, _)| table).collect())
    }

    /// What is known of them.
    pub(crate) fn known_plain_tables(&self) -> &KnownTables {
        &self.0.plain_tables
    }

    /// Waits `pause` and then until it is the turn of one that the database gave up for `why`: those go one after another, and so meet
    /// nobody but who is there for the first time. `turn` is kept until it has succeeded.
    pub async fn wait_for_turn(&self, why: ErrorKind, pause: Duration, turn: &mut Option<Turn>) {
        self.0.retries.count(why);
        tokio::time::sleep(pause).await;
        if turn.is_none() {
            // Rather out of turn than behind a view that takes its time.
            let permit = timeout(LONGEST_TURN, Arc::clone(&self.0.turn).acquire_owned()).await;
            *turn = permit.ok().and_then(Result::ok).map(Turn);
        }
    }

    /// Counts something that the database gave up, and that is not done again.
    pub fn count_given_up(&self) {
        self.0.retries.count_given_up();
    }

    /// How often something was done again since the database gave it up, by its reason: for metrics.
    pub fn retries(&self) -> Retries {
        self.0.retries.now()
    }

    /// How many connections are open, and for what: for metrics.
    ///
    /// # Examples
    ///
    /// ```
    /// let database = flagon_sql::Database::open("sqlite::memory:")?;
    /// assert_eq!((database.connections().lent, database.connections().idle), (0, 0));
    /// # Ok::<(), flagon_sql::Error>(())
    /// ```
    pub fn connections(&self) -> Connections {
        let pools: Vec<_> = match &self.0.pools {
            Pools::ByRuntime(pools) => {
                pools.lock().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect()
            }
            Pools::One(pool) => vec![Arc::clone(pool)],
            Pools::Sqlite { writer, readers } => vec![Arc::clone(readers), Arc::clone(writer)],
        };
        let add = |sum: Connections, pool: &Arc<Pool>| {
            let (lent, idle) = pool.connections();
            Connections { lent: sum.lent + lent, idle: sum.idle + idle }
        };
        pools.iter().fold(Connections::default(), add)
    }

    /// Closes the connections that are not in use.
    pub async fn close(&self) {
        let pools: Vec<_> = match &self.0.pools {
            Pools::ByRuntime(pools) => {
                let pools = std::mem::take(&mut *pools.lock().unwrap_or_else(PoisonError::into_inner));
                pools.into_values().collect()
            }
            Pools::One(pool) => vec![Arc::clone(pool)],
            Pools::Sqlite { writer, readers } => vec![Arc::clone(readers), Arc::clone(writer)],
        };
        for pool in pools {
            pool.close().await;
        }
    }

    /// Does what has to be done before the first statement: the migrations, if it was given any.
    ///
    /// # Errors
    ///
    /// When the database can't be reached, or a migration fails.
    pub async fn prepare(&self) -> Result<()> {
        if self.0.migrations.is_empty() {
            return Ok(());
        }
        let migrate = async || {
            for migrations in &self.0.migrations {
                migrations.migrate(&self.0.options).await?;
            }
            Ok(())
        };
        self.0.is_migrated.get_or_try_init(migrate).await.copied()
    }

    /// Lends a connection.
    pub(crate) async fn lend(&self, role: Role) -> Result<Lease> {
        self.prepare().await?;
        let pool = match &self.0.pools {
            Pools::ByRuntime(pools) => self.pool_of_runtime(pools),
            Pools::One(pool) => Arc::clone(pool),
            Pools::Sqlite { writer, readers } => {
                // The one that writes makes the file and sets WAL, which those that read can't.
                self.0.file.get_or_try_init(async || writer.lend(Role::Write).await.map(drop)).await?;
                Arc::clone(if role == Role::Read { readers } else { writer })
            }
        };
        // A connection of SQLite that writes does both.
        let role = if self.dialect() == Dialect::Sqlite && role == Role::Each { Role::Write } else { role };
        pool.lend(role).await
    }

    fn pool_of_runtime(&self, pools: &Mutex<HashMap<runtime::Id, Arc<Pool>>>) -> Arc<Pool> {
        let options = &self.0.options;
        let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Pool::new(options, options.connections / options.threads.max(1)));
        Arc::clone(pools.entry(Handle::current().id()).or_insert_with(new))
    }

    /// Carries out a statement on its own.
    pub(crate) async fn perform(&self, statement: Statement, want: Want) -> Result<Answer> {
        if self.dialect() == Dialect::MySql || want == Want::Count {
            return self.perform_on(Role::Each, statement, want).await;
        }
        match &*facts(self.dialect(), statement.sql.as_str()).word {
            "WITH" => {
                // It may write: SQLite says so, before it has done anything.
                match self.perform_on(Role::Read, statement.clone(), want).await {
                    Err(error) if error.kind() == ErrorKind::ReadOnly => {
                        self.perform_on(Role::Each, statement, want).await
                    }
                    answer => answer,
                }
            }
            "SELECT" | "VALUES" | "EXPLAIN" => self.perform_on(Role::Read, statement, want).await,
            _ => self.perform_on(Role::Each, statement, want).await,
        }
    }

    async fn perform_on(&self, role: Role, statement: Statement, want: Want) -> Result<Answer> {
        let mut lease = self.lend(role).await?;
        lease.set(LeaseState::Broken);
        let answer = lease.connection().perform(statement, want).await;
        let is_gone = answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Connect);
        lease.set(if is_gone { LeaseState::Gone } else { LeaseState::Clean });
        answer
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.0.options).finish()
    }
}
