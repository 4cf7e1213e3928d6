//! Dates of Python's `datetime`, years 1 to 9999, as HTTP writes them.
//!
//! [`flagon_http::http_date`] begins with 1970, which is enough for answers, not for birthdays.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY: i64 = 86_400;

/// Writes `time`, cut to whole seconds; what lies outside the years that Python has becomes the nearest of them.
pub(super) fn write(time: SystemTime) -> String {
    let seconds = seconds(time).clamp(from_civil(1, 1, 1) * DAY, from_civil(10_000, 1, 1) * DAY - 1);
    let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let weekday = DAYS[index((days + 3).rem_euclid(7))];
    let month = MONTHS[index(month - 1)];
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads what [`write`] writes; the day of the week is not looked at.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let day = number(words.next()?)?;
    let name = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
    let year = number(words.next()?)?;
    let mut clock = words.next()?.splitn(3, ':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let fits = (1..=9999).contains(&year)
        && day >= 1
        && hour < 24
        && minute < 60
        && second < 60
        && words.next()? == "GMT"
        && words.next().is_none();
    let days = from_civil(year, month, day);
    if !fits || civil(days) != (year, month, day) {
        return None;
    }
    let seconds = days * DAY + hour * 3600 + minute * 60 + second;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

fn number(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Whole seconds since 1970, of earlier times the second that has begun.
fn seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(error) => {
            let before = error.duration();
            let begun = u64::from(before.subsec_nanos() > 0);
            i64::try_from(before.as_secs() + begun).map_or(i64::MIN, i64::wrapping_neg)
        }
    }
}

/// Year, month and day of a number of days since 1970: years begin in March here, so that the leap day is the last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // from the first of March of the year 0
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The days since 1970 of a date: the inverse of [`civil`].
fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

fn index(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default() // all of them are small and positive
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: Python 3.11, `werkzeug.http.http_date(datetime(…, tzinfo=utc))`.
    #[test]
    fn dates_are_those_of_werkzeug() {
        for (seconds, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (1_445_412_480, "Wed, 21 Oct 2015 07:28:00 GMT"),
            (-8_515_324_800, "Sun, 28 Feb 1700 00:00:00 GMT"),
            (13_574_606_400, "Tue, 29 Feb 2400 12:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (-2_203_891_200, "Thu, 01 Mar 1900 00:00:00 GMT"),
            (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            let distance = Duration::from_secs(i64::unsigned_abs(seconds));
            let time = if seconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance };
            assert_eq!(write(time), text);
            assert_eq!(read(text), Some(time), "{text}");
        }
        for text in [
            "",
            "Thu, 01 Jan 1970 00:00:00",
            "Thu, 30 Feb 2000 00:00:00 GMT",
            "Thu, 01 Jan 0000 00:00:00 GMT",
            "Thu, 01 Jan 1970 24:00:00 GMT",
            "Thu, +1 Jan 1970 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT more",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_are_cut() {
        assert_eq!(write(UNIX_EPOCH + Duration::from_millis(1999)), "Thu, 01 Jan 1970 00:00:01 GMT");
        assert_eq!(write(UNIX_EPOCH - Duration::from_millis(1)), "Wed, 31 Dec 1969 23:59:59 GMT");
    }
}
