//! Values as bits of a number, so that comparing the numbers compares the values.
//!
//! In: the values of one field, of the rows of a part. Out: [`Packing`], which makes some bits of each. Never: bits that are ordered
//! otherwise than the values.

use super::column::Column;
use crate::{field::Direction, key::Key};

/// How the values of a field become bits.
pub(super) struct Packing {
    kind: Kind,
    /// How many bits a value takes, with the one for null.
    pub(super) bits: u32,
    null: Null,
    /// What descending order is inverted in.
    invert: u128,
    /// What of the values is not in the bits.
    pub(super) rest: Rest,
}

/// What of the values is not in the bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing: equal bits mean equal values.
    Nothing,
    /// Text from this byte on.
    From(usize),
}

enum Kind {
    /// Whole numbers less `least`.
    Whole { least: i128 },
    /// Others, as [`real_bits`] less `least`.
    Real { least: u64 },
    /// `count` bytes from `skip` on, then how many there were.
    Bytes { skip: usize, count: usize },
}

/// Which value of the null bit a null has.
enum Null {
    /// There are none, and no bit for them.
    None,
    First,
    Last,
}

/// How many bits say how many bytes of a text there were.
const COUNT_BITS: u32 = 4;
/// How many bytes of text are packed at most: one more than them must fit into [`COUNT_BITS`].
const MOST_BYTES: usize = 14;

/// What was seen of the values.
#[derive(Default)]
struct Seen {
    has_null: bool,
    whole: Option<(i128, i128)>,
    real: Option<(u64, u64)>,
    /// How many bytes all have in common, and the length of the longest.
    bytes: Option<(usize, usize)>,
}

impl Packing {
    /// Looks at the values of `rows` and decides how they fit into `room` bits; text from byte `from` on. `None` where they are of
    /// several kinds, or do not fit.
    pub(super) fn of<T>(column: &Column<'_, T>, rows: &[u32], from: usize, room: u32) -> Option<Self> {
        let seen = Seen::of(column, rows, from)?;
        let null = match (seen.has_null, column.term.has_nulls_first()) {
            (false, _) => Null::None,
            (true, true) => Null::First,
            (true, false) => Null::Last,
        };
        let room = room.checked_sub(u32::from(seen.has_null))?;
        let (kind, bits, rest) = if let Some((least, most)) = seen.whole {
            (Kind::Whole { least }, u128::BITS - most.abs_diff(least).leading_zeros(), Rest::Nothing)
        } else if let Some((least, most)) = seen.real {
            (Kind::Real { least }, u64::BITS - (most - least).leading_zeros(), Rest::Nothing)
        } else if let Some((common, longest)) = seen.bytes {
            let (skip, left) = (from + common, longest - common);
            if left == 0 {
                (Kind::Bytes { skip, count: 0 }, 0, Rest::Nothing)
            } else {
                let count = left.min(room.checked_sub(COUNT_BITS)? as usize / 8).min(MOST_BYTES);
                let rest = if count < left { Rest::From(skip + count) } else { Rest::Nothing };
                (Kind::Bytes { skip, count }, u32::try_from(count).ok()? * 8 + COUNT_BITS, rest)
            }
        } else {
            (Kind::Whole { least: 0 }, 0, Rest::Nothing) // nothing but nulls, or nothing at all
        };
        if bits > room || (bits <= COUNT_BITS && rest != Rest::Nothing) {
            return None;
        }
        let ones = 1_u128.checked_shl(bits).map_or(u128::MAX, |above| above - 1);
        let invert = if column.term.direction() == Direction::Descending { ones } else { 0 };
        Some(Self { kind, bits: bits + u32::from(seen.has_null), null, invert, rest })
    }

