//! `Patch<T>`: the public cases of RFC 6902 and RFC 7396, and what is refused.

use std::fmt::Write as _;

use flagon::{Patch, prelude::*, testing::TestResponse};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize)]
struct Note {
    title: String,
    tags: Vec<String>,
    #[serde(default)]
    password: Option<String>,
}

#[patch("/note")]
async fn note(patch: Patch<Note>) -> Result<Json<Note>> {
    let note = Note { title: "Tea".into(), tags: vec!["green".into()], password: None };
    Ok(Json(patch.apply(&note)?))
}

/// Any document, present in its own request: `{"doc": …}` in a header.
#[patch("/any", max_body = 64 * 1024 * 1024)]
async fn any(doc: Header<String>, patch: Patch<Value>) -> Result<Json<Value>> {
    Ok(Json(patch.apply(&serde_json::from_str(&doc)?)?))
}

fn send(path: &str, kind: &str, doc: &str, body: impl Into<Vec<u8>>) -> TestResponse {
    let client = App::new("patch").routes(routes![note, any]).test_client();
    client.patch(path).header("content-type", kind).header("doc", doc).body(body.into()).wait()
}

fn steps(doc: &Value, patch: &str) -> TestResponse {
    send("/any", "application/json-patch+json", &ascii(doc), patch)
}

/// A header holds ASCII.
fn ascii(doc: &Value) -> String {
    let text = doc.to_string();
    let mut ascii = String::new();
    for letter in text.chars() {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                write!(ascii, "\\u{unit:04x}").unwrap();
            }
        }
    }
    ascii
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    comment: String,
    doc: Value,
    patch: Value,
    expected: Option<Value>,
    error: Option<String>,
}

/// Runs the cases of a file, those that it disables too, and tells how many there are.
fn suite(text: &str) -> usize {
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    for case in &cases {
        let said_twice = case.error.as_ref().is_some_and(|error| error.contains("two 'op' members"));
        // What is said twice is lost when the file is read: it is written again.
        let patch = case
            .patch
            .to_string()
            .replace(if said_twice { "\"op\":" } else { "\0" }, "\"op\":\"add\",\"op\":");
        let answer = steps(&case.doc, &patch);
        let said = format!("{} {} {patch}\n{}", case.comment, case.doc, answer.text());
        if let Some(expected) = &case.expected {
            assert_eq!(answer.status(), 200, "{said}");
            assert_eq!(&serde_json::from_str::<Value>(answer.text()).unwrap(), expected, "{said}");
        } else if case.error.is_some() {
            assert!([400, 409].contains(&answer.status().as_u16()), "{said}");
        } else {
            assert_eq!(answer.status(), 200, "{said}");
        }
    }
    cases.len()
}

#[test]
fn the_public_cases_of_json_patch() {
    assert_eq!(suite(include_str!("../json_patch_suite/tests.json")), 78);
    assert_eq!(suite(include_str!("../json_patch_suite/spec_tests.json")), 17);
}

#[test]
fn the_examples_of_rfc_7396_appendix_a() {
    for (original, patch, result) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!(null), json!(null)),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
    ] {
        let answer =
            send("/any", "application/merge-patch+json; charset=utf-8", &ascii(&original), patch.to_string());
        assert_eq!(serde_json::from_str::<Value>(answer.text()).unwrap(), result, "{original} {patch}");
    }
}

/// The first problem of an answer: its status, its field and what it says.
fn refusal(answer: &TestResponse) -> (u16, String, String) {
    let problem: Value = serde_json::from_str(answer.text()).unwrap();
    let first = &problem["errors"][0];
    let text = |name: &str| first[name].as_str().unwrap().to_owned();
    (answer.status().as_u16(), text("field"), text("detail"))
}

#[test]
fn what_is_refused_names_the_step() {
    let patch = |kind: &str, body: &str| refusal(&send("/note", kind, "", body));
    let (merge, step) = ("application/merge-patch+json", "application/json-patch+json");
    for (kind, body, status, field, detail) in [
        (
            merge,
            "{\"title\": 1}",
            422,
            "/title",
            "the result does not fit: invalid type: integer `1`, expected a string",
        ),
        (merge, "{", 400, "", "not JSON: EOF while parsing an object at line 1, column 1"),
        (merge, "", 400, "", "expected JSON, got an empty body"),
        (
            step,
            "[{\"op\": \"test\", \"path\": \"/title\", \"value\": \"Coffee\"}]",
            409,
            "/0",
            "`test` `/title`: it is another value",
        ),
        (
            step,
            "[{\"op\": \"remove\", \"path\": \"/title\"}, {\"op\": \"add\", \"path\": \"/tags/9\", \"value\": 1}]",
            409,
            "/1",
            "`add` `/tags/9`: there is no such place",
        ),
        (
            step,
            "[{\"op\": \"move\", \"from\": \"/x\", \"path\": \"/y\"}]",
            409,
            "/0",
            "`move` from `/x` to `/y`: there is nothing at `from`",
        ),
        (
            step,
            "[{\"op\": \"add\", \"path\": \"/tags/-\", \"value\": 1}, {\"op\": \"test\", \"path\": \"/title\", \"value\": \"Tea\"}]",
            422,
            "/tags/1",
            "the result does not fit: invalid type: integer `1`, expected a string (step 0, `add` `/tags/-`)",
        ),
        (
            step,
            "[{\"op\": \"add\", \"path\": \"/password\", \"value\": 12345}]",
            422,
            "/password",
            "the result does not fit: expected a string (step 0, `add` `/password`)",
        ),
    ] {
        assert_eq!(patch(kind, body), (status, field.to_owned(), detail.to_owned()), "{body}");
    }
}

