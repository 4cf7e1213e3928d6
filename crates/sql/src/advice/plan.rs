//! How the database carries out a statement, as `EXPLAIN` tells it.

use std::fmt;

use serde_json::Value;

use super::schema::ask;
use crate::{
    connection::Connection,
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
};

/// How a statement is carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) sorts: bool,
    pub(super) has_temporary: bool,
    /// Whether a look into indexes answered it before it was carried out, whichever they were.
    pub(super) is_answered: bool,
    /// How many pages were looked at, when it was carried out.
    pub(super) pages: Option<u64>,
}

/// How rows of one table are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The table's alias in the statement.
    pub(super) table: String,
    pub(super) access: Access,
    /// The index, or the `PRIMARY` one.
    pub(super) index: Option<String>,
    /// Whether the index holds all that is asked for.
    pub(super) is_covering: bool,
    /// Indexes that could have been taken.
    pub(super) possible: Vec<String>,
    /// How many rows the database expects to look at each time.
    pub(super) rows: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// All rows.
    Table,
    /// All entries of an index.
    Index,
    /// Those that an index finds.
    Search,
    /// By an index that SQLite makes for this one statement.
    Automatic,
}

impl Plan {
    /// Asks the database over `connection`.
    pub(super) async fn of(connection: &mut Connection, sql: &str) -> Result<Self> {
        match connection.dialect() {
            Dialect::MySql => {
                let rows: Vec<String> = ask(connection, format!("EXPLAIN FORMAT=JSON {sql}"), ()).await?;
                Self::of_json(rows.first().map_or("", String::as_str))
            }
            Dialect::Sqlite => {
                let explain = format!("EXPLAIN QUERY PLAN {sql}");
                let rows: Vec<(i64, i64, i64, String)> = ask(connection, explain, ()).await?;
                Ok(Self::of_lines(rows.iter().map(|(_, _, _, line)| line.as_str())))
            }
        }
    }

    /// Reads what `EXPLAIN FORMAT=JSON` or `ANALYZE FORMAT=JSON` says, of MariaDB or MySQL.
    pub(super) fn of_json(json: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(json).map_err(|error| {
            Error::new(ErrorKind::Decode, "the server explains the statement in an unknown form")
                .because(error)
        })?;
        let mut plan = Self::default();
        plan.visit(&value);
        Ok(plan)
    }

    fn visit(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.visit(value)),
            Value::Object(fields) => {
                self.step(fields);
                for (name, value) in fields {
                    match &**name {
                        "filesort" | "read_sorted_file" => self.sorts = true,
                        "message" => {
                            self.is_answered |= value.as_str() == Some("Select tables optimized away");
                        }
                        "temporary_table" => self.has_temporary = true,
                        "using_filesort" => self.sorts |= value.as_bool() == Some(true),
                        "using_temporary_table" => self.has_temporary |= value.as_bool() == Some(true),
                        "r_engine_stats" => {
                            let pages = value["pages_accessed"].as_u64();
                            self.pages = pages.map(|pages| pages + self.pages.unwrap_or(0)).or(self.pages);
                        }
                        _ => (),
                    }
                    self.visit(value);
                }
            }
            _ => (),
        }
    }

    fn step(&mut self, fields: &serde_json::Map<String, Value>) {
        let (Some(table), Some(access)) = (
            fields.get("table_name").and_then(Value::as_str),
            fields.get("access_type").and_then(Value::as_str),
        ) else {
            return;
        };
        if table.starts_with('<') {
            return; // the rows of a query within
        }
        let texts = |value: &Value| value.as_str().map(str::to_owned);
        let index = match fields.get("key") {
            Some(Value::String(index)) => Some(index.clone()),
            // Several at once.
            Some(other) => Some(other.to_string()),
            None => fields.get("index_merge").map(ToString::to_string),
        };
        let possible = fields.get("possible_keys").and_then(Value::as_array);
        self.steps.push(Step {
            table: table.to_owned(),
            access: match access {
                "ALL" => Access::Table,
                // The whole of the clustered index is the table.
                "index" if index.as_deref() == Some("PRIMARY") => Access::Table,
                "index" => Access::Index,
                _ => Access::Search,
            },
            index,
            is_covering: fields.get("using_index").and_then(Value::as_bool) == Some(true),
            possible: possible.map(|keys| keys.iter().filter_map(texts).collect()).unwrap_or_default(),
            rows: fields.get("rows").or_else(|| fields.get("rows_examined_per_scan")).and_then(Value::as_u64),
        });
    }

    /// Reads the lines of `EXPLAIN QUERY PLAN`.
    pub(super) fn of_lines<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut plan = Self::default();
        for line in lines {
            if line.starts_with("USE TEMP B-TREE") {
                plan.sorts |= line.contains("ORDER BY");
                plan.has_temporary |= !line.contains("ORDER BY");
            }
            plan.steps.extend(sqlite_step(line));
        }
        plan
    }
}

