//! The server is killed in the middle of a statement that changes 400 rows, on InnoDB and on MyISAM at once.
//!
//! In: the private server. Out: which rows were changed when it was there again, and what it wrote into its log meanwhile.

use std::{fs, path::PathBuf, time::Duration};

use flagon::{
    prelude::*,
    sql::{AssertSqlSafe, Db},
};
use serde::Serialize;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};

use super::{DATABASES, unavailable};
use crate::{language::Language, mariadb::Server};

/// What is left of it.
#[derive(Debug, Serialize)]
pub(super) struct Crash {
    tables: Vec<Table>,
    /// Lines of the server's log that tell of the recovery.
    words: Vec<String>,
    seconds: String,
}

/// One of the tables, after the crash.
#[derive(Debug, Serialize)]
struct Table {
    engine: &'static str,
    /// Whether each row was changed.
    rows: Vec<bool>,
    changed: usize,
    /// What `CHECK TABLE` says, before anything else has opened it.
    check: String,
}

const ROWS: u32 = 400;

/// Slow enough to be met in its middle: three milliseconds for each row.
const UPDATE: &str = "UPDATE half SET done = 1 WHERE sleep(0.003) = 0";

const UNDER_WAY: &str = "SELECT count(*) FROM information_schema.processlist \
    WHERE info LIKE 'UPDATE half SET%' AND time_ms > 600";

/// Begins both statements, kills the server, and looks.
pub(super) async fn run(server: &'static Server, language: Language) -> Result<Crash> {
    let mut databases = Vec::new();
    for (engine, name) in DATABASES {
        let database = server.database(name).await?;
        make(&database.db(), engine).await?;
        databases.push(database);
    }
    let log = server.folder().join("log");
    let read_before = read(log.clone()).await.len();
    let statements: Vec<_> =
        databases.iter().map(|database| tokio::spawn(database.db().execute(UPDATE, ()))).collect();
    wait_until_both_are_under_way(&databases[0].db()).await?;
    let begun = Instant::now();
    if let Err(absence) = server.crash().await {
        return unavailable(&absence, language);
    }
    let seconds = format!("{:.1}", begun.elapsed().as_secs_f64());
    for statement in statements {
        let _ = statement.await; // its connection broke, as was meant
    }
    let mut tables = Vec::new();
    for (engine, name) in DATABASES {
        tables.push(look(engine, &server.database(name).await?.db()).await?);
    }
    let words = recovery(read(log).await.get(read_before..).unwrap_or_default());
    Ok(Crash { tables, words, seconds })
}

async fn make(db: &Db, engine: &str) -> Result<()> {
    db.execute("DROP TABLE IF EXISTS half", ()).await?;
    let table = format!("CREATE TABLE half (id INT PRIMARY KEY, done INT NOT NULL) ENGINE={engine}");
    db.execute(AssertSqlSafe(table), ()).await?;
    db.insert_many("INSERT INTO half (id, done) VALUES (?, ?)", (0..ROWS).map(|id| (id, 0))).await?;
    Ok(())
}

async fn wait_until_both_are_under_way(db: &Db) -> Result<()> {
    let begun = Instant::now();
    while db.query_as::<i64>(UNDER_WAY, ()).one().await? < 2 {
        if begun.elapsed() > Duration::from_secs(10) {
            return abort(503);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn look(engine: &'static str, db: &Db) -> Result<Table> {
    let said = db.query_as::<(String, String, String, String)>("CHECK TABLE half", ()).all().await?;
    let check = said.into_iter().map(|(_, _, kind, text)| format!("{kind}: {text}")).collect::<Vec<_>>();
    let rows: Vec<bool> = db.query_as("SELECT done = 1 FROM half ORDER BY id", ()).all().await?;
    let changed = rows.iter().filter(|done| **done).count();
    Ok(Table { engine, rows, changed, check: check.join(" · ") })
}

async fn read(log: PathBuf) -> String {
    let bytes = spawn_blocking(|| fs::read(log).unwrap_or_default()).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the log says of the recovery, without dates.
fn recovery(log: &str) -> Vec<String> {
    const WORDS: [&str; 7] = [
        "crash recovery",
        "rolled back",
        "Rollback of",
        "recovered transactions",
        "marked as crashed",
        "Checking table",
        "Recovering table",
    ];
    let tells = |line: &&str| WORDS.iter().any(|word| line.contains(word));
    let text = |line: &str| line.split_once('[').map_or(line, |(_, text)| text).replace(']', ":");
    log.lines().filter(tells).map(text).take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::recovery;

    #[test]
    fn of_the_log_those_lines_are_shown_that_tell_of_the_recovery() {
        let log = "2026-11-23 10:00:00 0 [Note] InnoDB: Starting crash recovery from checkpoint LSN=48000\n\
            2026-11-23 10:00:00 0 [Note] InnoDB: Number of transaction pools: 1\n\
            2026-11-23 10:00:01 0 [ERROR] mariadbd: Table './engines_myisam/half' is marked as crashed and should be repaired\n";
        assert_eq!(
            recovery(log),
            [
                "Note: InnoDB: Starting crash recovery from checkpoint LSN=48000",
                "ERROR: mariadbd: Table './engines_myisam/half' is marked as crashed and should be repaired"
            ]
        );
    }
}
