//! The two quicksorts of `flagon::order`, step by step: each step is told by the sort itself while it works.

use flagon::order::quicksort::{Step, in_place_watched, stable_watched};
use serde::{Deserialize, Serialize};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    Stable,
    #[default]
    InPlace,
}

/// A sort, from its first step to its last.
#[derive(Debug, Serialize)]
pub(crate) struct Course {
    sort: Sort,
    /// How the numbers stood whenever a part was begun, and at the end.
    pub(crate) pictures: Vec<Picture>,
    pub(crate) steps: usize,
    pub(crate) comparisons: usize,
    pub(crate) swaps: usize,
    pub(crate) writes: usize,
    pub(crate) depth: usize,
    /// Bytes besides the numbers themselves, but for the stack.
    pub(crate) bytes: usize,
    /// The step that was asked for.
    pub(crate) chosen: Option<Chosen>,
}

/// One step, looked at closely.
#[derive(Debug, Serialize)]
pub(crate) struct Chosen {
    pub(crate) number: usize,
    kind: &'static str,
    values: Vec<u32>,
    picture: Picture,
}

/// The numbers as bars.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Picture {
    bars: Vec<Bar>,
    buffer: Vec<Option<u32>>,
    from: usize,
    to: usize,
    comparisons: usize,
    moves: usize,
    has_ended: bool,
    pub(crate) is_heapsort: bool,
}

/// One number: where its bar is drawn, and what is being done with it.
#[derive(Debug, Clone, Serialize)]
struct Bar {
    x: usize,
    y: u32,
    tall: u32,
    value: u32,
    class: &'static str,
}

/// How wide a bar is drawn, with the gap to the next.
const WIDE: usize = 10;
/// How tall the tallest is: the largest number, and a little for 0.
const TALL: u32 = super::input::LARGEST + 3;

/// The numbers while they are sorted.
struct Stage<'n> {
    numbers: &'n [u32],
    /// Which element stands at each place.
    order: Vec<usize>,
    buffer: Vec<Option<u32>>,
    part: (usize, usize),
    pivot: Option<usize>,
    comparisons: usize,
    swaps: usize,
    writes: usize,
    depth: usize,
}

impl Course {
    /// Sorts `numbers`, and looks closely at step `chosen`, counted from 1.
    pub(crate) fn of(sort: Sort, numbers: &[u32], chosen: Option<usize>) -> Self {
        let mut steps = Vec::new();
        let mut watch = |step| steps.push(step);
        let mut sorted = numbers.to_vec();
        match sort {
            Sort::Stable => stable_watched(&mut sorted, Ord::cmp, &mut watch),
            Sort::InPlace => in_place_watched(&mut sorted, Ord::cmp, &mut watch),
        }
        let mut stage = Stage::new(numbers, sort);
        let mut pictures = Vec::new();
        let mut looked_at = None;
        for (number, step) in (1..).zip(&steps) {
            let values = stage.values(*step);
            let class = |place| if touched(*step).contains(&Some(place)) { "touched" } else { "" };
            let before = (chosen == Some(number)).then(|| stage.picture(class));
            stage.take(*step);
            if matches!(step, Step::Part { from, to, .. } if to > from) || matches!(step, Step::Heapsort(..))
            {
                let is_heapsort = matches!(step, Step::Heapsort(..));
                pictures.push(Picture { is_heapsort, ..stage.picture(|_| "") });
            }
            if let Some(picture) = before {
                // Marked as they stood before, but the part and the pivot as the step says.
                let picture = if values.is_empty() { stage.picture(|_| "") } else { picture };
                looked_at = Some(Chosen { number, kind: kind(*step), values, picture });
            }
        }
        stage.part = (0, 0);
        stage.pivot = None;
        pictures.push(Picture {
            has_ended: true,
            ..Stage { order: stage.ended(sort, &sorted), ..stage }.picture(|_| "")
        });
        let Stage { comparisons, swaps, writes, depth, .. } = Stage::counted(&steps);
        let bytes = if sort == Sort::Stable { 2 * numbers.len() * size_of::<usize>() } else { 0 };
        Self {
            sort,
            pictures,
            steps: steps.len(),
            comparisons,
            swaps,
            writes,
            depth,
            bytes,
            chosen: looked_at,
        }
    }
}

impl<'n> Stage<'n> {
    fn new(numbers: &'n [u32], sort: Sort) -> Self {
        let buffer = if sort == Sort::Stable { vec![None; numbers.len()] } else { Vec::new() };
        Self {
            numbers,
            order: (0..numbers.len()).collect(),
            buffer,
            part: (0, numbers.len()),
            pivot: None,
            comparisons: 0,
            swaps: 0,
            writes: 0,
            depth: 0,
        }
    }

