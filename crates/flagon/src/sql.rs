//! Databases: SQLite, and MySQL or MariaDB, behind one API. What [`db()`](crate::db) gives, and all around it.
//!
//! See [the guide](crate::guide::databases). This module is the crate `flagon-sql`, behind the feature `sql`, which is on unless an
//! app says `default-features = false`.

pub use flagon_sql::{
    Access, Arguments, AssertSqlSafe, Cell, Database, Db, Dialect, Error, ErrorKind, FromRow, FromSql,
    Isolation, Mismatch, Named, Options, Query, Result, Row, Rows, Sharing, SqlSafeStr, Terms, ToSql,
    Transaction, Values, time,
};
