//! What is known of the text of a statement: found once for each text, and looked up from then on.
//!
//! In: SQL, mostly a literal that comes again and again. Out: its [`Facts`]. Never: a text that was not compared byte by byte, or
//! more texts than there are places for.

use std::{cell::RefCell, sync::Arc};

use crate::{dialect::Dialect, scan};

/// What the words of a statement tell.
#[derive(Debug)]
pub(crate) struct Facts {
    /// How many `?` there are for values.
    pub(crate) places: usize,
    /// The first word, in capitals.
    pub(crate) word: Box<str>,
    /// Whether it ends a transaction, or is one of its own.
    pub(crate) ends_transaction: bool,
    /// The tables that it writes to; of MySQL only.
    pub(crate) written: Box<[String]>,
}

impl Facts {
    fn find(dialect: Dialect, sql: &str) -> Self {
        let word = scan::first_word(dialect, sql);
        let ends_transaction = match &*word {
            "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "END" => true,
            "CREATE" | "ALTER" | "DROP" | "TRUNCATE" | "RENAME" | "LOCK" | "UNLOCK" | "GRANT" | "REVOKE"
            | "OPTIMIZE" | "REPAIR" => dialect == Dialect::MySql && !scan::is_temporary(sql),
            _ => false,
        };
        let written = if dialect == Dialect::MySql { scan::written_tables(sql) } else { Vec::new() };
        Self {
            places: scan::places(dialect, sql),
            word: word.into(),
            ends_transaction,
            written: written.into(),
        }
    }
}

struct Known {
    dialect: Dialect,
    sql: Box<str>,
    facts: Arc<Facts>,
}

thread_local! {
    static KNOWN: RefCell<[Option<Known>; PLACES]> = const { RefCell::new([const { None }; PLACES]) };
}

/// What is known of `sql`.
pub(crate) fn facts(dialect: Dialect, sql: &str) -> Arc<Facts> {
    if sql.len() > LENGTH_MAX {
        return Arc::new(Facts::find(dialect, sql));
    }
    KNOWN.with_borrow_mut(|known| {
        let place = &mut known[place(sql)];
        match place {
            Some(known) if known.dialect == dialect && *known.sql == *sql => Arc::clone(&known.facts),
            _ => {
                let facts = Arc::new(Facts::find(dialect, sql));
                *place = Some(Known { dialect, sql: sql.into(), facts: Arc::clone(&facts) });
                facts
            }
        }
    })
}

/// By where the text stands, since a literal always stands there; two that meet in one place take it from each other.
fn place(sql: &str) -> usize {
    let address = sql.as_ptr().addr();
    (address ^ (address >> 7) ^ (sql.len() << 3)) % PLACES
}

const PLACES: usize = 256;
/// Longer texts are rare, and not kept.
const LENGTH_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_with_another_text_is_another_statement() {
        let mut sql = String::from("SELECT ?, ?");
        assert_eq!(facts(Dialect::Sqlite, &sql).places, 2);
        sql.replace_range(.., "DELETE -- ?");
        let facts = facts(Dialect::Sqlite, &sql);
        assert_eq!((facts.places, &*facts.word), (0, "DELETE"));
    }

    #[test]
    fn the_same_text_in_another_dialect_is_another_statement() {
        let sql = "SELECT 1--?";
        assert_eq!(facts(Dialect::MySql, sql).places, 1);
        assert_eq!(facts(Dialect::Sqlite, sql).places, 0);
    }

    #[test]
    fn what_is_known_already_is_not_found_again() {
        let sql = "UPDATE a SET x = ?";
        let once = facts(Dialect::MySql, sql);
        assert!(Arc::ptr_eq(&once, &facts(Dialect::MySql, sql)));
        assert_eq!(*once.written, ["a"]);
    }

    #[test]
    fn what_ends_a_transaction() {
        for (dialect, sql, ends) in [
            (Dialect::MySql, "create table a (b int)", true),
            (Dialect::MySql, "CREATE TEMPORARY TABLE a (b INT)", false),
            (Dialect::Sqlite, "CREATE TABLE a (b)", false),
            (Dialect::Sqlite, "/* so */ commit", true),
            (Dialect::MySql, "SELECT 'COMMIT'", false),
        ] {
            assert_eq!(facts(dialect, sql).ends_transaction, ends, "{sql}");
        }
    }
}
