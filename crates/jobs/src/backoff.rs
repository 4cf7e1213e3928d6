//! How long a job that failed waits before it is tried again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// How long a job that failed waits: doubling from `first` up to `longest`, of which between half and all is taken at random, so that
/// what failed together does not come back together.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon_jobs::Backoff;
///
/// let backoff = Backoff::from(Duration::from_secs(10));
/// let third = backoff.pause(3);
/// assert!(third >= Duration::from_secs(20) && third <= Duration::from_secs(40));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest pause after the first failure.
    pub first: Duration,
    /// The longest pause of all.
    pub longest: Duration,
}

impl Backoff {
    /// From `first` to an hour.
    pub const fn from(first: Duration) -> Self {
        let hour = Duration::from_hours(1);
        Self { first, longest: if first.as_secs() > hour.as_secs() { first } else { hour } }
    }

    /// The pause after the failure of `attempt`, counted from 1.
    pub fn pause(&self, attempt: u32) -> Duration {
        #[expect(clippy::cast_possible_truncation, reason = "sixteen of its bits are enough")]
        let random = RandomState::new().hash_one(attempt) as u16;
        self.pause_by(attempt, f64::from(random) / f64::from(u16::MAX))
    }

    /// The same with a number from 0 to 1 in the place of chance.
    fn pause_by(&self, attempt: u32, part: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1).min(31));
        let longest = self.first.saturating_mul(doubled).min(self.longest);
        longest.mul_f64(0.5 + part / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_doubles_up_to_the_longest() {
        let backoff = Backoff::from(Duration::from_secs(10));
        let all: Vec<_> = (1..=11).map(|attempt| backoff.pause_by(attempt, 1.0).as_secs()).collect();
        assert_eq!(all, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        assert_eq!(backoff.pause_by(u32::MAX, 0.0), Duration::from_mins(30));
        assert_eq!(Backoff::from(Duration::from_hours(2)).pause_by(9, 1.0), Duration::from_hours(2));
    }

    proptest! {
        #[test]
        fn it_is_between_half_and_all(first in 0_u64..100_000, attempt in 0_u32..100, part in 0.0..=1.0_f64) {
            let backoff = Backoff::from(Duration::from_millis(first));
            let (least, most) = (backoff.pause_by(attempt, 0.0), backoff.pause_by(attempt, 1.0));
            let pause = backoff.pause_by(attempt, part);
            prop_assert!(least <= pause && pause <= most && most <= backoff.longest);
            prop_assert!(backoff.pause(attempt) <= most);
        }
    }
}
