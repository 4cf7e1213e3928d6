//! A transfer that fails in its middle, and is rolled back: on InnoDB, MyISAM and SQLite.

use flagon::sql::{AssertSqlSafe, Database, Db, MixedEngines, Result, Terms, Transaction};
use serde::Serialize;

/// What a transfer that failed has left of two accounts with 100 each.
#[derive(Debug, Serialize)]
pub(super) struct Cut {
    engine: &'static str,
    left: Vec<i64>,
    sum: i64,
    /// What the database said to the second statement.
    failure: String,
    /// What Flagon says to such a view, unless it says `mixed_engines`.
    refusal: Option<String>,
}

/// Takes the money from one account, and fails before it arrives at the other: there is no such column.
async fn transfer(db: Db) -> Result<()> {
    db.execute("UPDATE account SET balance = balance - 30 WHERE id = 1", ()).await?;
    db.execute("UPDATE account SET balance = balance + 30 WHERE owner = 'Grace'", ()).await?;
    Ok(())
}

/// Makes the table anew, tries the transfer, rolls back, and looks what is there.
///
/// # Errors
///
/// When the database refuses something else.
pub(super) async fn run(engine: &'static str, database: &Database) -> Result<Cut> {
    let db = database.db();
    db.execute("DROP TABLE IF EXISTS account", ()).await?;
    let suffix = if engine == "SQLite" { String::new() } else { format!(" ENGINE={engine}") };
    let table = format!("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL){suffix}");
    db.execute(AssertSqlSafe(table), ()).await?;
    db.execute("INSERT INTO account VALUES (1, 100), (2, 100)", ()).await?;

    // First as every view does it: a write that could not be taken back is refused before it is made.
    let refusal = failed(database, Terms::default()).await;
    let is_refused = refusal.contains("can't roll back");
    // Then with the word that lets it happen.
    let mut terms = Terms::default();
    terms.mixed_engines = MixedEngines::Allow;
    let failure = failed(database, terms).await;

    let left: Vec<i64> = db.query_as("SELECT balance FROM account ORDER BY id", ()).all().await?;
    let sum = left.iter().sum();
    Ok(Cut { engine, left, sum, failure, refusal: is_refused.then_some(refusal) })
}

/// Tries the transfer in a transaction, and rolls back; gives what was said to it.
async fn failed(database: &Database, terms: Terms) -> String {
    let transaction = Transaction::new(database, terms);
    let said = transfer(Db::within(&transaction)).await.err();
    transaction.rollback().await;
    said.map_or_else(String::new, |error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        format!("{error}{}", cause.unwrap_or_default())
    })
}
