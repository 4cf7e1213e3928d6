//! Comparisons that panic or contradict themselves: everything ends, and no element is lost or doubled.

use std::{
    cmp::Ordering,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use flagon_order::{Field, Key, OrderBy, quicksort, top_k};
use proptest::prelude::*;

type Sort = fn(&mut [Arc<usize>], &mut dyn FnMut(&Arc<usize>, &Arc<usize>) -> Ordering);

const SORTS: [(&str, Sort); 2] = [
    ("stable", |items, compare| quicksort::stable(items, compare)),
    ("in_place", |items, compare| {
        quicksort::in_place(items, compare);
    }),
];

fn items(length: usize) -> Vec<Arc<usize>> {
    (0..length).map(|number| Arc::new(number * 7919 % length)).collect()
}

/// That each element is there once: in the slice and nowhere else.
fn assert_complete(name: &str, items: &[Arc<usize>]) {
    let mut numbers: Vec<usize> = items.iter().map(|item| **item).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(0..items.len()), "{name}");
    assert!(items.iter().all(|item| Arc::strong_count(item) == 1), "{name}");
}

#[test]
fn a_panic_at_any_comparison_loses_nothing() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for (name, sort) in SORTS {
        for last in 0..600 {
            let mut items = items(101);
            let mut count = 0;
            let ended = catch_unwind(AssertUnwindSafe(|| {
                sort(&mut items, &mut |a, b| {
                    count += 1;
                    assert!(count <= last, "enough");
                    a.cmp(b)
                });
            }));
            assert!(ended.is_err() || count <= last);
            assert_complete(name, &items);
        }
    }
    std::panic::set_hook(quiet);
}

#[test]
fn contradictions_end() {
    let always = |order: Ordering| move |_: &Arc<usize>, _: &Arc<usize>| order;
    for (name, sort) in SORTS {
        for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
            let mut items = items(3001);
            sort(&mut items, &mut always(order));
            assert_complete(name, &items);
        }
        // Rock, paper, scissors.
        let mut items = items(3001);
        sort(&mut items, &mut |a, b| {
            [Ordering::Equal, Ordering::Less, Ordering::Greater][(**a + 2 * **b) % 3]
        });
        assert_complete(name, &items);
    }
}

proptest! {
    #[test]
    fn chance_ends_within_the_same_bound(seed: u64, length in 0..500_usize) {
        for (name, sort) in SORTS {
            let (mut random, mut count) = (seed | 1, 0);
            let mut items = items(length);
            sort(&mut items, &mut |_, _| {
                count += 1;
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                [Ordering::Less, Ordering::Equal, Ordering::Greater][(random % 3) as usize]
            });
            assert_complete(name, &items);
            prop_assert!(count <= 6 * length * (length.max(2).ilog2() as usize + 1), "{name}: {count} of {length}");
        }
    }

    #[test]
    fn the_first_few_are_different_elements(seed: u64, k in 0..40_usize) {
        let items = items(300);
        let mut random = seed | 1;
        let first = top_k(&items, k, |_, _| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if random & 8 == 0 { Ordering::Less } else { Ordering::Greater }
        });
        let mut numbers: Vec<usize> = first.into_iter().map(|item| **item).collect();
        numbers.sort_unstable();
        numbers.dedup();
        prop_assert_eq!(numbers.len(), k);
    }
}

#[test]
fn keys_that_change_or_panic_lose_no_row() {
    use std::cell::Cell;
    thread_local!(static CALLS: Cell<u64> = const { Cell::new(0) });
    fn key(row: &Arc<usize>) -> Key<'_> {
        let call = CALLS.get() + 1;
        CALLS.set(call);
        assert!(call != 2500, "enough");
        match (call * 2_654_435_761) >> 7 & 3 {
            0 => Key::Null,
            1 => Key::Real(0.5),
            2 => Key::Text("changing"),
            _ => (**row as u64).into(),
        }
    }
    const FIELDS: [Field<Arc<usize>>; 2] = [Field::new("a", key), Field::new("b", key)];
    let order = OrderBy::parse("-a,b", &FIELDS).unwrap();
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut rows = items(997);
    let first = catch_unwind(AssertUnwindSafe(|| order.sort(&mut rows)));
    assert_complete("panicking", &rows);
    order.sort(&mut rows);
    assert_complete("changing", &rows);
    assert!(first.is_err(), "2,500 calls were not made");
    std::panic::set_hook(quiet);
}
