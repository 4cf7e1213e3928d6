//! Which element divides a part.
//!
//! In: how many there are, and comparisons of places. Out: a place, and what the part looks like. Never: moves anything.

/// What a part looks like after a few comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Sorted,
    Reversed,
    Mixed,
}

/// Longer parts take the median of three medians of three (Bentley & McIlroy 1993, "pseudomedian of nine").
const NINTHER: usize = 50;

/// The median of some elements of a part of `length`, at least 8 long: of three, or of three medians of three.
pub(super) fn choose(length: usize, mut is_less: impl FnMut(usize, usize) -> bool) -> (usize, Look) {
    let (mut first, mut middle, mut last) = (length / 4, length / 4 * 2, length / 4 * 3);
    let (mut swaps, mut most) = (0, 3);
    if length >= NINTHER {
        for place in [&mut first, &mut middle, &mut last] {
            let (around, found) = median(*place - 1, *place, *place + 1, &mut is_less);
            swaps += found;
            *place = around;
        }
        most = 12;
    }
    let (pivot, found) = median(first, middle, last, &mut is_less);
    swaps += found;
    let look = match swaps {
        0 => Look::Sorted,
        all if all == most => Look::Reversed,
        _ => Look::Mixed,
    };
    (pivot, look)
}

/// The place of the median of three, and how many swaps would have sorted them.
fn median(
    mut a: usize,
    mut b: usize,
    mut c: usize,
    is_less: &mut impl FnMut(usize, usize) -> bool,
) -> (usize, u32) {
    let mut swaps = 0;
    let mut order = |low: &mut usize, high: &mut usize| {
        if is_less(*high, *low) {
            std::mem::swap(low, high);
            swaps += 1;
        }
    };
    order(&mut a, &mut b);
    order(&mut b, &mut c);
    order(&mut a, &mut b);
    (b, swaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_three_is_found_however_they_stand() {
        for values in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
            let (place, _) = median(0, 1, 2, &mut |a, b| values[a] < values[b]);
            assert_eq!(values[place], 2, "{values:?}");
        }
    }

    #[test]
    fn order_and_its_opposite_are_seen() {
        for length in [8, 49, 50, 1000] {
            assert_eq!(choose(length, |a, b| a < b), (length / 4 * 2, Look::Sorted));
            assert_eq!(choose(length, |a, b| a > b).1, Look::Reversed);
            assert_eq!(choose(length, |_, _| false).1, Look::Sorted);
        }
        assert_eq!(choose(1000, |a, b| a * 7919 % 101 < b * 7919 % 101).1, Look::Mixed);
    }
}
