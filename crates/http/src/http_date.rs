//! Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`.
//!
//! In: a [`SystemTime`], or a field value in any of the three forms. Out: [`HttpDate`], 29 bytes that
//! can be copied into an answer. Never: local time zones.
//!
//! RFC 9110 §5.6.7.

use std::{
    cell::Cell,
    fmt,
    io::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A point in time, whole seconds, in the form that is sent.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use flagon_http::http_date::{self, HttpDate};
///
/// let time = UNIX_EPOCH + Duration::from_secs(784_111_777);
/// assert_eq!(HttpDate::from(time).as_str(), "Sun, 06 Nov 1994 08:49:37 GMT");
/// assert_eq!(http_date::parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(time));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HttpDate([u8; LENGTH]);

impl HttpDate {
    /// The first second of 1970.
    pub const EPOCH: Self = Self(*b"Thu, 01 Jan 1970 00:00:00 GMT");

    /// The current second, formatted once per second and thread.
    pub fn now() -> Self {
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
        CURRENT.with(|current| {
            let (known, date) = current.get();
            if known == second {
                return date;
            }
            let date = Self::from(now);
            current.set((second, date));
            date
        })
    }

    /// The date as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The date as it is sent.
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl From<SystemTime> for HttpDate {
    /// Formats `time`; one before 1970 becomes the first second of it, one after 9999 the last.
    fn from(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
        let time = UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND));
        let mut bytes = [b' '; LENGTH];
        write!(&mut bytes[..], "{}", httpdate::HttpDate::from(time)).expect("a date has 29 bytes");
        Self(bytes)
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpDate({self})")
    }
}

/// Reads a date in any of the three forms a recipient must accept; `None` when it is none of them.
///
/// # Examples
///
/// ```
/// use flagon_http::http_date::parse;
///
/// let date = parse("Sun, 06 Nov 1994 08:49:37 GMT");
/// assert_eq!(parse("Sunday, 06-Nov-94 08:49:37 GMT"), date);
/// assert_eq!(parse("Sun Nov  6 08:49:37 1994"), date);
/// assert_eq!(parse("yesterday"), None);
/// ```
pub fn parse(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// How long every date is.
const LENGTH: usize = 29;
/// The last second of the year 9999, after which the form has no room for the year.
const LAST_SECOND: u64 = 253_402_300_799;

thread_local! {
    static CURRENT: Cell<(u64, HttpDate)> = const { Cell::new((0, HttpDate::EPOCH)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_the_form_cannot_hold_are_clamped() {
        let before = UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(HttpDate::from(before), HttpDate::EPOCH);
        let after = UNIX_EPOCH + Duration::from_secs(LAST_SECOND + 5);
        assert_eq!(HttpDate::from(after).as_str(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn now_is_the_clock_formatted() {
        loop {
            let (before, date, after) = (SystemTime::now(), HttpDate::now(), SystemTime::now());
            if HttpDate::from(before) == HttpDate::from(after) {
                assert_eq!(date, HttpDate::from(before));
                return;
            }
        }
    }
}
