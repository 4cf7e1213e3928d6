//! Dates and times as text, such as databases and JSON give them, in the forms that people read: Python's `strftime`.
//!
//! RFC 3339 §5.6, also with a space for its `T`, without seconds, without a zone, and a date alone.

use std::fmt::Write as _;

/// A moment by calendar and clock, as it is written: in no zone but its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    year: i32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    /// Minutes east of Greenwich, if that is said.
    offset: Option<i32>,
}

impl Moment {
    /// The moment that `text` is.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, clock) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
            None => (text, None),
        };
        let mut parts = date.splitn(3, '-');
        let (year, month, day) =
            (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
        let year = i32::try_from(year).ok()?;
        if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        let date = Self { year, month, day, hour: 0, minute: 0, second: 0, micros: 0, offset: None };
        match clock {
            Some(clock) => date.at(clock),
            None => Some(date),
        }
    }

    fn at(self, clock: &str) -> Option<Self> {
        let (clock, offset) = match clock.find(['Z', 'z', '+', '-']) {
            Some(at) => (clock[..at].trim_end(), Some(offset(&clock[at..])?)),
            None => (clock, None),
        };
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let mut parts = clock.splitn(3, ':');
        let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
        let second = parts.next().map_or(Some(0), |second| digits(second, 2))?;
        let known =
            fraction.get(..fraction.len().min(6)).filter(|_| fraction.bytes().all(|b| b.is_ascii_digit()));
        let micros = format!("{:0<6}", known.filter(|known| !known.is_empty())?).parse().ok()?;
        (hour < 24 && minute < 60 && second < 61).then_some(Self {
            hour,
            minute,
            second,
            micros,
            offset,
            ..self
        })
    }

    /// This moment in the words of `format`, as Python's `strftime` in the C locale does it; what it does not know stays as it is.
    pub(crate) fn format(&self, format: &str) -> String {
        let mut out = String::new();
        let mut rest = format.chars();
        while let Some(c) = rest.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut directive = rest.clone();
            let unpadded = directive.clone().next() == Some('-');
            if unpadded {
                directive.next();
            }
            let start = out.len();
            let wrote = directive.next().and_then(|directive| self.write(&mut out, directive).ok().flatten());
            if wrote.is_none() {
                out.truncate(start);
                out.push('%');
                continue;
            }
            if unpadded {
                let number = out.split_off(start);
                let shown = number.trim_start_matches(['0', ' ']);
                out.push_str(if shown.is_empty() { "0" } else { shown });
            }
            rest = directive;
        }
        out
    }

    /// Writes one directive; gives none if there is no such.
    #[rustfmt::skip] // a table
    fn write(&self, out: &mut String, directive: char) -> Result<Option<()>, std::fmt::Error> {
        let (month, weekday) = (MONTHS[self.month as usize - 1], WEEKDAYS[self.weekday() as usize]);
        let hour = (self.hour + 11) % 12 + 1;
        match directive {
            'Y' => write!(out, "{}", self.year)?,
            'C' => write!(out, "{:02}", self.year / 100)?,
            'y' => write!(out, "{:02}", self.year % 100)?,
            'm' => write!(out, "{:02}", self.month)?,
            'd' => write!(out, "{:02}", self.day)?,
            'e' => write!(out, "{:2}", self.day)?,
            'H' => write!(out, "{:02}", self.hour)?,
            'I' => write!(out, "{hour:02}")?,
            'M' => write!(out, "{:02}", self.minute)?,
            'S' => write!(out, "{:02}", self.second)?,
            'f' => write!(out, "{:06}", self.micros)?,
            'j' => write!(out, "{:03}", self.day_of_year())?,
            'p' => out.push_str(if self.hour < 12 { "AM" } else { "PM" }),
            'B' => out.push_str(month),
            'b' | 'h' => out.push_str(&month[..3]),
            'A' => out.push_str(weekday),
            'a' => out.push_str(&weekday[..3]),
            'w' => write!(out, "{}", self.weekday())?,
            'u' => write!(out, "{}", (self.weekday() + 6) % 7 + 1)?,
            'U' => write!(out, "{:02}", (self.day_of_year() + 6 - self.weekday()) / 7)?,
            'W' => write!(out, "{:02}", (self.day_of_year() + 6 - (self.weekday() + 6) % 7) / 7)?,
            'F' => out.push_str(&self.format("%Y-%m-%d")),
            'D' | 'x' => out.push_str(&self.format("%m/%d/%y")),
            'T' | 'X' => out.push_str(&self.format("%H:%M:%S")),
            'R' => out.push_str(&self.format("%H:%M")),
            'r' => out.push_str(&self.format("%I:%M:%S %p")),
            'c' => out.push_str(&self.format("%a %b %e %H:%M:%S %Y")),
            'z' => self.write_offset(out, "")?,
            'Z' => out.push_str(if self.offset == Some(0) { "UTC" } else { "" }),
            'n' => out.push('\n'),
            't' => out.push('\t'),
            '%' => out.push('%'),
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    fn write_offset(&self, out: &mut String, between: &str) -> std::fmt::Result {
        let Some(offset) = self.offset else { return Ok(()) };
        let sign = if offset < 0 { '-' } else { '+' };
        write!(out, "{sign}{:02}{between}{:02}", offset.abs() / 60, offset.abs() % 60)
    }

    /// Python's `isoformat`.
    pub(crate) fn iso(&self, between: &str) -> String {
        let mut out = self.format("%Y-%m-%d") + between + &self.format("%H:%M:%S");
        if self.micros > 0 {
            out.push_str(&self.format(".%f"));
        }
        // Writing into a string does not fail.
        let _ = self.write_offset(&mut out, ":");
        out
    }

    fn day_of_year(&self) -> u32 {
        (1..self.month).map(|month| days_of(self.year, month)).sum::<u32>() + self.day
    }

    /// Days since Sunday: Sakamoto's method.
    fn weekday(&self) -> u32 {
        let year = self.year - i32::from(self.month < 3);
        let days = year + year / 4 - year / 100
            + year / 400
            + OFFSETS[self.month as usize - 1]
            + self.day.cast_signed();
        days.rem_euclid(7).cast_unsigned()
    }
}

const OFFSETS: [i32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn days_of(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// `Z`, `+01:00`, `+0100`, `+01`, and what `time` writes: `+01:00:00`.
fn offset(text: &str) -> Option<i32> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+')?),
    };
    let numbers = text.replace(':', "");
    let hours = digits(numbers.get(..2)?, 2)?;
    let minutes = if numbers.len() > 2 { digits(numbers.get(2..4)?, 2)? } else { 0 };
    let rest = numbers.get(4..).unwrap_or_default();
    let fits = hours < 24 && minutes < 60 && (rest.is_empty() || rest == "00");
    fits.then(|| sign * (hours * 60 + minutes).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn moments_are_read_in_the_forms_that_databases_write() {
        for (text, expected) in [
            ("2026-11-23", Some("2026-11-23T00:00:00")),
            ("2026-11-23 10:05", Some("2026-11-23T10:05:00")),
            ("2026-11-23 10:05:07.25", Some("2026-11-23T10:05:07.250000")),
            ("2026-11-23T10:05:07Z", Some("2026-11-23T10:05:07+00:00")),
            ("2026-11-23 10:05:07.123456789 +05:30:00", Some("2026-11-23T10:05:07.123456+05:30")),
            ("2024-02-29T10:05:07-0800", Some("2024-02-29T10:05:07-08:00")),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("26-1-1", None),
            ("2026-11-23 24:00", None),
            ("2026-11-23T10:05:07é", None),
            ("2026-11-23T10:05+é", None),
            ("tomorrow at 10", None),
            ("", None),
        ] {
            assert_eq!(Moment::parse(text).map(|moment| moment.iso("T")).as_deref(), expected, "{text}");
        }
    }
}
