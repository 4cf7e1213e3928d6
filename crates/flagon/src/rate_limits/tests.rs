//! A limit over time, by a clock that the test turns.

use std::time::Duration;

use governor::clock::FakeRelativeClock;

use super::{
    keys::KEYS_MAX,
    limiter::{Limiter, Verdict},
};
use crate::view_limits::RateLimit;

fn limiter(rate: &str) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    (Limiter::with_clock("test", RateLimit::parse(rate), clock.clone()), clock)
}

const fn allow(remaining: u32) -> Verdict {
    Verdict::Allow { remaining }
}

const fn refuse(seconds: u64) -> Verdict {
    Verdict::Refuse { retry_after: Duration::from_secs(seconds) }
}

#[test]
fn so_many_pass_at_once_and_one_more_after_each_share_of_the_time() {
    let (limiter, clock) = limiter("3/minute");
    let asked: Vec<_> = (0..5).map(|_| limiter.count_key(1)).collect();
    assert_eq!(asked, [allow(2), allow(1), allow(0), refuse(20), refuse(20)]);
    clock.advance(Duration::from_secs(19));
    assert_eq!(limiter.count_key(1), refuse(1));
    clock.advance(Duration::from_secs(1));
    assert_eq!((limiter.count_key(1), limiter.count_key(1)), (allow(0), refuse(20)));
    clock.advance(Duration::from_mins(10));
    assert_eq!(limiter.count_key(1), allow(2));
    assert_eq!(limiter.count_key(2), allow(2), "another client");
}

#[test]
fn what_clients_are_told_of_the_time() {
    let (limiter, _) = limiter("3/minute");
    let seconds = [3, 2, 1, 0].map(|remaining| limiter.seconds_until_whole(remaining));
    assert_eq!(seconds, [0, 20, 40, 60]);
}

#[test]
fn memory_stays_flat_however_many_clients_there_are() {
    let (limiter, _) = limiter("1/day");
    let last = u64::try_from(KEYS_MAX).unwrap() * 3;
    for key in 0..last {
        assert_eq!(limiter.count_key(key), allow(0), "{key}");
        // One that asks again and again is not forgotten.
        assert!(key == 0 || limiter.count_key(0) != allow(0));
    }
    assert_ne!(limiter.count_key(last - 1), allow(0), "of the last ones each is known");
    assert!(limiter.keys() <= KEYS_MAX);
}
