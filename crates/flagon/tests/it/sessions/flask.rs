//! Real Flask reads and changes what Flagon has written, and the other way round, over 500 sessions of every type.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, UNIX_EPOCH},
};

use flagon::{Secret, SessionValue, Uuid, prelude::*, testing::Client};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::parity::interpreter;

const KEY: &str = "a key that both have";
const COUNT: usize = 500;

/// Asks `session.py`.
fn flask<T: serde::de::DeserializeOwned>(question: &Value) -> T {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask/session.py");
    let mut python = Command::new(interpreter())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs a Python with Flask, which `cargo xtask test` installs");
    python.stdin.take().unwrap().write_all(&serde_json::to_vec(question).unwrap()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "session.py failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn client(key: &'static str, fallbacks: &'static [&'static str]) -> Client {
    let app = App::new("t").configure(move |config| {
        config.secret_key = Some(Secret::new(key));
        config.secret_key_fallbacks = fallbacks.iter().map(|key| Secret::new(*key)).collect();
    });
    app.test_client()
}

/// What `work` does to the session of `cookie`, and the cookie after it.
fn with<T>(client: &Client, cookie: &str, work: impl FnOnce(&flagon::Session) -> T) -> (T, String) {
    client.clear_cookies();
    if !cookie.is_empty() {
        client.set_cookie(&Cookie::new("session", cookie));
    }
    let given = client.block_on(client.session_transaction(work));
    (given, client.cookie("session").unwrap_or_default())
}

fn json_of(session: &flagon::Session) -> String {
    SessionValue::Map(session.to_values().into_iter().collect()).to_json()
}

fn any_value() -> impl Strategy<Value = SessionValue> {
    let text = "[a-c \"\\\\/<>&\u{e9}\u{4e2d}\u{2028}\u{1f600}\u{1}\u{7f}\n]{0,12}";
    let leaf = prop_oneof![
        Just(SessionValue::Null),
        any::<bool>().prop_map(SessionValue::Bool),
        any::<i128>().prop_map(SessionValue::Integer),
        any::<i16>().prop_map(|number| SessionValue::Integer(number.into())),
        "-?[1-9][0-9]{40,60}".prop_map(SessionValue::LongInteger),
        prop_oneof![-1e300..1e300, -10.0..10.0, Just(1e16), Just(1e-5), Just(f64::INFINITY)]
            .prop_map(SessionValue::Float),
        text.prop_map(SessionValue::Text),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(SessionValue::Bytes),
        text.prop_map(SessionValue::Markup),
        any::<u128>().prop_map(|id| Uuid::from_u128(id).into()),
        (0..250_000_000_000_u64).prop_map(|at| (UNIX_EPOCH + Duration::from_secs(at)).into()),
        (0..60_usize).prop_map(|count| SessionValue::Text("repeat".repeat(count))),
    ];
    leaf.prop_recursive(3, 8, 4, move |inner| {
        let name = prop_oneof![Just(text).prop_flat_map(|it| it), " (di|t|b|m|u|d|x)(__)?"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(SessionValue::List),
            prop::collection::vec(inner.clone(), 0..4).prop_map(SessionValue::Tuple),
            prop::collection::btree_map(name, inner, 0..4).prop_map(SessionValue::Map),
        ]
    })
}

#[test]
fn flask_reads_and_changes_what_flagon_has_written() {
    let client = client(KEY, &[]);
    let mut runner = TestRunner::deterministic();
    let sessions = prop::collection::btree_map("[a-z]{1,4}| (t|di)", any_value(), 1..4);
    let made: Vec<(String, String)> = (0..COUNT)
        .map(|_| {
            let values = sessions.new_tree(&mut runner).unwrap().current();
            with(&client, "", |session| {
                for (name, value) in values {
                    session.insert_value(name, value).unwrap();
                }
                session.insert("gone", true).unwrap();
                json_of(session)
            })
        })
        .collect();
    let packed = made.iter().filter(|(_, cookie)| cookie.starts_with('.')).count();
    assert!((20..COUNT - 20).contains(&packed), "of {COUNT} sessions {packed} are packed");
    let cookies: Vec<_> = made.iter().map(|(_, cookie)| cookie).collect();
    let changed: Vec<(String, String)> = flask(&json!({ "do": "change", "key": KEY, "cookies": cookies }));
    for ((written, _), (read, cookie)) in made.iter().zip(&changed) {
        assert_eq!(read, written, "what Flask has read, in its own JSON");
        let (after, _) = with(&client, cookie, |session| {
            let by_flask = session.remove("flask").unwrap().unwrap().to_json();
            assert_eq!(
                by_flask,
                r#"{" t":[1,{" b":"AP8="},{" m":"<b>"},{" u":"00000000000000000000000000000007"},{" di":{" t__":[{" d":"Wed, 21 Oct 2015 00:00:00 GMT"}]}}]}"#
            );
            assert!(!session.contains("gone"));
            session.insert("gone", true).unwrap();
            json_of(session)
        });
        assert_eq!(&after, written, "after Flask's change was taken back");
    }
}

#[test]
fn flagon_reads_and_changes_what_flask_has_written() {
    let client = client(KEY, &[]);
    let made: Vec<String> = flask(&json!({ "do": "make", "key": KEY, "count": COUNT }));
    let read_by_flask: Vec<String> = flask(&json!({ "do": "loads", "key": KEY, "cookies": made }));
    let mut changed = Vec::new();
    for (cookie, json) in made.iter().zip(&read_by_flask) {
        let (read, cookie) = with(&client, cookie, |session| {
            let read = json_of(session);
            let value = SessionValue::Tuple(vec![
                SessionValue::Bytes(vec![0, 255]),
                SessionValue::Text("ada".into()),
                Uuid::from_u128(9).into(),
            ]);
            session.insert_value("flagon", value).unwrap();
            read
        });
        assert_eq!(&read, json);
        changed.push(cookie);
    }
    let wrong: Vec<usize> = flask(&json!({ "do": "check", "key": KEY, "cookies": changed }));
    assert_eq!(wrong, [0_usize; 0], "sessions that Flask finds other than expected");
}

#[test]
fn a_key_that_was_changed_is_believed_by_both() {
    let old = client("old", &[]);
    let ((), of_old) = with(&old, "", |session| session.insert("who", "ada").unwrap());
    let rotated = client("new", &["older", "old"]);
    let (read, of_new) = with(&rotated, &of_old, |session| {
        session.insert("seen", true).unwrap();
        json_of(session)
    });
    assert_eq!(read, r#"{"seen":true,"who":"ada"}"#);
    let ask = |cookies: [&str; 2], key: &str, fallbacks: &[&str]| -> Vec<String> {
        flask(&json!({ "do": "loads", "key": key, "fallbacks": fallbacks, "cookies": cookies }))
    };
    assert_eq!(ask([&of_old, &of_new], "new", &["older", "old"]), [r#"{"who":"ada"}"#, &read]);
    assert_eq!(ask([&of_old, &of_new], "old", &[]), [r#"{"who":"ada"}"#, "{}"]);
    let (forgotten, _) = with(&client("new", &[]), &of_old, json_of);
    assert_eq!(forgotten, "{}");
}
