//! A table that grows, and its two trees each time it has.

use std::fs;

use flagon::{
    prelude::*,
    sql::{AssertSqlSafe, Database, Db},
};
use serde::Serialize;

use super::{
    innodb,
    keys::Keys,
    sqlite,
    tree::{Drawn, Page},
};
use crate::mariadb::Server;

/// How many rows there are when the trees are looked at.
const STEPS: [u32; 5] = [20, 200, 1_000, 4_000, 12_000];
/// How many authors write the rows.
pub(super) const AUTHORS: u32 = 60;

/// The table with so many rows.
#[derive(Debug, Serialize)]
pub(crate) struct Frame {
    rows: u32,
    /// The rows themselves, by their primary key.
    clustered: Drawn,
    /// The index on the author.
    secondary: Drawn,
}

/// The table `name`, of InnoDB.
pub(super) struct Table<'s> {
    pub(super) server: &'s Server,
    pub(super) database: &'s Database,
    pub(super) name: String,
    pub(super) keys: Keys,
}

impl Table<'_> {
    /// Makes it.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub(super) async fn create(&self) -> Result<()> {
        let Self { name, .. } = self;
        let kind = if self.keys == Keys::Uuid { "CHAR(36)" } else { "INT" };
        let sql = format!(
            "CREATE TABLE {name} (id {kind} PRIMARY KEY, author INT NOT NULL, text CHAR(230) NOT NULL, KEY author (author)) \
             ENGINE=InnoDB STATS_PERSISTENT=1 CHARACTER SET latin1"
        );
        self.database.db().execute(AssertSqlSafe(sql), ()).await?;
        Ok(())
    }

    /// Fills it in steps, and looks at its file after each.
    ///
    /// # Errors
    ///
    /// When the server refuses, or the file is not what it should be.
    pub(super) async fn grow(&self) -> Result<Vec<Frame>> {
        let (db, mut frames, mut rows) = (self.database.db(), Vec::new(), 0);
        for step in STEPS {
            insert(&db, &self.name, self.keys, rows + 1..=step).await?;
            rows = step;
            let [clustered, secondary] = self.trees().await?;
            frames.push(Frame { rows, clustered: clustered.drawn(), secondary: secondary.drawn() });
        }
        Ok(frames)
    }

    /// Has the server write the pages out, and reads them.
    async fn trees(&self) -> Result<[Page; 2]> {
        let (db, name) = (self.database.db(), &self.name);
        let roots = "SELECT i.page_no FROM information_schema.innodb_sys_indexes AS i \
            JOIN information_schema.innodb_sys_tables AS t ON t.table_id = i.table_id \
            WHERE t.name = ? ORDER BY i.index_id";
        let roots: Vec<u32> = db.query_as(roots, (format!("{DATABASE}/{name}"),)).all().await?;
        let file = self.server.folder().join("data").join(DATABASE).join(format!("{name}.ibd"));
        db.execute(AssertSqlSafe(format!("FLUSH TABLES {name} FOR EXPORT")), ()).await?;
        let bytes = flagon::blocking(move || fs::read(file)).await;
        db.execute("UNLOCK TABLES", ()).await?;
        let (bytes, key) = (bytes?, self.keys.width());
        let tree = |index: usize, key| roots.get(index).and_then(|root| innodb::tree(&bytes, *root, key));
        // An entry of the index is its column and then the primary key.
        match (tree(0, key), tree(1, 4 + key)) {
            (Some(clustered), Some(secondary)) => Ok([clustered, secondary]),
            _ => abort_because(500, "the pages of the table are not what they should be"),
        }
    }
}

/// The database of this chapter.
pub(super) const DATABASE: &str = "chapter_indexes";

/// The same in a file of SQLite.
///
/// # Errors
///
/// When there is no room for the file.
pub(super) async fn grow_sqlite(keys: Keys) -> Result<Vec<Frame>> {
    let database = Database::open("sqlite::memory:")?;
    let db = database.db();
    // By its rowid a table is clustered anyway; by any other key it has to be told so.
    let (kind, clustered) = if keys == Keys::Uuid { ("TEXT", " WITHOUT ROWID") } else { ("INTEGER", "") };
    let sql = format!(
        "CREATE TABLE tree (id {kind} PRIMARY KEY, author INTEGER NOT NULL, text TEXT NOT NULL){clustered}"
    );
    db.execute(AssertSqlSafe(sql), ()).await?;
    db.execute("CREATE INDEX tree_author ON tree (author)", ()).await?;
    let (mut frames, mut rows) = (Vec::new(), 0);
    for step in STEPS {
        insert(&db, "tree", keys, rows + 1..=step).await?;
        rows = step;
        let (clustered, secondary) =
            (sqlite::tree(&db, "tree").await?, sqlite::tree(&db, "tree_author").await?);
        frames.push(Frame { rows, clustered: clustered.drawn(), secondary: secondary.drawn() });
    }
    database.close().await;
    Ok(frames)
}

async fn insert(db: &Db, table: &str, keys: Keys, numbers: std::ops::RangeInclusive<u32>) -> Result<()> {
    let text = "x".repeat(230);
    let rows = numbers.map(|number| (keys.key(number), number % AUTHORS, text.clone()));
    db.insert_many(AssertSqlSafe(format!("INSERT INTO {table} (id, author, text) VALUES (?, ?, ?)")), rows)
        .await?;
    Ok(())
}
