//! SeaORM on a [`Db`]: its entities and queries on the same connections and within the same transaction as everything else.
//!
//! In: statements of SeaORM. Out: its rows and errors. Never: a connection of its own, or a way around what a transaction refuses.

use std::{borrow::Cow, error::Error as StdError, fmt, pin::Pin, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult, RuntimeErr,
    StreamTrait, TransactionError, TransactionOptions, TransactionSession, TransactionTrait,
    prelude::async_trait::async_trait,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, IntoArguments, mysql::MySqlRow, sqlite::SqliteRow};

use crate::{
    arguments::{Arguments, Inner},
    connection::Statement,
    db::{Db, Part},
    dialect::Dialect,
    error::{Error, ErrorKind},
    query::{Query, Rows},
    row::{self, Row},
    transaction::{Access, Isolation, SavepointEnd, Terms, Transaction},
};

type Result<T> = std::result::Result<T, DbErr>;

/// What happened, of an error of SeaORM that came from a statement of a [`Db`]: as [`Error::kind`].
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, ErrorKind, sea_orm::ConnectionTrait, sea_orm_error_kind};
///
/// let db = Database::open("sqlite::memory:")?.db();
/// let error = db.execute_unprepared("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
/// assert_eq!(sea_orm_error_kind(&error), Some(ErrorKind::Statement));
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
pub fn sea_orm_error_kind(error: &DbErr) -> Option<ErrorKind> {
    let (DbErr::Conn(RuntimeErr::SqlxError(source))
    | DbErr::Exec(RuntimeErr::SqlxError(source))
    | DbErr::Query(RuntimeErr::SqlxError(source))) = error
    else {
        return None;
    };
    match &**source {
        sqlx::Error::AnyDriverError(ours) => ours.downcast_ref::<Error>().map(Error::kind),
        driver => Some(Error::kind_of(driver)),
    }
}

/// Keeps the driver's error, which SeaORM looks into, and ours where there is no other.
fn refused(error: Error, wrap: fn(RuntimeErr) -> DbErr) -> DbErr {
    wrap(RuntimeErr::SqlxError(Arc::new(match error.into_driver() {
        Ok(driver) => driver,
        Err(ours) => sqlx::Error::AnyDriverError(Box::new(ours)),
    })))
}

fn statement(dialect: Dialect, statement: sea_orm::Statement) -> Statement {
    let values = SqlxValues(statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
    let inner = match dialect {
        Dialect::MySql => Inner::MySql(IntoArguments::<sqlx::MySql>::into_arguments(values)),
        Dialect::Sqlite => Inner::Sqlite(IntoArguments::<sqlx::Sqlite>::into_arguments(values)),
    };
    Statement::new(AssertSqlSafe(statement.sql), Arguments::of(inner))
}

fn result(row: Row) -> QueryResult {
    match row.0 {
        row::Inner::MySql(row) => <QueryResult as From<MySqlRow>>::from(row),
        row::Inner::Sqlite(row) => <QueryResult as From<SqliteRow>>::from(row),
    }
}

impl Db {
    fn orm_query(&self, of_orm: sea_orm::Statement) -> Query<Row> {
        Query::new(self.route().clone(), Ok(statement(self.dialect(), of_orm)))
    }

    async fn orm_execute(&self, statement: Statement) -> Result<ExecResult> {
        let answer = self.send(Ok(statement)).await.map_err(|error| refused(error, DbErr::Exec))?;
        answer.done.ok_or_else(|| DbErr::Custom("the database did not say what it did".to_owned()))
    }
}

#[async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        match self.dialect() {
            Dialect::MySql => DbBackend::MySql,
            Dialect::Sqlite => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, of_orm: sea_orm::Statement) -> Result<ExecResult> {
        self.orm_execute(statement(self.dialect(), of_orm)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult> {
        let arguments = Arguments::new(self.dialect());
        self.orm_execute(Statement::new(AssertSqlSafe(sql.to_owned()), arguments)).await
    }

    async fn query_one_raw(&self, of_orm: sea_orm::Statement) -> Result<Option<QueryResult>> {
        let row = self.orm_query(of_orm).optional().await;
        Ok(row.map_err(|error| refused(error, DbErr::Query))?.map(result))
    }

    async fn query_all_raw(&self, of_orm: sea_orm::Statement) -> Result<Vec<QueryResult>> {
        let rows = self.orm_query(of_orm).all().await;
        Ok(rows.map_err(|error| refused(error, DbErr::Query))?.into_iter().map(result).collect())
    }
}

/// The rows of a query of SeaORM, as they come.
type Results = BoxStream<'static, Result<QueryResult>>;

impl StreamTrait for Db {
    type Stream<'a> = Results;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(
        &'a self,
        of_orm: sea_orm::Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Results>> + 'a + Send>> {
        let rows: Rows<Row> = self.orm_query(of_orm).stream();
        let results = rows.map_ok(result).map_err(|error| refused(error, DbErr::Query)).boxed();
        Box::pin(std::future::ready(Ok(results)))
    }
}

