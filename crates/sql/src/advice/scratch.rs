//! A copy of some rows of some tables, on which indexes are tried.
//!
//! In: tables of a database. Out: what statements cost on the copy, with and without an index. Never: a change of the database. In MySQL
//! the copies are temporary tables with names of their own, which only their connection sees and which end with it; definitions are
//! changed under those names alone, and statements run in a session that may only read. In SQLite the copy is a file of its own, and the
//! real one is opened for reading.

use std::{collections::HashMap, path::Path};

use super::{
    candidates::Candidate,
    plan::Plan,
    report::{Measured, Work},
    schema::{Schema, Table, ask, name},
    shape::{Changes, Shape},
};
use crate::{
    connection::{Connection, Role},
    dialect::Dialect,
    error::Result,
    options::{Options, Target},
};

/// The copy.
pub(super) struct Scratch {
    pub(super) connection: Connection,
    /// What each table is called here.
    pub(super) names: HashMap<String, String>,
    /// How many rows each has.
    pub(super) rows: HashMap<String, u64>,
    server: Server,
    tried: u32,
}

/// What a server can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Sqlite,
    MySql,
    /// It carries a statement out and explains it at once.
    MariaDb,
}

/// After this long a statement on the copy is stopped, in seconds.
const LONGEST: u32 = 5;
/// After so many steps SQLite stops.
const MOST_STEPS: u64 = 50_000_000;
/// In how many pieces a large table is sampled.
const PIECES: u64 = 10;

impl Scratch {
    /// Copies at most `most` rows of each of `tables`; says which can't be copied.
    pub(super) async fn copy(options: &Options, tables: &[&Table], most: u64) -> Result<(Self, Vec<String>)> {
        let mut own = match &options.target {
            Target::MySql(_) => options.clone(),
            Target::Sqlite(..) => Options::in_folder("sqlite::memory:", Path::new(""))?,
        };
        own.observer = None;
        let mut connection =
            Connection::open(&own, if own.dialect() == Dialect::Sqlite { Role::Write } else { Role::Each })
                .await?;
        let server = match &options.target {
            Target::MySql(_) => my_sql_session(&mut connection).await?,
            Target::Sqlite(real, _) => {
                let path = real.get_filename().to_string_lossy();
                let path =
                    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23").replace('\'', "''");
                connection
                    .composed(format!("PRAGMA foreign_keys = OFF; ATTACH 'file:{path}?mode=ro' AS original"))
                    .await?;
                Server::Sqlite
            }
        };
        let mut scratch = Self { connection, names: HashMap::new(), rows: HashMap::new(), server, tried: 0 };
        let mut notes = Vec::new();
        for (number, table) in tables.iter().enumerate() {
            if let Err(error) = scratch.add(table, number, most).await {
                notes.push(format!(
                    "`{}` could not be copied, so no index of it is proposed: {}",
                    table.name,
                    cause(&error)
                ));
            }
        }
        scratch.connection.composed(scratch.finish()).await?;
        Ok((scratch, notes))
    }

    fn finish(&self) -> String {
        match self.server {
            Server::Sqlite => "DETACH original; ANALYZE".to_owned(),
            Server::MySql | Server::MariaDb => "SET SESSION TRANSACTION READ ONLY".to_owned(),
        }
    }

    async fn add(&mut self, table: &Table, number: usize, most: u64) -> Result<()> {
        let dialect = self.connection.dialect();
        let (copy, real) = match self.server {
            Server::Sqlite => {
                self.connection.composed(table.ddl.clone()).await?;
                let real = format!("original.{}", name(dialect, &table.name));
                (name(dialect, &table.name), real)
            }
            Server::MySql | Server::MariaDb => {
                let (copy, real) = (format!("flagon_scratch_{number}"), name(dialect, &table.name));
                self.connection.composed(format!("CREATE TEMPORARY TABLE {copy} LIKE {real}")).await?;
                (copy, real)
            }
        };
        let columns: Vec<String> = table
            .columns
            .iter()
            .filter(|column| !column.is_generated)
            .map(|column| name(dialect, &column.name))
            .collect();
        let columns = columns.join(", ");
        for piece in self.pieces(table, &real, most).await? {
            self.connection
                .composed(format!("INSERT INTO {copy} ({columns}) SELECT {columns} FROM {real}{piece}"))
                .await?;
        }
        if self.server == Server::Sqlite {
            let indexes = "SELECT sql FROM original.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?";
            for ddl in ask::<String>(&mut self.connection, indexes, (&*table.name,)).await? {
                self.connection.composed(ddl).await?;
            }
        }
        let rows = ask(&mut self.connection, format!("SELECT count(*) FROM {copy}"), ()).await?;
        self.rows.insert(table.name.clone(), rows.into_iter().next().unwrap_or(0));
        self.names.insert(table.name.clone(), copy);
        Ok(())
    }

