//! How long is waited before something is tried again.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// How long to wait before try `number` (from 1 on): doubling from 2 ms to at most a quarter of a second, of which a random part is
/// taken, so that those who met once do not meet again.
pub fn pause(number: u32) -> Duration {
    let longest =
        Duration::from_millis(250).min(Duration::from_millis(2) * 2_u32.saturating_pow(number.min(16)));
    let random = RandomState::new().hash_one(number);
    #[expect(clippy::cast_possible_truncation, reason = "sixteen of its bits are enough")]
    let part = f64::from(random as u16) / f64::from(u16::MAX);
    longest.mul_f64(0.5 + part / 2.0)
}
