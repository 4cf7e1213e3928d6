//! Text without regard to case.
//!
//! In: text. Out: its characters, folded. Never: the customs of a language (the Turkish dotless ı stays a letter of its own).
//!
//! A character is made upper case and then lower case, each in full, by the standard library's tables. That is the full case folding of
//! the Unicode Standard (§3.13.3, `CaseFolding.txt`, statuses C and F): `ß` and `SS` are one, so are `σ`, `ς` and `Σ`.

use std::cmp::Ordering;

/// The folded characters of one.
fn fold(c: char) -> impl Iterator<Item = char> {
    // The capital of ı is I, whose small letter is i; Unicode folds ı to itself. And ẞ, a capital itself, has the small letter ß alone.
    let keeps = c == 'ı';
    let c = if c == 'ẞ' { 'ß' } else { c };
    let folded = (!keeps).then(|| c.to_uppercase().flat_map(char::to_lowercase));
    folded.into_iter().flatten().chain(keeps.then_some(c))
}

/// Appends the bytes of `text`, folded.
pub(crate) fn fold_into(text: &str, folded: &mut Vec<u8>) {
    if text.is_ascii() {
        folded.extend(text.bytes().map(|byte| byte.to_ascii_lowercase()));
        return;
    }
    for c in text.chars().flat_map(fold) {
        folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// The order of two texts as if both were folded, without doing so.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (x, y) = (a.as_bytes(), b.as_bytes());
    let same = x.iter().zip(y).take_while(|(x, y)| x.is_ascii() && x.eq_ignore_ascii_case(y)).count();
    match (x.get(same), y.get(same)) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Less,
        (_, None) => Ordering::Greater,
        (Some(x), Some(y)) if x.is_ascii() && y.is_ascii() => {
            x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase())
        }
        // What was the same is ASCII, so that a character begins here.
        _ => a[same..].chars().flat_map(fold).cmp(b[same..].chars().flat_map(fold)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut folded = Vec::new();
        fold_into(text, &mut folded);
        String::from_utf8(folded).unwrap()
    }

    #[test]
    fn what_differs_in_case_only_is_one() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("STRAẞE", "straße"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("ſ", "S"),
            ("K", "k"), // the sign of kelvin
            ("ǅ", "ǆ"),
            ("ﬃ", "FFI"),
            ("İ", "i\u{307}"),
        ] {
            assert_eq!((folded(a), compare(a, b)), (folded(b), Ordering::Equal), "{a} {b}");
        }
        assert_ne!(folded("ı"), folded("I"));
    }

    #[test]
    fn comparing_is_as_if_both_were_folded() {
        let words =
            ["", "a", "A", "b", "ß", "SS", "st", "é", "É", "aé", "Ab", "Z", "{", "ı", "I", "中", "\0", "a\0"];
        for a in words {
            for b in words {
                assert_eq!(compare(a, b), folded(a).cmp(&folded(b)), "{a} {b}");
            }
        }
    }
}
