//! A row of an answer, and types that a row is read into.

use std::fmt;

use sqlx::{Row as _, mysql::MySqlRow, sqlite::SqliteRow};

use crate::{
    cell::{Cell, FromSql, Mismatch},
    error::{Error, ErrorKind, Result},
};

/// A row of an answer.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
/// let row = db.query("SELECT 1 AS id, 'Ada' AS name", ()).one().await?;
/// assert_eq!(row.get::<i64>("id")?, 1);
/// assert_eq!(row.get::<String>(1)?, "Ada");
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
pub struct Row(pub(crate) Inner);

pub(crate) enum Inner {
    MySql(MySqlRow),
    Sqlite(SqliteRow),
}

/// What names a column: its name, or its place from 0 on.
pub trait ColumnIndex: fmt::Display + Copy {
    #[doc(hidden)]
    fn cell(self, row: &Row) -> Option<Cell<'_>>;
}

impl ColumnIndex for &str {
    fn cell(self, row: &Row) -> Option<Cell<'_>> {
        match &row.0 {
            Inner::MySql(row) => row.try_get_raw(self).ok().map(Cell::my_sql),
            Inner::Sqlite(row) => row.try_get_raw(self).ok().map(Cell::sqlite),
        }
    }
}

impl ColumnIndex for usize {
    fn cell(self, row: &Row) -> Option<Cell<'_>> {
        match &row.0 {
            Inner::MySql(row) => row.try_get_raw(self).ok().map(Cell::my_sql),
            Inner::Sqlite(row) => row.try_get_raw(self).ok().map(Cell::sqlite),
        }
    }
}

impl Row {
    /// The value of `column`, which is a name or a place from 0 on.
    ///
    /// # Errors
    ///
    /// When there is no such column, or it holds something else.
    pub fn get<T: FromSql>(&self, column: impl ColumnIndex) -> Result<T> {
        let Some(cell) = column.cell(self) else {
            let message = format!("there is no column `{column}`; there are {}", self.columns().join(", "));
            return Err(Error::new(ErrorKind::Decode, message));
        };
        let is_null = cell.is_null();
        T::from_sql(cell).map_err(|mismatch| {
            let found = || column.cell(self).map(|cell| cell.type_name()).unwrap_or_default();
            of_column(&column, is_null, &mismatch.found(found))
        })
    }

    /// The names of the columns.
    pub fn columns(&self) -> Vec<&str> {
        match &self.0 {
            Inner::MySql(row) => row.columns().iter().map(sqlx::Column::name).collect(),
            Inner::Sqlite(row) => row.columns().iter().map(sqlx::Column::name).collect(),
        }
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Inner::MySql(row) => row.len(),
            Inner::Sqlite(row) => row.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn of_column(column: &impl fmt::Display, is_null: bool, mismatch: &Mismatch) -> Error {
    let message = if is_null {
        format!("column `{column}` is NULL; read it as an Option")
    } else {
        format!("column `{column}`: {mismatch}")
    };
    Error::new(ErrorKind::Decode, message)
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.columns()).finish()
    }
}

/// A type that a row is read into: a struct with `#[derive(Row)]`, a tuple by place, or a single value of the first column.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{FromRow, Result, Row};
///
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// impl FromRow for User { // what #[derive(Row)] writes
///     fn from_row(row: Row) -> Result<Self> {
///         Ok(Self { id: row.get("id")?, name: row.get("name")? })
///     }
/// }
///
/// let db = flagon_sql::Database::open("sqlite::memory:")?.db();
/// let user: User = db.query_as("SELECT 1 AS id, 'Ada' AS name", ()).one().await?;
/// let (id, name): (i64, String) = db.query_as("SELECT 1, 'Ada'", ()).one().await?;
/// let count: i64 = db.query_as("SELECT count(*) FROM (SELECT 1)", ()).one().await?;
/// assert_eq!((user.id, user.name, count), (id, name, 1));
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "a row can't be read into `{Self}`",
    note = "write `#[derive(Row)]` above the struct, or read a tuple `(i64, String)`, or a single value"
)]
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    ///
    /// When a column is missing or holds something else.
    fn from_row(row: Row) -> Result<Self>;
}

macro_rules! tuples {
    ($($name:ident $place:literal)*) => {
        impl<$($name: FromSql),*> FromRow for ($($name,)*) {
            fn from_row(row: Row) -> Result<Self> {
                Ok(($(row.get::<$name>($place)?,)*))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);

macro_rules! single_values {
    ($($type:ty),*) => { $(
        impl FromRow for $type {
            fn from_row(row: Row) -> Result<Self> {
                row.get(0)
            }
        }
    )* };
}

single_values!(bool, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, usize, f32, f64, String, Vec<u8>);
single_values!(uuid::Uuid, sqlx::types::time::Date, sqlx::types::time::Time);
single_values!(sqlx::types::time::PrimitiveDateTime, sqlx::types::time::OffsetDateTime);

/// `NULL` is `None`; a row that is not there is [`optional`](crate::Query::optional)'s.
impl<T: FromSql> FromRow for Option<T> {
    fn from_row(row: Row) -> Result<Self> {
        row.get(0)
    }
}

/// The row itself.
impl FromRow for Row {
    fn from_row(row: Row) -> Result<Self> {
        Ok(row)
    }
}
