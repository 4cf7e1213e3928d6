//! The shape of a statement: its text without literals, so that those that differ in values alone are one.
//!
//! In: the text of a statement. Out: its digest, for logs, groups and query statistics. Never: a literal, which may be anybody's data.

use crate::{
    dialect::Dialect,
    scan::{self, Token},
};

/// The digest of `sql`: on one line, without comments, literals as `?`, and a list of values as `(…)` however long it is.
///
/// # Examples
///
/// ```
/// use flagon_sql::{Dialect, digest};
///
/// let sql = "SELECT name\n  FROM user -- all of them\n WHERE id IN (1, 2, 3) AND name <> 'Ada'";
/// assert_eq!(digest(Dialect::Sqlite, sql), "SELECT name FROM user WHERE id IN (…) AND name < > ?");
/// ```
pub fn digest(dialect: Dialect, sql: &str) -> String {
    let mut digest = Digest { text: String::with_capacity(sql.len()), last: Piece::Start };
    for (_, token) in scan::tokens(dialect, sql) {
        digest.push(token);
    }
    digest.text
}

/// The first word of `sql`, in capitals: what kind of statement it is. Empty where there is none.
pub fn first_word(dialect: Dialect, sql: &str) -> String {
    scan::first_word(dialect, sql)
}

struct Digest {
    text: String,
    last: Piece,
}

/// What stands at the end of what is written so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Start,
    Other,
    /// A value in the open: outside of a list of values.
    Value,
    /// The point of a number.
    Point,
    /// `(`
    Open,
    /// A list of values that is still open, of which this is the last value.
    ListValue,
    /// A list of values that is still open, behind a comma.
    ListComma,
    /// A list of values that is complete.
    List,
    /// The comma behind a complete list.
    BehindList,
    /// A comma and `…`, which stand for more lists.
    MoreLists,
    /// `.` between names.
    Dot,
}

impl Digest {
    fn push(&mut self, token: Token<'_>) {
        match token {
            Token::Place | Token::Text | Token::Named(_) => self.value(),
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_digit()) => self.value(),
            Token::Word(word) => self.piece(word, Piece::Other),
            Token::Quoted(name) => self.piece(name, Piece::Other),
            Token::Other('(') => self.piece("(", Piece::Open),
            Token::Other(')') if self.last == Piece::ListValue => self.close_list(),
            Token::Other(',') if self.last == Piece::ListValue => self.last = Piece::ListComma,
            Token::Other(',') if matches!(self.last, Piece::List | Piece::MoreLists) => {
                self.piece(",", Piece::BehindList);
            }
            Token::Other('.') if self.last == Piece::Value => self.last = Piece::Point,
            Token::Other('.') => self.piece(".", Piece::Dot),
            Token::Other(';') => (),
            Token::Other(c) => self.piece(c.encode_utf8(&mut [0; 4]), Piece::Other),
        }
    }

    fn value(&mut self) {
        match self.last {
            Piece::Open => {
                self.text.push('…');
                self.last = Piece::ListValue;
            }
            Piece::ListComma | Piece::ListValue => self.last = Piece::ListValue,
            Piece::Point => self.last = Piece::Value,
            _ => self.piece("?", Piece::Value),
        }
    }

    fn close_list(&mut self) {
        // `(…), (…)` is `(…), …`: as many rows as there may be.
        if let Some(before) = self.text.strip_suffix(", (…").filter(|before| before.ends_with([')', '…']))
        {
            let length = before.len();
            let is_first = before.ends_with(')');
            self.text.truncate(length);
            if is_first {
                self.text.push_str(", …");
            }
            self.last = Piece::MoreLists;
        } else {
            self.text.push(')');
            self.last = Piece::List;
        }
    }

    fn piece(&mut self, piece: &str, kind: Piece) {
        let is_close = matches!(piece, ")" | "," | ".");
        let is_tight = matches!(self.last, Piece::Start | Piece::Open | Piece::Dot);
        if self.last == Piece::ListComma {
            self.text.push(','); // no list of values, after all
        }
        if !is_close && !is_tight {
            self.text.push(' ');
        }
        self.text.push_str(piece);
        self.last = kind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_lists_and_comments_are_gone() {
        for (sql, expected) in [
            ("select 1", "select ?"),
            ("SELECT 1.5, 'a''b', \"n\" FROM t", "SELECT ?, ?, n FROM t"),
            ("SELECT * FROM a.b WHERE c=:d /* e */ AND f = -3;", "SELECT * FROM a.b WHERE c = ? AND f = - ?"),
            ("SELECT count(*), max(x) FROM t LIMIT 10", "SELECT count (*), max (x) FROM t LIMIT ?"),
            ("INSERT INTO t (a, b) VALUES (?, ?)", "INSERT INTO t (a, b) VALUES (…)"),
            ("INSERT INTO t VALUES (1,2),(3,4), (5, 6)", "INSERT INTO t VALUES (…), …"),
            ("SELECT 1 WHERE (1, a) = (?, 2)", "SELECT ? WHERE (…, a) = (…)"),
            ("", ""),
        ] {
            assert_eq!(digest(Dialect::Sqlite, sql), expected, "{sql}");
        }
        assert_eq!(digest(Dialect::MySql, "SELECT \"secret\" # why"), "SELECT ?");
    }
}
