//! When something is to be done again and again.

use std::fmt;

use cronexpr::{Crontab, MakeTimestamp};

use crate::moment::Moment;

/// A schedule in cron's words, in the time of a place.
///
/// Five fields: minute, hour, day of the month, month, day of the week; lists, ranges and steps as in crontab(5), and `L`, `15W`, `5#3`.
/// Also `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`. Times that a change of the clock leaves out are passed over, and those that
/// it repeats count once for each.
///
/// # Examples
///
/// ```
/// use flagon_jobs::{Moment, Schedule};
///
/// let nightly = Schedule::parse("30 3 * * *", "Europe/Vienna").unwrap();
/// let next = nightly.next(Moment::from_millis(1_782_864_000_000)).unwrap(); // 2026-07-01 00:00 UTC
/// assert_eq!(next.to_string(), "2026-07-01 01:30:00");
/// assert!(Schedule::parse("61 * * * *", "UTC").is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Schedule {
    expression: String,
    crontab: Crontab,
}

impl Schedule {
    /// Reads `expression`, whose times are those of `zone`: `UTC`, or a name of the IANA database such as `Europe/Vienna`.
    ///
    /// # Errors
    ///
    /// When it is none, or there is no such place.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, ScheduleError> {
        let fields = match expression.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            fields => fields,
        };
        let text = format!("{fields} {zone}");
        match cronexpr::parse_crontab(&text) {
            Ok(crontab) => Ok(Self { expression: format!("{} {zone}", expression.trim()), crontab }),
            Err(error) => Err(ScheduleError(error.to_string())),
        }
    }

    /// Its first time after `after`; `None` when there is none, as on the 30th of February.
    pub fn next(&self, after: Moment) -> Option<Moment> {
        let after = MakeTimestamp::from_millisecond(after.millis()).ok()?;
        let next = self.crontab.find_next(after).ok()?;
        Some(Moment::from_millis(next.timestamp().as_millisecond()))
    }

    /// The expression with its zone, as it is remembered.
    pub fn expression(&self) -> &str {
        &self.expression
    }
}

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleError(String);

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScheduleError {}
