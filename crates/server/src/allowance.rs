//! How slowly a body may come, and an answer be taken.
//!
//! In: bytes that went, time that they were waited for. Out: how much longer the client may take. Never: time in which nobody waits
//! for the client, because a view has other work to do.

use std::time::Duration;

/// The time that a client may still keep a reader of its body waiting, or an answer: waiting uses it up, and bytes give it back.
///
/// So a body may pause, as a phone in a tunnel does, but not trickle for ever: on average it goes as fast as it has to.
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

    /// The client was waited for, `millis` long, and sent or took `bytes` meanwhile. Time that is used up does not come back: whoever
    /// trickles would have a little of it after each byte.
    pub(crate) fn pass(&mut self, millis: u64, bytes: u64) {
        if self.left == 0 || (millis == 0 && self.left == self.full) {
            return; // nearly always the latter
        }
        let earned = match self.rate {
            Rate::Any if bytes > 0 => return self.left = self.full,
            Rate::Any => 0,
            Rate::PerSecond(_) => bytes.saturating_mul(1000),
        };
        let cost = millis.saturating_mul(self.rate.price());
        self.left = self.left.saturating_add(earned).saturating_sub(cost).min(self.full);
    }

    /// Tells whether the client took too long.
    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// How much longer it is waited for.
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
        allowance.pass(0, 1_000_000);
        assert_eq!(allowance.left(), 10 * SECOND);
        allowance.pass(9_000, 0);
        assert_eq!(allowance.left(), SECOND);
        allowance.pass(0, 500);
        assert_eq!(allowance.left(), 2 * SECOND);
        allowance.pass(60_000, 30_000); // what came meanwhile counts
        assert_eq!(allowance.left(), 2 * SECOND);
        allowance.pass(60_000, 0);
        assert_eq!((allowance.left(), allowance.is_spent()), (Duration::ZERO, true));
        allowance.pass(0, 1_000_000);
        assert!(allowance.is_spent(), "used up is used up");
    }

    #[test]
    fn a_trickle_comes_to_its_end_and_a_slow_line_does_not() {
        let lasts = |bytes_a_second: u64| {
            let mut allowance = Allowance::new(30 * SECOND, 500);
            (0..10_000)
                .take_while(|_| {
                    allowance.pass(100, bytes_a_second / 10);
                    !allowance.is_spent()
                })
                .count()
        };
        assert_eq!((lasts(10), lasts(250), lasts(500)), (306, 599, 10_000));
    }

    #[test]
    fn without_a_rate_any_byte_will_do() {
        let mut allowance = Allowance::new(SECOND, 0);
        allowance.pass(999, 0);
        assert_eq!(allowance.left(), Duration::from_millis(1));
        allowance.pass(5_000, 1);
        assert_eq!(allowance.left(), SECOND);
    }

    #[test]
    fn no_setting_overflows() {
        let mut allowance = Allowance::new(Duration::MAX, u64::MAX);
        allowance.pass(1, u64::MAX);
        allowance.pass(1, 0);
        assert!(allowance.left() <= Duration::from_millis(1));
    }
}
