//! What a client wishes to order by is an order by allowed fields, or an error that names them; and rows are ordered by it as by
//! comparing them.

#![no_main]

use flagon_order::{Field, Nulls, OrderBy, Text, multikey, quicksort};
use libfuzzer_sys::fuzz_target;

type Row = (u16, Option<String>, u8);

const FIELDS: [Field<Row>; 4] = [
    Field::new("id", |row: &Row| row.0.into()).unique(),
    Field::new("name", |row: &Row| (&row.1).into()).nulls(Nulls::Last),
    Field::new("any", |row: &Row| (&row.1).into()).text(Text::IgnoreCase),
    Field::new("score", |row: &Row| row.2.into()),
];

fuzz_target!(|input: (&str, Vec<(Option<String>, u8)>)| {
    let (text, values) = input;
    let rows: Vec<Row> = (0..).zip(values).map(|(id, (name, score))| (id, name, score)).collect();
    match OrderBy::parse(text, &FIELDS) {
        Ok(order) => {
            assert!(order.is_total());
            assert_eq!(OrderBy::parse(&order.to_string(), &FIELDS).unwrap().to_string(), order.to_string());
            let (mut ours, mut theirs) = (rows.clone(), rows.clone());
            order.sort(&mut ours);
            theirs.sort_by(|a, b| order.compare(a, b));
            assert_eq!(ours, theirs);
        }
        Err(error) => {
            assert_eq!(error.allowed(), ["id", "name", "any", "score"]);
            assert!(error.field().chars().count() <= 40 && text.contains(error.field()));
        }
    }
    let text = |row: &Row| row.1.clone().unwrap_or_default();
    let (mut stable, mut in_place, mut multi, mut expected) =
        (rows.clone(), rows.clone(), rows.clone(), rows);
    expected.sort_by_key(text);
    quicksort::stable(&mut stable, |a, b| text(a).cmp(&text(b)));
    quicksort::in_place(&mut in_place, |a, b| text(a).cmp(&text(b)).then(a.0.cmp(&b.0)));
    multikey::sort(&mut multi, |row| row.1.as_deref().unwrap_or_default().as_bytes());
    assert!(stable == expected && in_place == expected && multi == expected);
});
