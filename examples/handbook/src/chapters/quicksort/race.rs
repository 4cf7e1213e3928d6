//! The same numbers through six sorts: comparisons counted, time taken.

use std::time::{Duration, Instant};

use flagon::order::{
    Field, Nulls, OrderBy, OrderError,
    quicksort::{Step, in_place, in_place_watched, stable, stable_watched},
};
use serde::Serialize;

use super::textbook::{Counts, with_new_lists, without_extra_list};

/// After so many comparisons a sort has lost: what is quadratic would take minutes.
pub(crate) const BUDGET: usize = 20_000_000;

/// What came of one sort.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Runner {
    name: &'static str,
    /// `None` where it was stopped.
    pub(crate) counts: Option<Tally>,
}

/// Figures of one that arrived.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Tally {
    pub(crate) comparisons: usize,
    moves: Option<usize>,
    pub(crate) depth: Option<usize>,
    bytes: Option<usize>,
    microseconds: u64,
}

/// What the table may be ordered by; what was stopped comes last, whichever way.
const FIELDS: [Field<Runner>; 4] = [
    Field::new("comparisons", |runner: &Runner| runner.tally(|tally| Some(tally.comparisons)).into())
        .nulls(Nulls::Last),
    Field::new("time", |runner: &Runner| runner.counts.as_ref().map(|tally| tally.microseconds).into())
        .nulls(Nulls::Last),
    Field::new("memory", |runner: &Runner| runner.tally(|tally| tally.bytes).into()).nulls(Nulls::Last),
    Field::new("name", |runner: &Runner| runner.name.into()).unique(),
];

impl Runner {
    fn tally(&self, of: impl Fn(&Tally) -> Option<usize>) -> Option<u64> {
        self.counts.as_ref().and_then(of).and_then(|count| u64::try_from(count).ok())
    }
}

/// Reads the order of the table, such as `-comparisons`.
///
/// # Errors
///
/// When it is none: the answer is a 400 that names the fields.
pub(crate) fn order(text: &str) -> Result<OrderBy<Runner>, OrderError> {
    OrderBy::parse(text, &FIELDS)
}

/// Sorts `numbers` six times. It takes up to a second or two: not on the event loop.
pub(crate) fn run(numbers: &[u32], order: &OrderBy<Runner>) -> Vec<Runner> {
    let number = size_of::<u32>();
    let mut runners = vec![
        textbook("with_new_lists", || with_new_lists(numbers, BUDGET).map(|(_, counts)| counts), number),
        textbook("without_extra_list", || without_extra_list(&mut numbers.to_vec(), BUDGET), number),
        watched("stable", numbers, 2 * numbers.len() * size_of::<usize>(), |copy, count| {
            stable_watched(copy, Ord::cmp, &mut |step| count.add(step));
        }),
        watched("in_place", numbers, 0, |copy, count| {
            in_place_watched(copy, Ord::cmp, &mut |step| count.add(step));
        }),
        standard("std_sort", numbers, |copy, comparisons| {
            copy.sort_by(|a, b| {
                *comparisons += 1;
                a.cmp(b)
            });
        }),
        standard("std_sort_unstable", numbers, |copy, comparisons| {
            copy.sort_unstable_by(|a, b| {
                *comparisons += 1;
                a.cmp(b)
            });
        }),
    ];
    for (runner, sort) in runners.iter_mut().zip([
        None,
        None,
        Some(stable as Plain),
        Some(in_place),
        Some(std_sort),
        Some(std_sort_unstable),
    ]) {
        if let (Some(tally), Some(sort)) = (&mut runner.counts, sort) {
            // A second time without counting, which costs more than sorting.
            tally.microseconds = timed(|| sort(&mut numbers.to_vec(), u32::cmp)).1;
        }
    }
    order.sort(&mut runners);
    runners
}

type Plain = fn(&mut [u32], fn(&u32, &u32) -> std::cmp::Ordering);

fn std_sort(numbers: &mut [u32], compare: fn(&u32, &u32) -> std::cmp::Ordering) {
    numbers.sort_by(compare);
}

fn std_sort_unstable(numbers: &mut [u32], compare: fn(&u32, &u32) -> std::cmp::Ordering) {
    numbers.sort_unstable_by(compare);
}

/// What a watched sort did.
#[derive(Default)]
struct Count(Counts);

impl Count {
    fn add(&mut self, step: Step) {
        match step {
            Step::Compare(..) => self.0.comparisons += 1,
            Step::Swap(a, b) if a != b => self.0.moves += 2,
            Step::Buffer { .. } | Step::Write { .. } => self.0.moves += 1,
            Step::Part { depth, .. } => self.0.depth = self.0.depth.max(depth + 1),
            _ => {}
        }
    }
}

fn textbook(name: &'static str, sort: impl FnOnce() -> Option<Counts>, number: usize) -> Runner {
    let (counts, microseconds) = timed(sort);
    let counts = counts.map(|counts| Tally {
        comparisons: counts.comparisons,
        moves: Some(counts.moves),
        depth: Some(counts.depth),
        bytes: Some(counts.elements * number),
        microseconds,
    });
    Runner { name, counts }
}

fn watched(
    name: &'static str,
    numbers: &[u32],
    bytes: usize,
    sort: impl Fn(&mut [u32], &mut Count),
) -> Runner {
    let mut count = Count::default();
    sort(&mut numbers.to_vec(), &mut count);
    let Counts { comparisons, moves, depth, .. } = count.0;
    let tally =
        Tally { comparisons, moves: Some(moves), depth: Some(depth), bytes: Some(bytes), microseconds: 0 };
    Runner { name, counts: Some(tally) }
}

fn standard(name: &'static str, numbers: &[u32], sort: impl Fn(&mut [u32], &mut usize)) -> Runner {
    let mut comparisons = 0;
    sort(&mut numbers.to_vec(), &mut comparisons);
    Runner {
        name,
        counts: Some(Tally { comparisons, moves: None, depth: None, bytes: None, microseconds: 0 }),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let begun = Instant::now();
    let done = work();
    (done, u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// How long all together may take before the page says that it did not: the budget ends them long before.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
