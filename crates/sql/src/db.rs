//! What statements are sent to.

use std::{fmt, panic::Location, sync::Arc};

use futures_util::future::BoxFuture;
use sqlx::SqlSafeStr;

use crate::{
    backoff, bulk,
    connection::{Answer, Statement, Want},
    database::Database,
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    query::{Query, Route},
    row::{FromRow, Row},
    text::SqlText,
    transaction::{SavepointEnd, Terms, Transaction},
    values::{Values, bound},
};

/// What statements are sent to: each on its own, or all within one [`Transaction`].
///
/// Values are bound when a method is called, so nothing that it makes borrows them.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
/// db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL)", ()).await?;
/// let id = db.insert("INSERT INTO post (title) VALUES (?)", ("Notes",)).await?;
/// let changed = db.execute("UPDATE post SET title = ? WHERE id = ?", ("More notes", id)).await?;
/// let posts: Vec<(i64, String)> = db.query_as("SELECT id, title FROM post", ()).all().await?;
/// assert_eq!((changed, posts), (1, vec![(id, "More notes".to_owned())]));
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Db(Route);

impl Database {
    /// What sends each statement on its own.
    pub fn db(&self) -> Db {
        Db(Route::Each(self.clone()))
    }
}

impl Db {
    /// What sends all statements within `transaction`. After its commit, statements still read, each on its own; they no longer write.
    pub fn within(transaction: &Arc<Transaction>) -> Self {
        Self(Route::Within(Arc::clone(transaction)))
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.database().dialect()
    }

    /// The database.
    pub fn database(&self) -> &Database {
        self.0.database()
    }

    /// The transaction that the statements are in, if it is one.
    pub fn current_transaction(&self) -> Option<&Arc<Transaction>> {
        match &self.0 {
            Route::Each(_) => None,
            Route::Within(transaction) => Some(transaction),
        }
    }

    #[track_caller]
    fn statement(&self, sql: impl SqlText, values: &impl Values) -> Result<Statement> {
        let sql = sql.into_sql();
        let (arguments, rewritten) = bound(self.dialect(), sql.as_str(), values)?;
        let sql = rewritten.map_or(sql, |rewritten| sqlx::AssertSqlSafe(rewritten).into_sql_str());
        Ok(Statement { place: Some(Location::caller()), ..Statement::new(sql, arguments) })
    }

    /// Begins a query whose rows are read by the names of their columns.
    #[track_caller]
    pub fn query(&self, sql: impl SqlText, values: impl Values) -> Query<Row> {
        self.query_as(sql, values)
    }

    /// Begins a query whose rows are read as `T`: a struct with `#[derive(Row)]`, a tuple, or a single value.
    #[track_caller]
    pub fn query_as<T: FromRow>(&self, sql: impl SqlText, values: impl Values) -> Query<T> {
        Query::new(self.0.clone(), self.statement(sql, &values))
    }

