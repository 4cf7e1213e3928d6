//! The tables of a database, their columns and indexes, as its own catalogue has them.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use crate::{
    connection::{Connection, Statement, Want},
    dialect::Dialect,
    engines::quoted,
    error::Result,
    row::FromRow,
    values::{Values, bound},
};

/// The tables of a database.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) tables: Vec<Table>,
}

#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    /// About how many rows it has.
    pub(super) rows: u64,
    /// The statement that made it; SQLite only.
    pub(super) ddl: String,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// How many bytes a value takes at most, about.
    pub(super) width: u64,
    pub(super) collation: String,
    /// Whether the database works it out from others.
    pub(super) is_generated: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// Text or bytes of any length, of which an index holds a beginning.
    Long,
    Bytes,
    Time,
    /// Of which no index is proposed.
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) uniqueness: Uniqueness,
    /// Whether it holds whole columns of all rows in their order, and so serves whatever its columns can.
    pub(super) is_plain: bool,
    /// Whether a rule of the table stands on it.
    pub(super) is_constraint: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uniqueness {
    Primary,
    Unique,
    Any,
}

impl Schema {
    /// The table of that name, whatever its case.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    pub(super) async fn read(connection: &mut Connection) -> Result<Self> {
        match connection.dialect() {
            Dialect::MySql => my_sql(connection).await,
            Dialect::Sqlite => sqlite(connection).await,
        }
    }
}

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn primary(&self) -> Option<&Index> {
        self.indexes.iter().find(|index| index.uniqueness == Uniqueness::Primary)
    }

    /// The columns that entries of `index` hold, in their order: the primary key comes last by itself.
    pub(super) fn held(&self, index: &Index) -> Vec<String> {
        let mut held = index.columns.clone();
        let primary = self.primary().map_or(&[][..], |primary| &primary.columns);
        held.extend(primary.iter().filter(|column| !index.columns.contains(column)).cloned());
        held
    }

    /// Whether an index that is there serves `columns`, whose first `free` may come in any order.
    pub(super) fn serves(&self, columns: &[String], free: usize) -> bool {
        self.indexes
            .iter()
            .filter(|index| index.is_plain)
            .any(|index| begins_with(&self.held(index), columns, free))
    }
}

/// Whether `held` begins with `columns`, whose first `free` may come in any order.
pub(super) fn begins_with(held: &[String], columns: &[String], free: usize) -> bool {
    let free = free.min(columns.len());
    held.len() >= columns.len()
        && columns[..free].iter().all(|column| held[..free].contains(column))
        && held[free..columns.len()] == columns[free..]
}

impl Column {
    /// How it stands in an index.
    pub(super) fn key_part(&self, dialect: Dialect) -> String {
        let name = name(dialect, &self.name);
        if self.kind == Kind::Long && dialect == Dialect::MySql { format!("{name}(64)") } else { name }
    }
}

