//! What caches may do with an answer: `Cache-Control`.
//!
//! In: directives, as text or one by one. Out: [`CacheControl`], whose text is the field's value. Never: two directives
//! that contradict each other, nor one that is not registered for answers.
//!
//! RFC 9111 §5.2.2; RFC 8246 (`immutable`); RFC 5861 (the two `stale-…`).

use std::{fmt, str::FromStr, time::Duration};

use http::HeaderValue;

/// What caches may do with an answer.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon_http::cache_control::CacheControl;
///
/// let minute = CacheControl::public().max_age(Duration::from_secs(60)).must_revalidate();
/// assert_eq!(minute.to_string(), "public, max-age=60, must-revalidate");
/// assert_eq!("max-age=60, PUBLIC, must-revalidate".parse(), Ok(minute));
/// assert!("no-store, max-age=60".parse::<CacheControl>().is_err()); // which of the two?
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheControl {
    /// A bit for each directive without an argument, in the order of [`WORDS`].
    words: u16,
    /// Seconds, in the order of [`AGES`].
    ages: [Option<u32>; AGES.len()],
}

/// The directives without an argument.
const WORDS: [&str; 9] = [
    "no-store",
    "no-cache",
    "private",
    "public",
    "must-revalidate",
    "proxy-revalidate",
    "must-understand",
    "no-transform",
    "immutable",
];

/// The directives with seconds.
const AGES: [&str; 4] = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"];

/// The pairs that say two things at once.
const CONTRADICTIONS: [(&str, &str); 9] = [
    ("private", "public"),
    ("private", "s-maxage"),
    ("private", "proxy-revalidate"),
    ("no-store", "max-age"),
    ("no-store", "s-maxage"),
    ("no-store", "public"),
    ("no-store", "immutable"),
    ("no-store", "stale-while-revalidate"),
    ("no-store", "stale-if-error"),
];

impl CacheControl {
    /// Begins with no directive at all: what a cache may do follows from the rest of the answer.
    pub const fn new() -> Self {
        Self { words: 0, ages: [None; AGES.len()] }
    }

    /// `no-store`: nobody keeps it. For secrets.
    pub const fn no_store() -> Self {
        Self::new().word(0)
    }

    /// `no-cache`: it may be kept, and is asked for again each time, which a 304 makes cheap.
    pub const fn no_cache() -> Self {
        Self::new().word(1)
    }

    /// `private`: only the client itself keeps it, no cache that others share.
    pub const fn private() -> Self {
        Self::new().word(2)
    }

    /// `public`: everyone may keep it, even an answer to someone who is logged in by `Authorization`.
    pub const fn public() -> Self {
        Self::new().word(3)
    }

    /// `max-age`: it is fresh for so long, in whole seconds.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.age(0, age)
    }

    /// `s-maxage`: the same for caches that several clients share.
    #[must_use]
    pub fn s_maxage(self, age: Duration) -> Self {
        self.age(1, age)
    }

    /// `stale-while-revalidate`: for so long after that it may be used while a fresh one is fetched.
    #[must_use]
    pub fn stale_while_revalidate(self, age: Duration) -> Self {
        self.age(2, age)
    }

    /// `stale-if-error`: for so long after that it may be used where no fresh one can be had.
    #[must_use]
    pub fn stale_if_error(self, age: Duration) -> Self {
        self.age(3, age)
    }

    /// `must-revalidate`: once it is stale it is not used without asking, whatever happens.
    #[must_use]
    pub const fn must_revalidate(self) -> Self {
        self.word(4)
    }

    /// `no-transform`: nobody on the way changes the content.
    #[must_use]
    pub const fn no_transform(self) -> Self {
        self.word(7)
    }

    /// `immutable`: it never changes, so that a reload need not ask either.
    #[must_use]
    pub const fn immutable(self) -> Self {
        self.word(8)
    }

    /// Whether nobody may keep the answer.
    pub const fn is_no_store(&self) -> bool {
        self.words & 1 != 0
    }

    /// The field's value; empty when there is no directive.
    pub fn to_header_value(&self) -> HeaderValue {
        HeaderValue::try_from(self.to_string()).unwrap_or(HeaderValue::from_static("")) // they are visible ASCII
    }

    const fn word(mut self, place: u8) -> Self {
        self.words |= 1 << place;
        self
    }

    /// More seconds than 2³¹ mean the same as those (RFC 9111 §1.2.2).
    fn age(mut self, place: usize, age: Duration) -> Self {
        self.ages[place] = Some(u32::try_from(age.as_secs()).map_or(LONGEST, |age| age.min(LONGEST)));
        self
    }

    fn has(&self, name: &str) -> bool {
        let word = WORDS.iter().position(|known| *known == name);
        let age = AGES.iter().position(|known| *known == name);
        word.is_some_and(|place| self.words & (1 << place) != 0)
            || age.is_some_and(|place| self.ages[place].is_some())
    }
}

