//! The nearest known name to a mistaken one, for error messages.
//!
//! In: a name and the names that exist. Out: one of them, or none when all are far off.

/// Finds the candidate that is the fewest edits away, if that is at most one and a quarter of the name.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let (distance, best) =
        candidates.into_iter().map(|known| (distance(name, known), known)).min_by_key(|(edits, _)| *edits)?;
    (distance <= 1 + name.chars().count() / 4).then_some(best)
}

/// Levenshtein's distance, counted in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(nearest("psot.show", ["post.show", "index"]), Some("post.show"));
        assert_eq!(nearest("zzz", ["post.show", "index"]), None);
    }
}
