//! What a view says of limits: how often it may be asked, whether its answers are packed, whether a request may be repeated.
//!
//! In: the options of a view, a blueprint or an app. Out: plain values that serving reads. Never: counts or packs by itself.

use std::{fmt, time::Duration};

use crate::request::Request;

/// The limits of one view: what stands behind its rule.
///
/// # Examples
///
/// ```
/// use flagon::{Compress, RateLimit, Route, ViewLimits, prelude::*};
///
/// let limits = ViewLimits::new().rate_limit(RateLimit::parse("10/minute")).compress(Compress::Never);
/// let search = Route::new("search", "/search", ["GET"], async || "found").limits(limits);
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ViewLimits {
    /// How often it may be asked: the option `rate_limit`.
    pub rate_limit: Option<RateLimit>,
    /// Whether its answers are compressed: the option `compress`.
    pub compress: Option<Compress>,
    /// Whether a repeated request gets the first one's answer: the option `idempotent`.
    pub idempotent: Option<Idempotent>,
    /// Whether it is answered however much there is to do: the option `health_check`.
    pub health_check: bool,
}

impl ViewLimits {
    /// A view without limits of its own.
    pub const fn new() -> Self {
        Self { rate_limit: None, compress: None, idempotent: None, health_check: false }
    }

    /// Limits how often it may be asked.
    #[must_use]
    pub const fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Says whether its answers are compressed.
    #[must_use]
    pub const fn compress(mut self, compress: Compress) -> Self {
        self.compress = Some(compress);
        self
    }

    /// Gives a repeated request the first one's answer.
    #[must_use]
    pub const fn idempotent(mut self, idempotent: Idempotent) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Has it answered however much there is to do, and not counted by the limits of blueprint and app.
    #[must_use]
    pub const fn health_check(mut self) -> Self {
        self.health_check = true;
        self
    }
}

/// Whether answers are compressed. It is about secrets: the length of a compressed page tells how much of what an attacker had
/// put into it is in the rest of the page too, and asked often enough, tells the rest (BREACH).
///
/// See the guide's page on [compression](crate::guide::limits#compression).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compress {
    /// Unless another site may have caused the request and it came with credentials: a cookie or `Authorization`.
    #[default]
    Safely,
    /// Also then: there is no secret in the answers, or nothing of the request.
    Always,
    /// Never.
    Never,
}

/// Whether `Idempotency-Key` is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Idempotent {
    /// A request with a key is done once; one without is done each time.
    Honoured,
    /// A request without a key is answered 400.
    Required,
}

/// How often something may be asked, by whom.
///
/// # Examples
///
/// ```
/// use flagon::{RateLimit, prelude::*};
///
/// let by_token = RateLimit::parse("100/hour").by_function(|request| request.header("x-api-key").map(str::to_owned));
/// let api = Blueprint::new("api").url_prefix("/api").rate_limit(by_token);
/// let app = App::new("shop").rate_limit("600/minute").register_blueprint(api);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    pub(crate) rate: Rate,
    pub(crate) by: RateKey,
}

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    pub(crate) seconds: u32,
}

/// Whom a limit counts.
#[derive(Clone, Copy)]
pub(crate) enum RateKey {
    /// The client's address, of IPv6 the first 64 bits: what one customer has.
    Address,
    /// Whatever a function finds; the address where it finds nothing.
    Function(fn(&Request) -> Option<String>),
}

impl RateLimit {
    /// Reads a rate such as `10/minute`: a number, a slash, and `second`, `minute`, `hour` or `day`, perhaps with a number of
    /// them before, as in `5/10 seconds`. So many may come at once, and then as many as that time gives back.
    ///
    /// # Panics
    ///
    /// When it is not written so; in a constant, as in the option `rate_limit`, that is an error of the compiler.
    #[track_caller]
    pub const fn parse(rate: &str) -> Self {
        match Rate::parse(rate.as_bytes()) {
            Some(rate) => Self { rate, by: RateKey::Address },
            None => panic!(
                "a rate is written `10/minute`: a number, a slash, and `second`, `minute`, `hour` or `day`"
            ),
        }
    }

    /// Counts by what `key` finds in the request, such as an API key, instead of the client's address; where it finds nothing, the
    /// address counts.
    #[must_use]
    pub const fn by_function(mut self, key: fn(&Request) -> Option<String>) -> Self {
        self.by = RateKey::Function(key);
        self
    }
}

impl From<&str> for RateLimit {
    #[track_caller]
    fn from(rate: &str) -> Self {
        Self::parse(rate)
    }
}

impl Rate {
    /// The time in which the whole count comes back.
    pub(crate) fn window(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    const fn parse(text: &[u8]) -> Option<Self> {
        let (count, rest) = number(text);
        let Some(count) = count else { return None };
        let [b'/', rest @ ..] = rest.trim_ascii() else { return None };
        let (times, unit) = number(rest.trim_ascii());
        let unit = match unit.trim_ascii() {
            b"second" | b"seconds" => 1,
            b"minute" | b"minutes" => 60,
            b"hour" | b"hours" => 3600,
            b"day" | b"days" => 86_400,
            _ => return None,
        };
        let times = match times {
            Some(times) => times,
            None => 1,
        };
        match u32::checked_mul(times, unit) {
            Some(seconds) if count > 0 && seconds > 0 => Some(Self { count, seconds }),
            _ => None,
        }
    }
}

/// The digits that `text` begins with, as a number, and what follows.
const fn number(mut text: &[u8]) -> (Option<u32>, &[u8]) {
    let mut value: Option<u32> = None;
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        let so_far = match value {
            Some(value) => value,
            None => 0,
        };
        if so_far >= 100_000_000 {
            return (None, text); // nobody's rate
        }
        value = Some(so_far * 10 + (*digit - b'0') as u32);
        text = rest;
    }
    (value, text)
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} s", self.count, self.seconds)
    }
}

impl fmt::Debug for RateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "Address",
            Self::Function(_) => "Function",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, count, seconds) in [
            ("10/minute", 10, 60),
            ("1/second", 1, 1),
            ("100 / hour", 100, 3600),
            ("5/10 seconds", 5, 10),
            ("2/2days", 2, 172_800),
        ] {
            assert_eq!(Rate::parse(text.as_bytes()), Some(Rate { count, seconds }), "{text}");
        }
        for text in [
            "",
            "10",
            "/minute",
            "0/minute",
            "10/0 minutes",
            "10/year",
            "-1/minute",
            "10//hour",
            "9999999999/day",
        ] {
            assert_eq!(Rate::parse(text.as_bytes()), None, "{text}");
        }
    }
}
