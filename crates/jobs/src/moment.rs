//! A point in time, as the tables keep it.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Serialize, Serializer};

/// A point in time: milliseconds since 1970 (UTC), by the clock of the machine that says it.
///
/// Whether a job is done twice does not depend on clocks; when it is done does.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon_jobs::Moment;
///
/// let later = Moment::from_millis(1_700_000_000_000) + Duration::from_secs(60);
/// assert_eq!(later.to_string(), "2023-11-14 22:14:20");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// Now.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// So many milliseconds after 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// How long after `earlier` it is; nothing if it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or_default())
    }

    /// The same time, so much earlier.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(millis(time)))
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or_else(|before| -millis(before.duration()), millis))
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(millis(time)))
    }
}

/// `2026-11-23 14:05:09`, in UTC.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(time) = cronexpr::jiff::Timestamp::from_millisecond(self.0) else {
            return f.write_str("never");
        };
        write!(f, "{}", time.strftime("%Y-%m-%d %H:%M:%S"))
    }
}

/// As text of RFC 3339.
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match cronexpr::jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => serializer.collect_str(&format_args!("{time:.3}")),
            Err(_) => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_and_beyond_the_calendar() {
        assert_eq!(Moment::from(UNIX_EPOCH - Duration::from_secs(1)).millis(), -1000);
        assert_eq!(Moment::from_millis(i64::MAX).to_string(), "never");
        assert_eq!(Moment::from_millis(5).since(Moment::from_millis(9)), Duration::ZERO);
    }
}
