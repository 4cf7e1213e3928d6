//! Texts that differ in what differs from one answer to the next in any case.
//!
//! In: two texts. Out: whether they are the same but for times of now, tokens, and ids where rules say so. Never: a time of another day
//! taken for one of now; what is stored has to be the same.

use std::time::{Duration, SystemTime};

/// What may differ in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noise {
    /// Two times this near to each other are the same.
    pub(crate) near: Duration,
    /// Signed values and long random texts.
    pub(crate) tokens: Random,
    /// UUIDs and long hexadecimal numbers.
    pub(crate) ids: Random,
}

/// Whether random texts of a kind count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Random {
    Compared,
    Ignored,
}

/// A word that may be of a kind whose values differ.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Word<'a> {
    Time(SystemTime),
    Id,
    Token,
    Other(&'a str),
}

impl Noise {
    /// Whether `one` and `other` are the same but for noise.
    pub(crate) fn is_between(self, one: &str, other: &str) -> bool {
        if one == other {
            return true;
        }
        // Times may have spaces in them, so they are looked for in the whole text first.
        if let (Some(one), Some(other)) = (time(one.trim()), time(other.trim())) {
            return self.is_near(one, other);
        }
        let (mut ones, mut others) = (words(one), words(other));
        loop {
            match (ones.next(), others.next()) {
                (None, None) => return true,
                (Some(one), Some(other)) if self.is_same(one, other) => (),
                _ => return false,
            }
        }
    }

    fn is_same(self, one: &str, other: &str) -> bool {
        if one == other {
            return true;
        }
        match (word(one), word(other)) {
            (Word::Time(one), Word::Time(other)) => self.is_near(one, other),
            (Word::Id, Word::Id) => self.ids == Random::Ignored,
            (Word::Token, Word::Token) => self.tokens == Random::Ignored,
            _ => false,
        }
    }

    pub(crate) fn is_near(self, one: SystemTime, other: SystemTime) -> bool {
        let apart = one.duration_since(other).unwrap_or_else(|error| error.duration());
        apart <= self.near
    }

    /// Whether two numbers are times of now: seconds or milliseconds since 1970.
    pub(crate) fn is_between_numbers(self, one: f64, other: f64) -> bool {
        let near = self.near.as_secs_f64();
        let of = |from: f64, unit: f64| {
            let range = from..from * 4.0;
            range.contains(&one) && range.contains(&other) && (one - other).abs() <= near * unit
        };
        of(1e9, 1.0) || of(1e12, 1e3)
    }
}

/// The words of a text, and what is between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // An HTTP date is one word, with its spaces.
        let date = rest.get(..HTTP_DATE).filter(|date| date.ends_with(" GMT") && time(date).is_some());
        let is_inner = |c: char| c.is_ascii_alphanumeric() || "-_.:+".contains(c);
        let end = date.map_or_else(
            || {
                let inner = rest.find(|c| !is_inner(c)).unwrap_or(rest.len());
                if inner > 0 { inner } else { rest.chars().next().map_or(1, char::len_utf8) }
            },
            str::len,
        );
        let (word, left) = rest.split_at(end);
        rest = left;
        Some(word)
    })
}

fn word(text: &str) -> Word<'_> {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = text.len() == 36
        && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && is_hex(&text.replace('-', ""));
    if let Some(time) = time(text) {
        Word::Time(time)
    } else if is_uuid || (text.len() >= 24 && is_hex(text)) {
        Word::Id
    } else if text.len() >= TOKEN_MIN && has_each_kind(text) {
        Word::Token
    } else {
        Word::Other(text)
    }
}

/// Random texts in base64 have letters of both cases and digits; words of people do not.
fn has_each_kind(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Reads `2026-11-23T10:43:50.25Z`, the same with a space and without a zone (UTC then), and the dates of HTTP.
fn time(text: &str) -> Option<SystemTime> {
    iso(text).or_else(|| if text.ends_with(" GMT") { httpdate::parse_http_date(text).ok() } else { None })
}

fn iso(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    let is_date =
        bytes.len() >= 19 && bytes[4] == b'-' && bytes[7] == b'-' && matches!(bytes[10], b'T' | b' ');
    if !is_date || bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let zone = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone {
        "" | "Z" => 0,
        _ => {
            let hours: i64 = zone.get(1..3)?.parse().ok()?;
            let minutes: i64 = zone.get(zone.len() - 2..)?.parse().ok()?;
            (if zone.starts_with('-') { -1 } else { 1 }) * (hours * 60 + minutes) * 60
        }
    };
    let seconds = days(year, month, day)? * 86_400 + i64::from(hour * 3600 + minute * 60 + second) - offset;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Days since 1970 in the Gregorian calendar.
fn days(year: u32, month: u32, day: u32) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year < 1970 {
        return None;
    }
    // The year begins with March, so that the day that some years have is its last.
    let (year, month) =
        if month > 2 { (i64::from(year), month - 3) } else { (i64::from(year) - 1, month + 9) };
    let of_year = i64::from((153 * month + 2) / 5 + day - 1);
    Some(year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}

const HTTP_DATE: usize = 29;
const TOKEN_MIN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    const NOISE: Noise =
        Noise { near: Duration::from_mins(2), tokens: Random::Ignored, ids: Random::Compared };

    #[test]
    fn times_of_now_are_the_same_and_others_are_not() {
        for (one, other, expected) in [
            ("2026-11-23T10:43:50Z", "2026-11-23T10:44:10Z", true),
            ("2026-11-23 10:43:50.123456", "2026-11-23T11:43:50+01:00", true),
            ("2026-11-23T10:43:50Z", "2026-11-23T10:47:50Z", false),
            ("2026-11-23T10:43:50Z", "2025-11-23T10:43:50Z", false),
            ("made Sun, 06 Nov 1994 08:49:37 GMT.", "made Sun, 06 Nov 1994 08:49:38 GMT.", true),
            ("Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT", false),
            ("on 2026-11-23T10:43:50Z", "at 2026-11-23T10:43:50Z", false),
        ] {
            assert_eq!(NOISE.is_between(one, other), expected, "{one} | {other}");
        }
    }

    #[test]
    fn tokens_are_noise_and_words_and_ids_are_not() {
        let token = "IjA4ZTlhNzQ1ZmE0.Zx9kQw.q3mT7vWJ0Z6yB";
        let another = "IjA4ZTlhNzQ1ZmE1.Zx9kRw.93mT7vWJ0Z6yC";
        assert!(NOISE.is_between(&format!("a={token};"), &format!("a={another};")));
        assert!(!NOISE.is_between("hello", "hallo"));
        let (one, other) = ("0194fdc2-fa2f-4cc0-81d3-ff12045b73c8", "0194fdc2-fa2f-4cc0-81d3-ff12045b73c9");
        assert!(!NOISE.is_between(one, other));
        assert!(Noise { ids: Random::Ignored, ..NOISE }.is_between(one, other));
        assert!(!Noise { ids: Random::Ignored, ..NOISE }.is_between(one, "none"));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(2000, 2, 29), Some(11_016));
        assert_eq!(days(2026, 11, 23), Some(20_780));
    }

    #[test]
    fn numbers_are_times_where_they_are_near_now() {
        assert!(NOISE.is_between_numbers(1_795_430_630.0, 1_795_430_640.5));
        assert!(NOISE.is_between_numbers(1_795_430_630_000.0, 1_795_430_640_500.0));
        assert!(!NOISE.is_between_numbers(1_795_430_630.0, 1_795_434_630.0));
        assert!(!NOISE.is_between_numbers(17.0, 18.0));
    }
}
