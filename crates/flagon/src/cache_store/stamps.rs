//! When tags were invalidated, by a clock that counts invalidations.
//!
//! A value remembers the time at which the reading for it began, and is stale when one of its tags was invalidated later. So a value that
//! was read before, and comes after, is never given to anybody. Tags share a fixed number of places by their hashes: memory is bounded
//! whatever tags are named after, and two that meet in a place only make values stale too often.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

const PLACES: usize = 4096;

/// A time of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// Before any invalidation.
    #[cfg(feature = "sql")]
    pub(crate) const BEGINNING: Self = Self(0);

    /// As a number, which is smaller the earlier it is.
    #[cfg(feature = "sql")]
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// The time of that number.
    #[cfg(feature = "sql")]
    pub(crate) fn of_number(number: u64) -> Self {
        Self(number)
    }
}

/// The places of a value's tags.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots(Box<[u16]>);

/// The clock, and when each place was invalidated last.
pub(crate) struct Stamps {
    clock: AtomicU64,
    places: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Stamps {
    pub(crate) fn new() -> Self {
        let places = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self { clock: AtomicU64::new(0), places, hasher: RandomState::new() }
    }

    /// Now.
    pub(crate) fn now(&self) -> Stamp {
        Stamp(self.clock.load(Ordering::SeqCst))
    }

    /// The places of `tags`.
    pub(crate) fn slots<'t>(&self, tags: impl IntoIterator<Item = &'t str>) -> Slots {
        Slots(tags.into_iter().map(|tag| self.place(tag)).collect())
    }

    fn place(&self, tag: &str) -> u16 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below the number of places")]
        let place = (self.hasher.hash_one(tag) % PLACES as u64) as u16;
        place
    }

    /// Makes everything stale that has `tag` and was begun to be read before now.
    pub(crate) fn invalidate(&self, tag: &str) {
        let now = self.clock.fetch_add(1, Ordering::SeqCst) + 1;
        self.places[usize::from(self.place(tag))].fetch_max(now, Ordering::SeqCst);
    }

    /// Whether what was begun at `stamp` holds.
    pub(crate) fn is_fresh(&self, stamp: Stamp, slots: &Slots) -> bool {
        slots.0.iter().all(|place| self.places[usize::from(*place)].load(Ordering::SeqCst) <= stamp.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_before_is_stale_and_what_is_begun_after_is_not() {
        let stamps = Stamps::new();
        let (post, other) = (stamps.slots(["post"]), stamps.slots(["a", "b"]));
        let before = stamps.now();
        assert!(stamps.is_fresh(before, &post));
        stamps.invalidate("post");
        assert!(!stamps.is_fresh(before, &post));
        assert!(stamps.is_fresh(stamps.now(), &post));
        assert!(
            stamps.is_fresh(before, &other)
                || stamps.place("post") == stamps.place("a")
                || stamps.place("post") == stamps.place("b")
        );
        assert!(stamps.is_fresh(before, &Slots::default()), "without tags only time tells");
    }
}
