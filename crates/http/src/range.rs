//! Ranges of bytes.
//!
//! In: the value of `Range` and the length of what is there. Out: the parts to send. Never: reads anything.
//!
//! RFC 9110 §14.

use http::HeaderValue;

/// The ranges that a client asks for.
///
/// # Examples
///
/// ```
/// use flagon_http::range::{ByteRange, Ranges, Selection};
///
/// let ranges = Ranges::parse(b"bytes=0-4, -2").unwrap();
/// let parts = vec![ByteRange { first: 0, last: 4 }, ByteRange { first: 8, last: 9 }];
/// assert_eq!(ranges.select(10), Selection::Parts(parts));
/// assert_eq!(Ranges::parse(b"bytes=20-").unwrap().select(10), Selection::Unsatisfiable);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges(Vec<RangeSpec>);

/// One range as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RangeSpec {
    /// `first-last`, both included.
    Between(u64, u64),
    /// `first-`: to the end.
    From(u64),
    /// `-length`: the last bytes.
    Last(u64),
}

/// A part of something, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteRange {
    /// The place of its first byte.
    pub first: u64,
    /// The place of its last byte.
    pub last: u64,
}

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These parts, at least one, with 206; no two of them overlap or touch.
    Parts(Vec<ByteRange>),
    /// Nothing, with 416 and [`unsatisfied_content_range`].
    Unsatisfiable,
}

impl Ranges {
    /// Reads the value of a `Range` field.
    ///
    /// `None` when the field has to be ignored (§14.2): another unit than bytes, malformed, or more than 32
    /// ranges, which no reader of a file needs.
    pub fn parse(field: &[u8]) -> Option<Self> {
        let (unit, set) = field.split_at_checked(6)?;
        if !unit.eq_ignore_ascii_case(b"bytes=") {
            return None;
        }
        let mut ranges = Vec::new();
        for spec in set.split(|byte| *byte == b',') {
            match spec.trim_ascii() {
                // §5.6.1: empty list elements are skipped.
                [] => (),
                _ if ranges.len() == RANGES_MAX => return None,
                spec => ranges.push(parse_spec(spec)?),
            }
        }
        (!ranges.is_empty()).then_some(Self(ranges))
    }

    /// The ranges as asked for.
    pub fn specs(&self) -> &[RangeSpec] {
        &self.0
    }

    /// Selects from something that is `length` bytes long.
    ///
    /// Ranges that overlap or touch become one (§15.3.7.2), so that no byte is sent twice, whatever is asked for. Each
    /// part stands where the first range of it stood.
    pub fn select(&self, length: u64) -> Selection {
        let mut parts: Vec<ByteRange> = Vec::new();
        for part in self.0.iter().filter_map(|spec| spec.within(length)) {
            coalesce(&mut parts, part);
        }
        if parts.is_empty() { Selection::Unsatisfiable } else { Selection::Parts(parts) }
    }
}

/// Adds `part`, together with those of `parts` that it overlaps or touches, in the place of the first of them.
fn coalesce(parts: &mut Vec<ByteRange>, mut part: ByteRange) {
    let mut place = parts.len();
    // Those that are left apart are apart from each other too; a part that has grown may reach one passed before.
    while let Some(near) = parts.iter().position(|known| known.is_near(part)) {
        let known = parts.remove(near);
        part = ByteRange { first: part.first.min(known.first), last: part.last.max(known.last) };
        place = place.min(near);
    }
    parts.insert(place, part);
}

impl RangeSpec {
    /// The part that this range is of something `length` bytes long; `None` when it holds none of its bytes.
    pub fn within(self, length: u64) -> Option<ByteRange> {
        let end = length.checked_sub(1)?;
        let (first, last) = match self {
            Self::Between(first, last) => (first, last.min(end)),
            Self::From(first) => (first, end),
            Self::Last(0) => return None,
            Self::Last(count) => (length.saturating_sub(count), end),
        };
        (first <= last).then_some(ByteRange { first, last })
    }
}

impl ByteRange {
    /// How many bytes it has.
    pub fn length(self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether the two have a byte in common, or none between them.
    fn is_near(self, other: Self) -> bool {
        self.first <= other.last.saturating_add(1) && other.first <= self.last.saturating_add(1)
    }

    /// The value of `Content-Range` for this part of something `length` bytes long: `bytes 0-4/10`.
    pub fn content_range(self, length: u64) -> HeaderValue {
        ascii(format!("bytes {}-{}/{length}", self.first, self.last))
    }
}

/// The value of `Content-Range` in a 416.
///
/// # Examples
///
/// ```
/// assert_eq!(flagon_http::range::unsatisfied_content_range(10), "bytes */10");
/// ```
pub fn unsatisfied_content_range(length: u64) -> HeaderValue {
    ascii(format!("bytes */{length}"))
}

fn parse_spec(spec: &[u8]) -> Option<RangeSpec> {
    let dash = spec.iter().position(|byte| *byte == b'-')?;
    match (&spec[..dash], &spec[dash + 1..]) {
        ([], count) => Some(RangeSpec::Last(parse_position(count)?)),
        (first, []) => Some(RangeSpec::From(parse_position(first)?)),
        (first, last) => {
            let (first, last) = (parse_position(first)?, parse_position(last)?);
            // §14.1.1: a last position before the first is malformed.
            (first <= last).then_some(RangeSpec::Between(first, last))
        }
    }
}

/// `1*DIGIT`; a number beyond 64 bits is as good as the largest, since nothing is as long.
fn parse_position(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        text.iter()
            .fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    })
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("digits and signs make a field value")
}

const RANGES_MAX: usize = 32;
