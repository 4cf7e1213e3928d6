//! What clients write.

use flagon_order::{Direction, Field, OrderBy, OrderErrorKind};
use proptest::prelude::*;

const FIELDS: [Field; 4] = [
    Field::in_sql("score"),
    Field::in_sql("name").column("player.name"),
    Field::in_sql("created"),
    Field::in_sql("id").unique(),
];

#[test]
fn fields_and_directions_are_read_and_ties_are_broken() {
    for (text, order) in [
        ("-score,name,created", "-score,name,created,id"),
        ("name,-created", "name,-created,-id"),
        ("", "id"),
        ("  ", "id"),
        (" score , -name", "score,-name,-id"),
        ("+score", "score,id"),
        ("-id,name", "-id"),
        ("name,id,score", "name,id"),
    ] {
        assert_eq!(OrderBy::parse(text, &FIELDS).unwrap().to_string(), order, "{text:?}");
    }
    let order = OrderBy::parse("-name", &FIELDS).unwrap();
    assert_eq!(
        (order.terms()[0].field().sql_column(), order.terms()[0].direction()),
        ("player.name", Direction::Descending)
    );
    assert!(order.is_total());
    assert!(!OrderBy::parse("-name", &FIELDS[..2]).unwrap().is_total());
}

#[test]
fn what_cannot_be_ordered_by_is_named_with_what_can() {
    let allowed = "the fields to order by are `score`, `name`, `created` and `id`";
    for (text, kind, message) in [
        ("colour", OrderErrorKind::Unknown, format!("cannot order by `colour`: {allowed}")), // sic
        ("score;drop", OrderErrorKind::Unknown, format!("cannot order by `score;drop`: {allowed}")),
        ("Score", OrderErrorKind::Unknown, format!("cannot order by `Score`: {allowed}")),
        ("player.name", OrderErrorKind::Unknown, format!("cannot order by `player.name`: {allowed}")),
        ("--score", OrderErrorKind::Unknown, format!("cannot order by `-score`: {allowed}")),
        ("score,-score", OrderErrorKind::Repeated, "cannot order by `score`: it is named twice".into()),
        ("score,", OrderErrorKind::Empty, format!("cannot order by ``: a name is missing; {allowed}")),
        (",", OrderErrorKind::Empty, format!("cannot order by ``: a name is missing; {allowed}")),
        ("-", OrderErrorKind::Empty, format!("cannot order by ``: a name is missing; {allowed}")),
        (
            "score,name,created,id,score",
            OrderErrorKind::TooMany,
            format!("cannot order by `score`: there are more names than fields; {allowed}"),
        ),
    ] {
        let error = OrderBy::parse(text, &FIELDS).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (kind, message), "{text:?}");
    }
    let long = OrderBy::parse(&"é".repeat(100_000), &FIELDS).unwrap_err();
    assert_eq!(long.field().chars().count(), 40);
    let none: [Field; 0] = [];
    assert!(OrderBy::parse("", &none).unwrap().terms().is_empty());
    assert_eq!(OrderBy::parse("a", &none).unwrap_err().kind(), OrderErrorKind::TooMany);
}

proptest! {
    #[test]
    fn nothing_but_allowed_columns_comes_out(text in "[-+ ,a-z]{0,30}|(-?(score|name|created|id),?){0,5}|\\PC{0,40}") {
        match OrderBy::parse(&text, &FIELDS) {
            Ok(order) => {
                prop_assert!(order.is_total());
                for term in order.terms() {
                    prop_assert!(FIELDS.iter().any(|field| field.sql_column() == term.field().sql_column()));
                }
                let again = OrderBy::parse(&order.to_string(), &FIELDS).unwrap();
                prop_assert_eq!(again.to_string(), order.to_string());
            }
            Err(error) => {
                prop_assert_eq!(error.allowed(), &["score", "name", "created", "id"][..]);
                prop_assert!(text.contains(error.field()));
            }
        }
    }
}
