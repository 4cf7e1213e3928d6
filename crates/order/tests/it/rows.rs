//! Rows of every kind of value by several fields, against a stable sort with a comparison of its own.

use std::cmp::Ordering;

use flagon_order::{Field, Key, Nulls, OrderBy, Text};
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq)]
struct Row {
    id: usize,
    whole: Option<i64>,
    real: Option<f64>,
    text: Option<String>,
    mixed: Mixed,
}

#[derive(Debug, Clone, PartialEq)]
enum Mixed {
    Null,
    Whole(i128),
    Text(String),
    Bytes(Vec<u8>),
}

fn mixed(row: &Row) -> Key<'_> {
    match &row.mixed {
        Mixed::Null => Key::Null,
        Mixed::Whole(number) => Key::Integer(*number),
        Mixed::Text(text) => Key::Text(text),
        Mixed::Bytes(bytes) => Key::Bytes(bytes),
    }
}

const FIELDS: [Field<Row>; 8] = [
    Field::new("whole", |row: &Row| row.whole.into()),
    Field::new("whole_last", |row: &Row| row.whole.into()).nulls(Nulls::Last),
    Field::new("real", |row: &Row| row.real.into()).nulls(Nulls::First),
    Field::new("text", |row: &Row| (&row.text).into()),
    Field::new("text_last", |row: &Row| (&row.text).into()).nulls(Nulls::Last),
    Field::new("anycase", |row: &Row| (&row.text).into()).text(Text::IgnoreCase).nulls(Nulls::First),
    Field::new("mixed", mixed),
    Field::new("bytes", |row: &Row| row.text.as_deref().map(str::as_bytes).into()),
];

/// Which of two comes first by a field: written again, from what is promised.
fn expected(field: &str, descending: bool, a: &Row, b: &Row) -> Ordering {
    let folded =
        |row: &Row| row.text.as_ref().map(|text| text.to_uppercase().to_lowercase().replace('ς', "σ"));
    let class = |row: &Row| match &row.mixed {
        Mixed::Null => 0,
        Mixed::Whole(_) => 1,
        Mixed::Text(_) => 2,
        Mixed::Bytes(_) => 3,
    };
    // Of Options, None is the smallest.
    let (order, has_null) = match field {
        "whole" | "whole_last" => (a.whole.cmp(&b.whole), a.whole.is_none() || b.whole.is_none()),
        "real" => {
            let number = |row: &Row| row.real.filter(|number| !number.is_nan());
            let order = number(a).partial_cmp(&number(b)).unwrap();
            (order, number(a).is_none() || number(b).is_none())
        }
        "anycase" => (folded(a).cmp(&folded(b)), a.text.is_none() || b.text.is_none()),
        "mixed" => {
            let same = match (&a.mixed, &b.mixed) {
                (Mixed::Whole(a), Mixed::Whole(b)) => a.cmp(b),
                (Mixed::Text(a), Mixed::Text(b)) => a.cmp(b),
                (Mixed::Bytes(a), Mixed::Bytes(b)) => a.cmp(b),
                _ => class(a).cmp(&class(b)),
            };
            (same, false)
        }
        _ => (a.text.cmp(&b.text), a.text.is_none() || b.text.is_none()),
    };
    let nulls_stay = has_null && ["real", "anycase"].contains(&field);
    let nulls_are_last = has_null && ["whole_last", "text_last"].contains(&field);
    match (nulls_stay, nulls_are_last) {
        (true, _) => order,
        (_, true) => order.reverse(),
        _ if descending => order.reverse(),
        _ => order,
    }
}

