//! The two quicksorts as they are mostly written down in interviews, counted, and stopped when they become quadratic.

use std::cmp::Ordering;

/// What a sort did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) comparisons: usize,
    /// Elements written elsewhere: copies into new lists, or two for each swap.
    pub(crate) moves: usize,
    /// The most calls that were not finished at one time.
    pub(crate) depth: usize,
    /// The most elements that were kept besides those of the slice itself.
    pub(crate) elements: usize,
}

/// `quick_sort(a)`: the first element is the pivot, and both sides are new lists.
///
/// `None` when it takes more than `budget` comparisons.
pub(crate) fn with_new_lists(list: &[u32], budget: usize) -> Option<(Vec<u32>, Counts)> {
    let mut counts = Counts::default();
    // What Python keeps on its stack: lists that are not sorted yet, and pivots between them.
    let mut left = vec![(list.to_vec(), 1)];
    let mut sorted: Vec<u32> = Vec::with_capacity(list.len());
    let mut waiting = list.len();
    while let Some((list, depth)) = left.pop() {
        waiting -= list.len();
        counts.depth = counts.depth.max(depth);
        let Some((&pivot, rest)) = list.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            sorted.extend(list);
            continue;
        };
        counts.comparisons += 2 * rest.len(); // each list is made by a walk of its own
        if counts.comparisons > budget {
            return None;
        }
        let smaller: Vec<u32> = rest.iter().copied().filter(|number| *number < pivot).collect();
        let others: Vec<u32> = rest.iter().copied().filter(|number| *number >= pivot).collect();
        counts.moves += 2 * list.len(); // into them, and from them into the result
        waiting += list.len();
        counts.elements = counts.elements.max(waiting + list.len());
        left.extend([(others, depth + 1), (vec![pivot], depth + 1), (smaller, depth + 1)]);
    }
    Some((sorted, counts))
}

/// `quick_sort(a, left, right)`: the first element is the pivot, and both sides are recursed into, whichever is larger.
///
/// `None` when it takes more than `budget` comparisons.
pub(crate) fn without_extra_list(list: &mut [u32], budget: usize) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut left = vec![(0, list.len(), 1)];
    while let Some((from, to, depth)) = left.pop() {
        if to - from < 2 {
            continue;
        }
        counts.depth = counts.depth.max(depth);
        let (mut low, mut high) = (from, to - 1);
        let pivot = list[from]; // a hole that the others are moved into, by turns
        while low < high {
            while low < high && compared(&mut counts, list[high], pivot) != Ordering::Less {
                high -= 1;
            }
            list[low] = list[high];
            while low < high && compared(&mut counts, list[low], pivot) != Ordering::Greater {
                low += 1;
            }
            list[high] = list[low];
            counts.moves += 2;
        }
        list[low] = pivot;
        counts.moves += 1;
        if counts.comparisons > budget {
            return None;
        }
        left.extend([(low + 1, to, depth + 1), (from, low, depth + 1)]);
    }
    Some(counts)
}

fn compared(counts: &mut Counts, a: u32, b: u32) -> Ordering {
    counts.comparisons += 1;
    a.cmp(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sort_and_sorted_input_is_their_worst() {
        let numbers: Vec<u32> = (0..300_u32).map(|number| number * 7919 % 211).collect();
        let mut expected = numbers.clone();
        expected.sort_unstable();
        let (sorted, _) = with_new_lists(&numbers, usize::MAX).unwrap();
        assert_eq!(sorted, expected);
        let mut in_place = numbers.clone();
        without_extra_list(&mut in_place, usize::MAX).unwrap();
        assert_eq!(in_place, expected);

        let (_, counts) = with_new_lists(&(0..300).collect::<Vec<_>>(), usize::MAX).unwrap();
        assert_eq!((counts.comparisons, counts.depth), (300 * 299, 300));
        let counts = without_extra_list(&mut (0..300).collect::<Vec<_>>(), usize::MAX).unwrap();
        assert_eq!((counts.comparisons, counts.depth), (300 * 299 / 2, 299));
        assert_eq!(with_new_lists(&numbers, 1000), None);
        assert_eq!(without_extra_list(&mut numbers.clone(), 1000), None);
    }
}