    /// Which rows are copied: all, or some from everywhere, by a primary key that is a number.
    async fn pieces(&mut self, table: &Table, real: &str, most: u64) -> Result<Vec<String>> {
        let dialect = self.connection.dialect();
        let key = match table.primary().map(|primary| &primary.columns[..]) {
            Some([only]) => table.column(only).filter(|column| column.kind == super::schema::Kind::Number),
            _ => None,
        };
        let Some(key) = key.map(|key| name(dialect, &key.name)).filter(|_| table.rows > most) else {
            return Ok(vec![format!(" LIMIT {most}")]);
        };
        let ends = format!("SELECT min({key}), max({key}) FROM {real}");
        let Some((Some(low), Some(high))) =
            ask::<(Option<i64>, Option<i64>)>(&mut self.connection, ends, ()).await?.into_iter().next()
        else {
            return Ok(Vec::new());
        };
        let width = (high.saturating_sub(low) / i64::try_from(PIECES).unwrap_or(1)).max(1);
        let piece = |number: u64| {
            let from = low.saturating_add(width.saturating_mul(i64::try_from(number).unwrap_or(0)));
            let to = from.saturating_add(width);
            let upper = if number + 1 == PIECES { String::new() } else { format!(" AND {key} < {to}") };
            format!(" WHERE {key} >= {from}{upper} ORDER BY {key} LIMIT {}", most / PIECES)
        };
        Ok((0..PIECES).map(piece).collect())
    }

    /// Makes an index; gives its name here.
    pub(super) async fn index(&mut self, candidate: &Candidate, schema: &Schema) -> Result<String> {
        self.tried += 1;
        let (index, dialect) = (format!("flagon_try_{}", self.tried), self.connection.dialect());
        let columns = columns(candidate, schema, dialect);
        let copy = self.name(&candidate.table);
        let ddl = format!("CREATE INDEX {index} ON {copy} ({columns})");
        match self.server {
            Server::Sqlite => self.connection.composed(format!("{ddl}; ANALYZE {index}")).await?,
            Server::MySql | Server::MariaDb => self.define(ddl).await?,
        }
        Ok(index)
    }

    /// Removes an index that was made here.
    pub(super) async fn remove(&mut self, table: &str, index: &str) -> Result<()> {
        match self.server {
            Server::Sqlite => {
                let sql = format!("DROP INDEX {index}; ANALYZE sqlite_schema");
                self.connection.composed(sql).await
            }
            Server::MySql | Server::MariaDb => {
                self.define(format!("DROP INDEX {index} ON {}", self.name(table))).await
            }
        }
    }

    fn name(&self, table: &str) -> String {
        // The other name is of no table, so that nothing but a copy is ever changed.
        self.names.get(table).cloned().unwrap_or_else(|| "flagon_scratch_none".to_owned())
    }

    async fn define(&mut self, ddl: String) -> Result<()> {
        self.connection.composed("SET SESSION TRANSACTION READ WRITE".to_owned()).await?;
        let done = self.connection.composed(ddl).await;
        self.connection.composed("SET SESSION TRANSACTION READ ONLY".to_owned()).await?;
        done
    }

