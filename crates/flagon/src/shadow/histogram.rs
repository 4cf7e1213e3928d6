//! How long answers took, in buckets.

use std::time::Duration;

/// The bucket of `time`: four for each doubling, from 64 µs on.
pub(crate) fn bucket(time: Duration) -> i64 {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(FIRST);
    let power = (micros / FIRST).ilog2();
    let of_power = micros / (FIRST << power) * 4; // 4, and a rest that says how far it is to the next power
    let rest = (micros - (FIRST << power)) * 4 / (FIRST << power);
    i64::from(power) * 4 + i64::try_from(of_power - 4 + rest).unwrap_or(0)
}

/// The longest time that is in `bucket`.
pub(crate) fn longest(bucket: i64) -> Duration {
    let (power, part) = (bucket / 4, bucket % 4 + 1);
    let start = FIRST << u32::try_from(power).unwrap_or(0).min(40);
    Duration::from_micros(start + start * u64::try_from(part).unwrap_or(0) / 4)
}

/// The time within which the part `part` of all is, of buckets and how many each has, in order.
pub(crate) fn quantile(buckets: &[(i64, i64)], part: f64) -> Option<Duration> {
    let all: i64 = buckets.iter().map(|(_, count)| count).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "counts are far below 2^52"
    )]
    let wanted = ((all as f64) * part).ceil() as i64;
    let mut seen = 0;
    buckets.iter().find_map(|(bucket, count)| {
        seen += count;
        (seen >= wanted.max(1)).then(|| longest(*bucket))
    })
}

const FIRST: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_at_most_a_quarter_below_what_its_bucket_says() {
        for micros in [1, 64, 65, 80, 100, 127, 128, 1000, 12_345, 1_000_000, 59_999_999] {
            let time = Duration::from_micros(micros);
            let said = longest(bucket(time));
            assert!(said >= time, "{micros}: {said:?}");
            assert!(said <= time.max(Duration::from_micros(64)).mul_f64(1.26), "{micros}: {said:?}");
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_counted() {
        let times = |micros: u64| bucket(Duration::from_micros(micros));
        let buckets = [(times(100), 90), (times(10_000), 10)];
        assert!(quantile(&buckets, 0.5).unwrap() < Duration::from_micros(130));
        assert!(quantile(&buckets, 0.95).unwrap() >= Duration::from_millis(10));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
