//! From an engine that can't roll back to InnoDB: what stands in the way, then the conversion.
//!
//! In: a [`PlainTable`]. Out: [`Obstacle`]s, or a table of InnoDB with the same checksum. Never: converts a table before an empty copy of
//! it was converted.

use std::{fmt, time::Duration};

use futures_util::future::{Either, select};
use sqlx::AssertSqlSafe;

use crate::{
    connection::{Connection, Role, Statement, Want},
    database::Database,
    dialect::Dialect,
    engines::{PlainTable, quoted},
    error::{Error, ErrorKind, Result},
    row::FromRow,
    values::{Values, bound},
};

/// What there is to know before a table becomes one of InnoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// It has no primary key: InnoDB then makes a hidden one, which nobody can use.
    NoPrimaryKey,
    /// `AUTO_INCREMENT` is not the first column of any index, as InnoDB needs it.
    AutoIncrementNotFirst {
        /// The column.
        column: String,
    },
    /// A `FULLTEXT` index, which InnoDB has as well, with stop words and a shortest word of its own.
    FullText {
        /// The index.
        index: String,
    },
    /// A `SPATIAL` index, which InnoDB has as well.
    Spatial {
        /// The index.
        index: String,
    },
    /// The server refuses an empty copy of it, in these words: a key or a row is too long, or the like.
    Refused(String),
}

impl Obstacle {
    /// Whether the table can't be converted before it is changed.
    pub fn is_in_the_way(&self) -> bool {
        matches!(self, Self::AutoIncrementNotFirst { .. } | Self::Refused(_))
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrimaryKey => {
                f.write_str("note: it has no primary key; give it one, or InnoDB hides one in it")
            }
            Self::AutoIncrementNotFirst { column } => {
                write!(
                    f,
                    "in the way: `{column}` counts up, and is the first column of no index; add one, such as KEY (`{column}`)"
                )
            }
            Self::FullText { index } => {
                write!(
                    f,
                    "note: the FULLTEXT index `{index}` finds other words after it: InnoDB has its own stop words and shortest word"
                )
            }
            Self::Spatial { index } => write!(f, "note: the SPATIAL index `{index}` stays one"),
            Self::Refused(why) => write!(f, "in the way: the server refuses an empty copy of it: {why}"),
        }
    }
}

const INDEXES: &str = "SELECT index_name AS i, index_type AS t, seq_in_index AS s, column_name AS c FROM information_schema.statistics \
    WHERE table_schema = ? AND table_name = ?";
const COUNTING: &str = "SELECT column_name AS c FROM information_schema.columns \
    WHERE table_schema = ? AND table_name = ? AND extra LIKE '%auto_increment%'";

impl Database {
    /// What there is to know before `table` becomes one of InnoDB. An empty copy of it is made, converted and removed.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn obstacles(&self, table: &PlainTable) -> Result<Vec<Obstacle>> {
        let mut connection = Connection::open(self.options(), Role::Each).await?;
        let names = (&*table.schema, &*table.name);
        let indexes: Vec<(String, String, u32, String)> = ask(&mut connection, INDEXES, names).await?;
        let counting: Vec<String> = ask(&mut connection, COUNTING, names).await?;
        let mut found = Vec::new();
        if indexes.iter().all(|(index, ..)| index != "PRIMARY") {
            found.push(Obstacle::NoPrimaryKey);
        }
        let is_first = |column: &String| indexes.iter().any(|(_, _, place, of)| *place == 1 && of == column);
        found.extend(
            counting
                .into_iter()
                .filter(|column| !is_first(column))
                .map(|column| Obstacle::AutoIncrementNotFirst { column }),
        );
        for (index, kind, ..) in indexes.into_iter().filter(|(_, _, place, _)| *place == 1) {
            match kind.as_str() {
                "FULLTEXT" => found.push(Obstacle::FullText { index }),
                "SPATIAL" => found.push(Obstacle::Spatial { index }),
                _ => (),
            }
        }
        if !found.iter().any(Obstacle::is_in_the_way) {
            found.extend(try_on_copy(&mut connection, table).await?.map(Obstacle::Refused));
        }
        connection.close().await;
        Ok(found)
    }

    /// Makes `table` one of InnoDB, and gives the checksum of its rows, which is the same before and after. `progress` is told how much is
    /// done, from 0 to 1, as far as the server says (MariaDB does).
    ///
    /// # Errors
    ///
    /// When the server refuses, or the checksums differ: then the rows were changed meanwhile, or are not what they were.
    pub async fn convert(&self, table: &PlainTable, progress: impl FnMut(f64)) -> Result<u64> {
        let mut connection = Connection::open(self.options(), Role::Each).await?;
        let mut watching = Connection::open(self.options(), Role::Each).await?;
        let id: Vec<u64> = ask(&mut connection, "SELECT connection_id()", ()).await?;
        let before = checksum(&mut connection, table).await?;
        {
            let alter = Box::pin(connection.composed(table.cure()));
            let watch = Box::pin(watch(&mut watching, id.into_iter().next().unwrap_or(0), progress));
            match select(alter, watch).await {
                Either::Left((done, _)) => done?,
                Either::Right(((), alter)) => alter.await?,
            }
        }
        let after = checksum(&mut connection, table).await?;
        if before == after {
            connection.close().await;
            return Ok(after);
        }
        let message = format!(
            "the rows of `{}` had the checksum {before} before and have {after} after it was made a table of InnoDB: was it written to meanwhile?",
            table.name
        );
        Err(Error::new(ErrorKind::Statement, message))
    }
}

async fn ask<T: FromRow>(
    connection: &mut Connection,
    sql: &'static str,
    values: impl Values,
) -> Result<Vec<T>> {
    let (arguments, _) = bound(Dialect::MySql, sql, &values)?;
    let answer = connection.perform(Statement::new(sql, arguments), Want::All).await?;
    answer.rows.into_iter().map(T::from_row).collect()
}

/// Why the server would refuse, if it would.
async fn try_on_copy(connection: &mut Connection, table: &PlainTable) -> Result<Option<String>> {
    let copy = quoted(&format!("flagon_try_{}", std::process::id()));
    connection.composed(format!("DROP TABLE IF EXISTS {copy}")).await?;
    connection.composed(format!("CREATE TABLE {copy} LIKE {}", quoted(&table.name))).await?;
    let converted = connection.composed(format!("ALTER TABLE {copy} ENGINE=InnoDB")).await;
    connection.composed(format!("DROP TABLE {copy}")).await?;
    Ok(converted.err().map(|error| {
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
    }))
}

async fn checksum(connection: &mut Connection, table: &PlainTable) -> Result<u64> {
    let sql = format!("CHECKSUM TABLE {} EXTENDED", quoted(&table.name));
    let (arguments, _) = bound(Dialect::MySql, &sql, &())?;
    let answer = connection.perform(Statement::new(AssertSqlSafe(sql), arguments), Want::First).await?;
    let row = answer
        .rows
        .into_iter()
        .next()
        .ok_or_else(|| Error::new(ErrorKind::NoRow, "the server gives no checksum"))?;
    row.get(1)
}

const PROGRESS: &str =
    "SELECT cast(coalesce(progress, 0) AS DOUBLE) AS p FROM information_schema.processlist WHERE id = ?";

/// Tells `progress` how far the statement of connection `id` is, until the server can't say; MySQL never can.
async fn watch(connection: &mut Connection, id: u64, mut progress: impl FnMut(f64)) {
    while let Ok(parts) = ask::<f64>(connection, PROGRESS, (id,)).await {
        parts.first().into_iter().for_each(|percent| progress(percent / 100.0));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
