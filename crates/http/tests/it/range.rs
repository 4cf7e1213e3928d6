//! Ranges; the examples are those of RFC 9110 §14.1.2.

use std::collections::BTreeSet;

use flagon_http::range::{ByteRange, RangeSpec, Ranges, Selection, unsatisfied_content_range};
use proptest::{collection, prelude::*};

fn select(field: &str, length: u64) -> Option<Selection> {
    Ranges::parse(field.as_bytes()).map(|ranges| ranges.select(length))
}

#[expect(clippy::unnecessary_wraps, reason = "compared with an Option in every line")]
fn parts(parts: &[(u64, u64)]) -> Option<Selection> {
    Some(Selection::Parts(
        parts.iter().map(|(first, last)| ByteRange { first: *first, last: *last }).collect(),
    ))
}

#[test]
fn the_examples_of_the_rfc() {
    assert_eq!(select("bytes=0-499", 10_000), parts(&[(0, 499)]));
    assert_eq!(select("bytes=500-999", 10_000), parts(&[(500, 999)]));
    assert_eq!(select("bytes=-500", 10_000), parts(&[(9500, 9999)]));
    assert_eq!(select("bytes=9500-", 10_000), parts(&[(9500, 9999)]));
    assert_eq!(select("bytes=0-0,-1", 10_000), parts(&[(0, 0), (9999, 9999)]));
    assert_eq!(
        select("bytes= 0-999, 4500-5499, -1000", 10_000),
        parts(&[(0, 999), (4500, 5499), (9000, 9999)])
    );
    // They touch, so they may be one (§15.3.7.2).
    assert_eq!(select("bytes=500-600,601-999", 10_000), parts(&[(500, 999)]));
}

#[test]
fn ranges_are_cut_at_the_end() {
    assert_eq!(select("bytes=5-99999999999999999999999", 10), parts(&[(5, 9)]));
    assert_eq!(select("bytes=-20", 10), parts(&[(0, 9)]));
    assert_eq!(select("Bytes=0-", 1), parts(&[(0, 0)]));
    assert_eq!(select("bytes=0-4,20-30", 10), parts(&[(0, 4)]));
}

#[test]
fn nothing_to_send_is_unsatisfiable() {
    for (field, length) in
        [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0), ("bytes=0-4", 0)]
    {
        assert_eq!(select(field, length), Some(Selection::Unsatisfiable), "{field}");
    }
    assert_eq!(unsatisfied_content_range(10), "bytes */10");
    assert_eq!(ByteRange { first: 0, last: 4 }.content_range(10), "bytes 0-4/10");
}

#[test]
fn what_cannot_be_read_is_ignored() {
    let wrong = [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "items=0-1",
        "bytes=a-b",
        "bytes=5",
        "bytes=-",
        "bytes=5-4",
        "bytes=+1-2",
        "bytes=1-2-3",
        "bytes=0-1;2-3",
        "bytes =0-1",
        "bytes=0x1-2",
        "bytes=--1",
    ];
    for field in wrong {
        assert_eq!(Ranges::parse(field.as_bytes()), None, "{field}");
    }
}

#[test]
fn many_or_overlapping_ranges_do_not_multiply_the_work() {
    let many = |count| format!("bytes={}", vec!["0-0"; count].join(","));
    assert!(Ranges::parse(many(32).as_bytes()).is_some());
    assert_eq!(Ranges::parse(many(33).as_bytes()), None);
    assert_eq!(select("bytes=0-,0-", 10), parts(&[(0, 9)]));
    assert_eq!(select("bytes=0-5,5-9", 10), parts(&[(0, 9)]));
    assert_eq!(select("bytes=0-4,5-9", 10), parts(&[(0, 9)]));
    assert_eq!(select("bytes=8-9,0-1,4-5,1-4", 10), parts(&[(8, 9), (0, 5)]));
    assert_eq!(select("bytes=8-9,0-0,4-4,2-7", 10), parts(&[(2, 9), (0, 0)]));
}

proptest! {
    #[test]
    fn what_is_sent_is_what_was_asked_for_and_each_byte_once(
        asked in collection::vec((0_u64..40, 0_u64..40), 1..12),
        length in 1_u64..40,
    ) {
        let specs: Vec<String> = asked.iter().map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))).collect();
        let wanted: BTreeSet<u64> =
            asked.iter().flat_map(|(a, b)| *a.min(b)..=*a.max(b)).filter(|byte| *byte < length).collect();
        let mut sent = Vec::new();
        match select(&format!("bytes={}", specs.join(",")), length) {
            Some(Selection::Parts(parts)) => {
                for (at, part) in parts.iter().enumerate() {
                    prop_assert!(part.first <= part.last && part.last < length);
                    for other in &parts[..at] {
                        prop_assert!(part.first > other.last + 1 || other.first > part.last + 1);
                    }
                    sent.extend(part.first..=part.last);
                }
            }
            Some(Selection::Unsatisfiable) => (),
            None => prop_assert!(false, "a valid field was ignored"),
        }
        prop_assert_eq!(sent.len(), wanted.len());
        prop_assert_eq!(sent.into_iter().collect::<BTreeSet<_>>(), wanted);
    }
}

#[test]
fn specs_are_kept_as_asked() {
    let ranges = Ranges::parse(b"bytes=1-2, 3-, -4").unwrap();
    assert_eq!(ranges.specs(), [RangeSpec::Between(1, 2), RangeSpec::From(3), RangeSpec::Last(4)]);
}
