//! From statements to advice.

use std::collections::HashMap;

use super::{
    candidates::Candidate,
    findings::findings,
    plan::Plan,
    redundant::{redundant, unused},
    report::{Proposal, QueryReport, Report},
    schema::{Schema, Table, name},
    scratch::{Scratch, cause, columns},
    shape::Shape,
    trial::{Tried, helpful},
    values::Source,
    workload::{Query, Workload},
};
use crate::{
    connection::{Connection, Role},
    database::Database,
    dialect::Dialect,
    error::Result,
};

/// Gives advice on the indexes of a database.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use flagon_sql::{Database, Dialect, advice::{Advisor, Workload}};
///
/// let database = Database::open("sqlite::memory:")?;
/// let db = database.db();
/// db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, author INTEGER, created TEXT)", ()).await?;
/// let posts = (0..5_000).map(|n| (n % 100, format!("2026-{n}")));
/// db.insert_many("INSERT INTO post (author, created) VALUES (?, ?)", posts).await?;
///
/// let mut workload = Workload::new(Dialect::Sqlite);
/// workload.add("SELECT * FROM post WHERE author = ? ORDER BY created DESC LIMIT 10", None);
/// let report = Advisor::new(&database).advise(&workload).await?;
/// assert_eq!(report.proposals[0].ddl, "CREATE INDEX post_author_created ON post (author, created)");
/// let gain = &report.proposals[0].gains[0];
/// assert!(gain.after.work.amount() * 10 < gain.before.work.amount(), "{} -> {}", gain.before, gain.after);
/// # Ok::<(), flagon_sql::Error>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Advisor {
    database: Database,
    sampled_rows: u64,
}

/// How many rows of the real tables are looked at for likely values, where nothing is copied.
const LOOKED_AT: u64 = 1_000;

impl Advisor {
    /// For `database`.
    pub fn new(database: &Database) -> Self {
        Self { database: database.clone(), sampled_rows: 20_000 }
    }

    /// How many rows of each table are copied at most to try indexes on: 20,000. An index that helps with fewer is found faster, and
    /// one that helps only with more is not found.
    #[must_use]
    pub fn sampled_rows(mut self, most: u64) -> Self {
        self.sampled_rows = most;
        self
    }

    /// Explains each statement and says what is slow about it. Nothing is tried and nothing carried out, but for reading a few rows to
    /// have likely values.
    ///
    /// # Errors
    ///
    /// When the database can't be asked. A statement that it refuses has its failure in the report.
    pub async fn explain(&self, workload: &Workload) -> Result<Report> {
        let mut connection = self.connect().await?;
        let schema = Schema::read(&mut connection).await?;
        let mut report = Report::default();
        for query in workload.queries() {
            report.queries.push(self.look(&mut connection, &schema, query).await.0);
        }
        connection.close().await;
        Ok(report)
    }

    /// Explains each statement, and tries on a scratch copy which indexes would help.
    ///
    /// # Errors
    ///
    /// When the database can't be asked, or there is no room for a copy. A statement that it refuses has its failure in the report.
    pub async fn advise(&self, workload: &Workload) -> Result<Report> {
        let mut connection = self.connect().await?;
        let schema = Schema::read(&mut connection).await?;
        let mut report = Report::default();
        let mut shapes = Vec::new();
        for query in workload.queries() {
            let (about, shape) = self.look(&mut connection, &schema, query).await;
            report.queries.push(about);
            shapes.push(shape);
        }
        if workload.left_out() > 0 {
            report.notes.push(format!(
                "{} statements came after there was no more room for distinct ones",
                workload.left_out()
            ));
        }
        let tables = tables(&schema, &shapes);
        let (mut scratch, notes) = Scratch::copy(self.database.options(), &tables, self.sampled_rows).await?;
        report.notes.extend(notes);
        let tried = self.tried(&mut scratch, &schema, workload, shapes).await?;
        for found in helpful(&mut scratch, &schema, &tried).await? {
            for gain in &found.gains {
                report.queries[gain.query].proposals.push(report.proposals.len());
            }
            let rows = scratch.rows.get(&found.candidate.table).copied().unwrap_or(0);
            report.proposals.push(Proposal {
                ddl: ddl(&found.candidate, &schema, workload.dialect()),
                table: found.candidate.table,
                columns: found.candidate.columns,
                gains: found.gains,
                sampled_rows: rows,
            });
        }
        scratch.connection.close().await;
        report.redundant = redundant(workload.dialect(), &schema, &report.proposals);
        match unused(&mut connection, &schema).await {
            Ok(unused) => report.unused = unused,
            Err(error) => {
                report.notes.push(format!("which indexes are used can't be asked: {}", cause(&error)));
            }
        }
        connection.close().await;
        Ok(report)
    }

