//! `Form<T>` without files.

use flagon::prelude::*;

use crate::client::{broken_off, pieces, post, send};

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";

#[derive(Deserialize)]
struct Post {
    title: String,
    #[serde(default)]
    tag: Vec<u8>,
}

#[post("/")]
async fn create(post: Form<Post>) -> String {
    format!("{} {:?}", post.title, post.tag)
}

fn app() -> App {
    App::new("form").routes(routes![create])
}

fn part(name: &str, value: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[tokio::test]
async fn both_encodings_mean_the_same() {
    let urlencoded = "title=a+b%26&tag=1&tag=2";
    let multipart = part("title", "a b&") + &part("tag", "1") + &part("tag", "2") + "--b--\r\n";
    for size in [1, 7, 1000] {
        assert_eq!(post(app(), URLENCODED, pieces(urlencoded.as_bytes(), size)).await.text, "a b& [1, 2]");
        assert_eq!(post(app(), MULTIPART, pieces(multipart.as_bytes(), size)).await.text, "a b& [1, 2]");
    }
    let quoted = "Multipart/Form-Data; charset=UTF-8; boundary=\"b\"";
    assert_eq!(post(app(), quoted, multipart).await.text, "a b& [1, 2]");
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let expected = "expected `application/x-www-form-urlencoded` or `multipart/form-data`, got";
    for (content_type, status, problem) in [
        ("text/plain", 415, format!("{expected} `text/plain`")),
        ("application/json", 415, format!("{expected} `application/json`")),
        (
            "application/x-www-form-urlencoded; charset=latin1",
            415,
            "expected the charset `utf-8`, got `latin1`".to_owned(),
        ),
        (
            "multipart/form-data",
            400,
            "expected `multipart/form-data; boundary=…` with a boundary of 1 to 70 characters".to_owned(),
        ),
        (
            "multipart/form-data; boundary=\"b",
            400,
            "the parameters are malformed in `multipart/form-data; boundary=\\\"b`".to_owned(),
        ),
    ] {
        let answer = post(app(), content_type, "title=a").await;
        assert_eq!(answer.problem(), (status, format!("header content-type: {problem}")), "{content_type}");
    }
    let answer = send(app(), http::Request::post("/").body("title=a").unwrap()).await;
    assert_eq!(answer.problem(), (415, format!("header content-type: {expected} none")));
}

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let latin1 = [part("title", "").trim_end().as_bytes(), b"\r\n\r\n\xe9\r\n--b--"].concat();
    for (content_type, body, status, problem) in [
        (URLENCODED, &b"title=%e9"[..], 400, "form title: the value is not UTF-8 once it is percent-decoded"),
        (URLENCODED, b"tag=256&title=a", 422, "form tag: expected a whole number from 0 to 255, got `256`"),
        (MULTIPART, b"--b", 400, "body : the body ends before its last boundary"),
        (MULTIPART, b"", 400, "body : the body ends before its last boundary"),
        (MULTIPART, b"--bb\r\n", 400, "body : something follows a boundary on its line"),
        (MULTIPART, b"--b--", 422, "form title: missing"),
        (MULTIPART, &latin1, 400, "form title: the value is not UTF-8"),
    ] {
        let answer = post(app(), content_type, body.to_vec()).await;
        assert_eq!(answer.problem(), (status, problem.to_owned()), "{:?}", String::from_utf8_lossy(body));
    }
    let charset = "--b\r\nContent-Disposition: form-data; name=title\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx\r\n--b--";
    let answer = post(app(), MULTIPART, charset).await;
    assert_eq!(answer.problem(), (415, "form title: expected the charset `utf-8`, got `koi8-r`".to_owned()));
}

#[tokio::test]
async fn too_much_is_refused() {
    let fields = "tag=1&".repeat(1001);
    let parts = part("tag", "1").repeat(1001) + "--b--";
    let expected = (413, "form : expected at most 1000 fields".to_owned());
    assert_eq!(post(app(), URLENCODED, fields).await.problem(), expected);
    assert_eq!(post(app(), MULTIPART, parts).await.problem(), expected);
    let text = part("title", &"x".repeat(512 * 1024)) + "--b--";
    let (status, problem) = post(app(), MULTIPART, pieces(text.as_bytes(), 4096)).await.problem();
    assert_eq!(status, 413);
    assert!(problem.starts_with("form title: expected at most 524288 bytes of text"), "{problem}");
    let long = format!("title={}", "x".repeat(3 << 20));
    assert_eq!(post(app(), URLENCODED, long).await.status, 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    assert_eq!(post(app(), URLENCODED, broken_off(b"title=a")).await.status, 400);
    assert_eq!(post(app(), MULTIPART, broken_off(part("title", "a").as_bytes())).await.status, 400);
}