    /// The bits of `key`.
    pub(super) fn bits_of(&self, key: &Key<'_>) -> u128 {
        let value = match (&self.kind, key) {
            (Kind::Whole { least }, Key::Integer(number)) => number.abs_diff(*least),
            (Kind::Real { least }, Key::Real(number)) if !number.is_nan() => {
                u128::from(real_bits(*number).wrapping_sub(*least))
            }
            (Kind::Bytes { skip, count }, Key::Text(text)) => bytes_as_bits(text.as_bytes(), *skip, *count),
            (Kind::Bytes { skip, count }, Key::Bytes(bytes)) => bytes_as_bits(bytes, *skip, *count),
            _ => return if matches!(self.null, Null::Last) { 1 << (self.bits - 1) } else { 0 },
        };
        let value = value ^ self.invert;
        if matches!(self.null, Null::First) { value | 1 << (self.bits - 1) } else { value }
    }
}

impl Seen {
    fn of<T>(column: &Column<'_, T>, rows: &[u32], from: usize) -> Option<Self> {
        let mut seen = Self::default();
        let mut first: Option<&[u8]> = None;
        let mut is_text = None;
        for &row in rows {
            let bytes = match column.key(row as usize) {
                Key::Integer(number) => {
                    let (least, most) = seen.whole.get_or_insert((number, number));
                    (*least, *most) = ((*least).min(number), (*most).max(number));
                    continue;
                }
                Key::Real(number) if !number.is_nan() => {
                    let bits = real_bits(number);
                    let (least, most) = seen.real.get_or_insert((bits, bits));
                    (*least, *most) = ((*least).min(bits), (*most).max(bits));
                    continue;
                }
                Key::Null | Key::Real(_) => {
                    seen.has_null = true;
                    continue;
                }
                Key::Text(text) if *is_text.get_or_insert(true) => text.as_bytes(),
                Key::Bytes(bytes) if !*is_text.get_or_insert(false) => bytes,
                Key::Text(_) | Key::Bytes(_) => return None,
            };
            let bytes = bytes.get(from..).unwrap_or_default();
            let first = *first.get_or_insert(bytes);
            let (common, longest) = seen.bytes.get_or_insert((bytes.len(), bytes.len()));
            *common = first.iter().zip(bytes).take(*common).take_while(|(a, b)| a == b).count();
            *longest = (*longest).max(bytes.len());
        }
        let kinds = [seen.whole.is_some(), seen.real.is_some(), seen.bytes.is_some()];
        (kinds.into_iter().filter(|is_there| *is_there).count() < 2).then_some(seen)
    }
}

/// The bits of a number that is not NaN, ordered as numbers are: those of negative ones are inverted (Herf, *Radix Tricks*, 2001). −0 is 0.
fn real_bits(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// `count` bytes from `skip` on, then how many there were, so that what ends comes before what goes on with zeros; one more than `count`
/// means that there are more.
fn bytes_as_bits(bytes: &[u8], skip: usize, count: usize) -> u128 {
    let rest = bytes.get(skip..).unwrap_or_default();
    let taken = rest.len().min(count);
    let mut word = [0; 16];
    if let (14, Some(chunk)) = (count, rest.first_chunk::<MOST_BYTES>()) {
        word[..MOST_BYTES].copy_from_slice(chunk);
    } else {
        word[..taken].copy_from_slice(&rest[..taken]);
    }
    if count == 0 {
        return 0;
    }
    let text = u128::from_be_bytes(word) >> (128 - 8 * count);
    text << COUNT_BITS | rest.len().min(count + 1) as u128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_reals_are_ordered_as_reals() {
        let numbers = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1.5,
            -1.0,
            -f64::MIN_POSITIVE,
            0.0,
            f64::MIN_POSITIVE,
            1.0,
            f64::INFINITY,
        ];
        assert!(numbers.windows(2).all(|pair| real_bits(pair[0]) < real_bits(pair[1])));
        assert_eq!(real_bits(-0.0), real_bits(0.0));
    }

    #[test]
    fn bits_of_texts_are_ordered_as_texts() {
        let texts: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"a", b"a\0", b"ab", b"ab\0", b"b"];
        for count in 1..=14 {
            let bits = texts.map(|text| bytes_as_bits(text, 0, count));
            assert!(bits.is_sorted(), "{count}");
            assert!(count < 3 || bits.windows(2).all(|pair| pair[0] < pair[1]), "{count}");
        }
    }
}
