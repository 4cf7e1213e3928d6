//! A look at the text of a statement: its words and places, without what stands in quotes and comments.
//!
//! In: SQL of either dialect. Out: [`Token`]s. Never: understands the statement; that is for the database.

use crate::dialect::Dialect;

/// A piece of a statement that is not comment or space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'s> {
    /// A keyword or a name without quotes.
    Word(&'s str),
    /// A name in quotes: `` `a` ``, `"a"`, `[a]`.
    Quoted(&'s str),
    /// A literal in quotes: `'a'`, and `"a"` in MySQL.
    Text,
    /// `?`
    Place,
    /// `:name`
    Named(&'s str),
    /// Any other character.
    Other(char),
}

/// The tokens of `sql`, each with the byte it begins at.
pub(crate) fn tokens(dialect: Dialect, sql: &str) -> Tokens<'_> {
    Tokens { dialect, sql, at: 0 }
}

/// See [`tokens`].
#[derive(Clone)]
pub(crate) struct Tokens<'s> {
    dialect: Dialect,
    sql: &'s str,
    at: usize,
}

impl<'s> Tokens<'s> {
    /// Where what is not looked at yet begins.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'s str {
        &self.sql[self.at..]
    }

    /// Goes behind the next `end`, or to the end of everything.
    fn skip_past(&mut self, from: usize, end: &str) {
        let rest = &self.sql[self.at + from..];
        self.at = rest.find(end).map_or(self.sql.len(), |found| self.at + from + found + end.len());
    }

    /// Goes behind a literal or a name that `quote` began; it doubles within. In text of MySQL a backslash hides it.
    fn skip_quoted(&mut self, quote: u8) {
        let bytes = self.sql.as_bytes();
        let hides = self.dialect == Dialect::MySql && quote != b'`';
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            if byte == b'\\' && hides {
                self.at += 1;
            } else if byte == quote {
                if bytes.get(self.at) != Some(&quote) {
                    break;
                }
                self.at += 1;
            }
        }
        // A backslash may have stood at the very end, or before a character of several bytes.
        self.at = self.at.min(bytes.len());
        while !self.sql.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if self.begins_line_comment(trimmed) {
                self.skip_past(0, "\n");
            } else if trimmed.starts_with("/*") {
                self.skip_past(2, "*/");
            } else {
                return;
            }
        }
    }

    fn begins_line_comment(&self, text: &str) -> bool {
        match (self.dialect, text.strip_prefix("--")) {
            // In MySQL `a--1` is a sum.
            (Dialect::MySql, Some(rest)) => rest.is_empty() || rest.starts_with(char::is_whitespace),
            (Dialect::MySql, None) => text.starts_with('#'),
            (Dialect::Sqlite, rest) => rest.is_some(),
        }
    }

    fn word(&mut self, from: usize) -> &'s str {
        let rest = &self.rest()[from..];
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        self.at += from + length;
        &rest[..length]
    }
}

impl<'s> Iterator for Tokens<'s> {
    type Item = (usize, Token<'s>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_blank();
        let start = self.at;
        let first = self.rest().chars().next()?;
        let token = match first {
            '\'' | '"' if first == '\'' || self.dialect == Dialect::MySql => {
                self.skip_quoted(first as u8);
                Token::Text
            }
            '`' | '"' => {
                self.skip_quoted(first as u8);
                Token::Quoted(inside(&self.sql[start..self.at]))
            }
            '[' if self.dialect == Dialect::Sqlite => {
                self.skip_past(1, "]");
                Token::Quoted(inside(&self.sql[start..self.at]))
            }
            '?' => {
                self.at += 1;
                Token::Place
            }
            ':' if self.rest()[1..].starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                Token::Named(self.word(1))
            }
            c if c.is_alphanumeric() || c == '_' => Token::Word(self.word(0)),
            c => {
                self.at += c.len_utf8();
                Token::Other(c)
            }
        };
        Some((start, token))
    }
}

fn inside(quoted: &str) -> &str {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
}

/// How many `?` there are for values.
pub(crate) fn places(dialect: Dialect, sql: &str) -> usize {
    tokens(dialect, sql).filter(|(_, token)| *token == Token::Place).count()
}

/// The first word, in capitals; empty where there is none.
pub(crate) fn first_word(dialect: Dialect, sql: &str) -> String {
    tokens(dialect, sql)
        .find_map(
            |(_, token)| if let Token::Word(word) = token { Some(word.to_ascii_uppercase()) } else { None },
        )
        .unwrap_or_default()
}

/// Whether the statement begins as one that reads. A `WITH` may yet write; the database says so.
pub(crate) fn reads(dialect: Dialect, sql: &str) -> bool {
    matches!(&*first_word(dialect, sql), "SELECT" | "WITH" | "VALUES" | "EXPLAIN")
}

