//! Each sort against the standard library's stable one.

use flagon_order::{multikey, quicksort, top_k};
use proptest::prelude::*;

/// Elements of few keys, each with its number, so that who changes the order of equals is seen.
fn elements() -> impl Strategy<Value = Vec<(u8, usize)>> {
    let shapes = prop_oneof![
        prop::collection::vec(0..=255_u8, 0..400),
        prop::collection::vec(0..=3_u8, 0..400),
        (prop::collection::vec(0..=255_u8, 0..400), 0..8_usize).prop_map(|(mut keys, wrong)| {
            keys.sort_unstable();
            for at in 0..wrong.min(keys.len()) {
                let other = keys.len() - 1 - at * 7 % keys.len();
                keys.swap(at, other);
            }
            keys
        }),
    ];
    shapes.prop_map(|keys| keys.into_iter().enumerate().map(|(number, key)| (key, number)).collect())
}

/// Text with beginnings in common, zeros, and bytes above ASCII.
fn texts() -> impl Strategy<Value = Vec<(String, usize)>> {
    let text = prop_oneof![
        "[ab]{0,4}",
        "[a\u{0}]{0,20}",
        "https://example\\.com/(a|b|aa)/[0-9]{0,12}",
        "(prefix){0,5}[a-zé中😀]{0,3}",
    ];
    prop::collection::vec(text, 0..120)
        .prop_map(|texts| texts.into_iter().enumerate().map(|(number, text)| (text, number)).collect())
}

proptest! {
    #[test]
    fn stable_is_stable(elements in elements(), descending: bool) {
        let (mut ours, mut theirs) = (elements.clone(), elements);
        let compare = |a: &(u8, usize), b: &(u8, usize)| if descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
        quicksort::stable(&mut ours, compare);
        theirs.sort_by(compare);
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn in_place_sorts_and_keeps_every_element(elements in elements()) {
        let (mut ours, mut theirs) = (elements.clone(), elements);
        quicksort::in_place(&mut ours, |a, b| a.0.cmp(&b.0));
        prop_assert!(ours.is_sorted_by_key(|element| element.0));
        ours.sort_unstable();
        theirs.sort_unstable();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn multikey_is_stable_and_by_bytes(texts in texts()) {
        let (mut ours, mut theirs) = (texts.clone(), texts);
        multikey::sort(&mut ours, |text| text.0.as_bytes());
        theirs.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn the_first_few_are_those_of_a_stable_sort(elements in elements(), k in 0..450_usize) {
        let first: Vec<_> = top_k(&elements, k, |a, b| a.0.cmp(&b.0)).into_iter().copied().collect();
        let mut sorted = elements;
        sorted.sort_by_key(|element| element.0);
        sorted.truncate(k);
        prop_assert_eq!(first, sorted);
    }
}

/// Long enough for medians of nine, insertion that gives up, patterns that are broken, and parts of equals.
#[test]
fn long_slices_of_every_shape_are_sorted() {
    for (name, numbers) in super::counted::shapes(5000) {
        let mut expected: Vec<(u32, usize)> = numbers.iter().copied().zip(0..).collect();
        let (mut stable, mut in_place) = (expected.clone(), expected.clone());
        expected.sort_by_key(|element| element.0);
        quicksort::stable(&mut stable, |a, b| a.0.cmp(&b.0));
        assert_eq!(stable, expected, "{name}");
        quicksort::in_place(&mut in_place, Ord::cmp);
        assert_eq!(in_place, expected, "{name}");
        let texts: Vec<String> =
            numbers.iter().map(|number| format!("/a/common/beginning/{number}")).collect();
        let (mut ours, mut theirs) = (texts.clone(), texts);
        multikey::sort(&mut ours, |text| text.as_bytes());
        theirs.sort();
        assert_eq!(ours, theirs, "{name}");
    }
}
