//! What is slow about how a statement is carried out.

use super::{
    plan::{Access, Plan, Step},
    report::{Finding, FindingKind},
    schema::{Column as SchemaColumn, Kind, Schema, Table},
    shape::{Block, Column, Condition, Literal, Shape},
    workload::Query,
};
use crate::dialect::Dialect;

/// Fewer rows than this are read faster than anything else is done.
const FEW_ROWS: u64 = 500;
/// As often in one request is a loop.
const LOOP: u64 = 5;

/// What there is to say about `query`, whose plan is `plan`.
pub(super) fn findings(
    dialect: Dialect,
    query: &Query,
    shape: &Shape,
    plan: &Plan,
    schema: &Schema,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if query.most_in_one_request() >= LOOP {
        let times = query.most_in_one_request();
        let text = format!(
            "sent {times} times in one request; ask once, with `IN (…)` for all the values or with a join"
        );
        found.push(Finding { kind: FindingKind::NPlusOne, table: None, text });
    }
    let uses: Vec<Used<'_>> = shape.blocks.iter().flat_map(|block| used(block, schema, plan)).collect();
    for used in &uses {
        found.extend(used.scan());
        found.extend(used.conditions(dialect));
        found.extend(used.leftmost());
        found.extend(used.cover());
    }
    let is_large = uses.iter().any(|used| used.table.rows >= FEW_ROWS);
    if plan.sorts && is_large {
        found.push(whole(
            FindingKind::Filesort,
            "no index has the rows in the order that is asked for, so they are sorted each time",
        ));
    }
    if plan.has_temporary && is_large {
        found.push(whole(
            FindingKind::TemporaryTable,
            "the rows are put into a temporary table to be grouped or told apart",
        ));
    }
    if shape.blocks.iter().any(|block| block.has_offset) && is_large {
        found.push(whole(
            FindingKind::OffsetGrows,
            "a later page reads all pages before it; remember the last row instead, and go on with `WHERE (key) > (the last one) ORDER BY key LIMIT n`",
        ));
    }
    found
}

fn whole(kind: FindingKind, text: &str) -> Finding {
    Finding { kind, table: None, text: text.to_owned() }
}

/// A table as a block uses it, and the step of the plan that reads it.
struct Used<'u> {
    block: &'u Block,
    of: usize,
    table: &'u Table,
    step: Option<&'u Step>,
    schema: &'u Schema,
}

fn used<'u>(block: &'u Block, schema: &'u Schema, plan: &'u Plan) -> Vec<Used<'u>> {
    let uses = block.tables.iter().enumerate();
    uses.filter_map(|(of, used)| {
        let step = plan.steps.iter().find(|step| step.table.eq_ignore_ascii_case(&used.alias));
        Some(Used { block, of, table: schema.table(&used.table)?, step, schema })
    })
    .collect()
}