/// What [`begin`](TransactionTrait::begin) gives on a [`Db`]: a savepoint where that is in a transaction already, else a transaction.
/// Dropped before its commit, it is rolled back.
#[derive(Debug)]
pub struct OrmTransaction {
    db: Db,
    part: Option<Part>,
}

impl Db {
    async fn orm_begin(&self, options: TransactionOptions) -> Result<OrmTransaction> {
        let (isolation, access) = (options.isolation_level.map(isolation), options.access_mode);
        let Some(around) = self.current_transaction() else {
            let access = match access {
                Some(AccessMode::ReadOnly) => Access::ReadOnly,
                _ => Access::ReadWrite,
            };
            let transaction =
                Transaction::new(self.database(), Terms { access, isolation, ..Terms::default() });
            return Ok(OrmTransaction { db: Self::within(&transaction), part: None });
        };
        if isolation.is_some_and(|isolation| around.terms().isolation != Some(isolation)) {
            let message = "a part of a transaction has its isolation; say so of the whole, as in #[post(…, isolation = \"serializable\")]";
            return Err(DbErr::Custom(message.to_owned()));
        }
        let part = Part::begin(around).await.map_err(|error| refused(error, DbErr::Exec))?;
        Ok(OrmTransaction { db: self.clone(), part: Some(part) })
    }
}

fn isolation(level: IsolationLevel) -> Isolation {
    match level {
        IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
        IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
        IsolationLevel::RepeatableRead => Isolation::RepeatableRead,
        IsolationLevel::Serializable => Isolation::Serializable,
    }
}

#[async_trait]
impl TransactionSession for OrmTransaction {
    async fn commit(self) -> Result<()> {
        let failed = |error| refused(error, DbErr::Exec);
        match (self.part, self.db.current_transaction()) {
            (Some(part), _) => part.end(SavepointEnd::Keep).await.map_err(failed),
            (None, Some(transaction)) => {
                transaction.commit().await.map_err(failed)?;
                for work in transaction.take_after_commit() {
                    work().await;
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    async fn rollback(self) -> Result<()> {
        match (self.part, self.db.current_transaction()) {
            (Some(part), _) => {
                part.end(SavepointEnd::RollBack).await.map_err(|error| refused(error, DbErr::Exec))
            }
            (None, Some(transaction)) => {
                transaction.rollback().await;
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }
}

#[async_trait]
impl ConnectionTrait for OrmTransaction {
    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.db)
    }

    async fn execute_raw(&self, statement: sea_orm::Statement) -> Result<ExecResult> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: sea_orm::Statement) -> Result<Option<QueryResult>> {
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: sea_orm::Statement) -> Result<Vec<QueryResult>> {
        self.db.query_all_raw(statement).await
    }
}

impl StreamTrait for OrmTransaction {
    type Stream<'a> = Results;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.db)
    }

    fn stream_raw<'a>(
        &'a self,
        statement: sea_orm::Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Results>> + 'a + Send>> {
        self.db.stream_raw(statement)
    }
}

macro_rules! transactions {
    ($type:ty, |$this:ident| $db:expr) => {
        #[async_trait]
        impl TransactionTrait for $type {
            type Transaction = OrmTransaction;

            async fn begin(&self) -> Result<OrmTransaction> {
                self.begin_with_options(TransactionOptions::default()).await
            }

            async fn begin_with_config(
                &self,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<OrmTransaction> {
                let options = TransactionOptions { isolation_level, access_mode, ..Default::default() };
                self.begin_with_options(options).await
            }

            async fn begin_with_options(&self, options: TransactionOptions) -> Result<OrmTransaction> {
                let $this = self;
                $db.orm_begin(options).await
            }

            async fn transaction<F, T, E>(&self, callback: F) -> std::result::Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c OrmTransaction,
                    )
                        -> Pin<Box<dyn Future<Output = std::result::Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: fmt::Display + fmt::Debug + Send,
            {
                self.transaction_with_config(callback, None, None).await
            }

            async fn transaction_with_config<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> std::result::Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c OrmTransaction,
                    )
                        -> Pin<Box<dyn Future<Output = std::result::Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: fmt::Display + fmt::Debug + Send,
            {
                let begun = self.begin_with_config(isolation_level, access_mode).await;
                let transaction = begun.map_err(TransactionError::Connection)?;
                let done = callback(&transaction).await;
                let ended =
                    if done.is_ok() { transaction.commit().await } else { transaction.rollback().await };
                match done {
                    Ok(value) => ended.map(|()| value).map_err(TransactionError::Connection),
                    Err(error) => Err(TransactionError::Transaction(error)),
                }
            }
        }
    };
}

transactions!(Db, |this| this);
transactions!(OrmTransaction, |this| this.db);

/// For `?` where an error of the database is expected.
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let kind = sea_orm_error_kind(&error).unwrap_or(ErrorKind::Statement);
        let message: Cow<'static, str> = "SeaORM could not do it".into();
        Self::new(kind, message).because(Box::<dyn StdError + Send + Sync>::from(error))
    }
}
