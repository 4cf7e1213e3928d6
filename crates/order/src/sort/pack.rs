//! Values as bits of a number, so that comparing the numbers compares the values.
//!
//! In: the values of one field, of the rows of a part. Out: [`Packing`], which makes some bits of each. Never: bits that are ordered
//! otherwise than the values.

use super::column::{Column, Values, text};

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
    /// The lower bits of a number.
    Below,
}

enum Kind {
    /// Numbers less `least`, without the lowest bits.
    Numbers { least: i64, without: u32 },
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

impl Packing {
    /// Looks at the values of `rows`, of text from `byte` on, and decides how they fit into `room` bits. `None` where they don't.
    pub(super) fn of<T>(column: &Column<'_, T>, rows: &[u32], byte: usize, room: u32) -> Option<Self> {
        let has_null = column.may_have_nulls() && rows.iter().any(|row| column.is_null(*row as usize));
        let null = match (has_null, column.has_nulls_first()) {
            (false, _) => Null::None,
            (true, true) => Null::First,
            (true, false) => Null::Last,
        };
        let room = room.checked_sub(u32::from(has_null))?;
        let there = rows.iter().map(|row| *row as usize).filter(|row| !has_null || !column.is_null(*row));
        let (kind, bits, rest) = match column.values() {
            Values::Several => return None,
            Values::None => (Kind::Numbers { least: 0, without: 0 }, 0, Rest::Nothing),
            Values::Numbers(numbers) => numbers_fit(there.map(|row| numbers[row]), room),
            Values::Bytes { all, ends } => {
                bytes_fit(there.map(|row| text(all, ends, byte, row)), byte, room)?
            }
        };
        if bits == 0 && rest != Rest::Nothing {
            return None;
        }
        let ones = 1_u128.checked_shl(bits).map_or(u128::MAX, |above| above - 1);
        let invert = if column.is_descending() { ones } else { 0 };
        Some(Self { kind, bits: bits + u32::from(has_null), null, invert, rest })
    }

    /// The bits of a row's value.
    pub(super) fn bits_of<T>(&self, column: &Column<'_, T>, row: usize) -> u128 {
        if !matches!(self.null, Null::None) && column.is_null(row) {
            return if matches!(self.null, Null::Last) { 1 << (self.bits - 1) } else { 0 };
        }
        let value = match (&self.kind, column.values()) {
            (Kind::Numbers { least, without }, Values::Numbers(numbers)) => {
                u128::from(numbers[row].abs_diff(*least) >> without)
            }
            (Kind::Bytes { skip, count }, Values::Bytes { all, ends }) => {
                bytes_as_bits(text(all, ends, *skip, row), *count)
            }
            _ => 0,
        };
        let value = value ^ self.invert;
        if matches!(self.null, Null::First) { value | 1 << (self.bits - 1) } else { value }
    }
}

/// As many of the highest bits as fit.
fn numbers_fit(numbers: impl Iterator<Item = i64>, room: u32) -> (Kind, u32, Rest) {
    let (least, most) =
        numbers.fold((i64::MAX, i64::MIN), |(least, most), number| (least.min(number), most.max(number)));
    let range = if least <= most { most.abs_diff(least) } else { 0 };
    let bits = u64::BITS - range.leading_zeros();
    let without = bits.saturating_sub(room).min(u64::BITS - 1);
    let rest = if without == 0 { Rest::Nothing } else { Rest::Below };
    (Kind::Numbers { least, without }, bits.min(room), rest)
}

/// As many bytes as fit after those that all have in common.
fn bytes_fit<'t>(
    mut texts: impl Iterator<Item = &'t [u8]>,
    byte: usize,
    room: u32,
) -> Option<(Kind, u32, Rest)> {
    let first = texts.next().unwrap_or_default();
    let (mut common, mut longest) = (first.len(), first.len());
    for text in texts {
        longest = longest.max(text.len());
        if common > 0 {
            common = first.iter().zip(text).take(common).take_while(|(a, b)| a == b).count();
        }
    }
    let (skip, left) = (byte + common, longest - common);
    if left == 0 {
        return Some((Kind::Bytes { skip, count: 0 }, 0, Rest::Nothing));
    }
    let count = left.min(room.checked_sub(COUNT_BITS)? as usize / 8).min(MOST_BYTES);
    let rest = if count < left { Rest::From(skip + count) } else { Rest::Nothing };
    (count > 0).then_some((Kind::Bytes { skip, count }, u32::try_from(count).ok()? * 8 + COUNT_BITS, rest))
}

/// `count` bytes, then how many there were, so that what ends comes before what goes on with zeros; one more than `count` means that there
/// are more.
fn bytes_as_bits(bytes: &[u8], count: usize) -> u128 {
    if count == 0 {
        return 0;
    }
    let mut word = [0; 16];
    if let Some(chunk) = bytes.first_chunk::<MOST_BYTES>() {
        word[..MOST_BYTES].copy_from_slice(chunk);
    } else {
        word[..bytes.len()].copy_from_slice(bytes);
    }
    let text = u128::from_be_bytes(word) >> (128 - 8 * count);
    text << COUNT_BITS | bytes.len().min(count + 1) as u128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_texts_are_ordered_as_texts() {
        let texts: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"a", b"a\0", b"ab", b"ab\0", b"b"];
        for count in 1..=14 {
            let bits = texts.map(|text| bytes_as_bits(text, count));
            assert!(bits.is_sorted(), "{count}");
            assert!(count < 3 || bits.windows(2).all(|pair| pair[0] < pair[1]), "{count}");
        }
    }

    #[test]
    fn numbers_take_the_bits_of_their_range() {
        let fit = |numbers: &[i64], room| {
            let (_, bits, rest) = numbers_fit(numbers.iter().copied(), room);
            (bits, rest)
        };
        assert_eq!(fit(&[], 64), (0, Rest::Nothing));
        assert_eq!(fit(&[7, 7], 64), (0, Rest::Nothing));
        assert_eq!(fit(&[1_000_000, 1_000_255], 64), (8, Rest::Nothing));
        assert_eq!(fit(&[i64::MIN, i64::MAX], 64), (64, Rest::Nothing));
        assert_eq!(fit(&[i64::MIN, i64::MAX], 44), (44, Rest::Below));
    }
}
