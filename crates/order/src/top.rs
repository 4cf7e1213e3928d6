//! The first few of many, without sorting the rest.

use std::cmp::Ordering;

/// The first `k` of `items`, in order, as if all had been sorted by a stable sort.
///
/// The `k` best so far are kept in a heap whose worst is on top: an element that is no better costs one comparison and nothing else. Never
/// more than O(n log k) comparisons, and memory for `k` references.
///
/// # Examples
///
/// ```
/// let scores = [3, 9, 1, 7, 9];
/// assert_eq!(flagon_order::top_k(&scores, 3, |a, b| b.cmp(a)), [&9, &9, &7]);
/// ```
pub fn top_k<T>(items: &[T], k: usize, mut compare: impl FnMut(&T, &T) -> Ordering) -> Vec<&T> {
    // Of equals the earlier is better, so that the result is what a stable sort would give.
    let mut is_worse = |&a: &usize, &b: &usize| compare(&items[a], &items[b]).then(a.cmp(&b)).is_gt();
    let k = k.min(items.len());
    let mut heap: Vec<usize> = (0..k).collect();
    for at in (0..k / 2).rev() {
        sift(&mut heap, at, &mut is_worse);
    }
    for place in k..items.len() {
        if let Some(worst) = heap.first_mut()
            && is_worse(worst, &place)
        {
            *worst = place;
            sift(&mut heap, 0, &mut is_worse);
        }
    }
    for last in (1..k).rev() {
        heap.swap(0, last);
        sift(&mut heap[..last], 0, &mut is_worse);
    }
    heap.into_iter().map(|place| &items[place]).collect()
}

/// Lets the element at `at` sink below those that are worse.
fn sift(heap: &mut [usize], mut at: usize, is_worse: &mut impl FnMut(&usize, &usize) -> bool) {
    loop {
        let mut child = 2 * at + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && is_worse(&heap[child + 1], &heap[child]) {
            child += 1;
        }
        if !is_worse(&heap[child], &heap[at]) {
            return;
        }
        heap.swap(at, child);
        at = child;
    }
}
