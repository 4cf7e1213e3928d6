//! Times and sizes as people write them: `30s`, `1h30m`, `2MiB`.

use std::{fmt, time::Duration};

/// Times: `500ms`, `30s`, `5m`, `1h30m`, `2d`; a number alone is seconds.
pub(super) mod duration {
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de};

    pub(in super::super) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::write_duration(*value))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        match deserializer.deserialize_any(super::Quantity)? {
            super::Given::Number(number) => Duration::try_from_secs_f64(number).ok(),
            super::Given::Text(text) => super::read_duration(&text),
        }
        .ok_or_else(|| de::Error::custom("must be a time such as \"30s\", \"5m\" or a number of seconds"))
    }
}

/// Times, or `none` for no limit.
pub(super) mod optional_duration {
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(in super::super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.map_or_else(|| "none".to_owned(), super::write_duration))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        match deserializer.deserialize_any(super::Quantity)? {
            super::Given::Number(number) => Duration::try_from_secs_f64(number).ok().map(Some),
            super::Given::Text(text) if text == "none" => Some(None),
            super::Given::Text(text) => super::read_duration(&text).map(Some),
        }
        .ok_or_else(|| {
            de::Error::custom("must be a time such as \"30s\", \"5m\" or a number of seconds, or \"none\"")
        })
    }
}

/// Sizes: `512`, `64KiB`, `2MiB`, `1GB`; a number alone is bytes.
pub(super) mod size {
    use serde::{Deserializer, Serializer, de};

    pub(in super::super) fn serialize<S: Serializer, N: Copy + TryInto<u64>>(
        value: &N,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::write_size((*value).try_into().unwrap_or(u64::MAX)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>, N: TryFrom<u64>>(
        deserializer: D,
    ) -> Result<N, D::Error> {
        match deserializer.deserialize_any(super::Quantity)? {
            super::Given::Number(number) => super::whole(number),
            super::Given::Text(text) => super::read_size(&text),
        }
        .and_then(|size| size.try_into().ok())
        .ok_or_else(|| de::Error::custom("must be a size such as \"64KiB\", \"2MiB\" or a number of bytes"))
    }
}

/// What was written: the units decide what it means.
enum Given {
    Number(f64),
    Text(String),
}

struct Quantity;

#[expect(clippy::cast_precision_loss, reason = "nobody's limit has 16 digits")]
impl serde::de::Visitor<'_> for Quantity {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or text with a unit")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Given, E> {
        Ok(Given::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Given, E> {
        Ok(Given::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Given, E> {
        Ok(Given::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Given, E> {
        Ok(Given::Text(value.trim().to_ascii_lowercase()))
    }
}

/// A number without a fraction that is not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0 && number <= 9e15).then_some(number as u64)
}

fn read_duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let (mut left, mut total) = (text, Duration::ZERO);
    while !left.is_empty() {
        let (number, rest) = split_number(left)?;
        let unit_end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let seconds = match &rest[..unit_end] {
            "ms" => 0.001,
            "s" | "sec" | "second" | "seconds" => 1.0,
            "m" | "min" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        left = rest[unit_end..].trim_start();
    }
    (!text.is_empty()).then_some(total)
}

fn write_duration(value: Duration) -> String {
    let milliseconds = value.as_millis();
    match milliseconds {
        0 => "0s".to_owned(),
        _ if milliseconds.is_multiple_of(3_600_000) => format!("{}h", milliseconds / 3_600_000),
        _ if milliseconds.is_multiple_of(60_000) => format!("{}m", milliseconds / 60_000),
        _ if milliseconds.is_multiple_of(1000) => format!("{}s", milliseconds / 1000),
        _ => format!("{milliseconds}ms"),
    }
}

fn read_size(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text)?;
    let factor = match unit {
        "" | "b" => 1.0,
        "kib" | "k" => 1024.0,
        "mib" | "m" => 1_048_576.0,
        "gib" | "g" => 1_073_741_824.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return None,
    };
    whole(number * factor)
}

fn write_size(bytes: u64) -> String {
    for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes >= factor && bytes.is_multiple_of(factor) {
            return format!("{}{unit}", bytes / factor);
        }
    }
    bytes.to_string()
}

/// The number that `text` begins with, and what follows it without spaces.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{read_duration, read_size, write_duration, write_size};

    #[test]
    fn times_are_read_and_written() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("500ms", 500),
            ("2d", 172_800_000),
            ("90", 90_000),
            ("0.5", 500),
            ("1.5 minutes", 90_000),
        ] {
            assert_eq!(read_duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "-5s", "5 parsecs", "5m3", "1e400", "nan", "5s-"] {
            assert_eq!(read_duration(text), None, "{text}");
        }
        for (milliseconds, text) in
            [(0, "0s"), (500, "500ms"), (90_000, "90s"), (120_000, "2m"), (7_200_000, "2h")]
        {
            assert_eq!(write_duration(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("64kib", 65_536),
            ("2 mib", 2_097_152),
            ("1.5kib", 1536),
            ("1gb", 1_000_000_000),
            ("7 b", 7),
        ] {
            assert_eq!(read_size(text), Some(bytes), "{text}");
        }
        for text in ["", "mib", "-1", "1.5", "2 miles", "99999999999gib"] {
            assert_eq!(read_size(text), None, "{text}");
        }
        for (bytes, text) in [(0, "0"), (1000, "1000"), (1024, "1KiB"), (3 << 20, "3MiB"), (1 << 30, "1GiB")]
        {
            assert_eq!(write_size(bytes), text);
        }
    }
}
