//! Elements brought into an order that is given by numbers.

/// A whole number that elements are counted by.
pub(crate) trait Number: Copy {
    fn from_place(place: usize) -> Self;
    fn place(self) -> usize;
}

impl Number for usize {
    fn from_place(place: usize) -> Self {
        place
    }

    fn place(self) -> usize {
        self
    }
}

impl Number for u32 {
    #[expect(clippy::cast_possible_truncation, reason = "who counts by u32 has no more elements")]
    fn from_place(place: usize) -> Self {
        place as Self
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// Brings the element that stood at `order[i]` to `i`, for each `i`. `order` names each place once.
///
/// Which elements change places is found first, on numbers alone. The swaps then don't wait for each other, as they would along the cycles of
/// the permutation, so that a processor has several on their way from memory at once.
pub(crate) fn apply<T, N: Number>(items: &mut [T], order: &mut [N]) {
    let mut element_at: Vec<N> = (0..order.len()).map(N::from_place).collect();
    let mut place_of = element_at.clone();
    for (place, number) in order.iter_mut().enumerate() {
        let from = place_of[number.place()];
        let moved = element_at[place];
        element_at[from.place()] = moved;
        place_of[moved.place()] = from;
        *number = from;
    }
    for (place, from) in order.iter().enumerate() {
        items.swap(place, from.place());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_five_is_made() {
        for code in 0..5 * 4 * 3 * 2 {
            let mut left: Vec<u32> = (0..5).collect();
            let mut code = code;
            let mut order: Vec<u32> = Vec::new();
            while !left.is_empty() {
                order.push(left.remove(code % left.len()));
                code /= left.len() + 1;
            }
            let mut items: Vec<u32> = (0..5).collect();
            apply(&mut items, &mut order.clone());
            assert_eq!(items, order);
        }
    }
}