fn row() -> impl Strategy<Value = Row> {
    let whole = prop_oneof![
        Just(None),
        (-2..3_i64).prop_map(Some),
        any::<i64>().prop_map(Some),
        Just(Some(i64::MIN)),
        Just(Some(i64::MAX))
    ];
    let reals = prop::sample::select(vec![0.0, -0.0, 1.5, -1.5, f64::NAN, f64::INFINITY, f64::MIN, 1e-310]);
    let real = prop_oneof![Just(None), reals.prop_map(Some), any::<f64>().prop_map(Some)];
    let text = prop_oneof![
        Just(None),
        "[aAbB]{0,3}".prop_map(Some),
        "(common beginning that is long ){0,3}[aA\u{0}ßéÉΣσς]{0,4}".prop_map(Some),
        "[a-c]{10,40}".prop_map(Some),
    ];
    let mixed = prop_oneof![
        Just(Mixed::Null),
        any::<i128>().prop_map(Mixed::Whole),
        "[ab]{0,2}".prop_map(Mixed::Text),
        prop::collection::vec(0..3_u8, 0..3).prop_map(Mixed::Bytes),
    ];
    (whole, real, text, mixed).prop_map(|(whole, real, text, mixed)| Row { id: 0, whole, real, text, mixed })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    // Few different ones, often: ties are what is interesting.
    let few = prop::collection::vec(row(), 1..6)
        .prop_flat_map(|rows| prop::collection::vec(prop::sample::select(rows), 0..200));
    prop_oneof![prop::collection::vec(row(), 0..200), few].prop_map(|mut rows| {
        for (id, row) in rows.iter_mut().enumerate() {
            row.id = id;
        }
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn rows_are_ordered_as_by_a_stable_sort(
        rows in rows(),
        terms in prop::sample::subsequence((0..FIELDS.len()).collect::<Vec<_>>(), 1..4).prop_shuffle(),
        directions in any::<[bool; 4]>(),
    ) {
        let wish: Vec<(&str, bool)> =
            terms.iter().zip(directions).map(|(term, descending)| (FIELDS[*term].name(), descending)).collect();
        let text: Vec<String> =
            wish.iter().map(|(name, descending)| format!("{}{name}", if *descending { "-" } else { "" })).collect();
        let order = OrderBy::parse(&text.join(","), &FIELDS).unwrap();
        let mut theirs = rows.clone();
        theirs.sort_by(|a, b| {
            wish.iter().fold(Ordering::Equal, |order, (name, descending)| {
                order.then_with(|| expected(name, *descending, a, b))
            })
        });
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let mut ours = rows.clone();
        order.sort(&mut ours);
        prop_assert_eq!(ids(&ours), ids(&theirs), "{}", order);
        let mut compared = rows.clone();
        compared.sort_by(|a, b| order.compare(a, b));
        prop_assert_eq!(ids(&compared), ids(&theirs), "compare: {}", order);
        let first: Vec<usize> = order.top(&rows, 7).iter().map(|row| row.id).collect();
        prop_assert_eq!(&first[..], &ids(&theirs)[..7.min(rows.len())], "top: {}", order);
    }
}

/// Enough rows that numbers are packed into 64 bits and what does not fit is sorted afterwards.
#[test]
fn many_rows_with_more_bits_than_fit() {
    const FIELDS: [Field<(i64, i64, u32)>; 3] = [
        Field::new("a", |row: &(i64, i64, u32)| row.0.into()),
        Field::new("b", |row: &(i64, i64, u32)| row.1.into()),
        Field::new("id", |row: &(i64, i64, u32)| row.2.into()).unique(),
    ];
    let mut random = 5_i64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random
    };
    let rows: Vec<(i64, i64, u32)> = (0..20_000).map(|id| (next() >> 61 << 40, next() >> 20, id)).collect();
    for text in ["a,b", "-a,b", "a,-b", "-b,a", "b", "-id"] {
        let order = OrderBy::parse(text, &FIELDS).unwrap();
        let (mut ours, mut theirs) = (rows.clone(), rows.clone());
        order.sort(&mut ours);
        theirs.sort_by(|a, b| order.compare(a, b));
        assert_eq!(ours, theirs, "{text}");
    }
}