impl Used<'_> {
    fn finding(&self, kind: FindingKind, text: String) -> Finding {
        Finding { kind, table: Some(self.table.name.clone()), text }
    }

    /// The columns of this table that conditions name bare.
    fn sought(&self) -> Vec<&str> {
        let bare = |condition: &'_ Condition| match condition {
            Condition::Equal(column, _)
            | Condition::Joined(column, _)
            | Condition::In(column, _)
            | Condition::Range(column, _)
            | Condition::Begins(column)
                if column.of == self.of =>
            {
                Some(column.name.clone())
            }
            _ => None,
        };
        let names: Vec<String> = self.block.conditions.iter().filter_map(bare).collect();
        self.table
            .columns
            .iter()
            .map(|column| &*column.name)
            .filter(|name| names.iter().any(|is| is == name))
            .collect()
    }

    fn scan(&self) -> Option<Finding> {
        let step = self.step?;
        let is_whole = matches!(step.access, Access::Table | Access::Index | Access::Automatic);
        let asks = self.block.conditions.iter().any(|condition| concerns(condition, self.of));
        if !is_whole || !asks || self.table.rows < FEW_ROWS {
            return None;
        }
        let (name, rows) = (&self.table.name, self.table.rows);
        let text = match step.access {
            Access::Automatic => format!(
                "SQLite makes an index of `{name}` for this statement alone, each time, of about {rows} rows"
            ),
            _ => format!("all rows of `{name}` are read, about {rows}, to find those that are asked for"),
        };
        Some(self.finding(FindingKind::FullScan, text))
    }

    fn conditions(&self, dialect: Dialect) -> Vec<Finding> {
        let mut found = Vec::new();
        for condition in &self.block.conditions {
            match condition {
                Condition::Wrapped(column, by) if column.of == self.of && self.leads(&column.name) => {
                    let name = &column.name;
                    found.push(self.finding(
                        FindingKind::FunctionOnColumn,
                        format!("`{name}` stands within {by}, so its index can't be used; compare the bare column, such as with a range"),
                    ));
                }
                Condition::Equal(column, literal)
                | Condition::In(column, literal)
                | Condition::Range(column, literal)
                    if column.of == self.of && dialect == Dialect::MySql =>
                {
                    found.extend(self.converted(&column.name, *literal));
                }
                Condition::Joined(column, other) if column.of == self.of => {
                    found.extend(self.joined(dialect, column, other));
                }
                _ => (),
            }
        }
        found
    }

    /// MySQL compares text with a number as numbers, of which there are many texts.
    fn converted(&self, name: &str, literal: Literal) -> Option<Finding> {
        let column = self.table.column(name)?;
        let is_converted = column.kind == Kind::Text && literal == Literal::Number;
        let text = format!(
            "`{name}` is text and is compared with a number, so every value is converted and no index can be used; write the value in quotes"
        );
        is_converted.then(|| self.finding(FindingKind::ImplicitConversion, text))
    }

    fn joined(&self, dialect: Dialect, column: &Column, other: &Column) -> Option<Finding> {
        if column.of > other.of {
            return None; // said once
        }
        let (mine, theirs) = (self.column(column)?, self.column(other)?);
        let is_text = |column: &SchemaColumn| column.kind == Kind::Text;
        let differs = is_text(mine) != is_text(theirs)
            || (is_text(mine) && is_text(theirs) && mine.collation != theirs.collation);
        let text = format!(
            "`{}` and `{}` are of different types or collations, so one of both is converted for each row and its index can't be used; give both the same type",
            mine.name, theirs.name
        );
        (differs && dialect == Dialect::MySql).then(|| self.finding(FindingKind::ImplicitConversion, text))
    }

    fn column(&self, column: &Column) -> Option<&SchemaColumn> {
        self.schema.table(&self.block.tables.get(column.of)?.table)?.column(&column.name)
    }

    /// Whether an index begins with the column.
    fn leads(&self, name: &str) -> bool {
        self.table.indexes.iter().any(|index| index.columns.first().is_some_and(|first| first == name))
    }

    fn leftmost(&self) -> Option<Finding> {
        let step = self.step?;
        if step.access == Access::Search || self.table.rows < FEW_ROWS {
            return None;
        }
        let sought = self.sought();
        let index = self.table.indexes.iter().find(|index| {
            let has_first = index.columns.first().is_some_and(|first| sought.contains(&&**first));
            !has_first && index.columns.iter().skip(1).any(|column| sought.contains(&&**column))
        })?;
        let first = index.columns.first()?;
        let text = format!(
            "the index `{}` ({}) begins with `{first}`, for which there is no condition, so it finds nothing here",
            index.name,
            index.columns.join(", ")
        );
        Some(self.finding(FindingKind::LeftmostPrefix, text))
    }

    fn cover(&self) -> Option<Finding> {
        let step = self.step.filter(|step| step.access == Access::Search && !step.is_covering)?;
        let name = step.index.as_deref().filter(|name| *name != "PRIMARY")?;
        let index = self.table.indexes.iter().find(|index| index.name == name && index.is_plain)?;
        if self.block.selects_all || self.table.rows < FEW_ROWS {
            return None;
        }
        let held = self.table.held(index);
        let of_this = |column: &&Column| column.of == self.of && !held.contains(&column.name);
        let more: Vec<_> = self.block.mentioned.iter().filter(of_this).collect();
        let width: u64 =
            more.iter().filter_map(|column| self.column(column)).map(|column| column.width).sum();
        if more.is_empty() || more.len() > 2 || width > 40 {
            return None;
        }
        let more: Vec<&str> = more.iter().map(|column| &*column.name).collect();
        let text = format!(
            "each row that `{name}` finds is looked up in the table; with {} behind its columns the index would hold all that is asked for",
            more.join(", ")
        );
        Some(self.finding(FindingKind::CouldCover, text))
    }
}

fn concerns(condition: &Condition, of: usize) -> bool {
    match condition {
        Condition::Equal(column, _)
        | Condition::Joined(column, _)
        | Condition::In(column, _)
        | Condition::Range(column, _)
        | Condition::Wrapped(column, _)
        | Condition::Begins(column) => column.of == of,
        Condition::Either(all) => all.iter().flatten().any(|condition| concerns(condition, of)),
    }
}
