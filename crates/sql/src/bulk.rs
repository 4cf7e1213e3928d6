//! Many rows in one statement.
//!
//! In: an `INSERT … VALUES (?, ?)` and rows. Out: statements whose group of places is repeated, each with as many rows as the database takes.

use sqlx::AssertSqlSafe;

use crate::{
    arguments::Arguments,
    connection::Statement,
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    scan::{self, Token},
    values::Values,
};

/// How many rows go into one statement at most: more gain little, and each number of rows is a text of its own to be prepared.
const ROWS: usize = 500;

/// The statements that insert `rows`.
pub(crate) fn statements<V: Values>(
    dialect: Dialect,
    sql: &str,
    rows: impl IntoIterator<Item = V>,
) -> Result<Vec<Statement>> {
    let (start, end) = group(dialect, sql).ok_or_else(|| {
        let message = "to insert many rows, write `INSERT INTO … VALUES (?, …)` with one group of places";
        Error::new(ErrorKind::Values, message).in_statement(sql)
    })?;
    let places = scan::places(dialect, &sql[start..end]).max(1);
    // What SQLite and MySQL take in one statement.
    let most = if dialect == Dialect::Sqlite { 32_766 } else { 65_535 };
    let size = (most / places).clamp(1, ROWS);
    let mut statements = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let (mut arguments, mut groups) = (Arguments::new(dialect), Vec::new());
        for row in rows.by_ref().take(size) {
            let before = arguments.len();
            let rewritten = row.bind(&sql[start..end], &mut arguments)?;
            let group = rewritten.unwrap_or_else(|| sql[start..end].to_owned());
            let (places, given) = (scan::places(dialect, &group), arguments.len() - before);
            if places != given {
                let message = format!("the group has places for {places} values, and a row has {given}");
                return Err(Error::new(ErrorKind::Values, message).in_statement(sql));
            }
            groups.push(group);
        }
        let text = format!("{}{}{}", &sql[..start], groups.join(", "), &sql[end..]);
        statements.push(Statement::new(AssertSqlSafe(text), arguments));
    }
    Ok(statements)
}

/// Where the group of places behind `VALUES` begins and ends.
fn group(dialect: Dialect, sql: &str) -> Option<(usize, usize)> {
    let mut tokens = scan::tokens(dialect, sql);
    tokens.find(|(_, token)| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("VALUES")))?;
    let (start, _) = tokens.next().filter(|(_, token)| *token == Token::Other('('))?;
    let mut depth = 1;
    for (at, token) in tokens {
        match token {
            Token::Other('(') => depth += 1,
            Token::Other(')') => depth -= 1,
            _ => (),
        }
        if depth == 0 {
            return Some((start, at + 1));
        }
    }
    None
}
