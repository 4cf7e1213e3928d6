//! What an index is like: how high, how large, how full, and how well it tells rows apart.
//!
//! In: a table. Out: [`IndexFigures`], from the server's own statistics. Never: a scan of more than 20,000 rows.

use crate::{
    connection::{Connection, Role},
    database::Database,
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
};

use super::schema::{Index, Schema, Table, Uniqueness, ask, name};

/// An index and its figures.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexFigures {
    /// Its name; `PRIMARY` is that of a primary key, and of the table itself where it has one.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether it is the table itself, with the whole rows in it.
    pub is_clustered: bool,
    /// Whether each value is there once.
    pub is_unique: bool,
    /// How many pages one goes through from the root to an entry.
    pub height: Option<u32>,
    /// How many pages it has.
    pub pages: Option<u64>,
    /// How many of them hold entries, and not the way to them.
    pub leaf_pages: Option<u64>,
    /// How full the pages are, from 0 to 1. Of InnoDB: of those in its memory.
    pub fill: Option<f64>,
    /// How many different values the first column has, the first two, and so on, about.
    pub distinct: Vec<u64>,
    /// How many entries that is of, about.
    pub entries: u64,
}

impl IndexFigures {
    /// How well the first columns tell rows apart: 1 means that each value is there once.
    #[expect(clippy::cast_precision_loss, reason = "it is about")]
    pub fn selectivity(&self) -> Vec<f64> {
        let all = self.entries.max(1) as f64;
        self.distinct.iter().map(|distinct| (*distinct as f64 / all).min(1.0)).collect()
    }
}

impl Database {
    /// The indexes of `table`.
    ///
    /// # Errors
    ///
    /// When there is no such table, or the database can't be asked.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let database = flagon_sql::Database::open("sqlite::memory:")?;
    /// let db = database.db();
    /// db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, author INTEGER)", ()).await?;
    /// db.execute("CREATE INDEX post_author ON post (author)", ()).await?;
    /// db.insert_many("INSERT INTO post (author) VALUES (?)", (0..10_000).map(|n| (n % 10,))).await?;
    ///
    /// let indexes = database.index_figures("post").await?;
    /// assert_eq!((&*indexes[1].name, indexes[1].height), ("post_author", Some(2)));
    /// assert_eq!((indexes[1].distinct[0], indexes[1].entries), (10, 10_000));
    /// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
    /// ```
    pub async fn index_figures(&self, table: &str) -> Result<Vec<IndexFigures>> {
        self.prepare().await?;
        let mut options = self.options().clone();
        options.observer = None;
        let role = if self.dialect() == Dialect::Sqlite { Role::Read } else { Role::Each };
        let mut connection = Connection::open(&options, role).await?;
        let schema = Schema::read(&mut connection).await?;
        let Some(table) = schema.table(table) else {
            let names: Vec<&str> = schema.tables.iter().map(|table| &*table.name).collect();
            let message = format!("there is no table `{table}`; there are {}", names.join(", "));
            return Err(Error::new(ErrorKind::Statement, message));
        };
        let figures = match self.dialect() {
            Dialect::Sqlite => sqlite(&mut connection, table).await,
            Dialect::MySql => my_sql(&mut connection, table).await,
        };
        connection.close().await;
        let mut figures = figures?;
        figures.sort_by_key(|index| !index.is_clustered);
        Ok(figures)
    }
}

/// What is known of an index without asking.
fn begun(table: &Table, index: &Index) -> IndexFigures {
    IndexFigures {
        name: index.name.clone(),
        columns: index.columns.clone(),
        is_clustered: index.uniqueness == Uniqueness::Primary,
        is_unique: index.uniqueness != Uniqueness::Any,
        height: None,
        pages: None,
        leaf_pages: None,
        fill: None,
        distinct: Vec::new(),
        entries: table.rows,
    }
}

/// As many rows are looked at where nothing is known of their values.
const LOOKED_AT: u64 = 20_000;

/// `/` is the path of a root, `/000/` that of a page below, and a `+` that of a page for what is too long.
const PAGES: &str = "SELECT count(*), coalesce(sum(pagetype = 'leaf'), 0), \
    coalesce(max(CASE WHEN path LIKE '%+%' THEN 0 ELSE length(path) - length(replace(path, '/', '')) END), 0), \
    1.0 - sum(unused) * 1.0 / sum(pgsize) FROM dbstat WHERE name = ?";

async fn sqlite(connection: &mut Connection, table: &Table) -> Result<Vec<IndexFigures>> {
    let mut found = Vec::new();
    for index in &table.indexes {
        let mut figures = begun(table, index);
        // What is called so here is the table itself.
        let is_table = index.name == "PRIMARY";
        let stored = if is_table { &table.name } else { &index.name };
        figures.is_clustered =
            is_table || table.ddl.to_uppercase().contains("WITHOUT ROWID") && figures.is_clustered;
        let pages: Vec<(u64, u64, u32, Option<f64>)> = ask(connection, PAGES, (&**stored,)).await?;
        if let Some((pages, leaves, height, fill)) = pages.into_iter().next() {
            (figures.pages, figures.leaf_pages) = (Some(pages), Some(leaves));
            (figures.height, figures.fill) = (Some(height), fill);
        }
        if is_table {
            figures.distinct = vec![table.rows];
        } else {
            (figures.entries, figures.distinct) = sampled(connection, table, index).await?;
        }
        found.push(figures);
    }
    Ok(found)
}

