//! Quicksort that keeps the order of equal elements, by partitioning into a buffer.
//!
//! What moves are numbers of elements. The elements follow at the end, each by at most one swap, when no comparison can panic any more.

use std::cmp::Ordering;

use super::{
    SMALL, heap, patience,
    pivot::{self, Look},
    watch::{Step, Watch},
};
use crate::permutation;

pub(super) fn sort<T, F, W>(items: &mut [T], compare: F, watch: &mut W)
where
    F: FnMut(&T, &T) -> Ordering,
    W: Watch,
{
    let mut order: Vec<usize> = (0..items.len()).collect();
    let mut sorter = Sorter { items: &*items, compare, watch, buffer: vec![0; items.len()] };
    match sorter.look(&order) {
        Look::Sorted => return,
        Look::Reversed => order.reverse(),
        Look::Mixed => sorter.part(&mut order, 0, patience(items.len()), 0),
    }
    permutation::apply(items, &mut order);
}

struct Sorter<'s, T, F, W> {
    items: &'s [T],
    compare: F,
    watch: &'s mut W,
    buffer: Vec<usize>,
}

impl<T, F: FnMut(&T, &T) -> Ordering, W: Watch> Sorter<'_, T, F, W> {
    /// Sorts the part of the numbers that begins at the place `base` of all.
    fn part(&mut self, mut order: &mut [usize], mut base: usize, mut limit: u32, depth: usize) {
        loop {
            let length = order.len();
            self.watch.step(Step::Part { from: base, to: base + length, depth });
            if length <= SMALL {
                return self.insert_all(order, base);
            }
            if limit == 0 {
                return self.heapsort(order, base);
            }
            let (pivot, _) = pivot::choose(length, |a, b| self.at(order, base, a, b).is_lt());
            let (less, greater) = self.divide(order, base, pivot);
            if less.max(length - greater) > length / 8 * 7 {
                limit -= 1;
            }
            let (low, rest) = order.split_at_mut(less);
            let high = &mut rest[greater - less..];
            // The larger part is the next turn, so that the stack holds log₂ n calls at most.
            if low.len() < high.len() {
                self.part(low, base, limit, depth + 1);
                (order, base) = (high, base + greater);
            } else {
                self.part(high, base + greater, limit, depth + 1);
                order = low;
            }
        }
    }

    /// Compares the elements at two places of a part.
    fn at(&mut self, order: &[usize], base: usize, a: usize, b: usize) -> Ordering {
        self.watch.step(Step::Compare(base + a, base + b));
        (self.compare)(&self.items[order[a]], &self.items[order[b]])
    }

    /// Puts what is less than the pivot first and what is greater last, each in the order it had; gives where the first end and the last
    /// begin. What is less is written further to the front at once, as all before it has been read; the rest waits in the buffer, what
    /// equals the pivot from the buffer's beginning, what is greater from its end.
    fn divide(&mut self, order: &mut [usize], base: usize, pivot: usize) -> (usize, usize) {
        let length = order.len();
        let pivot_number = order[pivot];
        self.watch.step(Step::Pivot(base + pivot));
        let (mut less, mut equal, mut greater) = (0, 0, length);
        for at in 0..length {
            let number = order[at];
            let side = if at == pivot {
                Ordering::Equal // without asking: so that each turn has one element less
            } else {
                self.watch.step(Step::Compare(base + at, base + pivot));
                (self.compare)(&self.items[number], &self.items[pivot_number])
            };
            match side {
                Ordering::Less => {
                    self.watch.step(Step::Write { place: base + less, element: number });
                    order[less] = number;
                    less += 1;
                }
                Ordering::Equal => {
                    self.watch.step(Step::Buffer { place: base + at, slot: equal });
                    self.buffer[equal] = number;
                    equal += 1;
                }
                Ordering::Greater => {
                    greater -= 1;
                    self.watch.step(Step::Buffer { place: base + at, slot: greater });
                    self.buffer[greater] = number;
                }
            }
        }
        for (at, &number) in
            (less..).zip(self.buffer[..equal].iter().chain(self.buffer[greater..length].iter().rev()))
        {
            self.watch.step(Step::Write { place: base + at, element: number });
            order[at] = number;
        }
        (less, less + equal)
    }

    /// Whether all are in order, or all in the opposite one without equals: found by one comparison for each neighbour.
    fn look(&mut self, order: &[usize]) -> Look {
        let mut descends = false;
        for at in 1..order.len() {
            let less = self.at(order, 0, at, at - 1).is_lt();
            if at == 1 {
                descends = less;
            } else if descends != less {
                return Look::Mixed;
            }
        }
        if descends { Look::Reversed } else { Look::Sorted }
    }

    fn insert_all(&mut self, order: &mut [usize], base: usize) {
        for next in 1..order.len() {
            let mut at = next;
            while at > 0 && self.at(order, base, at, at - 1).is_lt() {
                self.watch.step(Step::Swap(base + at, base + at - 1));
                order.swap(at, at - 1);
                at -= 1;
            }
        }
    }

    /// Heapsort is not stable by itself; that no two elements are equal makes it so, as their numbers decide.
    fn heapsort(&mut self, order: &mut [usize], base: usize) {
        let length = order.len();
        self.watch.step(Step::Heapsort(base, base + length));
        heap::sort(
            &mut (self, order),
            length,
            |(sorter, order), a, b| {
                sorter.at(order, base, a, b).then_with(|| order[a].cmp(&order[b])).is_lt()
            },
            |(sorter, order), a, b| {
                sorter.watch.step(Step::Swap(base + a, base + b));
                order.swap(a, b);
            },
        );
    }
}
