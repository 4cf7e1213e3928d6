//! Looking on while a sort works.

/// One thing that a sort did. Places are counted from the beginning of the whole slice.
///
/// # Examples
///
/// ```
/// use flagon_order::quicksort::{Step, in_place_watched};
///
/// let mut compared = 0;
/// in_place_watched(&mut [2, 1, 3], Ord::cmp, &mut |step| compared += usize::from(matches!(step, Step::Compare(..))));
/// assert!(compared >= 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The part from `from` until before `to` is sorted next, inside of `depth` others that are not finished.
    Part {
        /// Its first place.
        from: usize,
        /// The place after its last.
        to: usize,
        /// How many calls are on the stack.
        depth: usize,
    },
    /// The element at this place divides the part.
    Pivot(usize),
    /// Two elements were compared.
    Compare(usize, usize),
    /// Two elements changed places.
    Swap(usize, usize),
    /// The element at `place` was put into the buffer.
    Buffer {
        /// Where it stood.
        place: usize,
        /// Where in the buffer it is.
        slot: usize,
    },
    /// An element was written to `place`: out of the buffer, or from further on.
    Write {
        /// Where it stands now.
        place: usize,
        /// Which it is: where it stood at the very beginning.
        element: usize,
    },
    /// Pivots were so bad that heapsort takes over, from this place until before that.
    Heapsort(usize, usize),
}

/// Who looks on. Closures do, and [`Unwatched`] costs nothing.
pub trait Watch {
    /// Is told of each step, before it is done.
    fn step(&mut self, step: Step);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn step(&mut self, _: Step) {}
}

impl<F: FnMut(Step)> Watch for F {
    fn step(&mut self, step: Step) {
        self(step);
    }
}