    /// `sql` as a query of the copies; `None` where it asks for something that is not here.
    pub(super) fn rewritten(&self, sql: &str, shape: &Shape) -> Option<String> {
        if !shape.unknown.is_empty() {
            return None;
        }
        let mut text = sql[..shape.locks_at.unwrap_or(sql.len())].to_owned();
        let mut names: Vec<_> = shape.names.iter().filter(|name| name.end <= text.len()).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.start));
        // From the last one on, so that what stands before has not moved.
        let mut moved = Vec::new();
        for found in names {
            let copy = self.names.get(&found.table)?;
            let alias = if found.has_alias || self.server == Server::Sqlite {
                String::new()
            } else {
                format!(" AS {}", name(self.connection.dialect(), &found.table))
            };
            let new = format!("{copy}{alias}");
            moved.push((found.start, new.len(), found.end - found.start));
            text.replace_range(found.start..found.end, &new);
        }
        let Some(Changes { tables: (start, end), rest }) = shape.changes else { return Some(text) };
        let now = |at: usize| {
            let before = moved.iter().filter(|(start, ..)| *start < at);
            before.fold(at, |at, (_, new, old)| at + new - old)
        };
        Some(format!("SELECT * FROM {} {}", text.get(now(start)..now(end))?, text.get(now(rest)..)?))
    }

    /// Carries out a query of the copies, and throws its rows away.
    pub(super) async fn run(&mut self, sql: &str) -> Result<(Measured, Plan)> {
        let (work, plan) = match self.server {
            Server::Sqlite => {
                let plan = Plan::of(&mut self.connection, sql).await?;
                (Work::Steps(self.connection.steps(sql, MOST_STEPS).await?), plan)
            }
            Server::MariaDb => {
                let before = self.reads().await?;
                let explained: Vec<String> =
                    ask(&mut self.connection, format!("ANALYZE FORMAT=JSON {sql}"), ()).await?;
                let work = Work::Rows(self.reads().await? - before);
                (work, Plan::of_json(explained.first().map_or("", String::as_str))?)
            }
            Server::MySql => {
                let plan = Plan::of(&mut self.connection, sql).await?;
                let before = self.reads().await?;
                let _: Vec<crate::row::Row> = ask(&mut self.connection, sql, ()).await?;
                (Work::Rows(self.reads().await? - before), plan)
            }
        };
        let measured = Measured { work, pages: plan.pages, plan: plan.lines().join("; ") };
        Ok((measured, plan))
    }

    /// How many rows and entries this connection has read.
    async fn reads(&mut self) -> Result<u64> {
        let sql = "SHOW SESSION STATUS WHERE variable_name LIKE 'Handler_read%' OR variable_name LIKE 'Handler_icp%'";
        let mut sum = 0_i64;
        for (name, value) in ask::<(String, String)>(&mut self.connection, sql, ()).await? {
            let value: i64 = value.parse().unwrap_or(0);
            match &*name {
                // Entries that a condition on the index refused were read as well.
                "Handler_icp_match" => sum -= value,
                "Handler_read_retry" => (),
                _ => sum += value,
            }
        }
        Ok(u64::try_from(sum).unwrap_or(0))
    }
}

/// Sets the session up; the server says which it is.
async fn my_sql_session(connection: &mut Connection) -> Result<Server> {
    let version: Vec<String> = ask(connection, "SELECT version()", ()).await?;
    let is_maria = version.first().is_some_and(|version| version.contains("MariaDB"));
    let limit = if is_maria {
        format!("max_statement_time = {LONGEST}")
    } else {
        format!("max_execution_time = {}", LONGEST * 1000)
    };
    // Rows are copied as they are, also those that today's rules would refuse.
    connection.composed(format!("SET SESSION sql_mode = '', {limit}")).await?;
    Ok(if is_maria { Server::MariaDb } else { Server::MySql })
}

/// The columns of an index as they stand in its definition.
pub(super) fn columns(candidate: &Candidate, schema: &Schema, dialect: Dialect) -> String {
    let table = schema.table(&candidate.table);
    let part = |column: &String| match table.and_then(|table| table.column(column)) {
        Some(column) => column.key_part(dialect),
        None => name(dialect, column),
    };
    candidate.columns.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// What the database itself said.
pub(super) fn cause(error: &crate::error::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
