//! The text of a statement: a literal, or marked as looked at.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// What can be the text of a statement: a literal, or [`AssertSqlSafe`] around text that was put together and that somebody has looked
/// at. Whatever a user typed is a value, never a part of the text.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{AssertSqlSafe, Database};
///
/// let db = Database::open("sqlite::memory:")?.db();
/// db.execute("CREATE TABLE user (name TEXT, age INTEGER)", ()).await?;
/// let order = if true { "name" } else { "age" }; // one of ours, and not what was typed
/// let sql = format!("SELECT name FROM user ORDER BY {order}");
/// let names: Vec<String> = db.query_as(AssertSqlSafe(sql), ()).all().await?;
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "the text of a statement is a literal, not a `{Self}`",
    label = "put together at run time",
    note = "write `?` in the text for each value, and the values in a tuple behind it: `(\"… WHERE name = ?\", (name,))`",
    note = "if the text really has to be put together, look at every piece of it, and write `AssertSqlSafe(text)`"
)]
pub trait SqlText {
    /// The text.
    fn into_sql(self) -> SqlStr;
}

impl SqlText for &'static str {
    fn into_sql(self) -> SqlStr {
        self.into_sql_str()
    }
}

impl<T> SqlText for AssertSqlSafe<T>
where
    Self: SqlSafeStr,
{
    fn into_sql(self) -> SqlStr {
        self.into_sql_str()
    }
}
