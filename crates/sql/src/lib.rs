//! Databases for Flagon: SQLite and MySQL or MariaDB behind one API.
//!
//! In: a URL, SQL and values. Out: rows, and transactions that are committed or rolled back as a whole. Never: knows HTTP.
//!
//! A [`Database`] keeps connections; a [`Db`] is what statements are sent to: either each on its own, or all within one
//! [`Transaction`]. The text of a statement is a literal, or says with [`AssertSqlSafe`] that somebody has looked at it.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use flagon_sql::Database;
//!
//! let db = Database::open("sqlite::memory:")?.db();
//! db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL)", ()).await?;
//! let id = db.insert("INSERT INTO post (title) VALUES (?)", ("Ada",)).await?;
//! let title: String = db.query_as("SELECT title FROM post WHERE id = ?", (id,)).one().await?;
//! assert_eq!(title, "Ada");
//! # Ok::<(), flagon_sql::Error>(()) }).unwrap();
//! ```
//!
//! Modules in reading order; each uses only those above it.

mod dialect;
pub mod backoff;
mod error;
mod scan;
mod facts;
mod text;
mod arguments;
mod values;
mod digest;
mod observed;
mod statement_log;
mod cell;
mod row;
mod options;
mod connection;
mod engines;
mod kill;
mod pool;
mod migrations;
mod retries;
mod database;
mod conversion;
mod transaction;
mod bulk;
mod ordered;
mod query;
mod db;
#[cfg(feature = "sea-orm")]
mod orm;
pub mod advice;

pub use arguments::{Arguments, ToSql};
pub use cell::{Cell, FromSql, Mismatch};
pub use conversion::Obstacle;
pub use database::{Connections, Database, Turn};
pub use db::Db;
pub use dialect::Dialect;
pub use digest::{digest, first_word};
pub use engines::PlainTable;
pub use error::{Error, ErrorKind, Result};
pub use migrations::{Migration, MigrationState, Migrations, Script};
pub use observed::{Observed, Observer};
pub use options::{Options, Sharing};
#[cfg(feature = "sea-orm")]
pub use orm::{OrmTransaction, sea_orm_error_kind};
pub use query::{Query, Rows};
pub use retries::Retries;
pub use row::{FromRow, Row};
#[cfg(feature = "sea-orm")]
pub use sea_orm;
pub use sqlx::{AssertSqlSafe, SqlStr};
pub use statement_log::{LoggedStatement, StatementLog};
pub use text::SqlText;
pub use time;
pub use transaction::{Access, AfterCommit, Isolation, MixedEngines, Terms, Transaction};
pub use values::{Named, Values};
