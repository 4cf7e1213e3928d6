//! Values for the places of a statement: such as its tables hold, since what an app sends is nobody's business.

use std::collections::HashMap;

use super::{
    schema::{Column, Kind, Schema, ask, name},
    shape::{ColumnOf, Likely, Shape},
};
use crate::{connection::Connection, dialect::Dialect, error::Result};

/// Where values are taken from.
pub(super) struct Source<'c> {
    pub(super) connection: &'c mut Connection,
    pub(super) schema: &'c Schema,
    /// What a table is called there.
    pub(super) names: HashMap<String, String>,
    /// How many rows are looked at.
    pub(super) most: u64,
}

impl Source<'_> {
    /// `sql` with a literal in each place; `offset` for an offset.
    pub(super) async fn filled(&mut self, sql: &str, shape: &Shape, offset: u64) -> Result<String> {
        let mut literals = Vec::new();
        let mut met: HashMap<ColumnOf, u64> = HashMap::new();
        for (at, likely) in &shape.places {
            let literal = match likely {
                Likely::Equal(column) => {
                    let number = met.entry(column.clone()).or_default();
                    *number += 1;
                    self.of_row(column, *number - 1).await?
                }
                Likely::At(column, percent) => self.at(column, *percent).await?,
                Likely::Beginning(column) => self.beginning(column).await?,
                Likely::Limit => Some("20".to_owned()),
                Likely::Offset => Some(offset.to_string()),
                Likely::Anything => Some("1".to_owned()),
            };
            literals.push((*at, literal.unwrap_or_else(|| "NULL".to_owned())));
        }
        literals.sort_unstable();
        Ok(replaced(sql, &literals))
    }

    /// The value of a row in the middle, the same for all columns of a table; the next rows for further values of one column.
    async fn of_row(&mut self, column: &ColumnOf, number: u64) -> Result<Option<String>> {
        let Some(found) = self.column(column) else { return Ok(None) };
        let (table, part, order) = (self.name(column), found.literal, self.order(column));
        let rows = self.count(&table).await?;
        let place = (rows / 2 + number * 31) % rows.max(1);
        let sql = format!("SELECT {part} FROM {table}{order} LIMIT 1 OFFSET {place}");
        let value: Vec<Option<String>> = ask(self.connection, sql, ()).await?;
        if let Some(value) = value.into_iter().next().flatten() {
            return Ok(Some(value));
        }
        let any = format!("SELECT {part} FROM {table} WHERE {} IS NOT NULL LIMIT 1", found.name);
        Ok(ask::<Option<String>>(self.connection, any, ()).await?.into_iter().next().flatten())
    }

    async fn at(&mut self, column: &ColumnOf, percent: u8) -> Result<Option<String>> {
        let Some(Found { name, literal, .. }) = self.column(column) else { return Ok(None) };
        let (table, most) = (self.name(column), self.most);
        let place = self.count(&table).await? * u64::from(percent) / 100;
        let sql = format!(
            "SELECT {literal} FROM (SELECT {name} FROM {table} LIMIT {most}) AS sample ORDER BY {name} LIMIT 1 OFFSET {place}"
        );
        Ok(ask::<Option<String>>(self.connection, sql, ()).await?.into_iter().next().flatten())
    }

    async fn beginning(&mut self, column: &ColumnOf) -> Result<Option<String>> {
        let value = self.of_row(column, 0).await?;
        let text = value.map(|value| value.trim_matches('\'').chars().take(4).collect::<String>());
        Ok(text.map(|text| format!("'{}%'", text.replace(['\'', '\\', '%'], ""))))
    }

    fn name(&self, column: &ColumnOf) -> String {
        self.names
            .get(&column.table)
            .cloned()
            .unwrap_or_else(|| name(self.connection.dialect(), &column.table))
    }

    fn order(&self, column: &ColumnOf) -> String {
        let primary = self.schema.table(&column.table).and_then(|table| table.primary());
        let columns = primary
            .map(|primary| primary.columns.iter().map(|column| name(self.connection.dialect(), column)));
        columns
            .map_or(String::new(), |columns| format!(" ORDER BY {}", columns.collect::<Vec<_>>().join(", ")))
    }

    fn column(&self, column: &ColumnOf) -> Option<Found> {
        let dialect = self.connection.dialect();
        let found = self.schema.table(&column.table)?.column(&column.column)?;
        Some(Found { name: name(dialect, &found.name), literal: literal(dialect, found) })
    }

    /// How many rows there are, as far as they are looked at.
    async fn count(&mut self, table: &str) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {}) AS sample", self.most);
        Ok(ask::<u64>(self.connection, sql, ()).await?.into_iter().next().unwrap_or(0))
    }
}

/// A column as it stands in a statement, and what makes a literal of its value.
struct Found {
    name: String,
    literal: String,
}

fn literal(dialect: Dialect, column: &Column) -> String {
    let name = name(dialect, &column.name);
    match (dialect, column.kind) {
        (Dialect::Sqlite, _) => format!("quote({name})"),
        (_, Kind::Number) => format!("cast({name} AS CHAR)"),
        (_, Kind::Bytes | Kind::Other) => format!("concat('x''', hex({name}), '''')"),
        (_, Kind::Text | Kind::Long | Kind::Time) => format!("quote(left(cast({name} AS CHAR), 200))"),
    }
}

/// `sql` with literals in the places that begin at these bytes: a `?`, or a `:` and a name.
fn replaced(sql: &str, literals: &[(usize, String)]) -> String {
    let mut text = String::with_capacity(sql.len() + literals.len() * 8);
    let mut at = 0;
    for (start, literal) in literals {
        text += &sql[at..*start];
        text += literal;
        let name = sql[start + 1..]
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(sql.len() - start - 1);
        at = start + 1 + if sql[*start..].starts_with(':') { name } else { 0 };
    }
    text + &sql[at..]
}
