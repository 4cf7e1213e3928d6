//! The values of one field, of all rows, side by side.
//!
//! In: rows. Out: their values in few large pieces of memory, so that a row is looked at once. Never: one piece for each row.

use std::cmp::Ordering;

use crate::{
    field::{Direction, Term, Text},
    fold,
    key::Key,
};

/// The values of one field.
pub(super) struct Column<'r, T> {
    term: Term<T>,
    rows: &'r [T],
    values: Values,
    /// Which rows have none; empty where all have one.
    nulls: Vec<bool>,
}

pub(super) enum Values {
    /// No row has any yet.
    None,
    /// Numbers; of reals [`ordered_bits`].
    Numbers(Vec<i64>),
    /// Text, folded where the order has no regard to case, or bytes: all of them, and where each ends.
    Bytes { all: Vec<u8>, ends: Vec<usize> },
    /// They are of several kinds, or larger than numbers here may be: they are read from the rows again.
    Several,
}

/// What the values are, so that one of another kind is noticed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    Real,
    Text,
    Bytes,
}

/// Takes the values of all fields in one walk over the rows.
pub(super) fn columns<'r, T>(terms: &[Term<T>], rows: &'r [T]) -> Vec<Column<'r, T>> {
    let column = |term: &Term<T>| Column { term: *term, rows, values: Values::None, nulls: Vec::new() };
    let mut columns: Vec<_> = terms.iter().map(column).collect();
    let mut kinds: Vec<Option<Kind>> = vec![None; terms.len()];
    for (place, row) in rows.iter().enumerate() {
        for (column, kind) in columns.iter_mut().zip(&mut kinds) {
            column.add(place, column.term.field().key(row), kind);
        }
    }
    columns
}

impl<T> Column<'_, T> {
    fn add(&mut self, place: usize, key: Key<'_>, kind: &mut Option<Kind>) {
        if key.is_null() {
            self.nulls.resize(place, false);
            self.nulls.push(true);
            match &mut self.values {
                Values::Numbers(numbers) => numbers.push(0),
                Values::Bytes { all, ends } => ends.push(all.len()),
                Values::None | Values::Several => {}
            }
            return;
        }
        if !self.nulls.is_empty() {
            self.nulls.push(false);
        }
        let (is, number, bytes) = match key {
            Key::Integer(number) => (Kind::Whole, i64::try_from(number).ok(), None),
            Key::Real(number) => (Kind::Real, Some(ordered_bits(number)), None),
            Key::Text(text) => (Kind::Text, None, Some(text.as_bytes())),
            Key::Bytes(bytes) => (Kind::Bytes, None, Some(bytes)),
            Key::Null => return,
        };
        if *kind.get_or_insert(is) != is || (number.is_none() && bytes.is_none()) {
            self.values = Values::Several;
        }
        if matches!(self.values, Values::None) {
            let length = self.rows.len();
            self.values = if number.is_some() {
                let mut numbers = Vec::with_capacity(length);
                numbers.resize(place, 0);
                Values::Numbers(numbers)
            } else {
                let mut ends = Vec::with_capacity(length);
                ends.resize(place, 0);
                Values::Bytes { all: Vec::new(), ends }
            };
        }
        match (&mut self.values, number, bytes, key) {
            (Values::Numbers(numbers), Some(number), ..) => numbers.push(number),
            (Values::Bytes { all, ends }, _, _, Key::Text(text))
                if self.term.field().text_order() == Text::IgnoreCase =>
            {
                fold::fold_into(text, all);
                ends.push(all.len());
            }
            (Values::Bytes { all, ends }, _, Some(bytes), _) => {
                all.extend_from_slice(bytes);
                ends.push(all.len());
            }
            _ => {}
        }
    }

    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    pub(super) fn is_descending(&self) -> bool {
        self.term.direction() == Direction::Descending
    }

    pub(super) fn has_nulls_first(&self) -> bool {
        self.term.has_nulls_first()
    }

    /// Whether a row has no value.
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.get(row).is_some_and(|is_null| *is_null)
    }

    /// Whether any row may have none.
    pub(super) fn may_have_nulls(&self) -> bool {
        !self.nulls.is_empty()
    }

    /// The order of two rows by this field, of text from this byte on.
    pub(super) fn compare_from(&self, byte: usize, a: usize, b: usize) -> Ordering {
        let order = match &self.values {
            Values::Several => {
                let field = self.term.field();
                return self.term.compare(&field.key(&self.rows[a]), &field.key(&self.rows[b]));
            }
            _ if self.is_null(a) || self.is_null(b) => {
                let order = self.is_null(a).cmp(&self.is_null(b));
                return if self.has_nulls_first() { order.reverse() } else { order };
            }
            Values::Numbers(numbers) => numbers[a].cmp(&numbers[b]),
            Values::Bytes { all, ends } => text(all, ends, byte, a).cmp(text(all, ends, byte, b)),
            Values::None => Ordering::Equal,
        };
        if self.is_descending() { order.reverse() } else { order }
    }
}

/// The bytes of a row, from this one on.
pub(super) fn text<'a>(all: &'a [u8], ends: &[usize], byte: usize, row: usize) -> &'a [u8] {
    let start = if row == 0 { 0 } else { ends[row - 1] };
    all[start..ends[row]].get(byte..).unwrap_or_default()
}

/// The bits of a number that is not NaN, as a number that is ordered as it is (Herf, *Radix Tricks*, 2001). −0 is 0.
fn ordered_bits(number: f64) -> i64 {
    let bits = (number + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_reals_are_ordered_as_reals() {
        let least = -f64::MIN_POSITIVE;
        let numbers = [f64::NEG_INFINITY, f64::MIN, -1.5, -1.0, least, 0.0, -least, 1.0, f64::INFINITY];
        assert!(numbers.windows(2).all(|pair| ordered_bits(pair[0]) < ordered_bits(pair[1])));
        assert_eq!(ordered_bits(-0.0), ordered_bits(0.0));
    }
}
