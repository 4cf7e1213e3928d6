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

/// Brings the element that stood at `order[i]` to `i`, for each `i`, by swaps along the cycles. `order` names each place once.
pub(crate) fn apply<T, N: Number>(items: &mut [T], order: &mut [N]) {
    for start in 0..items.len() {
        let mut at = start;
        loop {
            let next = order[at].place();
            order[at] = N::from_place(at);
            if next == start {
                break;
            }
            items.swap(at, next);
            at = next;
        }
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
