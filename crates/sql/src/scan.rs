//! A look at the text of a statement: its words and places, without what stands in quotes and comments.
//!
//! In: SQL of either dialect. Out: [`Token`]s. Never: understands the statement; that is for the database.

use crate::dialect::Dialect;

/// A piece of a statement that is not text, comment or space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'s> {
    /// A keyword or a name without quotes.
    Word(&'s str),
    /// A name in quotes: `` `a` ``, `"a"`, `[a]`.
    Quoted(&'s str),
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
        loop {
            self.skip_blank();
            let start = self.at;
            let first = self.rest().chars().next()?;
            let token = match first {
                '\'' | '"' if first == '\'' || self.dialect == Dialect::MySql => {
                    self.skip_quoted(first as u8);
                    continue;
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
            return Some((start, token));
        }
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
