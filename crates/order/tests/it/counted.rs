//! Comparisons, counted: no input makes the quicksorts slow.

use std::cmp::Ordering;

use flagon_order::{
    quicksort::{self, Step},
    top_k,
};

/// Inputs that have made quicksorts quadratic.
pub(super) fn shapes(length: u32) -> Vec<(&'static str, Vec<u32>)> {
    let up = || 0..length;
    let mut random = 1_u32;
    let mut next = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random >> 8
    };
    vec![
        ("sorted", up().collect()),
        ("reversed", up().rev().collect()),
        ("all equal", vec![7; length as usize]),
        ("organ pipes", up().take(length as usize / 2).chain((0..length / 2).rev()).collect()),
        ("a valley", (0..length / 2).rev().chain(0..length / 2).collect()),
        ("a saw", up().map(|number| number % 100).collect()),
        ("two values", up().map(|number| number % 2).collect()),
        ("sorted, but the last", up().skip(1).chain([0]).collect()),
        ("by its middles", middles(length)),
        ("random", up().map(|_| next()).collect()),
        ("random, few values", up().map(|_| next() % 16).collect()),
    ]
}

/// Each half's median in front of it: what makes taking the middle element quadratic.
fn middles(length: u32) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..length).collect();
    for end in (2..numbers.len()).rev() {
        numbers.swap(end / 2, end);
    }
    numbers
}

/// How many comparisons are allowed: less than four for each level of a perfect tree.
fn bound(length: usize) -> usize {
    4 * length * length.ilog2() as usize
}

#[test]
fn no_shape_takes_more_than_n_log_n() {
    for length in [1000, 30_000] {
        for (name, numbers) in shapes(length) {
            let mut counts = [0, 0];
            let compare = |count: &mut usize, a: &u32, b: &u32| {
                *count += 1;
                a.cmp(b)
            };
            quicksort::stable(&mut numbers.clone(), |a, b| compare(&mut counts[0], a, b));
            quicksort::in_place(&mut numbers.clone(), |a, b| compare(&mut counts[1], a, b));
            for count in counts {
                assert!(count <= bound(numbers.len()), "{name}: {counts:?} comparisons of {length}");
            }
            if ["sorted", "reversed", "all equal"].contains(&name) {
                assert!(
                    counts.iter().all(|count| *count <= 3 * numbers.len()),
                    "{name}: {counts:?} of {length}"
                );
            }
        }
    }
}

/// McIlroy, *A Killer Adversary for Quicksort*, Software: Practice and Experience 29, 1999: values are decided while they are compared, so
/// that each pivot turns out to be among the smallest.
struct Adversary {
    values: Vec<usize>,
    solid: usize,
    candidate: usize,
    comparisons: usize,
}

impl Adversary {
    fn new(length: usize) -> Self {
        let mut values = vec![length; length];
        // So that the beginning does not look sorted: it would be decided to be.
        (values[1], values[0], values[length / 4], values[length / 4 - 1]) = (0, 1, 2, 3);
        Self { values, solid: 4, candidate: 0, comparisons: 0 }
    }

    fn compare(&mut self, a: usize, b: usize) -> Ordering {
        let gas = self.values.len();
        self.comparisons += 1;
        if self.values[a] == gas && self.values[b] == gas {
            let frozen = if a == self.candidate { a } else { b };
            self.values[frozen] = self.solid;
            self.solid += 1;
        }
        if self.values[a] == gas {
            self.candidate = a;
        } else if self.values[b] == gas {
            self.candidate = b;
        }
        self.values[a].cmp(&self.values[b])
    }
}

#[test]
fn mcilroys_adversary_meets_heapsort() {
    const LENGTH: usize = 20_000;
    let mut heapsorts = [0, 0];
    let mut adversaries = [Adversary::new(LENGTH), Adversary::new(LENGTH)];
    let numbers = || (0..LENGTH).collect::<Vec<usize>>();
    let [of_stable, of_in_place] = &mut adversaries;
    let heapsort = |step| usize::from(matches!(step, Step::Heapsort(..)));
    let mut stable = numbers();
    quicksort::stable_watched(&mut stable, |a, b| of_stable.compare(*a, *b), &mut |step| {
        heapsorts[0] += heapsort(step);
    });
    let mut in_place = numbers();
    quicksort::in_place_watched(&mut in_place, |a, b| of_in_place.compare(*a, *b), &mut |step| {
        heapsorts[1] += heapsort(step);
    });
    for (adversary, sorted) in adversaries.iter().zip([stable, in_place]) {
        assert!(adversary.comparisons <= bound(LENGTH), "{}", adversary.comparisons);
        assert!(sorted.is_sorted_by_key(|number| adversary.values[*number]));
    }
    assert!(
        heapsorts.iter().all(|count| *count > 0),
        "the adversary found no way to bad pivots: {heapsorts:?}"
    );
    // The input that it made, again and as numbers.
    for adversary in &adversaries {
        let mut count = 0;
        let compare = |count: &mut usize, a: &usize, b: &usize| {
            *count += 1;
            a.cmp(b)
        };
        quicksort::in_place(&mut adversary.values.clone(), |a, b| compare(&mut count, a, b));
        quicksort::stable(&mut adversary.values.clone(), |a, b| compare(&mut count, a, b));
        assert!(count <= 2 * bound(LENGTH), "{count}");
    }
}

#[test]
fn the_stack_stays_low() {
    for (name, numbers) in shapes(30_000) {
        let mut deepest = 0;
        let mut watch = |step| {
            if let Step::Part { depth, .. } = step {
                deepest = deepest.max(depth);
            }
        };
        quicksort::in_place_watched(&mut numbers.clone(), Ord::cmp, &mut watch);
        quicksort::stable_watched(&mut numbers.clone(), Ord::cmp, &mut watch);
        assert!(deepest <= 15, "{name}: {deepest} calls"); // log₂ 30,000 is 14.9
    }
}

#[test]
fn the_first_few_cost_little_more_than_a_look_at_each() {
    let (_, numbers) = shapes(30_000).pop().unwrap();
    let mut count = 0;
    top_k(&numbers, 20, |a, b| {
        count += 1;
        a.cmp(b)
    });
    assert!(count < 33_000, "{count}");
    let falling: Vec<u32> = (0..30_000).rev().collect();
    let mut count = 0;
    top_k(&falling, 20, |a, b| {
        count += 1;
        a.cmp(b)
    });
    assert!(count <= 30_000 * (2 * 5 + 1), "{count}: each goes through a heap of 20 at worst");
}
