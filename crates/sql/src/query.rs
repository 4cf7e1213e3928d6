//! A statement that reads, and its rows.

use std::{
    fmt,
    future::poll_fn,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use flagon_order::OrderBy;
use futures_util::{FutureExt, Stream, TryStreamExt, future::BoxFuture};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::{
    connection::{Role, Statement, Want},
    database::Database,
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    ordered::Ordered,
    pool::LeaseState,
    row::{FromRow, Row},
    scan,
    transaction::Transaction,
};

/// Where a statement goes.
#[derive(Clone)]
pub(crate) enum Route {
    /// Each on its own.
    Each(Database),
    /// All in one transaction.
    Within(Arc<Transaction>),
}

impl Route {
    pub(crate) fn database(&self) -> &Database {
        match self {
            Self::Each(database) => database,
            Self::Within(transaction) => transaction.database(),
        }
    }
}

/// A statement that gives rows, each read as a `T`: [`Db::query_as`](crate::Db::query_as) makes it, and one of its methods sends it.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use futures_util::TryStreamExt;
///
/// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
/// let numbers = || db.query_as::<i64>("VALUES (1), (2), (3)", ());
/// assert_eq!(numbers().all().await?, [1, 2, 3]);
/// assert_eq!(numbers().one().await?, 1);
/// assert_eq!(db.query_as::<i64>("SELECT 1 WHERE ?", (false,)).optional().await?, None);
///
/// let mut stream = numbers().stream();
/// let mut sum = 0;
/// while let Some(number) = stream.try_next().await? {
///     sum += number;
/// }
/// assert_eq!(sum, 6);
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[must_use = "it is sent by all(), one(), optional() or stream()"]
pub struct Query<T = Row> {
    route: Route,
    statement: Result<Statement>,
    lock: Option<Lock>,
    ordered: Option<Box<Ordered>>,
    of: PhantomData<fn() -> T>,
}

/// How the rows that are read are locked.
#[derive(Debug, Clone, Copy, Default)]
struct Lock {
    mode: LockMode,
    wait: LockWait,
}

#[derive(Debug, Clone, Copy, Default)]
enum LockMode {
    #[default]
    Update,
    Share,
}

#[derive(Debug, Clone, Copy, Default)]
enum LockWait {
    #[default]
    Wait,
    Fail,
    Skip,
}

impl<T: FromRow> Query<T> {
    pub(crate) fn new(route: Route, statement: Result<Statement>) -> Self {
        Self { route, statement, lock: None, ordered: None, of: PhantomData }
    }

    /// Orders the rows: `ORDER BY` with the columns of the order's fields, which are literals. What a client wrote decides which
    /// of them, and which way, and is no part of the statement.
    ///
    /// | | SQLite | MariaDB and MySQL | in memory |
    /// |---|---|---|---|
    /// | nulls where they are put | `NULLS FIRST`, `NULLS LAST` | a column `… IS NULL` before | the same |
    /// | `Text::Column` | the column's collation: `BINARY`, by bytes, unless its table says otherwise | the column's collation: mostly without regard to case and accents | by the characters' numbers |
    /// | `Text::Exact` | `COLLATE BINARY` | `CAST(… AS BINARY)`, which looks at `max_sort_length` bytes: 1024 | the same |
    /// | `Text::IgnoreCase` | `COLLATE NOCASE`: the letters A to Z only | `LOWER(…)`, by bytes: all letters of the column's character set, one by one (`ß` is not `ss`) | full case folding of Unicode |
    ///
    /// The database may use an index for `Text::Column` with nulls that are smallest; whatever else makes it sort.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use flagon_order::{Field, OrderBy};
    ///
    /// const FIELDS: [Field; 3] = [Field::in_sql("score"), Field::in_sql("name"), Field::in_sql("id").unique()];
    ///
    /// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
    /// db.execute("CREATE TABLE player (id INTEGER PRIMARY KEY, name TEXT, score INTEGER)", ()).await?;
    /// db.insert_many("INSERT INTO player (name, score) VALUES (?, ?)", [("Ada", 7), ("Grace", 9), ("Alan", 9)]).await?;
    /// let order = OrderBy::parse("-score,name", &FIELDS).unwrap(); // what a client sent
    /// let names = db.query_as::<String>("SELECT name FROM player", ()).order_by(&order).limit(2).all().await?;
    /// assert_eq!(names, ["Alan", "Grace"]);
    /// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
    /// ```
    pub fn order_by<R>(mut self, order: &OrderBy<R>) -> Self {
        self.ordered.get_or_insert_default().by(order, self.route.database().dialect());
        self
    }

    /// Gives so many rows at most: `LIMIT`. See [`order_by`](Self::order_by), without which it is not said which ones.
    pub fn limit(mut self, rows: u32) -> Self {
        self.ordered.get_or_insert_default().limit = Some(rows);
        self
    }

    /// Passes over so many rows, which the database reads nevertheless: `OFFSET`.
    pub fn offset(mut self, rows: u32) -> Self {
        self.ordered.get_or_insert_default().offset = Some(rows);
        self
    }

    /// Locks the rows against others that lock or write them, until the transaction ends: `FOR UPDATE`. In SQLite a transaction that may
    /// write is alone already, so nothing is added there.
    pub fn for_update(mut self) -> Self {
        self.lock.get_or_insert_default().mode = LockMode::Update;
        self
    }

    /// Locks the rows against writing until the transaction ends: `LOCK IN SHARE MODE`, which MySQL also calls `FOR SHARE`.
    pub fn for_share(mut self) -> Self {
        self.lock.get_or_insert_default().mode = LockMode::Share;
        self
    }

    /// Fails with [`ErrorKind::Locked`](crate::ErrorKind::Locked) where a row is locked by another, instead of waiting.
    pub fn nowait(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::Fail;
        self
    }

    /// Leaves out rows that are locked by another: for tables that are queues.
    pub fn skip_locked(mut self) -> Self {
        self.lock.get_or_insert_default().wait = LockWait::Skip;
        self
    }

    fn statement(&mut self) -> Result<Statement> {
        let done = || Err(Error::new(ErrorKind::Statement, "the statement was sent already"));
        let mut statement = std::mem::replace(&mut self.statement, done())?;
        if let Some(ordered) = self.ordered.take() {
            statement.sql = AssertSqlSafe(ordered.append(statement.sql.as_str())).into_sql_str();
        }
        if let Some(lock) = self.lock.filter(|_| self.route.database().dialect() == Dialect::MySql) {
            statement.sql = AssertSqlSafe(lock.append(statement.sql.as_str())).into_sql_str();
            statement.is_nowait = matches!(lock.wait, LockWait::Fail);
        }
        Ok(statement)
    }

    async fn rows(mut self, want: Want) -> Result<Vec<T>> {
        let statement = self.statement()?;
        let text = statement.sql.clone();
        let answer = match &self.route {
            Route::Each(database) => database.perform(statement, want).await,
            Route::Within(transaction) if transaction.is_committed() => {
                afterwards(transaction).perform(statement, want).await
            }
            Route::Within(transaction) => transaction.perform(statement, want).await,
        };
        let rows = answer?.rows.into_iter().map(T::from_row);
        rows.collect::<Result<_>>().map_err(|error| error.in_statement(text.as_str()))
    }

    /// All rows.
    ///
    /// # Errors
    ///
    /// When the database refuses the statement, or a column holds something else.
    pub async fn all(self) -> Result<Vec<T>> {
        self.rows(Want::All).await
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    ///
    /// When the database refuses the statement, or a column holds something else.
    pub async fn optional(self) -> Result<Option<T>> {
        Ok(self.rows(Want::First).await?.pop())
    }

    /// The first row.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoRow`](crate::ErrorKind::NoRow) when there is none, and as [`optional`](Self::optional).
    pub async fn one(self) -> Result<T> {
        let text = self.statement.as_ref().ok().map(|statement| statement.sql.clone());
        self.optional().await?.ok_or_else(|| {
            let error = Error::of(sqlx::Error::RowNotFound);
            text.map_or_else(
                || Error::new(ErrorKind::NoRow, "there is no row"),
                |text| error.in_statement(text.as_str()),
            )
        })
    }

    /// The rows, each when it comes. The statement is sent when the first is asked for.
    pub fn stream(mut self) -> Rows<T> {
        let slot = Slot::default();
        let (route, statement, of_feed) = (self.route.clone(), self.statement(), slot.clone());
        let feed = async move { feed(route, statement?, &of_feed).await };
        Rows { feed: Some(feed.boxed()), slot, of: PhantomData }
    }
}

impl Lock {
    /// MariaDB has no `FOR SHARE`; MySQL takes the older words as well, except together with `NOWAIT` and `SKIP LOCKED`.
    fn append(self, sql: &str) -> String {
        let mode = match (self.mode, self.wait) {
            (LockMode::Update, _) => "FOR UPDATE",
            (LockMode::Share, LockWait::Wait) => "LOCK IN SHARE MODE",
            (LockMode::Share, _) => "/*M! LOCK IN SHARE MODE */ /*!80000 FOR SHARE */",
        };
        let wait = match self.wait {
            LockWait::Wait => "",
            LockWait::Fail => " NOWAIT",
            LockWait::Skip => " SKIP LOCKED",
        };
        format!("{}\n{mode}{wait}", sql.trim_end().trim_end_matches(';'))
    }
}

/// A transaction of one statement that reads: where statements go that are sent after the commit.
pub(crate) fn afterwards(transaction: &Transaction) -> Arc<Transaction> {
    Transaction::new(transaction.database(), crate::transaction::Terms::read_only())
}

impl<T> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("statement", &self.statement)
            .field("lock", &self.lock)
            .field("ordered", &self.ordered)
            .finish_non_exhaustive()
    }
}

