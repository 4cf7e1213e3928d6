//! Indexes that cost writes and serve nothing.

use super::{
    report::{Proposal, RedundantIndex, UnusedIndex},
    schema::{Index, Schema, Table, Uniqueness, ask, name},
};
use crate::{connection::Connection, dialect::Dialect, error::Result};

/// Those that another one begins with, or a proposed one would.
pub(super) fn redundant(dialect: Dialect, schema: &Schema, proposals: &[Proposal]) -> Vec<RedundantIndex> {
    let mut found = Vec::new();
    for table in &schema.tables {
        for index in droppable(table) {
            let proposed = proposals.iter().filter(|proposal| proposal.table == table.name);
            let served =
                table.indexes.iter().find(|other| serves(other, index)).map(|other| other.name.clone());
            let served = served.or_else(|| {
                let wider = |proposal: &&Proposal| proposal.columns.starts_with(&index.columns);
                proposed
                    .clone()
                    .find(wider)
                    .map(|proposal| format!("the proposed ({})", proposal.columns.join(", ")))
            });
            found.extend(served.map(|served_by| RedundantIndex {
                table: table.name.clone(),
                index: index.name.clone(),
                served_by,
                ddl: drop(dialect, table, index),
            }));
        }
    }
    found
}

/// Those that no rule of the table stands on.
fn droppable(table: &Table) -> impl Iterator<Item = &Index> {
    let is_droppable = |index: &&Index| index.uniqueness == Uniqueness::Any && !index.is_constraint;
    table.indexes.iter().filter(is_droppable).filter(|index| index.is_plain && !index.columns.is_empty())
}

fn serves(other: &Index, index: &Index) -> bool {
    let is_same = other.columns == index.columns;
    other.name != index.name
        && other.is_plain
        && other.columns.starts_with(&index.columns)
        // Of two that are alike, one stays.
        && (!is_same || other.is_constraint || other.name < index.name)
}

fn drop(dialect: Dialect, table: &Table, index: &Index) -> String {
    let (table, index) = (name(dialect, &table.name), name(dialect, &index.name));
    match dialect {
        Dialect::MySql => format!("DROP INDEX {index} ON {table}"),
        Dialect::Sqlite => format!("DROP INDEX {index}"),
    }
}

/// Those that the server has not used since it counts; nothing where it does not count.
pub(super) async fn unused(connection: &mut Connection, schema: &Schema) -> Result<Vec<UnusedIndex>> {
    if connection.dialect() == Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let switches: Vec<(String, String)> = ask(
        connection,
        "SHOW GLOBAL VARIABLES WHERE variable_name IN ('userstat', 'performance_schema')",
        (),
    )
    .await?;
    let is_on = |name: &str| switches.iter().any(|(is, value)| is == name && value == "ON");
    let (used, since) = if is_on("userstat") {
        (
            "SELECT table_name, index_name FROM information_schema.index_statistics WHERE table_schema = database()",
            "the server counts (userstat)",
        )
    } else if is_on("performance_schema") {
        (
            "SELECT object_name, index_name FROM performance_schema.table_io_waits_summary_by_index_usage \
          WHERE object_schema = database() AND index_name IS NOT NULL AND count_star > 0",
            "the server started (performance_schema)",
        )
    } else {
        return Ok(Vec::new());
    };
    let used: Vec<(String, String)> = ask(connection, used, ()).await?;
    let indexes = schema.tables.iter().flat_map(|table| droppable(table).map(move |index| (table, index)));
    let idle = indexes
        .filter(|(table, index)| !used.iter().any(|(of, name)| *of == table.name && *name == index.name));
    Ok(idle
        .map(|(table, index)| UnusedIndex {
            table: table.name.clone(),
            index: index.name.clone(),
            since: format!("not used since {since}"),
        })
        .collect())
}
