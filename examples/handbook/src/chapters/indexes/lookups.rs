//! How many pages a query looks at: the server counts them itself.

use flagon::{
    prelude::*,
    sql::{AssertSqlSafe, Db},
};
use serde::Serialize;
use serde_json::Value;

use super::growth::Table;

/// A query, and what it took.
#[derive(Debug, Serialize)]
pub(crate) struct LookUp {
    /// The name of its explanation.
    name: &'static str,
    sql: String,
    /// Through which index, if any.
    index: Option<String>,
    rows: u64,
    /// How often a page was looked at; not every server counts that.
    pages: Option<u64>,
}

/// Asks the same table in four ways.
///
/// # Errors
///
/// When the server refuses.
pub(super) async fn all(table: &Table<'_>) -> Result<Vec<LookUp>> {
    let (db, name) = (table.database.db(), &table.name);
    db.query(AssertSqlSafe(format!("ANALYZE TABLE {name}")), ()).all().await?;
    let ids = format!("SELECT cast(id AS CHAR) FROM {name} WHERE author = 7 LIMIT 1");
    let id: String = db.query_as(AssertSqlSafe(ids), ()).one().await?;
    let queries = [
        ("by_key", format!("SELECT * FROM {name} WHERE id = '{id}'")),
        ("covered", format!("SELECT id FROM {name} WHERE author = 7")),
        ("back", format!("SELECT * FROM {name} WHERE author = 7")),
        ("scan", format!("SELECT * FROM {name} IGNORE INDEX (author) WHERE author = 7")),
    ];
    let mut found = Vec::new();
    for (name, sql) in queries {
        found.push(look_up(&db, name, sql).await?);
    }
    Ok(found)
}

async fn look_up(db: &Db, name: &'static str, sql: String) -> Result<LookUp> {
    let analysed: String = db.query_as(AssertSqlSafe(format!("ANALYZE FORMAT=JSON {sql}")), ()).one().await?;
    let plan: Value = serde_json::from_str(&analysed)?;
    let block = &plan["query_block"];
    let table =
        [&block["nested_loop"][0]["table"], &block["table"]].into_iter().find(|table| table.is_object());
    let table = table.unwrap_or(&Value::Null);
    Ok(LookUp {
        name,
        sql,
        index: table["key"].as_str().map(str::to_owned),
        rows: table["r_rows"].as_f64().map_or(1, whole),
        pages: table["r_engine_stats"]["pages_accessed"].as_u64(),
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of rows")]
fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}