/// Rows that are read as they come: what [`Query::stream`] gives.
///
/// While they are read no other statement goes through the same transaction. Dropping it ends the reading.
pub struct Rows<T = Row> {
    feed: Option<BoxFuture<'static, Result<()>>>,
    slot: Slot,
    of: PhantomData<fn() -> T>,
}

/// Where the feed puts a row for who asked for it.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<Row>>>);

impl Slot {
    fn take(&self) -> Option<Row> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Puts `row` there and waits until the next is asked for.
    async fn put(&self, row: Row) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(row);
        let mut is_taken = false;
        poll_fn(|_| if std::mem::replace(&mut is_taken, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }
}

/// Sends the statement and puts its rows into `slot`, one each time it is polled: the connection is borrowed by what reads from it, so
/// that both live in this future.
async fn feed(route: Route, statement: Statement, slot: &Slot) -> Result<()> {
    match route {
        Route::Each(database) => {
            let reads = scan::reads(database.dialect(), statement.sql.as_str());
            let of_sqlite = if reads { Role::Read } else { Role::Write };
            let role = if database.dialect() == Dialect::Sqlite { of_sqlite } else { Role::Each };
            let mut lease = database.lend(role).await?;
            lease.set(LeaseState::Broken);
            let mut rows = lease.connection().stream(statement);
            let ended = loop {
                match rows.try_next().await {
                    Ok(Some(row)) => slot.put(row).await,
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            drop(rows);
            lease.set(if ended.is_ok() { LeaseState::Clean } else { LeaseState::Gone });
            ended
        }
        Route::Within(transaction) if transaction.is_committed() => {
            feed_within(&afterwards(&transaction), statement, slot).await
        }
        Route::Within(transaction) => feed_within(&transaction, statement, slot).await,
    }
}

async fn feed_within(transaction: &Transaction, statement: Statement, slot: &Slot) -> Result<()> {
    let mut reading = transaction.read(statement.sql.as_str()).await?;
    let (connection, state) = reading.lease().parts();
    let mut rows = connection.stream(statement);
    loop {
        *state = LeaseState::Broken;
        let row = rows.try_next().await;
        *state = LeaseState::Reading; // what is left of the answer is passed over by the next statement
        let Some(row) = row? else {
            *state = LeaseState::Open;
            return Ok(());
        };
        slot.put(row).await;
    }
}

impl<T: FromRow> Stream for Rows<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let Some(feed) = &mut self.feed else { return Poll::Ready(None) };
        let ended = feed.as_mut().poll(cx);
        if let Some(row) = self.slot.take() {
            return Poll::Ready(Some(T::from_row(row)));
        }
        let ended = ready!(ended);
        self.feed = None;
        Poll::Ready(ended.err().map(Err))
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("has_ended", &self.feed.is_none()).finish_non_exhaustive()
    }
}
