//! What a row is ordered by: one value of it.

use std::cmp::Ordering;

/// One value of a row, to order by. It borrows from the row, so that nothing is copied.
///
/// Keys of one field are ordered as databases order the values of a column: numbers by size, whole ones and others together; text by its
/// characters' numbers, which is the order of its bytes in UTF-8; then bytes. Where nulls go is the [`Field`](crate::Field)'s to say.
/// A NaN is null, as SQLite stores it, and −0 is 0.
///
/// # Examples
///
/// ```
/// use flagon_order::Key;
///
/// let (missing, name): (Key<'_>, Key<'_>) = (None::<i64>.into(), "Ada".into());
/// assert!(missing.is_null() && !name.is_null());
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub enum Key<'a> {
    /// There is no value.
    #[default]
    Null,
    /// A whole number, also for times: seconds, milliseconds or nanoseconds of one epoch. Booleans are 0 and 1.
    Integer(i128),
    /// Any other number.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes, such as those of a UUID.
    Bytes(&'a [u8]),
}

impl Key<'_> {
    /// Whether there is no value, which NaN is as well.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Real(number) => number.is_nan(),
            _ => false,
        }
    }

    /// The order of two values that are both there; `None` where one is null.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.is_null() || other.is_null() {
            return None;
        }
        Some(match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), Self::Real(b)) => whole_and_real(*a, *b),
            (Self::Real(a), Self::Integer(b)) => whole_and_real(*b, *a).reverse(),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => self.class().cmp(&other.class()),
        })
    }

    /// What stands before what where a field holds values of several kinds: the storage classes of SQLite
    /// (<https://www.sqlite.org/datatype3.html>, "Sort Order").
    fn class(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Bytes(_) => 3,
        }
    }
}

/// Compares exactly: to make the whole number a real one would round it.
fn whole_and_real(whole: i128, real: f64) -> Ordering {
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0; // 2¹²⁷
    if real >= LIMIT {
        return Ordering::Less;
    }
    if real < -LIMIT {
        return Ordering::Greater;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "without its fraction it is within the range, as was just seen"
    )]
    let floor = real.floor() as i128;
    whole.cmp(&floor).then(if real > real.floor() { Ordering::Less } else { Ordering::Equal })
}

macro_rules! from_whole_numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for Key<'_> {
            fn from(number: $number) -> Self {
                Self::Integer(number.into())
            }
        }
    )*};
}

from_whole_numbers!(i8 i16 i32 i64 i128 u8 u16 u32 u64 bool);

impl From<f32> for Key<'_> {
    fn from(number: f32) -> Self {
        Self::Real(number.into())
    }
}

impl From<f64> for Key<'_> {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Key<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Key<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<K: Into<Self>> From<Option<K>> for Key<'_> {
    fn from(value: Option<K>) -> Self {
        value.map_or(Key::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Key<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_others_are_compared_exactly() {
        let large = (1_i128 << 53) + 1; // as an f64 it would be 2⁵³
        let rounded = 9_007_199_254_740_992.0;
        assert_eq!(Key::Integer(large).compare(&Key::Real(rounded)), Some(Ordering::Greater));
        assert_eq!(Key::Real(rounded).compare(&Key::Integer(large)), Some(Ordering::Less));
        for (whole, real, order) in [
            (0, -0.0, Ordering::Equal),
            (-1, -0.5, Ordering::Less),
            (-1, -1.5, Ordering::Greater),
            (i128::MAX, f64::INFINITY, Ordering::Less),
            (i128::MIN, f64::NEG_INFINITY, Ordering::Greater),
            (i128::MAX, f64::MAX, Ordering::Less),
        ] {
            assert_eq!(Key::Integer(whole).compare(&Key::Real(real)), Some(order), "{whole} {real}");
        }
    }

    #[test]
    fn nan_is_null_and_kinds_stand_as_in_sqlite() {
        assert!(Key::Real(f64::NAN).is_null());
        assert_eq!(Key::Real(f64::NAN).compare(&Key::Integer(1)), None);
        assert_eq!(Key::Text("").compare(&Key::Integer(i128::MAX)), Some(Ordering::Greater));
        assert_eq!(Key::Text("z").compare(&Key::Bytes(b"")), Some(Ordering::Less));
    }
}
