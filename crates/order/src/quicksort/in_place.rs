//! Quicksort within the slice: Peters' *Pattern-defeating Quicksort* (arXiv:2106.05123), by swaps alone.
//!
//! Elements are only ever swapped, and every loop is bounded by places, not by what comparisons say. So nothing is lost when one panics,
//! and contradictions end.

use std::cmp::Ordering;

use super::{
    SMALL, heap, patience,
    pivot::{self, Look},
    watch::{Step, Watch},
};

/// How many elements may be out of place in a part that looks sorted before it is divided after all (§3.3 of the paper).
const MISPLACED: usize = 5;
/// In shorter parts nothing is moved to find out: dividing them is cheap.
const WORTH_MOVING: usize = 50;

pub(super) fn sort<T, F, W>(items: &mut [T], compare: F, watch: &mut W)
where
    F: FnMut(&T, &T) -> Ordering,
    W: Watch,
{
    let limit = patience(items.len());
    Sorter { compare, watch }.part(Part { items, base: 0 }, None, limit, 0);
}

/// A part of the slice, and the place in the whole where it begins.
struct Part<'s, T> {
    items: &'s mut [T],
    base: usize,
}

struct Sorter<'w, F, W> {
    compare: F,
    watch: &'w mut W,
}

impl<F, W: Watch> Sorter<'_, F, W> {
    /// Sorts `part`; `before` is the element in front of it, which is not larger than any of it.
    fn part<'s, T>(&mut self, mut part: Part<'s, T>, mut before: Option<&'s T>, mut limit: u32, depth: usize)
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        let (mut was_balanced, mut was_divided) = (true, true);
        loop {
            let length = part.items.len();
            self.watch.step(Step::Part { from: part.base, to: part.base + length, depth });
            if length <= SMALL {
                return self.insert_all(&mut part);
            }
            if limit == 0 {
                return self.heapsort(&mut part);
            }
            if !was_balanced {
                limit -= 1;
                self.break_patterns(&mut part);
            }
            let (pivot, look) = self.pivot(&mut part);
            if was_balanced && was_divided && look == Look::Sorted && self.finish(&mut part) {
                return;
            }
            // Not larger than the pivot, and not smaller than any: what equals it is in its place (Bentley & McIlroy 1993).
            if let Some(element) = before
                && !self.is_less(element, &part.items[pivot], part.base.wrapping_sub(1), part.base + pivot)
            {
                let same = self.divide_equal(&mut part, pivot);
                part = Part { items: &mut part.items[same..], base: part.base + same };
                continue;
            }
            let (middle, is_divided) = self.divide(&mut part, pivot);
            was_divided = is_divided;
            was_balanced = middle.min(length - middle) >= length / 8;
            let base = part.base;
            let (left, rest) = part.items.split_at_mut(middle);
            let Some((pivot, right)) = rest.split_first_mut() else { return };
            let pivot: &'s T = pivot;
            let left = Part { items: left, base };
            let right = Part { items: right, base: base + middle + 1 };
            // The larger part is the next turn, so that the stack holds log₂ n calls at most (Hoare 1962).
            if left.items.len() < right.items.len() {
                self.part(left, before, limit, depth + 1);
                (part, before) = (right, Some(pivot));
            } else {
                self.part(right, Some(pivot), limit, depth + 1);
                part = left;
            }
        }
    }

    /// Whether `a` comes before `b`, which stand at these places of the whole.
    fn is_less<T>(&mut self, a: &T, b: &T, at: usize, other: usize) -> bool
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        self.watch.step(Step::Compare(at, other));
        (self.compare)(a, b).is_lt()
    }

    fn is_less_at<T>(&mut self, part: &Part<'_, T>, a: usize, b: usize) -> bool
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        self.is_less(&part.items[a], &part.items[b], part.base + a, part.base + b)
    }

    fn swap<T>(&mut self, part: &mut Part<'_, T>, a: usize, b: usize) {
        self.watch.step(Step::Swap(part.base + a, part.base + b));
        part.items.swap(a, b);
    }

    /// Chooses a pivot; turns the part round where it looks descending.
    fn pivot<T>(&mut self, part: &mut Part<'_, T>) -> (usize, Look)
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        let length = part.items.len();
        let (at, look) = pivot::choose(length, |a, b| self.is_less_at(part, a, b));
        if look != Look::Reversed {
            return (at, look);
        }
        for place in 0..length / 2 {
            self.swap(part, place, length - 1 - place);
        }
        (length - 1 - at, Look::Sorted)
    }

    /// Puts what is less than the pivot before it; gives its place, and whether nothing had to be moved for that. Hoare's two scans towards
    /// each other.
    fn divide<T>(&mut self, part: &mut Part<'_, T>, pivot: usize) -> (usize, bool)
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        self.watch.step(Step::Pivot(part.base + pivot));
        self.swap(part, 0, pivot);
        let (mut low, mut high) = (1, part.items.len());
        let mut swaps = 0;
        loop {
            while low < high && self.is_less_at(part, low, 0) {
                low += 1;
            }
            while low < high && !self.is_less_at(part, high - 1, 0) {
                high -= 1;
            }
            if low >= high {
                break;
            }
            self.swap(part, low, high - 1);
            swaps += 1;
            low += 1;
            high -= 1;
        }
        self.swap(part, 0, low - 1);
        (low - 1, swaps == 0)
    }

    /// Puts what equals the pivot first, where nothing is less than it; gives how many they are.
    fn divide_equal<T>(&mut self, part: &mut Part<'_, T>, pivot: usize) -> usize
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        self.watch.step(Step::Pivot(part.base + pivot));
        self.swap(part, 0, pivot);
        let (mut low, mut high) = (1, part.items.len());
        loop {
            while low < high && !self.is_less_at(part, 0, low) {
                low += 1;
            }
            while low < high && self.is_less_at(part, 0, high - 1) {
                high -= 1;
            }
            if low >= high {
                return low;
            }
            self.swap(part, low, high - 1);
            low += 1;
            high -= 1;
        }
    }

    /// Sorts by insertion.
    fn insert_all<T>(&mut self, part: &mut Part<'_, T>)
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        for next in 1..part.items.len() {
            self.insert(part, next);
        }
    }

    /// Brings the element at `at` down to its place among those before it, which are in order.
    fn insert<T>(&mut self, part: &mut Part<'_, T>, mut at: usize)
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        while at > 0 && self.is_less_at(part, at, at - 1) {
            self.swap(part, at, at - 1);
            at -= 1;
        }
    }

    /// Sorts a part that looks sorted, and says whether it is now: it gives up soon.
    fn finish<T>(&mut self, part: &mut Part<'_, T>) -> bool
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        let length = part.items.len();
        let mut at = 1;
        for _ in 0..MISPLACED {
            while at < length && !self.is_less_at(part, at, at - 1) {
                at += 1;
            }
            if at == length {
                return true;
            }
            if length < WORTH_MOVING {
                return false;
            }
            // What is out of order stands at `at - 1` and `at`: the smaller goes down, the larger up.
            self.swap(part, at - 1, at);
            self.insert(part, at - 1);
            let mut up = at;
            while up + 1 < length && self.is_less_at(part, up + 1, up) {
                self.swap(part, up + 1, up);
                up += 1;
            }
        }
        false
    }

    /// Swaps three elements around the middle with others, after a bad pivot: the pattern that made it bad is no longer there. Which ones
    /// follows from the length alone, so that the same input takes the same steps each time.
    fn break_patterns<T>(&mut self, part: &mut Part<'_, T>) {
        let length = part.items.len();
        let mut random = u32::try_from(length & 0xffff_ffff).unwrap_or(1);
        for place in 0..3 {
            // Marsaglia, *Xorshift RNGs*, Journal of Statistical Software 8, 2003.
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            self.swap(part, length / 4 * 2 - 1 + place, random as usize % length);
        }
    }

    fn heapsort<T>(&mut self, part: &mut Part<'_, T>)
    where
        F: FnMut(&T, &T) -> Ordering,
    {
        let length = part.items.len();
        self.watch.step(Step::Heapsort(part.base, part.base + length));
        heap::sort(
            &mut (self, part),
            length,
            |(sorter, part), a, b| sorter.is_less_at(part, a, b),
            |(sorter, part), a, b| sorter.swap(part, a, b),
        );
    }
}