const LONGEST: u32 = 1 << 31;

impl fmt::Display for CacheControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        let mut write = |text: fmt::Arguments<'_>| {
            f.write_str(std::mem::replace(&mut comma, ", "))?;
            f.write_fmt(text)
        };
        let (first, others) = WORDS.split_at(4);
        for word in first.iter().filter(|word| self.has(word)) {
            write(format_args!("{word}"))?;
        }
        for (name, age) in AGES.iter().zip(self.ages) {
            if let Some(age) = age {
                write(format_args!("{name}={age}"))?;
            }
        }
        for word in others.iter().filter(|word| self.has(word)) {
            write(format_args!("{word}"))?;
        }
        Ok(())
    }
}

impl FromStr for CacheControl {
    type Err = CacheControlError;

    /// Reads what a program says; a cache that reads what others say has to be more lenient.
    fn from_str(text: &str) -> Result<Self, CacheControlError> {
        let mut read = Self::new();
        for directive in text.split(',') {
            let (name, argument) = match directive.split_once('=') {
                Some((name, argument)) => (name.trim(), Some(argument.trim())),
                None => (directive.trim(), None),
            };
            read.add(name, argument)?;
        }
        match CONTRADICTIONS.into_iter().find(|(one, other)| read.has(one) && read.has(other)) {
            Some((one, other)) => Err(CacheControlError::Contradiction(one, other)),
            None => Ok(read),
        }
    }
}

impl CacheControl {
    fn add(&mut self, name: &str, argument: Option<&str>) -> Result<(), CacheControlError> {
        let same = |known: &&str| known.eq_ignore_ascii_case(name);
        let Some(known) = WORDS.iter().chain(&AGES).find(|known| same(known)) else {
            return Err(CacheControlError::Unknown(name.into()));
        };
        if self.has(known) {
            return Err(CacheControlError::Twice(known));
        }
        if let Some(place) = WORDS.iter().position(same) {
            self.words |= 1 << place;
            return if argument.is_none() { Ok(()) } else { Err(CacheControlError::Argument(known)) };
        }
        let seconds =
            argument.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(seconds) = seconds else { return Err(CacheControlError::NoSeconds(known)) };
        if let Some(place) = AGES.iter().position(same) {
            self.ages[place] = Some(seconds.parse().map_or(LONGEST, |age: u32| age.min(LONGEST)));
        }
        Ok(())
    }
}

/// Why a text is no [`CacheControl`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheControlError {
    /// No answer has such a directive.
    Unknown(Box<str>),
    /// The directive stands there twice.
    Twice(&'static str),
    /// The directive has no argument (field names after `private` and `no-cache` are not supported: no cache obeys them).
    Argument(&'static str),
    /// The directive needs seconds, digits without quotes.
    NoSeconds(&'static str),
    /// The two contradict each other.
    Contradiction(&'static str, &'static str),
}

impl CacheControlError {
    /// The directives that there are.
    pub fn directives() -> impl Iterator<Item = &'static str> {
        WORDS.into_iter().chain(AGES)
    }
}

impl fmt::Display for CacheControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "`{name}` is no directive of an answer"),
            Self::Twice(name) => write!(f, "`{name}` stands there twice"),
            Self::Argument(name) => write!(f, "`{name}` has no argument"),
            Self::NoSeconds(name) => write!(f, "`{name}` needs seconds: `{name}=60`"),
            Self::Contradiction(one, other) => {
                write!(f, "`{one}` and `{other}` contradict each other: keep one")
            }
        }
    }
}

impl std::error::Error for CacheControlError {}
