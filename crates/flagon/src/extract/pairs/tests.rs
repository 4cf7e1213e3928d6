use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Entry, FieldError, from_pairs};

fn read<T: for<'de> Deserialize<'de>>(pairs: &[(&str, &str)]) -> Result<T, String> {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), Entry::Text((*value).to_owned())));
    from_pairs(pairs.collect(), 100).map_err(|error: FieldError| error.to_string())
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Order {
    Newest,
    Oldest,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Wrapped(i16);

#[derive(Debug, Deserialize, PartialEq)]
struct Search {
    q: String,
    page: Option<u32>,
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    exact: bool,
    score: Option<f64>,
    order: Option<Order>,
    letter: Option<char>,
    wrapped: Option<Wrapped>,
}

fn search(q: &str) -> Search {
    Search {
        q: q.to_owned(),
        page: None,
        tag: Vec::new(),
        exact: false,
        score: None,
        order: None,
        letter: None,
        wrapped: None,
    }
}

#[test]
fn text_becomes_what_the_type_wants() {
    let pairs = [
        ("tag", "a"),
        ("q", "x"),
        ("page", "+7"),
        ("tag", "b"),
        ("exact", "on"),
        ("score", "-1.5e3"),
        ("order", "oldest"),
        ("letter", "中"),
        ("wrapped", "-3"),
        ("unknown", "ignored"),
    ];
    let expected = Search {
        page: Some(7),
        tag: vec!["a".to_owned(), "b".to_owned()],
        exact: true,
        score: Some(-1500.0),
        order: Some(Order::Oldest),
        letter: Some('中'),
        wrapped: Some(Wrapped(-3)),
        ..search("x")
    };
    assert_eq!(read::<Search>(&pairs).unwrap(), expected);
}

#[test]
fn an_untouched_field_is_none() {
    let pairs = [("q", ""), ("page", ""), ("score", ""), ("order", "")];
    assert_eq!(read::<Search>(&pairs).unwrap(), search(""));
}

#[test]
fn what_does_not_fit_is_named() {
    for (pairs, said) in [
        (&[][..], "`q`: missing"),
        (&[("q", "a"), ("q", "b")], "`q`: given 2 times, expected once"),
        (&[("q", "a"), ("page", "x")], "`page`: expected a whole number from 0 to 4294967295, got `x`"),
        (&[("q", "a"), ("page", "-1")], "`page`: expected a whole number from 0 to 4294967295, got `-1`"),
        (&[("q", "a"), ("exact", "maybe")], "`exact`: expected `true` or `false`, got `maybe`"),
        (&[("q", "a"), ("exact", "")], "`exact`: expected `true` or `false`, got an empty value"),
        (&[("q", "a"), ("score", "NaN")], "`score`: expected a number, got `NaN`"),
        (&[("q", "a"), ("score", "1e999")], "`score`: expected a number, got `1e999`"),
        (&[("q", "a"), ("order", "best")], "`order`: expected one of `newest`, `oldest`, got `best`"),
        (&[("q", "a"), ("letter", "ab")], "`letter`: expected one character, got `ab`"),
        (&[("q", "a"), ("page", "1"), ("page", "2")], "`page`: given 2 times, expected once"),
    ] {
        assert_eq!(read::<Search>(pairs).unwrap_err(), said);
    }
}

#[test]
fn values_of_secret_fields_are_not_repeated() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its error is looked at")]
    struct Login {
        pin: u16,
    }
    let error = read::<Login>(&[("pin", "12345678")]).unwrap_err();
    assert_eq!(error, "`pin`: expected a whole number from 0 to 65535, got another value");
}

#[test]
fn unknown_fields_can_be_refused() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its error is looked at")]
    struct Strict {
        q: Option<String>,
    }
    assert_eq!(read::<Strict>(&[("p", "1")]).unwrap_err(), "`p`: no such field, expected `q`");
}

#[test]
fn maps_and_lists_of_pairs_take_everything() {
    let pairs = [("a", "1"), ("b", "2"), ("a", "3")];
    let map: BTreeMap<String, Vec<u8>> = read(&pairs).unwrap();
    assert_eq!(map, BTreeMap::from([("a".to_owned(), vec![1, 3]), ("b".to_owned(), vec![2])]));
    let list: Vec<(String, u8)> = read(&pairs).unwrap();
    assert_eq!(list, [("a".to_owned(), 1), ("b".to_owned(), 2), ("a".to_owned(), 3)]);
    assert_eq!(read::<BTreeMap<String, String>>(&pairs).unwrap_err(), "`a`: given 2 times, expected once");
    read::<()>(&pairs).unwrap();
}

#[test]
fn a_tuple_counts_its_values() {
    #[derive(Debug, Deserialize)]
    struct Point {
        at: (i8, i8),
    }
    assert_eq!(read::<Point>(&[("at", "1"), ("at", "-2")]).unwrap().at, (1, -2));
    let error = read::<Point>(&[("at", "1")]).unwrap_err();
    assert_eq!(error, "`at`: invalid length 1, expected a tuple of size 2");
}
