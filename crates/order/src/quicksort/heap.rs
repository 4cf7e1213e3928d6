//! Heapsort: slower than quicksort on most input, and never slower than O(n log n) on any (Williams, *Algorithm 232: Heapsort*,
//! CACM 7, 1964). What quicksort turns to when pivots are bad.

/// Sorts `items`, whose elements `is_less` compares by their places, and `swap` swaps.
pub(super) fn sort<C>(
    context: &mut C,
    length: usize,
    is_less: impl Fn(&mut C, usize, usize) -> bool,
    swap: impl Fn(&mut C, usize, usize),
) {
    let sift = |context: &mut C, mut at: usize, length: usize| loop {
        let mut child = 2 * at + 1;
        if child >= length {
            return;
        }
        if child + 1 < length && is_less(context, child, child + 1) {
            child += 1;
        }
        if !is_less(context, at, child) {
            return;
        }
        swap(context, at, child);
        at = child;
    };
    for at in (0..length / 2).rev() {
        sift(context, at, length);
    }
    for last in (1..length).rev() {
        swap(context, 0, last);
        sift(context, 0, last);
    }
}
