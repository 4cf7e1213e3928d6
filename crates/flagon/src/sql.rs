//! Databases: SQLite, and MySQL or MariaDB, behind one API. What [`db()`](crate::db) gives, and all around it.
//!
//! See [the guide](crate::guide::databases). This module is the crate `flagon-sql`, behind the feature `sql`, which is on unless an
//! app says `default-features = false`.

use std::panic::resume_unwind;

use tokio::runtime::Handle;

use crate::{polled::is_polled, wanted};

pub use flagon_macros::{Row, migrations};
pub use flagon_sql::{
    Access, Arguments, AssertSqlSafe, Cell, Database, Db, Dialect, Error, ErrorKind, FromRow, FromSql,
    Isolation, LoggedStatement, Migration, MigrationState, Migrations, Mismatch, MixedEngines, Named,
    Observed, Observer, Obstacle, Options, PlainTable, Query, Result, Retries, Row, Rows, Script, Sharing,
    SqlStr, SqlText, StatementLog, Terms, ToSql, Transaction, Values, advice, digest, time,
};

#[cfg(feature = "sea-orm")]
pub use flagon_sql::{OrmTransaction, sea_orm_error_kind};

/// Waits for a statement in a plain `fn` view, which runs on a thread of its own and so may wait.
///
/// When the client leaves, or the view's time is over, the statement is ended and the view with it: its thread unwinds from here, so that
/// what it holds is dropped.
///
/// # Panics
///
/// In an `async fn` view, whose thread serves others meanwhile: write `.await` there; and where no event loop runs.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, sql};
///
/// #[get("/")]
/// fn index() -> Result<String> {
///     let version: String = sql::wait(db().query_as("SELECT sqlite_version()", ()).one())?;
///     Ok(version)
/// }
///
/// let app = App::new("docs").configure(|config| config.database = "sqlite::memory:".into());
/// assert!(app.routes(routes![index]).test_client().get("/").wait().text().starts_with("3."));
/// ```
#[track_caller]
pub fn wait<F: Future>(statement: F) -> F::Output {
    assert!(!is_polled(), "{ON_THE_LOOP}");
    let Ok(runtime) = Handle::try_current() else { panic!("{WITHOUT_RUNTIME}") };
    let done = runtime.block_on(async {
        tokio::select! {
            biased;
            given = statement => Some(given),
            () = wanted::left() => None,
        }
    });
    // Nobody waits any more: this thread ends its view here, as an `async fn` view ends where it awaits. No hook is told, as it
    // is no mistake.
    done.unwrap_or_else(|| resume_unwind(Box::new("nobody waits for this view any more")))
}

const ON_THE_LOOP: &str = "sql::wait was called in async code, whose thread serves other requests meanwhile.\n\nWrite `.await` after the \
    statement instead, or make the view a plain `fn`, which has a thread of its own.";

const WITHOUT_RUNTIME: &str = "sql::wait was called where no event loop runs.\n\nCall it from a plain `fn` view or within flagon::blocking; \
    in a plain test use client.block_on(…).";