    /// A connection of its own, which nothing waits for.
    async fn connect(&self) -> Result<Connection> {
        self.database.prepare().await?;
        let mut options = self.database.options().clone();
        options.observer = None;
        let role = if options.dialect() == Dialect::Sqlite { Role::Read } else { Role::Each };
        Connection::open(&options, role).await
    }

    /// How the database carries `query` out now.
    async fn look(
        &self,
        connection: &mut Connection,
        schema: &Schema,
        query: &Query,
    ) -> (QueryReport, Option<Shape>) {
        let mut about =
            QueryReport { digest: query.digest().to_owned(), count: query.count(), ..QueryReport::default() };
        let dialect = connection.dialect();
        let Some(shape) = Shape::read(dialect, query.example(), schema) else {
            about.failure = Some("it asks no table of this database".to_owned());
            return (about, None);
        };
        let mut source = Source { connection, schema, names: HashMap::new(), most: LOOKED_AT };
        let plan = match source.filled(query.example(), &shape, 0).await {
            Ok(sql) => Plan::of(connection, &sql).await,
            Err(error) => Err(error),
        };
        match plan {
            Ok(plan) => {
                about.plan = plan.lines();
                about.findings = findings(dialect, query, &shape, &plan, schema);
                (about, Some(shape))
            }
            Err(error) => {
                about.failure = Some(cause(&error));
                (about, None)
            }
        }
    }

    /// The statements as queries of the copy.
    async fn tried(
        &self,
        scratch: &mut Scratch,
        schema: &Schema,
        workload: &Workload,
        shapes: Vec<Option<Shape>>,
    ) -> Result<Vec<Tried>> {
        let mut tried = Vec::new();
        for (query, shape) in shapes.into_iter().enumerate() {
            let Some(shape) = shape else { continue };
            let names = scratch.names.clone();
            let mut source =
                Source { connection: &mut scratch.connection, schema, names, most: self.sampled_rows };
            let filled = source.filled(workload.queries()[query].example(), &shape, 0).await?;
            // What stands in it has moved.
            let Some(shape) = Shape::read(workload.dialect(), &filled, schema) else { continue };
            let Some(sql) = scratch.rewritten(&filled, &shape) else { continue };
            tried.push(Tried { query, shape, sql });
        }
        Ok(tried)
    }
}

/// The tables that the statements ask.
fn tables<'s>(schema: &'s Schema, shapes: &[Option<Shape>]) -> Vec<&'s Table> {
    let names: Vec<&String> =
        shapes.iter().flatten().flat_map(|shape| shape.names.iter().map(|name| &name.table)).collect();
    schema.tables.iter().filter(|table| names.contains(&&table.name)).collect()
}

fn ddl(candidate: &Candidate, schema: &Schema, dialect: Dialect) -> String {
    let columns = columns(candidate, schema, dialect);
    let words: Vec<&str> =
        std::iter::once(&*candidate.table).chain(candidate.columns.iter().map(String::as_str)).collect();
    // MySQL's names have 64 characters at most.
    let index: String = words.join("_").chars().take(60).collect();
    format!("CREATE INDEX {} ON {} ({columns})", name(dialect, &index), name(dialect, &candidate.table))
}
