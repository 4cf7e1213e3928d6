//! Tagged JSON against what Flask 3.1 writes (`TaggedJSONSerializer` within an app, Python 3.11).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Session, SessionValue, read, write};

fn map<const N: usize>(entries: [(&str, SessionValue); N]) -> SessionValue {
    SessionValue::Map(entries.map(|(name, value)| (name.to_owned(), value)).into())
}

fn text(text: &str) -> SessionValue {
    SessionValue::Text(text.to_owned())
}

#[test]
fn values_are_written_as_flask_does() {
    use SessionValue::{Bool, Bytes, Float, Integer, List, LongInteger, Markup, Null, Time, Tuple};
    let id = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    let when = UNIX_EPOCH + Duration::from_mins(24_090_208);
    for (value, json) in [
        (map([("b", Integer(1)), ("a", Null), ("\u{e9}", Bool(true))]), r#"{"a":null,"b":1,"\u00e9":true}"#),
        (Tuple(vec![Integer(1), List(vec![Tuple(vec![])])]), r#"{" t":[1,[{" t":[]}]]}"#),
        (Bytes(vec![0, 255, 62]), r#"{" b":"AP8+"}"#),
        (Markup("<b>\u{1f600}</b>".into()), r#"{" m":"<b>\ud83d\ude00</b>"}"#),
        (id.into(), r#"{" u":"00112233445566778899aabbccddeeff"}"#),
        (Time(when), r#"{" d":"Wed, 21 Oct 2015 07:28:00 GMT"}"#),
        (map([(" t", Integer(1))]), r#"{" di":{" t__":1}}"#),
        (map([(" di", Tuple(vec![]))]), r#"{" di":{" di__":{" t":[]}}}"#),
        (map([(" t", Integer(1)), ("x", Integer(2))]), r#"{" t":1,"x":2}"#),
        (map([(" x", Integer(1))]), r#"{" x":1}"#),
        (Float(1e16), "1e+16"),
        (Integer(i128::MAX), "170141183460469231731687303715884105727"),
        (LongInteger("9".repeat(60)), &"9".repeat(60)),
        (text("\"\\/\u{8}\u{c}\n\r\t\u{1}\u{2028}"), r#""\"\\/\b\f\n\r\t\u0001\u2028""#),
    ] {
        assert_eq!(write(&value), json);
        assert_eq!(read(json), Some(value), "{json}");
    }
}

#[test]
fn what_is_no_session_is_refused() {
    for json in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":}",
        "{\"a\" 1}",
        "01",
        "1.",
        "-",
        "+1",
        "1e",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "nul",
        "[1]]",
        "{1:2}",
        r#"{" t":1}"#,
        r#"{" b":"*"}"#,
        r#"{" u":"1"}"#,
        r#"{" di":{"a":1}}"#,
        r#"{" m":null}"#,
    ] {
        assert_eq!(read(json), None, "{json}");
    }
    assert_eq!(read(&"[".repeat(100_000)), None);
    assert!(read(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_some());
}

#[test]
fn python_s_json_is_read() {
    assert_eq!(
        read("[Infinity,-Infinity, 1E2]"),
        Some(SessionValue::List(vec![
            SessionValue::Float(f64::INFINITY),
            SessionValue::Float(f64::NEG_INFINITY),
            SessionValue::Float(100.0),
        ]))
    );
    assert!(matches!(read("NaN"), Some(SessionValue::Float(number)) if number.is_nan()));
    assert_eq!(read(r#"{"a":1,"a":2}"#), Some(map([("a", SessionValue::Integer(2))])));
    assert_eq!(read(r#""\ud83d\ude00\ud83dx""#), Some(text("\u{1f600}\u{fffd}x")));
    assert_eq!(read(r#"{" d":"never"}"#), Some(SessionValue::Null));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f32),
    Line { from: (i8, i8), to: Option<char> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    shapes: Vec<Shape>,
    when: SystemTime,
    unit: (),
    big: u128,
    by_number: std::collections::BTreeMap<u8, String>,
}

#[test]
fn types_of_rust_come_back() {
    let value = Everything {
        shapes: vec![Shape::Point, Shape::Circle(0.5), Shape::Line { from: (1, -1), to: Some('x') }],
        when: UNIX_EPOCH + Duration::from_secs(7),
        unit: (),
        big: 1 << 100,
        by_number: [(7, "seven".to_owned())].into(),
    };
    let kept = SessionValue::of(&value).unwrap();
    assert_eq!(
        kept.to_json(),
        r#"{"big":1267650600228229401496703205376,"by_number":{"7":"seven"},"shapes":["Point",{"Circle":0.5},{"Line":{"from":{" t":[1,-1]},"to":"x"}}],"unit":null,"when":{" d":"Thu, 01 Jan 1970 00:00:07 GMT"}}"#
    );
    let SessionValue::Map(mut kept) = kept else { panic!("a struct is a map") };
    // Keys of maps are text in JSON, and numbers are not read from them: as serde_json's own `Value` would.
    kept.remove("by_number");
    assert_eq!(SessionValue::Map(kept.clone()).get::<Everything>(), None);
    assert_eq!(kept["shapes"].get::<Vec<Shape>>(), Some(value.shapes));
    assert_eq!(kept["when"].get::<SystemTime>(), Some(value.when));
    assert_eq!(kept["when"].get::<String>().as_deref(), Some("Thu, 01 Jan 1970 00:00:07 GMT"));
    assert_eq!(kept["big"].get::<i128>(), Some(1 << 100));
    assert_eq!(SessionValue::from(Uuid::nil()).get::<String>(), Some(Uuid::nil().to_string()));
}

#[test]
fn changes_are_done_again_to_what_another_has_made() {
    let before = [("n".to_owned(), SessionValue::Integer(1)), ("x".to_owned(), SessionValue::Integer(5))];
    let session = Session::from_values(before);
    session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1).unwrap();
    session.update("n", |n: Option<i64>| n.unwrap_or(0) * 10).unwrap();
    session.insert("new", 1).unwrap();
    session.remove("x").unwrap();
    assert_eq!(session.get::<i64>("n"), Some(20));
    let mut of_another =
        [("n".to_owned(), SessionValue::Integer(4)), ("y".to_owned(), SessionValue::Null)].into();
    session.take().changes.apply(&mut of_another);
    assert_eq!(write(&SessionValue::Map(of_another)), r#"{"n":50,"new":1,"y":null}"#);
}

#[test]
fn a_cleared_session_has_only_what_came_after() {
    let session = Session::from_values([("a".to_owned(), SessionValue::Integer(1))]);
    session.insert("b", 2).unwrap();
    session.clear().unwrap();
    session.update("a", |a: Option<i64>| a.is_none()).unwrap();
    let mut of_another = [("z".to_owned(), SessionValue::Null)].into();
    session.take().changes.apply(&mut of_another);
    assert_eq!(write(&SessionValue::Map(of_another)), r#"{"a":true}"#);
}

#[test]
fn a_change_may_look_at_the_session() {
    let session = Session::default();
    let other = session.clone();
    session.update("a", move |_: Option<()>| other.is_empty()).unwrap();
    assert_eq!(session.get::<bool>("a"), Some(true));
}

pub(crate) fn any_value() -> impl Strategy<Value = SessionValue> {
    let leaf = prop_oneof![
        Just(SessionValue::Null),
        any::<bool>().prop_map(SessionValue::Bool),
        any::<i128>().prop_map(SessionValue::Integer),
        any::<i8>().prop_map(|number| SessionValue::Integer(number.into())),
        (-1e300..1e300).prop_map(SessionValue::Float),
        any::<String>().prop_map(SessionValue::Text),
        any::<Vec<u8>>().prop_map(SessionValue::Bytes),
        any::<String>().prop_map(SessionValue::Markup),
        any::<u128>().prop_map(|id| Uuid::from_u128(id).into()),
        (0..253_402_300_799_u64).prop_map(|at| (UNIX_EPOCH + Duration::from_secs(at)).into()),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof![any::<String>(), " (di|t|b|m|u|d|x)(__)?"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(SessionValue::List),
            prop::collection::vec(inner.clone(), 0..6).prop_map(SessionValue::Tuple),
            prop::collection::btree_map(name, inner, 0..4).prop_map(SessionValue::Map),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_comes_back(value in any_value()) {
        let json = write(&value);
        prop_assert!(json.is_ascii());
        prop_assert_eq!(read(&json), Some(value));
    }

    #[test]
    fn no_text_is_too_much(text in r#"[\[\]{}:," dtbmu_\\0-9eE.+-]{0,40}|\PC{0,40}"#) {
        if let Some(value) = read(&text) {
            prop_assert_eq!(read(&write(&value)).map(|it| write(&it)), Some(write(&value)));
        }
    }
}
