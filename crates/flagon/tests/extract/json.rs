//! `Json<T>`.

use flagon::prelude::*;

use crate::client::{post, send};

#[derive(Deserialize, Serialize)]
struct Point {
    x: i8,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize, Serialize)]
struct Tag {
    name: String,
    #[serde(rename = "api/key", skip_serializing_if = "Option::is_none")]
    key: Option<u8>,
}

#[post("/")]
async fn mirror(point: Json<Point>) -> Json<Point> {
    point
}

#[post("/")]
async fn maybe(point: Option<Json<Point>>) -> String {
    point.map_or_else(|| "none".to_owned(), |point| point.x.to_string())
}

fn app() -> App {
    App::new("json").routes(routes![mirror])
}

#[tokio::test]
async fn json_comes_and_goes() {
    for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.point+json"]
    {
        let answer = post(app(), content_type, r#" {"x": -1, "tags": [{"name": "a"}], "y": 0} "#).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, r#"{"x":-1,"tags":[{"name":"a"}]}"#),
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn refusals_say_where() {
    for (body, status, problem) in [
        ("", 400, "body : expected JSON, got an empty body"),
        ("{\"x\": 1,\n }", 400, "body : not JSON: trailing comma at line 2, column 2"),
        ("{\"x\": 1", 400, "body : not JSON: EOF while parsing an object at line 1, column 7"),
        ("{\"x\": 1} x", 400, "body : not JSON: trailing characters at line 1, column 10"),
        ("[]", 422, "body : invalid length 0, expected struct Point with 2 elements"),
        ("{}", 422, "body : missing field `x`"),
        ("{\"x\": \"a\"}", 422, "body /x: invalid type: string \"a\", expected i8"),
        ("{\"x\": 200}", 422, "body /x: invalid value: integer `200`, expected i8"),
        ("{\"x\": 1, \"x\": 2}", 422, "body : duplicate field `x`"),
        (
            "{\"x\": 1, \"tags\": [{\"name\": \"a\"}, {\"name\": 3}]}",
            422,
            "body /tags/1/name: invalid type: integer `3`, expected a string",
        ),
        (
            "{\"x\": 1, \"tags\": [{\"name\": \"a\", \"api/key\": \"sesame\"}]}",
            422,
            "body /tags/0/api~1key: expected u8",
        ),
    ] {
        let answer = post(app(), "application/json", body).await;
        assert_eq!(answer.problem(), (status, problem.to_owned()), "{body}");
    }
    let deep = "{\"y\": ".to_owned() + &"[".repeat(100_000);
    assert_eq!(post(app(), "application/json", deep).await.status, 400);
    let long = format!("{{\"x\": \"{}\"}}", "a".repeat(100_000));
    assert!(post(app(), "application/json", long).await.text.len() < 1000);
    assert_eq!(post(app(), "application/json", b"{\"x\": \"\xff\"}".to_vec()).await.status, 400);
}

#[tokio::test]
async fn other_content_types_are_refused() {
    for (content_type, problem) in [
        ("text/plain", "expected `application/json`, got `text/plain`"),
        ("application/json; charset=utf-16", "JSON is UTF-8, got the charset `utf-16`"),
        ("application/json; charset", "expected `application/json`, got a malformed one"),
    ] {
        let answer = post(app(), content_type, "{\"x\": 1}").await;
        assert_eq!(answer.problem(), (415, format!("header content-type: {problem}")), "{content_type}");
    }
    let answer = send(app(), http::Request::post("/").body("{\"x\": 1}").unwrap()).await;
    assert_eq!(
        answer.problem(),
        (415, "header content-type: expected `application/json`, got none".to_owned())
    );
}

#[tokio::test]
async fn option_is_none_without_a_body() {
    let app = || App::new("maybe").routes(routes![maybe]);
    assert_eq!(send(app(), http::Request::post("/").body("").unwrap()).await.text, "none");
    assert_eq!(post(app(), "application/json", "{\"x\": 3}").await.text, "3");
    assert_eq!(post(app(), "application/json", "").await.status, 400);
}

#[test]
fn packed_content_is_refused_with_the_coding_that_is_taken() {
    let client = app().test_client();
    let send = |coding: &str| {
        let request = client.post("/").header("content-type", "application/json");
        request.header("content-encoding", coding).body("{\"x\":1}").wait()
    };
    let refused = send("gzip");
    assert_eq!((refused.status().as_u16(), refused.header("accept-encoding")), (415, Some("identity")));
    assert_eq!(send("Identity").status(), 200);
}
