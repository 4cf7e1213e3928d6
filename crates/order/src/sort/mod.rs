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
    column::{Column, Values},
    pack::{Packing, Rest},
};
use crate::{order_by::OrderBy, permutation, quicksort, top::top_k};

/// Parts of so many rows are compared row by row.
const SMALL: usize = 8;
/// In parts of so many rows it pays that numbers have 64 bits, even if more of them turn out to be equal.
const LARGE: usize = 1000;

impl<T> OrderBy<T> {
    /// Sorts rows; equal ones keep their order. It takes memory for one number for each row, and for the folded text of fields
    /// without regard to case.
    ///
    /// One run of `cargo xtask bench order`, 1 M rows, beside `slice::sort_by` with a chained comparison:
    ///
    /// | fields | this | `sort_by` | |
    /// |---|---|---|---|
    /// | a name, a score that may be missing, an id | 362 ms | 546 ms | 1.5 × |
    /// | the same, the name without regard to case | 386 ms | 1,266 ms | 3.3 × |
    /// | a score, a time, an id: numbers alone | 108 ms | 139 ms | 1.3 × |
    ///
    /// See [`OrderBy`] for an example.
    pub fn sort(&self, rows: &mut [T]) {
        if u32::try_from(rows.len()).is_err() {
            return rows.sort_by(|a, b| self.compare(a, b));
        }
        let mut order: Vec<u32> = (0..rows.len()).map(permutation::Number::from_place).collect();
        Parts { columns: column::columns(self.terms(), rows) }.sort(&mut order);
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

/// Memory that the parts use one after the other.
#[derive(Default)]
struct Scratch {
    packings: Vec<Packing>,
    narrow: Vec<u64>,
    wide: Vec<u128>,
    old: Vec<u32>,
}

/// How much of the next columns is packed.
#[derive(Clone, Copy)]
struct Packed {
    /// How many bits that is.
    bits: u32,
    /// The column and the byte from which on is compared where those bits are equal.
    next: Option<(usize, usize)>,
}

impl<T> Parts<'_, T> {
    /// Sorts the numbers of all rows; a list of what is left instead of calls, as text may be long.
    fn sort(&self, order: &mut [u32]) {
        let mut left = vec![Part { from: 0, to: order.len(), column: 0, byte: 0 }];
        let mut scratch = Scratch::default();
        while let Some(part) = left.pop() {
            let rows = &mut order[part.from..part.to];
            if rows.len() <= SMALL {
                self.insert_all(rows, &part);
                continue;
            }
            let place_bits = usize::BITS - (rows.len() - 1).leading_zeros();
            let packed = self.pack(rows, &part, place_bits, &mut scratch.packings);
            if scratch.packings.is_empty() {
                // No two are equal, as their places decide.
                quicksort::in_place(rows, |a, b| self.compare(&part, *a as usize, *b as usize));
                continue;
            }
            let Scratch { packings, narrow, wide, old, .. } = &mut scratch;
            let words = Words { columns: &self.columns[part.column..], packings, place_bits };
            if packed.bits + place_bits <= u64::BITS {
                words.sort(rows, narrow, old);
                left.extend(packed.next.into_iter().flat_map(|next| words.same(narrow, part.from, next)));
            } else {
                words.sort(rows, wide, old);
                left.extend(packed.next.into_iter().flat_map(|next| words.same(wide, part.from, next)));
            }
        }
    }

    /// Packs as many of the next columns as there is room for beside a row's place.
    fn pack(&self, rows: &[u32], part: &Part, place_bits: u32, packings: &mut Vec<Packing>) -> Packed {
        let has_text = matches!(self.columns[part.column].values(), Values::Bytes { .. });
        let is_narrow = rows.len() > LARGE && !has_text;
        let room = if is_narrow { u64::BITS } else { u128::BITS } - place_bits;
        let mut packed = Packed { bits: 0, next: None };
        packings.clear();
        for column in part.column..self.columns.len() {
            let byte = if column == part.column { part.byte } else { 0 };
            let Some(packing) = Packing::of(&self.columns[column], rows, byte, room - packed.bits) else {
                packed.next = Some((column, byte));
                return packed;
            };
            let rest = packing.rest;
            packed.bits += packing.bits;
            packings.push(packing);
            match rest {
                Rest::Nothing => continue,
                Rest::From(byte) => packed.next = Some((column, byte)),
                Rest::Below => packed.next = Some((column, 0)),
            }
            return packed;
        }
        packed
    }

    /// Which of two rows of a part comes first; of equals the one that stood first.
    fn compare(&self, part: &Part, a: usize, b: usize) -> Ordering {
        let mut columns = self.columns[part.column..].iter();
        let first = columns.next().map_or(Ordering::Equal, |column| column.compare_from(part.byte, a, b));
        let mut others = columns.map(|column| column.compare_from(0, a, b));
        first.then_with(|| others.find(|order| order.is_ne()).unwrap_or_else(|| a.cmp(&b)))
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

/// Columns packed into words.
struct Words<'p, 'r, T> {
    columns: &'p [Column<'r, T>],
    packings: &'p [Packing],
    place_bits: u32,
}

impl<T> Words<'_, '_, T> {
    /// Sorts rows by their bits, which are in `words` afterwards.
    fn sort<W: Word>(&self, rows: &mut [u32], words: &mut Vec<W>, old: &mut Vec<u32>) {
        words.clear();
        words.extend(rows.iter().enumerate().map(|(place, row)| {
            let add = |bits: u128, (packing, column): (&Packing, &Column<'_, T>)| {
                bits << packing.bits | packing.bits_of(column, *row as usize)
            };
            let bits = self.packings.iter().zip(self.columns).fold(0, add);
            W::of(bits << self.place_bits | place as u128)
        }));
        words.sort_unstable();
        old.clear();
        old.extend_from_slice(rows);
        let place_mask = (1_u128 << self.place_bits) - 1;
        for (row, word) in rows.iter_mut().zip(&*words) {
            *row = old[usize::try_from(word.bits() & place_mask).unwrap_or(0)];
        }
    }

    /// The parts whose rows have the same bits.
    fn same<W: Word>(
        &self,
        words: &[W],
        mut from: usize,
        (column, byte): (usize, usize),
    ) -> impl Iterator<Item = Part> {
        let place_bits = self.place_bits;
        let parts = words.chunk_by(move |a, b| a.bits() >> place_bits == b.bits() >> place_bits);
        parts.filter_map(move |same| {
            let part = Part { from, to: from + same.len(), column, byte };
            from = part.to;
            (same.len() > 1).then_some(part)
        })
    }
}
