//! The values of one field, of all rows.

use std::cmp::Ordering;

use crate::{
    field::{Term, Text},
    fold,
    key::Key,
};

/// The values of one field. Text without regard to case is folded once, all of it into one string; everything else is read from the rows
/// when it is needed.
pub(super) struct Column<'r, T> {
    pub(super) term: Term<T>,
    rows: &'r [T],
    folded: Option<Folded>,
}

struct Folded {
    text: String,
    /// Where the text of each row ends.
    ends: Vec<usize>,
}

impl<'r, T> Column<'r, T> {
    pub(super) fn new(term: Term<T>, rows: &'r [T]) -> Self {
        let folds = term.field().text_order() == Text::IgnoreCase;
        Self { term, rows, folded: folds.then(|| Folded::of(&term, rows)) }
    }

    /// The value of a row; folded, if the field's order has no regard to case.
    pub(super) fn key(&self, row: usize) -> Key<'_> {
        let key = self.term.field().key(&self.rows[row]);
        match (key, &self.folded) {
            (Key::Text(_), Some(folded)) => {
                let start = row.checked_sub(1).map_or(0, |before| folded.ends[before]);
                Key::Text(&folded.text[start..folded.ends[row]])
            }
            _ => key,
        }
    }

    /// The order of two rows by this field.
    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        let (a, b) = (self.key(a), self.key(b));
        // What is folded needs no folding again.
        self.term.compare_folded(&a, &b)
    }
}

impl Folded {
    fn of<T>(term: &Term<T>, rows: &[T]) -> Self {
        let mut folded = Self { text: String::new(), ends: Vec::with_capacity(rows.len()) };
        for row in rows {
            if let Key::Text(text) = term.field().key(row) {
                fold::fold_into(text, &mut folded.text);
            }
            folded.ends.push(folded.text.len());
        }
        folded
    }
}