/// Whether the statement is about a temporary table: its second word says so.
pub(crate) fn is_temporary(sql: &str) -> bool {
    let second = tokens(Dialect::MySql, sql).nth(1);
    matches!(second, Some((_, Token::Word(word))) if word.eq_ignore_ascii_case("TEMPORARY"))
}

/// The tables that a statement of MySQL writes to, in lower case, those of other databases with their names. Of an `UPDATE` of several
/// tables it is all of them, also those that are only read.
pub(crate) fn written_tables(sql: &str) -> Vec<String> {
    let mut words = tokens(Dialect::MySql, sql).map(|(_, token)| token).peekable();
    let is =
        |token: &Token<'_>, word: &str| matches!(token, Token::Word(is) if is.eq_ignore_ascii_case(word));
    let Some(first) = words.next() else { return Vec::new() };
    if is(&first, "INSERT") || is(&first, "REPLACE") {
        while words.next_if(|token| INSERT_WORDS.iter().any(|word| is(token, word))).is_some() {}
        return names(&mut words).into_iter().take(1).collect();
    }
    if is(&first, "UPDATE") {
        let tables: Vec<_> = words.take_while(|token| !is(token, "SET")).collect();
        return names(&mut tables.into_iter().peekable());
    }
    if is(&first, "DELETE") {
        while words.next_if(|token| DELETE_WORDS.iter().any(|word| is(token, word))).is_some() {}
        if words.next_if(|token| is(token, "FROM")).is_some() {
            return names(&mut words).into_iter().take(1).collect();
        }
        let tables: Vec<_> = words.take_while(|token| !is(token, "FROM")).collect();
        return names(&mut tables.into_iter().peekable());
    }
    Vec::new()
}

const INSERT_WORDS: [&str; 5] = ["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"];
const DELETE_WORDS: [&str; 3] = ["LOW_PRIORITY", "QUICK", "IGNORE"];

/// The names at the beginning, after each comma, and after each `JOIN`.
fn names<'s>(words: &mut std::iter::Peekable<impl Iterator<Item = Token<'s>>>) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_name = true;
    while let Some(token) = words.next() {
        match token {
            Token::Word("LOW_PRIORITY" | "low_priority" | "IGNORE" | "ignore") => continue,
            Token::Word(name) | Token::Quoted(name) if is_name => {
                let mut name = name.to_lowercase();
                if words.next_if(|token| *token == Token::Other('.')).is_some()
                    && let Some(Token::Word(table) | Token::Quoted(table)) = words.next()
                {
                    name = format!("{name}.{}", table.to_lowercase());
                }
                found.push(name);
            }
            _ => (),
        }
        is_name = match token {
            Token::Other(',') => true,
            Token::Word(word) => word.eq_ignore_ascii_case("JOIN"),
            _ => false,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_outside_of_texts_and_comments() {
        for (dialect, sql, count) in [
            (Dialect::Sqlite, "SELECT ?, '?', \"?\", [?], `?` -- ?\n, /* ? */ ?", 2),
            (Dialect::MySql, "SELECT ?, '?', \"?\", `?` -- ?\n, # ?\n /* ? */ ?", 2),
            (Dialect::MySql, r"SELECT 'it\'s ?', ?", 1),
            (Dialect::Sqlite, r"SELECT '\', ?, '?'", 1),
            (Dialect::MySql, "SELECT 'it''s ?', ?", 1),
            (Dialect::MySql, "SELECT 1--?", 1),
            (Dialect::Sqlite, "SELECT 1--?", 0),
            (Dialect::MySql, "SELECT 'never ended ?", 0),
            (Dialect::MySql, "SELECT '\\", 0),
            (Dialect::MySql, "SELECT '\\é", 0),
        ] {
            assert_eq!(places(dialect, sql), count, "{sql}");
        }
    }

    #[test]
    fn written_tables_are_found() {
        for (sql, tables) in [
            ("INSERT INTO a VALUES (1)", &["a"][..]),
            ("insert ignore into `A` (x) select x from b", &["a"]),
            ("REPLACE LOW_PRIORITY b.a SET x = 1", &["b.a"]),
            ("UPDATE a SET x = 1 WHERE y IN (SELECT y FROM c)", &["a"]),
            ("UPDATE a JOIN `b` ON a.x = b.x, c SET a.x = 1", &["a", "b", "c"]),
            ("DELETE FROM a WHERE x = 1", &["a"]),
            ("DELETE a, b FROM a JOIN b JOIN c", &["a", "b"]),
            ("SELECT * FROM a FOR UPDATE", &[]),
            ("", &[]),
        ] {
            assert_eq!(written_tables(sql), tables, "{sql}");
        }
    }
}
