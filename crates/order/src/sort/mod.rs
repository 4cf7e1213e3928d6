//! Rows in memory, ordered by several fields.
//!
//! In: rows, and an [`OrderBy`]. Out: the same rows, in order, equals as they were. Never: moves a row before the order of all is known.
//!
//! Of each row as many fields as fit are packed into one number, with the row's own number in the lowest bits: the standard library sorts
//! those far faster than rows behind a comparison, and no two are equal, so that the result is stable. Whole numbers take as many bits as
//! their range needs; of text the bytes that all have in common are left out. Rows whose bits are equal although more is to be
//! compared are a part of their own, packed anew from there on: that is radix sort from the most significant
//! digit, with digits of up to 14 bytes.

mod column;
mod pack;

use std::cmp::Ordering;

use self::{
    column::Column,
    pack::{Packing, Rest},
};
use crate::{order_by::OrderBy, permutation, quicksort, top::top_k};

/// Parts of so many rows are compared row by row.
const SMALL: usize = 20;

impl<T> OrderBy<T> {
    /// Sorts rows; equal ones keep their order. It takes memory for one number for each row, and for the folded text of fields
    /// without regard to case.
    ///
    /// One run of `cargo xtask bench order`, 1 M rows, beside `slice::sort_by` with a chained comparison:
    ///
    /// See [`OrderBy`] for an example.
    pub fn sort(&self, rows: &mut [T]) {
        if u32::try_from(rows.len()).is_err() {
            return rows.sort_by(|a, b| self.compare(a, b));
        }
        let mut order: Vec<u32> = (0..rows.len()).map(permutation::Number::from_place).collect();
        let columns = self.terms().iter().map(|term| Column::new(*term, rows)).collect();
        Parts { columns }.sort(&mut order);
        permutation::apply(rows, &mut order);
    }

    /// The first `k` rows, in order, without sorting the rest: as [`top_k`].
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_order::{Field, OrderBy};
    ///
    /// const FIELDS: [Field<i64>; 1] = [Field::new("score", |score: &i64| (*score).into())];
    /// let best = OrderBy::parse("-score", &FIELDS)?;
    /// assert_eq!(best.top(&[3, 9, 1, 7], 2), [&9, &7]);
    /// # Ok::<(), flagon_order::OrderError>(())
    /// ```
    pub fn top<'row>(&self, rows: &'row [T], k: usize) -> Vec<&'row T> {
        top_k(rows, k, |a, b| self.compare(a, b))
    }
}

struct Parts<'r, T> {
    columns: Vec<Column<'r, T>>,
}

/// Rows that are equal in all columns before `column`, and in that one up to a byte.
struct Part {
    from: usize,
    to: usize,
    column: usize,
    byte: usize,
}

/// A number with the bits of several fields, and a row's place in the lowest.
trait Word: Copy + Ord {
    fn of(bits: u128) -> Self;
    fn bits(self) -> u128;
}

impl Word for u64 {
    #[expect(clippy::cast_possible_truncation, reason = "who asks has counted the bits")]
    fn of(bits: u128) -> Self {
        bits as Self
    }

    fn bits(self) -> u128 {
        self.into()
    }
}

impl Word for u128 {
    fn of(bits: u128) -> Self {
        bits
    }

    fn bits(self) -> u128 {
        self
    }
}

impl<T> Parts<'_, T> {
    /// Sorts the numbers of all rows; a list of what is left instead of calls, as text may be long.
    fn sort(&self, order: &mut [u32]) {
        let mut left = vec![Part { from: 0, to: order.len(), column: 0, byte: 0 }];
        while let Some(part) = left.pop() {
            let rows = &mut order[part.from..part.to];
            if rows.len() <= SMALL {
                self.insert_all(rows, &part);
                continue;
            }
            let place_bits = usize::BITS - (rows.len() - 1).leading_zeros();
            let (packings, next) = self.packings(rows, &part, u128::BITS - place_bits);
            if packings.is_empty() {
                // No two are equal, as their places decide.
                quicksort::in_place(rows, |a, b| self.compare(&part, *a as usize, *b as usize));
                continue;
            }
            let bits: u32 = packings.iter().map(|packing| packing.bits).sum();
            if bits + place_bits <= u64::BITS {
                self.sort_packed::<u64>(rows, &part, &packings, next, place_bits, &mut left);
            } else {
                self.sort_packed::<u128>(rows, &part, &packings, next, place_bits, &mut left);
            }
        }
    }

    /// How the next columns fit into `room` bits, as many as do, and what is to be compared where those bits are equal.
    fn packings(&self, rows: &[u32], part: &Part, mut room: u32) -> (Vec<Packing>, Option<(usize, usize)>) {
        let mut packings = Vec::new();
        for column in part.column..self.columns.len() {
            let byte = if column == part.column { part.byte } else { 0 };
            let Some(packing) = Packing::of(&self.columns[column], rows, byte, room) else {
                return (packings, Some((column, byte)));
            };
            let rest = packing.rest;
            room -= packing.bits;
            packings.push(packing);
            if let Rest::From(byte) = rest {
                return (packings, Some((column, byte)));
            }
        }
        (packings, None)
    }

    /// Sorts rows by their bits, and adds those that are equal in them to what is `left`.
    fn sort_packed<W: Word>(
        &self,
        rows: &mut [u32],
        part: &Part,
        packings: &[Packing],
        next: Option<(usize, usize)>,
        place_bits: u32,
        left: &mut Vec<Part>,
    ) {
        let columns = &self.columns[part.column..];
        let mut words: Vec<W> = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            let mut bits = 0;
            for (packing, column) in packings.iter().zip(columns) {
                bits = bits << packing.bits | packing.bits_of(&column.key(*row as usize));
            }
            words.push(W::of(bits << place_bits | place as u128));
        }
        words.sort_unstable();
        let old = rows.to_vec();
        let place_mask = (1_u128 << place_bits) - 1;
        for (row, word) in rows.iter_mut().zip(&words) {
            *row = old[usize::try_from(word.bits() & place_mask).unwrap_or(0)];
        }
        let Some((column, byte)) = next else { return };
        let mut from = 0;
        for same in words.chunk_by(|a, b| a.bits() >> place_bits == b.bits() >> place_bits) {
            if same.len() > 1 {
                left.push(Part { from: part.from + from, to: part.from + from + same.len(), column, byte });
            }
            from += same.len();
        }
    }

    /// Which of two rows of a part comes first; of equals the one that stood first.
    fn compare(&self, part: &Part, a: usize, b: usize) -> Ordering {
        let orders = self.columns[part.column..].iter().map(|column| column.compare(a, b));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.cmp(&b))
    }

    fn insert_all(&self, rows: &mut [u32], part: &Part) {
        for next in 1..rows.len() {
            let mut at = next;
            while at > 0 && self.compare(part, rows[at] as usize, rows[at - 1] as usize).is_lt() {
                rows.swap(at, at - 1);
                at -= 1;
            }
        }
    }
}