    /// Only what is counted.
    fn counted(steps: &[Step]) -> Stage<'static> {
        let mut stage = Stage::new(&[], Sort::InPlace);
        for step in steps {
            stage.count(*step);
        }
        stage
    }

    fn count(&mut self, step: Step) {
        match step {
            Step::Compare(..) => self.comparisons += 1,
            Step::Swap(a, b) if a != b => self.swaps += 1,
            Step::Buffer { .. } | Step::Write { .. } => self.writes += 1,
            Step::Part { depth, .. } => self.depth = self.depth.max(depth + 1),
            _ => {}
        }
    }

    /// Does what the step says.
    fn take(&mut self, step: Step) {
        self.count(step);
        match step {
            Step::Part { from, to, .. } => {
                self.part = (from, to);
                self.pivot = None;
                self.buffer.fill(None);
            }
            Step::Pivot(place) => self.pivot = Some(place),
            Step::Swap(a, b) => {
                self.order.swap(a, b);
                self.pivot = self.pivot.map(|pivot| {
                    if pivot == a {
                        b
                    } else if pivot == b {
                        a
                    } else {
                        pivot
                    }
                });
            }
            Step::Buffer { place, slot } => self.buffer[slot] = Some(self.numbers[self.order[place]]),
            Step::Write { place, element } => self.order[place] = element,
            _ => {}
        }
    }

    /// The numbers that a step is about.
    fn values(&self, step: Step) -> Vec<u32> {
        let at = |place: usize| self.numbers[self.order[place]];
        match step {
            Step::Pivot(place) | Step::Buffer { place, .. } => vec![at(place)],
            Step::Compare(a, b) | Step::Swap(a, b) => vec![at(a), at(b)],
            Step::Write { element, .. } => vec![self.numbers[element]],
            _ => Vec::new(),
        }
    }

    /// How the elements stand at the end: a stable sort brings them there after its last step, and may have seen at once that they only
    /// have to be turned round.
    fn ended(&self, sort: Sort, sorted: &[u32]) -> Vec<usize> {
        if sort == Sort::InPlace || !self.order.is_sorted() {
            return self.order.clone();
        }
        let is_turned =
            self.order.iter().zip(sorted).any(|(element, number)| self.numbers[*element] != *number);
        if is_turned { self.order.iter().rev().copied().collect() } else { self.order.clone() }
    }

    fn picture(&self, class: impl Fn(usize) -> &'static str) -> Picture {
        let (from, to) = self.part;
        let bar = |(place, element): (usize, &usize)| {
            let value = self.numbers[*element];
            let class = match class(place) {
                "" if self.pivot == Some(place) => "pivot",
                "" if (from..to).contains(&place) => "part",
                class => class,
            };
            Bar { x: place * WIDE, y: TALL - value - 2, tall: value + 2, value, class }
        };
        Picture {
            bars: self.order.iter().enumerate().map(bar).collect(),
            buffer: self.buffer.clone(),
            from: from + 1,
            to,
            comparisons: self.comparisons,
            moves: self.swaps + self.writes,
            has_ended: false,
            is_heapsort: false,
        }
    }
}

/// The places that a step touches.
fn touched(step: Step) -> [Option<usize>; 2] {
    match step {
        Step::Compare(a, b) | Step::Swap(a, b) => [Some(a), Some(b)],
        Step::Buffer { place, .. } | Step::Write { place, .. } => [Some(place), None],
        _ => [None, None],
    }
}

/// The name of the sentence that tells a step.
fn kind(step: Step) -> &'static str {
    match step {
        Step::Part { .. } => "part",
        Step::Pivot(_) => "pivot",
        Step::Compare(..) => "compare",
        Step::Swap(..) => "swap",
        Step::Buffer { .. } => "buffer",
        Step::Write { .. } => "write",
        _ => "heapsort",
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::input::{LARGEST, Shape},
        *,
    };

    /// What the page draws is what the sort did: the last picture is sorted, for every shape and both sorts.
    #[test]
    fn the_last_picture_is_sorted() {
        for shape in Shape::ALL {
            for count in [1, 2, 16, 17, 24, 64] {
                let numbers = shape.numbers(count, LARGEST + 1);
                for sort in [Sort::Stable, Sort::InPlace] {
                    let course = Course::of(sort, &numbers, Some(1));
                    let last: Vec<u32> =
                        course.pictures.last().unwrap().bars.iter().map(|bar| bar.value).collect();
                    let mut expected = numbers.clone();
                    expected.sort_unstable();
                    assert_eq!(last, expected, "{shape:?} {count} {sort:?}");
                    assert!(course.steps == 0 || course.chosen.is_some());
                    for number in 1..=course.steps.min(40) {
                        assert_eq!(Course::of(sort, &numbers, Some(number)).chosen.unwrap().number, number);
                    }
                }
            }
        }
    }
}
