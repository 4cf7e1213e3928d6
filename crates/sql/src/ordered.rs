//! `ORDER BY`, `LIMIT` and `OFFSET` at the end of a statement.
//!
//! In: an [`OrderBy`], whose columns are literals, and numbers. Out: text. Never: anything that a client wrote.

use std::fmt::Write as _;

use flagon_order::{Direction, Nulls, OrderBy, Term, Text};

use crate::dialect::Dialect;

/// What is written behind a statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ordered {
    by: String,
    pub(crate) limit: Option<u32>,
    pub(crate) offset: Option<u32>,
}

impl Ordered {
    /// Orders by `order`, and by nothing that was said before.
    pub(crate) fn by<R>(&mut self, order: &OrderBy<R>, dialect: Dialect) {
        let terms: Vec<String> = order.terms().iter().map(|term| written(term, dialect)).collect();
        self.by = terms.join(", ");
    }

    /// `sql` with it.
    pub(crate) fn append(&self, sql: &str) -> String {
        // A comment at the end of a line must not swallow what follows.
        let mut sql = format!("{}\n", sql.trim_end().trim_end_matches(';'));
        if !self.by.is_empty() {
            sql.extend(["ORDER BY ", &self.by]);
        }
        // Neither database knows OFFSET without LIMIT; MySQL's manual has this number for "all".
        let limit = self.limit.map(u64::from).or(self.offset.map(|_| i64::MAX.unsigned_abs()));
        if let Some(limit) = limit {
            let _ = write!(sql, " LIMIT {limit}");
        }
        if let Some(offset) = self.offset {
            let _ = write!(sql, " OFFSET {offset}");
        }
        sql
    }
}

fn written<R>(term: &Term<R>, dialect: Dialect) -> String {
    let column = term.field().sql_column();
    let value = match (term.field().text_order(), dialect) {
        (Text::Column, _) => column.to_owned(),
        (Text::Exact, Dialect::Sqlite) => format!("{column} COLLATE BINARY"),
        (Text::Exact, Dialect::MySql) => format!("CAST({column} AS BINARY)"),
        (Text::IgnoreCase, Dialect::Sqlite) => format!("{column} COLLATE NOCASE"),
        (Text::IgnoreCase, Dialect::MySql) => format!("CAST(LOWER({column}) AS BINARY)"),
    };
    let (direction, smallest_first) = match term.direction() {
        Direction::Ascending => ("", true),
        Direction::Descending => (" DESC", false),
    };
    // Without a word both databases take null for the smallest value; and only then an index serves MariaDB.
    match (term.field().null_order(), dialect) {
        (Nulls::First, Dialect::Sqlite) if !smallest_first => format!("{value}{direction} NULLS FIRST"),
        (Nulls::Last, Dialect::Sqlite) if smallest_first => format!("{value}{direction} NULLS LAST"),
        (Nulls::First, Dialect::MySql) if !smallest_first => {
            format!("{column} IS NULL DESC, {value}{direction}")
        }
        (Nulls::Last, Dialect::MySql) if smallest_first => format!("{column} IS NULL, {value}{direction}"),
        _ => format!("{value}{direction}"),
    }
}

#[cfg(test)]
mod tests {
    use flagon_order::Field;

    use super::*;

    const FIELDS: [Field; 4] = [
        Field::in_sql("score").nulls(Nulls::Last),
        Field::in_sql("name").column("p.name").text(Text::IgnoreCase).nulls(Nulls::First),
        Field::in_sql("code").text(Text::Exact),
        Field::in_sql("id").unique(),
    ];

    fn appended(dialect: Dialect, text: &str, limit: Option<u32>, offset: Option<u32>) -> String {
        let mut ordered = Ordered { limit, offset, ..Ordered::default() };
        ordered.by(&OrderBy::parse(text, &FIELDS).unwrap(), dialect);
        ordered.append("SELECT 1 -- x ;  ")
    }

    #[test]
    fn nulls_and_collations_are_written_for_each_database() {
        let sqlite = |text| appended(Dialect::Sqlite, text, None, None);
        let mysql = |text| appended(Dialect::MySql, text, None, None);
        for (text, of_sqlite, of_mysql) in [
            ("score", "score NULLS LAST, id", "score IS NULL, score, id"),
            ("-score", "score DESC, id DESC", "score DESC, id DESC"),
            ("name", "p.name COLLATE NOCASE, id", "CAST(LOWER(p.name) AS BINARY), id"),
            (
                "-name,code",
                "p.name COLLATE NOCASE DESC NULLS FIRST, code COLLATE BINARY, id",
                "p.name IS NULL DESC, CAST(LOWER(p.name) AS BINARY) DESC, CAST(code AS BINARY), id",
            ),
            ("-id,name", "id DESC", "id DESC"),
            ("", "id", "id"),
        ] {
            assert_eq!(sqlite(text), format!("SELECT 1 -- x \nORDER BY {of_sqlite}"), "{text}");
            assert_eq!(mysql(text), format!("SELECT 1 -- x \nORDER BY {of_mysql}"), "{text}");
        }
    }

    #[test]
    fn an_offset_needs_a_limit() {
        assert!(
            appended(Dialect::Sqlite, "", Some(20), Some(40)).ends_with("ORDER BY id LIMIT 20 OFFSET 40")
        );
        assert!(
            appended(Dialect::MySql, "", None, Some(1))
                .ends_with("ORDER BY id LIMIT 9223372036854775807 OFFSET 1")
        );
        assert!(appended(Dialect::MySql, "", Some(1), None).ends_with("ORDER BY id LIMIT 1"));
    }
}
