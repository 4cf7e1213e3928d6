//! The two quicksorts: one that is stable and partitions into a buffer, and one in place.
//!
//! In: a slice and a comparison. Out: the slice, ordered. Never: loses or doubles an element, whatever the comparison does: panic,
//! contradict itself, or look for the worst case on purpose.
//!
//! Both choose a pivot, put what is smaller before it and what is larger after it, and go on with both parts (Hoare, *Algorithm 64:
//! Quicksort*, CACM 4, 1961; *Quicksort*, The Computer Journal 5, 1962).
//!
//! | | [`stable`] | [`in_place`] |
//! |---|---|---|
//! | equal elements | keep their order | may change theirs |
//! | memory besides the slice | two numbers for each element, and the stack | the stack |
//! | the stack | at most log₂ n calls: the smaller part is called, the larger one is the loop's next turn | the same |
//! | comparisons | O(n log n), always: after log₂ n bad pivots heapsort takes over (Musser 1997) | the same |
//! | already in order, or in the opposite one | n − 1 comparisons | at most about 2 n |
//!
//! # Which to take
//!
//! The standard library's, for ordinary elements. One run of `cargo xtask bench order`, 1 M numbers in no order and 1 M rows of 64 bytes by
//! three fields:
//!
//! | | numbers | rows |
//! |---|---|---|
//! | `sort_unstable` | 17 ms | 98 ms |
//! | `sort` | 24 ms | 139 ms |
//! | [`in_place`] | 76 ms | 140 ms |
//! | [`stable`] | 173 ms | 410 ms |
//!
//! These two are for where it counts that a comparison may be anything at all: `slice::sort_by` may panic when it contradicts itself. And
//! they can be [watched](in_place_watched).

mod watch;
mod heap;
mod pivot;
mod in_place;
mod stable;

use std::cmp::Ordering;

pub use watch::{Step, Unwatched, Watch};

/// Parts of so many elements are sorted by insertion: quicksort's division costs more there (Bentley & McIlroy, *Engineering a Sort
/// Function*, Software: Practice and Experience 23, 1993, "Small arrays").
const SMALL: usize = 16;

/// Sorts so that equal elements keep their order, by partitioning into a buffer.
///
/// It moves numbers of elements and not elements, so that nothing has moved yet when a comparison panics.
///
/// # Examples
///
/// ```
/// let mut words = ["pear", "fig", "plum", "kiwi"];
/// flagon_order::quicksort::stable(&mut words, |a, b| a.len().cmp(&b.len()));
/// assert_eq!(words, ["fig", "pear", "plum", "kiwi"]);
/// ```
pub fn stable<T>(items: &mut [T], compare: impl FnMut(&T, &T) -> Ordering) {
    stable_watched(items, compare, &mut Unwatched);
}

/// The same as [`stable`], and `watch` is told of each step.
///
/// Steps tell of the numbers of elements; that the elements themselves are brought into their order at the end is not told, which takes at
/// most a swap for each.
pub fn stable_watched<T>(items: &mut [T], compare: impl FnMut(&T, &T) -> Ordering, watch: &mut impl Watch) {
    stable::sort(items, compare, watch);
}

/// Sorts within the slice, without memory for elements.
///
/// # Examples
///
/// ```
/// let mut numbers = [3, 1, 2];
/// flagon_order::quicksort::in_place(&mut numbers, |a, b| b.cmp(a));
/// assert_eq!(numbers, [3, 2, 1]);
/// ```
pub fn in_place<T>(items: &mut [T], compare: impl FnMut(&T, &T) -> Ordering) {
    in_place_watched(items, compare, &mut Unwatched);
}

/// The same as [`in_place`], and `watch` is told of each step: see [`Step`] for an example.
pub fn in_place_watched<T>(items: &mut [T], compare: impl FnMut(&T, &T) -> Ordering, watch: &mut impl Watch) {
    in_place::sort(items, compare, watch);
}

/// How many bad pivots a part of `length` may have: log₂ of it, so that they cost no more than the sort itself (Musser, *Introspective
/// Sorting and Selection Algorithms*, Software: Practice and Experience 27, 1997).
fn patience(length: usize) -> u32 {
    usize::BITS - length.leading_zeros()
}
