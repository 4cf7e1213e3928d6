//! The numbers that are sorted: typed, or of a chosen shape.

use serde::{Deserialize, Serialize};

/// How many numbers may be typed.
pub(crate) const TYPED: usize = 64;
/// The largest of them: bars are drawn for them.
pub(crate) const LARGEST: u32 = 99;

/// A shape of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    #[default]
    Random,
    Sorted,
    Reversed,
    Pipes,
    Equal,
    Few,
}

impl Shape {
    /// All of them, in the order of the page.
    pub(crate) const ALL: [Self; 6] =
        [Self::Random, Self::Sorted, Self::Reversed, Self::Pipes, Self::Equal, Self::Few];

    /// So many numbers below `limit`, the same each time.
    pub(crate) fn numbers(self, count: u32, limit: u32) -> Vec<u32> {
        let scaled = |number: u32| {
            u32::try_from(u64::from(number) * u64::from(limit) / u64::from(count.max(1))).unwrap_or(0)
        };
        let mut random = 20_u32;
        let mut next = move || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 8
        };
        (0..count)
            .map(|number| match self {
                Self::Random => next() % limit,
                Self::Sorted => scaled(number),
                Self::Reversed => scaled(count - 1 - number),
                Self::Pipes => scaled(2 * number.min(count - 1 - number)),
                Self::Equal => limit / 2,
                Self::Few => next() % 4 * (limit / 4),
            })
            .collect()
    }
}

/// What was typed, as numbers; `None` when it is something else, too much, or nothing.
pub(crate) fn typed(text: &str) -> Option<Vec<u32>> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let numbers: Option<Vec<u32>> = words.take(TYPED + 1).map(|word| word.parse().ok()).collect();
    numbers.filter(|numbers| {
        (1..=TYPED).contains(&numbers.len()) && numbers.iter().all(|number| *number <= LARGEST)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_what_they_are_called() {
        let of = |shape: Shape| shape.numbers(24, 100);
        assert!(of(Shape::Sorted).is_sorted() && of(Shape::Reversed).iter().rev().is_sorted());
        assert!(of(Shape::Equal).iter().all(|number| *number == 50));
        let pipes = of(Shape::Pipes);
        assert!(pipes[..12].is_sorted() && pipes[12..].iter().rev().is_sorted() && pipes[11] > pipes[0]);
        assert!(Shape::ALL.iter().flat_map(|shape| of(*shape)).all(|number| number < 100));
        assert!(!of(Shape::Random).is_sorted());
    }

    #[test]
    fn only_a_few_small_numbers_may_be_typed() {
        assert_eq!(typed(" 3, 1\n2 "), Some(vec![3, 1, 2]));
        for refused in ["", " ", "1 two", "-1", "100", "1.5", &"1 ".repeat(65)] {
            assert_eq!(typed(refused), None, "{refused}");
        }
        assert_eq!(typed(&"9 ".repeat(64)).map(|numbers| numbers.len()), Some(64));
    }
}
