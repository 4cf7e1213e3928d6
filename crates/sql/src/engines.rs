//! Storage engines of MySQL and MariaDB that can't roll back: MyISAM, Aria, MEMORY, CSV and the like.
//!
//! In: what the server says of its tables. Out: [`PlainTable`]s, with what is lost with each and its cure. SQLite has no such tables.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    connection::{Connection, Statement, Want},
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    row::{FromRow as _, Row},
    values::bound,
};

/// A table whose engine knows no transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlainTable {
    /// The database that it is in.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its engine, such as `MyISAM`.
    pub engine: String,
    /// About how many rows it has.
    pub rows: u64,
    /// How many bytes data and indexes have.
    pub bytes: u64,
}

impl PlainTable {
    /// What is lost with this engine.
    pub fn loses(&self) -> &'static str {
        match self.engine.to_ascii_uppercase().as_str() {
            "MYISAM" => {
                "no rollback, no commit, no foreign keys; a write locks the whole table; a crash leaves it half written, to be repaired"
            }
            "ARIA" => {
                "no rollback and no commit: a crash keeps whole statements, never whole transactions; a write locks the whole table"
            }
            "MEMORY" => "no rollback; every row is gone when the server stops",
            "CSV" => "no rollback, no indexes, no NULL; a crash leaves it half written",
            "ARCHIVE" => "no rollback, no update, no delete, no index but one",
            "MRG_MYISAM" => "no rollback: it is a list of MyISAM tables",
            _ => "no rollback and no commit",
        }
    }

    /// The statement that makes it a table of InnoDB.
    pub fn cure(&self) -> String {
        format!("ALTER TABLE {} ENGINE=InnoDB", quoted(&self.name))
    }
}

/// A name of MySQL as it stands in a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

const TABLES: &str = "SELECT t.table_schema AS s, t.table_name AS n, t.engine AS e, \
    coalesce(t.table_rows, 0) AS r, coalesce(t.data_length, 0) + coalesce(t.index_length, 0) AS b, \
    t.table_schema = database() AS own \
    FROM information_schema.tables AS t JOIN information_schema.engines AS e ON e.engine = t.engine \
    WHERE t.table_type = 'BASE TABLE' AND coalesce(e.transactions, 'NO') <> 'YES' \
    AND t.table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') \
    ORDER BY b DESC, n";

/// The tables of all databases that we see whose engines know no transactions, the largest first, each with whether it is in ours.
pub(crate) async fn plain_tables(connection: &mut Connection) -> Result<Vec<(PlainTable, bool)>> {
    let (arguments, _) = bound(Dialect::MySql, TABLES, &())?;
    let statement = Statement::new(TABLES, arguments);
    let read = |row: Row| {
        let (schema, name, engine, rows, bytes, is_ours) = FromRowOf::from_row(row)?;
        Ok((PlainTable { schema, name, engine, rows, bytes }, is_ours))
    };
    connection.perform(statement, Want::All).await?.rows.into_iter().map(read).collect()
}

type FromRowOf = (String, String, String, u64, u64, bool);

/// What is known of the tables that can't roll back.
#[derive(Debug, Default)]
pub(crate) struct KnownTables(Mutex<Option<Known>>);

#[derive(Debug, Clone)]
struct Known {
    since: Instant,
    /// By their names, of ours alone and of all with their schema.
    tables: Arc<HashMap<String, PlainTable>>,
}

/// After this long the server is asked again: tables are seldom made.
const FRESH: Duration = Duration::from_mins(1);

impl KnownTables {
    /// Refuses a write to one of `names` if it can't roll back; asks the server over `connection` when that is not known.
    pub(crate) async fn check(&self, connection: &mut Connection, names: &[String]) -> Result<()> {
        let known = match self.known() {
            Some(known) => known,
            None => self.ask(connection).await?,
        };
        if !names.iter().any(|name| known.contains_key(name)) {
            return Ok(());
        }
        let known = self.ask(connection).await?; // it may have been converted meanwhile
        match names.iter().find_map(|name| known.get(name)) {
            Some(table) => Err(refused(table)),
            None => Ok(()),
        }
    }

    fn known(&self) -> Option<Arc<HashMap<String, PlainTable>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref().filter(|known| known.since.elapsed() < FRESH)?;
        Some(Arc::clone(&known.tables))
    }

    async fn ask(&self, connection: &mut Connection) -> Result<Arc<HashMap<String, PlainTable>>> {
        let mut tables = HashMap::new();
        for (table, is_ours) in plain_tables(connection).await? {
            tables.insert(format!("{}.{}", table.schema, table.name).to_lowercase(), table.clone());
            if is_ours {
                tables.insert(table.name.to_lowercase(), table);
            }
        }
        let tables = Arc::new(tables);
        let known = Known { since: Instant::now(), tables: Arc::clone(&tables) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(tables)
    }
}

fn refused(table: &PlainTable) -> Error {
    let message = format!(
        "the table `{}` is of {}, which can't roll back, so this write would stay when the transaction does not; cure it with `{}`, \
         or say `mixed_engines` where that is meant",
        table.name,
        table.engine,
        table.cure()
    );
    Error::new(ErrorKind::NotTransactional, message)
}