    /// Carries out a statement that gives no rows; gives how many rows it changed.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    #[track_caller]
    pub fn execute(&self, sql: impl SqlText, values: impl Values) -> BoxFuture<'static, Result<u64>> {
        let done = self.send(self.statement(sql, &values));
        Box::pin(async move { Ok(done.await?.count) })
    }

    /// Inserts a row; gives the id that the database made for it (`AUTO_INCREMENT`, `INTEGER PRIMARY KEY`).
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    #[track_caller]
    pub fn insert(&self, sql: impl SqlText, values: impl Values) -> BoxFuture<'static, Result<i64>> {
        let done = self.send(self.statement(sql, &values));
        Box::pin(async move { Ok(done.await?.last_id) })
    }

    /// Inserts many rows, hundreds in one statement, and all of them or none; gives how many. The statement is written for one row.
    ///
    /// # Errors
    ///
    /// When the database refuses one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
    /// db.execute("CREATE TABLE point (x INTEGER, y INTEGER)", ()).await?;
    /// let count = db.insert_many("INSERT INTO point (x, y) VALUES (?, ?)", (0..10_000).map(|x| (x, x * x))).await?;
    /// assert_eq!(count, 10_000);
    /// assert_eq!(db.query_as::<i64>("SELECT max(y) FROM point", ()).one().await?, 99_980_001);
    /// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn insert_many<V: Values>(
        &self,
        sql: impl SqlText,
        rows: impl IntoIterator<Item = V>,
    ) -> BoxFuture<'static, Result<u64>> {
        let mut statements = bulk::statements(self.dialect(), sql.into_sql().as_str(), rows);
        for statement in statements.iter_mut().flatten() {
            statement.place = Some(Location::caller());
        }
        let db = self.clone();
        Box::pin(async move {
            let statements = statements?;
            let all = |db: Self| {
                let statements = statements.clone();
                async move {
                    let mut count = 0;
                    for statement in statements {
                        count += db.send(Ok(statement)).await?.count;
                    }
                    Ok(count)
                }
            };
            if statements.len() < 2 { all(db).await } else { db.transaction(all).await }
        })
    }

    /// Where its statements go.
    #[cfg(feature = "sea-orm")]
    pub(crate) fn route(&self) -> &Route {
        &self.0
    }

    pub(crate) fn send(
        &self,
        statement: Result<Statement>,
    ) -> impl Future<Output = Result<Answer>> + Send + use<> {
        let route = self.0.clone();
        async move {
            let statement = statement?;
            match route {
                Route::Each(database) => database.perform(statement, Want::Count).await,
                Route::Within(transaction) if transaction.is_committed() => {
                    let message = "the transaction of this request is committed and its answer has begun, so nobody would learn \
                         whether this write was kept; write before, in after_commit(), or with the app's db()";
                    Err(Error::new(ErrorKind::Ended, message).in_statement(statement.sql.as_str()))
                }
                Route::Within(transaction) => transaction.perform(statement, Want::Count).await,
            }
        }
    }

    /// Runs `work` as a whole: what it wrote is kept if it gives `Ok`, and undone if it gives `Err` or is dropped.
    ///
    /// Within a transaction it is a part of that (a savepoint). Outside of one it is a transaction, and `work` runs again, at most
    /// [`RETRIES`](Self::RETRIES) times, when the database gave it up for a reason that passes, such as a deadlock.
    ///
    /// # Errors
    ///
    /// What `work` gives, or what the database says at the commit.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use flagon_sql::Error;
    ///
    /// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
    /// db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER CHECK (balance >= 0))", ()).await?;
    /// db.execute("INSERT INTO account VALUES (1, 5), (2, 0)", ()).await?;
    /// let moved = db.transaction(|db| async move {
    ///     db.execute("UPDATE account SET balance = balance + 9 WHERE id = 2", ()).await?;
    ///     db.execute("UPDATE account SET balance = balance - 9 WHERE id = 1", ()).await?;
    ///     Ok::<_, Error>(())
    /// });
    /// assert!(moved.await.is_err());
    /// assert_eq!(db.query_as::<i64>("SELECT balance FROM account", ()).all().await?, [5, 0]);
    /// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
    /// ```
    pub async fn transaction<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Self) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        match &self.0 {
            Route::Within(transaction) => self.savepoint(transaction, work).await,
            Route::Each(database) => {
                let (mut tries, mut turn) = (0, None);
                loop {
                    tries += 1;
                    let transaction = Transaction::new(database, Terms::default());
                    let done = whole(&transaction, &work).await;
                    let why = transaction.doom().filter(|why| done.is_err() && why.is_transient());
                    let Some(why) = why else { return done };
                    if tries > Self::RETRIES {
                        database.count_given_up();
                        return done;
                    }
                    tracing::info!(target: "flagon::sql", number = tries, ?why, "a transaction is begun again, as the database gave it up");
                    database.wait_for_turn(why, backoff::pause(tries), &mut turn).await;
                }
            }
        }
    }

    /// How often [`transaction`](Self::transaction) is tried again.
    pub const RETRIES: u32 = 10;

    async fn savepoint<T, E, F, W>(&self, transaction: &Arc<Transaction>, work: F) -> Result<T, E>
    where
        F: Fn(Self) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<Error>,
    {
        let part = Part::begin(transaction).await?;
        let done = work(self.clone()).await;
        part.end(if done.is_ok() { SavepointEnd::Keep } else { SavepointEnd::RollBack }).await?;
        done
    }

    /// Keeps `work` for after the commit, where it can't be undone any more: for mails and the like. Outside of a transaction it runs at once.
    pub async fn after_commit<W>(&self, work: W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        match &self.0 {
            Route::Within(transaction) if !transaction.is_committed() => {
                transaction.after_commit(Box::new(move || Box::pin(work)));
            }
            _ => work.await,
        }
    }
}

/// A part of a transaction, which is rolled back on its own when it is dropped before its end.
#[derive(Debug)]
pub(crate) struct Part {
    transaction: Arc<Transaction>,
    /// `None` when it has ended.
    number: Option<u32>,
}

impl Part {
    pub(crate) async fn begin(transaction: &Arc<Transaction>) -> Result<Self> {
        let number = transaction.begin_savepoint().await?;
        Ok(Self { transaction: Arc::clone(transaction), number: Some(number) })
    }

    /// Ends it; nothing is left to do in a transaction that the database has given up.
    pub(crate) async fn end(mut self, end: SavepointEnd) -> Result<()> {
        match self.number.take() {
            Some(number) if self.transaction.doom().is_none() => {
                self.transaction.end_savepoint(number, end).await
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.transaction.abandon_savepoint(number);
        }
    }
}

/// Runs `work` in `transaction` and commits.
async fn whole<T, E, F, W>(transaction: &Arc<Transaction>, work: &F) -> Result<T, E>
where
    F: Fn(Db) -> W,
    W: Future<Output = Result<T, E>>,
    E: From<Error>,
{
    let done = work(Db::within(transaction)).await;
    let value = match done {
        Ok(value) => value,
        Err(error) => {
            transaction.rollback().await;
            return Err(error);
        }
    };
    transaction.commit().await?;
    for work in transaction.take_after_commit() {
        work().await;
    }
    Ok(value)
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Route::Each(database) => f.debug_tuple("Db").field(database).finish(),
            Route::Within(transaction) => f.debug_tuple("Db").field(transaction).finish(),
        }
    }
}