/// How many rows were looked at, and how many values the first columns have in them.
async fn sampled(connection: &mut Connection, table: &Table, index: &Index) -> Result<(u64, Vec<u64>)> {
    let dialect = connection.dialect();
    let columns: Vec<String> = index.columns.iter().map(|column| name(dialect, column)).collect();
    let rows = format!(
        "FROM (SELECT {} FROM {} LIMIT {LOOKED_AT}) AS s",
        columns.join(", "),
        name(dialect, &table.name)
    );
    let mut distinct = Vec::new();
    for first in 1..=columns.len() {
        let sql =
            format!("SELECT count(*) FROM (SELECT DISTINCT {} {rows}) AS d", columns[..first].join(", "));
        distinct.extend(ask::<u64>(connection, sql, ()).await?);
    }
    let entries = ask::<u64>(connection, format!("SELECT count(*) {rows}"), ()).await?;
    Ok((entries.into_iter().next().unwrap_or(0), distinct))
}

const STATISTICS: &str = "SELECT stat_name, stat_value FROM mysql.innodb_index_stats \
    WHERE database_name = database() AND table_name = ? AND index_name = ? ORDER BY stat_name";
/// The root is the page with the lowest number.
const POOL: &str = "SELECT count(*), coalesce(sum(data_size), 0) / (count(*) * @@innodb_page_size), \
    coalesce(substring_index(group_concat(number_records ORDER BY page_number), ',', 1), '0') \
    FROM information_schema.innodb_buffer_page \
    WHERE table_name = concat('`', database(), '`.`', ?, '`') AND index_name = ?";
/// A look into more memory than this takes too long.
const LARGEST_POOL: u64 = 2 * 1024 * 1024 * 1024;

async fn my_sql(connection: &mut Connection, table: &Table) -> Result<Vec<IndexFigures>> {
    let pool: Vec<u64> = ask(connection, "SELECT @@innodb_buffer_pool_size", ()).await?;
    let looks = pool.first().is_some_and(|size| *size <= LARGEST_POOL);
    let mut found = Vec::new();
    for index in &table.indexes {
        let mut figures = begun(table, index);
        // The statistics are in a database that not everybody may read.
        let statistics: Vec<(String, u64)> =
            ask(connection, STATISTICS, (&*table.name, &*index.name)).await.unwrap_or_default();
        for (stat, value) in statistics {
            match &*stat {
                "size" => figures.pages = Some(value),
                "n_leaf_pages" => figures.leaf_pages = Some(value),
                _ if figures.distinct.len() < index.columns.len() => figures.distinct.push(value),
                _ => (), // with the primary key behind
            }
        }
        if looks {
            pooled(connection, table, &mut figures).await;
        }
        if figures.distinct.is_empty() {
            (figures.entries, figures.distinct) = sampled(connection, table, index).await?;
        }
        found.push(figures);
    }
    Ok(found)
}

/// Adds what InnoDB has in memory, for who may see it.
async fn pooled(connection: &mut Connection, table: &Table, figures: &mut IndexFigures) {
    let dialect = connection.dialect();
    let quoted = crate::engines::quoted(&figures.name);
    let table_name = name(dialect, &table.name);
    // So that the root is there.
    let touch = format!("SELECT 1 FROM {table_name} FORCE INDEX ({quoted}) LIMIT 1");
    let _ = ask::<i64>(connection, touch, ()).await;
    let pool: Result<Vec<(u64, Option<f64>, String)>> =
        ask(connection, POOL, (&*table.name, &*figures.name)).await;
    let Some((pages, fill, root)) = pool.ok().and_then(|found| found.into_iter().next()) else { return };
    figures.fill = fill;
    let root: u64 = root.parse().unwrap_or(0);
    // For some indexes MariaDB 10.11 counts one leaf page, whatever there are.
    let counted = figures.leaf_pages.unwrap_or(0).max(pages.saturating_sub(1)).max(1);
    figures.leaf_pages = Some(counted).filter(|_| pages > 1).or(figures.leaf_pages);
    figures.height = match pages {
        0 => None,
        1 if figures.pages.is_none_or(|pages| pages <= 1) => Some(1),
        // Each record of a root leads to one page.
        _ => Some(height(root.max(1), counted)),
    };
}

/// How high a tree with so many leaves is, whose root leads to `root` pages. A page of 16 KiB leads to about 1,200 at most.
fn height(root: u64, leaves: u64) -> u32 {
    let (mut reached, mut height) = (root, 2);
    while leaves > reached + reached / 2 {
        reached = reached.saturating_mul(1_200);
        height += 1;
    }
    height
}