/// A name as it stands in a statement.
pub(super) fn name(dialect: Dialect, name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !RESERVED.contains(&name);
    match dialect {
        _ if is_plain => name.to_owned(),
        Dialect::MySql => quoted(name),
        Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// Words that are likely names of tables or columns, and can't stand without quotes.
const RESERVED: [&str; 27] = [
    "order",
    "group",
    "key",
    "index",
    "read",
    "rank",
    "values",
    "range",
    "condition",
    "desc",
    "option",
    "rows",
    "system",
    "table",
    "to",
    "from",
    "where",
    "select",
    "check",
    "references",
    "primary",
    "usage",
    "interval",
    "keys",
    "function",
    "limit",
    "match",
];

/// Carries out `sql` and reads its rows.
pub(super) async fn ask<T: FromRow>(
    connection: &mut Connection,
    sql: impl Into<String>,
    values: impl Values,
) -> Result<Vec<T>> {
    let sql = sql.into();
    let (arguments, _) = bound(connection.dialect(), &sql, &values)?;
    let answer = connection.perform(Statement::new(AssertSqlSafe(sql), arguments), Want::All).await?;
    answer.rows.into_iter().map(T::from_row).collect()
}

const MYSQL_COLUMNS: &str = "SELECT t.table_name, coalesce(t.table_rows, 0), c.column_name, lower(c.data_type), \
    coalesce(c.character_octet_length, 8), coalesce(c.collation_name, ''), lower(c.extra) LIKE '%generated%' \
    FROM information_schema.tables AS t JOIN information_schema.columns AS c \
    ON c.table_schema = t.table_schema AND c.table_name = t.table_name \
    WHERE t.table_schema = database() AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position";
const MYSQL_INDEXES: &str = "SELECT table_name, index_name, column_name, non_unique, \
    index_type = 'BTREE' AND sub_part IS NULL FROM information_schema.statistics \
    WHERE table_schema = database() ORDER BY 1, 2, seq_in_index";

type ColumnRow = (String, u64, String, String, u64, String, bool);
/// Table, index, column, unique, plain.
type IndexRow = (String, String, Option<String>, bool, bool);

async fn my_sql(connection: &mut Connection) -> Result<Schema> {
    let mut tables: Vec<Table> = Vec::new();
    for (name, rows, column, kind, width, collation, is_generated) in
        ask::<ColumnRow>(connection, MYSQL_COLUMNS, ()).await?
    {
        if tables.last().is_none_or(|last| last.name != name) {
            tables.push(Table { name, columns: Vec::new(), indexes: Vec::new(), rows, ddl: String::new() });
        }
        let column = Column { name: column, kind: my_sql_kind(&kind), width, collation, is_generated };
        tables.last_mut().expect("it was pushed").columns.push(column);
    }
    let mut schema = Schema { tables };
    for (table, name, column, non_unique, is_plain) in ask::<IndexRow>(connection, MYSQL_INDEXES, ()).await? {
        let uniqueness = match (&*name, non_unique) {
            ("PRIMARY", _) => Uniqueness::Primary,
            (_, false) => Uniqueness::Unique,
            (_, true) => Uniqueness::Any,
        };
        schema.add(&table, name, column, uniqueness, is_plain);
    }
    Ok(schema)
}

impl Schema {
    /// Adds a column to an index.
    fn add(
        &mut self,
        table: &str,
        name: String,
        column: Option<String>,
        uniqueness: Uniqueness,
        is_plain: bool,
    ) {
        let Some(table) = self.tables.iter_mut().find(|known| known.name == table) else { return };
        if table.indexes.last().is_none_or(|last| last.name != name) {
            let is_constraint = uniqueness != Uniqueness::Any;
            table.indexes.push(Index { name, columns: Vec::new(), uniqueness, is_plain, is_constraint });
        }
        let index = table.indexes.last_mut().expect("it was pushed");
        index.is_plain &= is_plain && column.is_some(); // an expression has no column
        index.columns.extend(column);
    }
}

fn my_sql_kind(kind: &str) -> Kind {
    match kind {
        "char" | "varchar" | "enum" | "set" => Kind::Text,
        "binary" | "varbinary" | "uuid" | "inet4" | "inet6" => Kind::Bytes,
        "date" | "time" | "datetime" | "timestamp" | "year" => Kind::Time,
        kind if kind.ends_with("int") || ["decimal", "float", "double", "bit"].contains(&kind) => {
            Kind::Number
        }
        kind if kind.ends_with("text") || kind.ends_with("blob") => Kind::Long,
        _ => Kind::Other,
    }
}

const SQLITE_TABLES: &str = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' \
    AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";

async fn sqlite(connection: &mut Connection) -> Result<Schema> {
    let mut schema = Schema::default();
    for (name, ddl) in ask::<(String, String)>(connection, SQLITE_TABLES, ()).await? {
        let count = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 1000000)",
            self::name(Dialect::Sqlite, &name)
        );
        let rows = ask::<u64>(connection, count, ()).await?.into_iter().next().unwrap_or(0);
        let mut table = Table { name, columns: Vec::new(), indexes: Vec::new(), rows, ddl };
        let mut key = BTreeMap::new();
        let columns = "SELECT name, upper(type), pk, hidden FROM pragma_table_xinfo(?)";
        for (name, kind, place, hidden) in
            ask::<(String, String, u32, u32)>(connection, columns, (&*table.name,)).await?
        {
            if place > 0 {
                key.insert(place, (name.clone(), kind.clone()));
            }
            let (kind, width) = sqlite_kind(&kind);
            let column = Column { name, kind, width, collation: String::new(), is_generated: hidden != 0 };
            table.columns.push(column);
        }
        let first = key.values().next();
        if key.len() == 1 && first.is_some_and(|(_, kind)| kind == "INTEGER") {
            table.indexes.push(rowid(first.map(|(name, _)| name.clone())));
        }
        schema.tables.push(table);
        sqlite_indexes(connection, &mut schema).await?;
    }
    Ok(schema)
}

/// The table itself, which SQLite keeps in the order of its `INTEGER PRIMARY KEY`.
fn rowid(column: Option<String>) -> Index {
    Index {
        name: "PRIMARY".to_owned(),
        columns: column.into_iter().collect(),
        uniqueness: Uniqueness::Primary,
        is_plain: true,
        is_constraint: true,
    }
}

/// Adds the indexes of the table that was added last.
async fn sqlite_indexes(connection: &mut Connection, schema: &mut Schema) -> Result<()> {
    const INDEXES: &str = "SELECT ? AS t, l.name, x.name, l.origin, l.\"unique\", l.partial FROM pragma_index_list(?) AS l, \
        pragma_index_xinfo(l.name) AS x WHERE x.key = 1 ORDER BY l.seq, x.seqno";
    type Found = (String, String, Option<String>, String, bool, bool);
    let Some(table) = schema.tables.last().map(|table| table.name.clone()) else { return Ok(()) };
    for (table, name, column, origin, is_unique, is_partial) in
        ask::<Found>(connection, INDEXES, (&*table, &*table)).await?
    {
        let uniqueness = match &*origin {
            "pk" => Uniqueness::Primary,
            _ if is_unique => Uniqueness::Unique,
            _ => Uniqueness::Any,
        };
        schema.add(&table, name, column, uniqueness, !is_partial);
    }
    Ok(())
}

/// By the rules of affinity.
fn sqlite_kind(declared: &str) -> (Kind, u64) {
    match declared {
        kind if kind.contains("INT") => (Kind::Number, 8),
        kind if ["CHAR", "CLOB", "TEXT"].iter().any(|word| kind.contains(word)) => (Kind::Text, 32),
        kind if kind.contains("BLOB") || kind.is_empty() => (Kind::Other, 1000),
        kind if kind.contains("DATE") || kind.contains("TIME") => (Kind::Time, 20),
        _ => (Kind::Number, 8),
    }
}
