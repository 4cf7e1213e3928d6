//! How slowly a body may come.
//!
//! In: bytes that came, time that they were waited for. Out: how much longer the client may take. Never: time in which nobody waits
//! for the body, because a view has other work to do.

use std::time::Duration;

/// The time that a client may still keep a reader of its body waiting: waiting uses it up, and bytes give it back.
///
/// So a body may pause, as a phone in a tunnel does, but not trickle for ever: on average it comes as fast as it has to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// Of each byte a thousand, of each millisecond as many as bytes are due in a second.
    left: u64,
    full: u64,
    rate: Rate,
}

/// How many bytes are due in a second.
#[derive(Debug, Clone, Copy)]
enum Rate {
    /// However few: any of them gives all the time back.
    Any,
    PerSecond(u64),
}

impl Allowance {
    /// Gives `time` to a body of which `per_second` bytes are due, or any when that is 0.
    pub(crate) fn new(time: Duration, per_second: u64) -> Self {
        let rate = if per_second == 0 { Rate::Any } else { Rate::PerSecond(per_second) };
        let full = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).saturating_mul(rate.price());
        Self { left: full, full, rate }
    }

    /// The client sent `bytes`.
    pub(crate) fn earn(&mut self, bytes: u64) {
        self.left = match self.rate {
            Rate::Any if bytes > 0 => self.full,
            Rate::Any => self.left,
            Rate::PerSecond(_) => self.left.saturating_add(bytes.saturating_mul(1000)).min(self.full),
        };
    }

    /// The reader waited for `millis`.
    pub(crate) fn spend(&mut self, millis: u64) {
        self.left = self.left.saturating_sub(millis.saturating_mul(self.rate.price()));
    }

    /// How much longer the reader waits.
    pub(crate) fn left(&self) -> Duration {
        Duration::from_millis(self.left.div_ceil(self.rate.price()))
    }
}

impl Rate {
    /// What a millisecond costs.
    fn price(self) -> u64 {
        match self {
            Self::Any => 1,
            Self::PerSecond(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn bytes_give_time_back_and_never_more_than_there_was() {
        let mut allowance = Allowance::new(10 * SECOND, 500);
        allowance.earn(1_000_000);
        assert_eq!(allowance.left(), 10 * SECOND);
        allowance.spend(9_000);
        assert_eq!(allowance.left(), SECOND);
        allowance.earn(500);
        assert_eq!(allowance.left(), 2 * SECOND);
        allowance.spend(60_000);
        assert_eq!(allowance.left(), Duration::ZERO);
    }

    #[test]
    fn a_trickle_comes_to_its_end_and_a_slow_line_does_not() {
        let lasts = |bytes_a_second: u64| {
            let mut allowance = Allowance::new(30 * SECOND, 500);
            (0..1000)
                .take_while(|_| {
                    allowance.spend(1000);
                    let is_in_time = allowance.left() > Duration::ZERO;
                    allowance.earn(bytes_a_second);
                    is_in_time
                })
                .count()
        };
        assert_eq!((lasts(1), lasts(250), lasts(500)), (30, 58, 1000));
    }

    #[test]
    fn without_a_rate_any_byte_will_do() {
        let mut allowance = Allowance::new(SECOND, 0);
        allowance.spend(999);
        allowance.earn(0);
        assert_eq!(allowance.left(), Duration::from_millis(1));
        allowance.earn(1);
        assert_eq!(allowance.left(), SECOND);
    }

    #[test]
    fn no_setting_overflows() {
        let mut allowance = Allowance::new(Duration::MAX, u64::MAX);
        allowance.earn(u64::MAX);
        allowance.spend(1);
        assert!(allowance.left() <= Duration::from_millis(1));
    }
}