#[test]
fn what_is_no_patch_names_the_step() {
    for (body, field) in [
        ("[{\"op\": \"add\", \"path\": \"/a\"}]", "/0"),
        ("[{\"op\": \"remove\", \"path\": \"/tags\"}, {\"op\": \"spam\", \"path\": \"/a\"}]", "/1"),
        ("[{\"op\": \"remove\", \"path\": \"a\"}]", "/0"),
        ("[3]", "/0"),
        ("{\"op\": \"remove\", \"path\": \"/a\"}", ""),
        ("[] []", ""),
    ] {
        let (status, named, detail) = refusal(&send("/note", "application/json-patch+json", "", body));
        assert!(
            (status, named.split('/').take(2).collect::<Vec<_>>().join("/").as_str()) == (400, field),
            "{body}: {named} {detail}"
        );
    }
}

#[test]
fn another_type_is_told_which_ones_there_are() {
    for kind in ["application/json", "text/plain", "application/merge-patch+json; charset"] {
        let answer = send("/note", kind, "", "{}");
        let accepted = Some("application/merge-patch+json, application/json-patch+json");
        assert_eq!((answer.status().as_u16(), answer.header("accept-patch")), (415, accepted), "{kind}");
    }
    let client = App::new("patch").routes(routes![note]).test_client();
    let options = client.request(http::Method::OPTIONS, "/note").wait();
    assert_eq!(
        options.header("accept-patch"),
        Some("application/merge-patch+json, application/json-patch+json")
    );
}

#[test]
fn a_patch_holds_up_nobody() {
    let list = format!("[{}]", vec!["0"; 20_000].join(","));
    let patch = |step: &dyn Fn(usize) -> String, count: usize| {
        let all: Vec<_> = (0..count).map(step).collect();
        let begin = format!("{{\"op\": \"add\", \"path\": \"/x\", \"value\": {list}}}");
        let end = "{\"op\": \"remove\", \"path\": \"/x\"}";
        steps(&json!({"a": 1}), &format!("[{begin},{},{end}]", all.join(",")))
    };
    let there_and_back = |at: usize| {
        let (from, to) = if at.is_multiple_of(2) { ("x", "y") } else { ("y", "x") };
        format!("{{\"op\": \"move\", \"from\": \"/{from}\", \"path\": \"/{to}\"}}")
    };
    let add_first = |_| String::from("{\"op\": \"add\", \"path\": \"/x/0\", \"value\": 1}");
    let remove_first = |_| String::from("{\"op\": \"remove\", \"path\": \"/x/0\"}");
    let add_last = |_| String::from("{\"op\": \"add\", \"path\": \"/x/-\", \"value\": 1}");
    assert_eq!(patch(&there_and_back, 10).status(), 200);
    assert_eq!(patch(&add_last, 990).status(), 200);
    for (step, count) in
        [(&there_and_back as &dyn Fn(usize) -> String, 100), (&add_first, 990), (&remove_first, 990)]
    {
        let (status, place, detail) = refusal(&patch(step, count));
        assert!(status == 422 && detail.contains("moves too many values"), "{place} {detail}");
    }
}

#[test]
fn a_small_patch_makes_no_large_document() {
    // Each copy doubles what is there.
    let doubling = |count: usize| {
        let copy = |at: usize| format!("{{\"op\": \"copy\", \"from\": \"\", \"path\": \"/{at}\"}}");
        format!("[{}]", (0..count).map(copy).collect::<Vec<_>>().join(","))
    };
    assert_eq!(steps(&json!({"a": "bc"}), &doubling(5)).status(), 200);
    let (status, step, detail) = refusal(&steps(&json!({"a": "bc"}), &doubling(40)));
    assert!((status, detail.contains("copies more than 1048576 bytes")) == (422, true), "{step} {detail}");
    // Each step adds as many levels as can be read.
    let level = |value: &str| value.replace("[]", &format!("{}{}", "[".repeat(100), "]".repeat(100)));
    let mut path = String::from("/a");
    let mut deep = Vec::new();
    for _ in 0..3 {
        deep.push(format!("{{\"op\": \"add\", \"path\": \"{path}\", \"value\": {}}}", level("[]")));
        path.push_str(&"/0".repeat(99));
        path.push_str("/-");
    }
    let (status, step, detail) = refusal(&steps(&json!({}), &format!("[{}]", deep.join(","))));
    assert_eq!((status, step.as_str()), (422, "/1"), "{detail}");
    let many = format!("[{}]", vec!["{\"op\": \"test\", \"path\": \"/a\", \"value\": 1}"; 1001].join(","));
    assert_eq!(refusal(&steps(&json!({"a": 1}), &many)).0, 422);
}

mod properties {
    //! Any patch is answered, and never by a 500.

    use proptest::prelude::*;

    use super::{json, steps};

    fn step() -> impl Strategy<Value = String> {
        let place = prop::sample::select(vec![
            "", "/a", "/a/0", "/a/-", "/a/1", "/b", "/b/c", "/~0", "/~1", "/a/01", "x",
        ]);
        let op = prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test", "none"]);
        (op, place.clone(), place, prop::sample::select(vec!["1", "null", "[1]", "{\"c\": []}"])).prop_map(
            |(op, from, path, value)| {
                format!(
                    "{{\"op\": \"{op}\", \"from\": \"{from}\", \"path\": \"{path}\", \"value\": {value}}}"
                )
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_list_of_steps_is_applied_or_refused(list in prop::collection::vec(step(), 0..6)) {
            let answer = steps(&json!({"a": [0, 1], "b": {"c": 2}}), &format!("[{}]", list.join(",")));
            prop_assert!([200, 400, 409, 422].contains(&answer.status().as_u16()), "{}", answer.text());
        }
    }
}