fn sqlite_step(line: &str) -> Option<Step> {
    let (word, rest) = line.split_once(' ')?;
    let is_scan = match word {
        "SCAN" => true,
        "SEARCH" => false,
        _ => return None,
    };
    let (table, how) = rest.split_once(" USING ").unwrap_or((rest, ""));
    let table = table.split(' ').next()?;
    if table.starts_with('(') || table == "CONSTANT" {
        return None;
    }
    let index = how.split_once("INDEX ").map(|(_, index)| index.split([' ', '(']).next().unwrap_or_default());
    let access = match (is_scan, index) {
        _ if how.starts_with("AUTOMATIC") => Access::Automatic,
        (true, Some(_)) => Access::Index,
        (true, None) => Access::Table,
        (false, _) => Access::Search,
    };
    let index = index.or(how.contains("INTEGER PRIMARY KEY").then_some("PRIMARY"));
    Some(Step {
        table: table.to_owned(),
        access,
        index: index.filter(|index| !index.is_empty()).map(str::to_owned),
        is_covering: how.contains("COVERING") || how.contains("INTEGER PRIMARY KEY"),
        possible: Vec::new(),
        rows: None,
    })
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, index, rows, .. } = self;
        match (self.access, index) {
            (Access::Table, _) => write!(f, "{table}: reads all rows")?,
            (Access::Automatic, _) => write!(f, "{table}: by an index made for this statement alone")?,
            (Access::Index, Some(index)) => write!(f, "{table}: reads all of the index {index}")?,
            (Access::Search, Some(index)) if index == "PRIMARY" => write!(f, "{table}: by its primary key")?,
            (Access::Search, Some(index)) => write!(f, "{table}: by the index {index}")?,
            (_, None) => write!(f, "{table}: directly")?,
        }
        if self.is_covering && index.as_deref() != Some("PRIMARY") {
            f.write_str(", without looking at the rows")?;
        }
        match rows {
            Some(rows) => write!(f, " (about {rows})"),
            None => Ok(()),
        }
    }
}

impl Plan {
    /// A line for each step.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.steps.iter().map(ToString::to_string).collect();
        lines.extend(self.is_answered.then(|| "answered by a look at the ends of indexes".to_owned()));
        lines.extend(self.has_temporary.then(|| "puts rows into a temporary table".to_owned()));
        lines.extend(self.sorts.then(|| "sorts them".to_owned()));
        lines
    }

    /// Whether the index `name` is used, as far as the plan says.
    pub(super) fn uses(&self, name: &str) -> bool {
        let named = |index: &String| index == name || index.contains(&format!("\"{name}\""));
        self.is_answered || self.steps.iter().any(|step| step.index.as_ref().is_some_and(named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_sqlite_are_read() {
        let lines = [
            "SCAN a",
            "SEARCH b USING AUTOMATIC COVERING INDEX (title=?)",
            "SEARCH p USING INDEX post_author (author=?)",
            "SEARCH q USING INTEGER PRIMARY KEY (rowid=?)",
            "SCAN r USING COVERING INDEX r_x",
            "USE TEMP B-TREE FOR ORDER BY",
        ];
        let plan = Plan::of_lines(lines.into_iter());
        let accesses: Vec<_> = plan.steps.iter().map(|step| step.access).collect();
        let expected = [Access::Table, Access::Automatic, Access::Search, Access::Search, Access::Index];
        assert_eq!(accesses, expected);
        assert!(plan.uses("post_author") && plan.uses("r_x") && !plan.uses("post"));
        assert!(plan.sorts && !plan.has_temporary);
    }

    /// As MySQL 8 writes it.
    #[test]
    fn mysql_has_words_of_its_own() {
        let json = r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "3.5"}, "ordering_operation": {
            "using_filesort": true, "grouping_operation": {"using_temporary_table": true, "using_filesort": false,
            "table": {"table_name": "post", "access_type": "ref", "possible_keys": ["a"], "key": "a",
            "rows_examined_per_scan": 7, "using_index": true}}}}}"#;
        let plan = Plan::of_json(json).unwrap();
        assert!(plan.sorts && plan.has_temporary);
        let step = &plan.steps[0];
        assert_eq!((step.access, step.rows, step.is_covering), (Access::Search, Some(7), true));
    }
}
