//! The token of a form, found in the body, which the view gets whole.

use flagon::{
    BodyStream, Bytes, Secret, UploadedFile, csrf_token,
    prelude::*,
    testing::{Client, Multipart},
};

#[get("/form")]
async fn form() -> Result<String> {
    csrf_token()
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

#[post("/note")]
async fn note(note: Form<Note>) -> String {
    note.text.clone()
}

#[post("/raw")]
async fn raw(body: Bytes) -> String {
    String::from_utf8_lossy(&body).into_owned()
}

#[derive(Deserialize)]
struct Sent {
    file: UploadedFile,
}

#[post("/file", max_body = 8 * 1024 * 1024)]
async fn file(sent: Form<Sent>) -> String {
    sent.file.size().to_string()
}

#[post("/stream", max_body = 8 * 1024 * 1024)]
async fn streamed(mut body: BodyStream) -> Result<String> {
    let mut length = 0;
    while let Some(piece) = body.next().await? {
        length += piece.len();
    }
    Ok(length.to_string())
}

fn logged_in() -> (Client, String) {
    let app = App::new("notes").routes(routes![form, note, raw, file, streamed]).configure(|config| {
        config.secret_key = Some(Secret::new("a secret of the tests"));
        config.max_content_length = 4096;
    });
    let client = app.test_client();
    let token = client.get("/form").wait().text().to_owned();
    (client, token)
}

#[test]
fn a_form_keeps_its_fields() {
    let (client, token) = logged_in();
    let post = |body: &[(&str, &str)]| {
        let answer = client.post("/note").header("sec-fetch-site", "").form(body).wait();
        (answer.status().as_u16(), answer.text().to_owned())
    };
    assert_eq!(post(&[("csrf_token", &token), ("text", "a & b")]), (200, "a & b".into()));
    assert_eq!(post(&[("text", "last"), ("csrf_token", &token)]), (200, "last".into()));
    assert_eq!(post(&[("text", "none")]).0, 403);
    assert_eq!(post(&[("csrf_token", ""), ("text", "empty")]).0, 403);
    let body = format!("text=1&csrf_token={token}");
    let kind = "application/x-www-form-urlencoded";
    let answer =
        client.post("/raw").header("sec-fetch-site", "").header("content-type", kind).body(body.clone());
    assert_eq!(answer.wait().text(), body);
}

#[test]
fn what_is_no_form_has_no_token_in_it() {
    let (client, token) = logged_in();
    let body = format!("csrf_token={token}");
    for kind in ["text/plain", "application/json", "multipart/form-data", ""] {
        let request = client.post("/raw").header("sec-fetch-site", "").header("content-type", kind);
        assert_eq!(request.body(body.clone()).wait().status(), 403, "{kind}");
    }
    let request = client.post("/raw").header("sec-fetch-site", "").header("x-csrf-token", token);
    assert_eq!(request.header("content-type", "application/json").body("{}").wait().text(), "{}");
}

#[test]
fn a_file_that_follows_the_token_arrives_whole() {
    let (client, token) = logged_in();
    let content = vec![b'x'; 3_000_000];
    let sent = |form: Multipart| client.post("/file").header("sec-fetch-site", "").multipart(form).wait();
    let first =
        Multipart::new().text("csrf_token", &token).file("file", "a.bin", "application/x", content.clone());
    let answer = sent(first);
    assert_eq!((answer.status().as_u16(), answer.text()), (200, "3000000"));
    // Beyond the first 512 KiB it is not looked for: the whole upload would have to be held for it.
    let last = Multipart::new().file("file", "a.bin", "application/x", content).text("csrf_token", &token);
    let answer = sent(last);
    assert_eq!(answer.status(), 403);
}

#[test]
fn a_streamed_upload_is_not_touched_when_a_header_proves() {
    let (client, token) = logged_in();
    for (name, value) in [("x-csrf-token", token.as_str()), ("origin", "http://localhost")] {
        let request = client.post("/stream").header("sec-fetch-site", "").header(name, value);
        assert_eq!(request.body(vec![b'x'; 3_000_000]).wait().text(), "3000000");
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused_as_that() {
    let (client, token) = logged_in();
    let form = [("csrf_token", token.as_str()), ("text", &"x".repeat(5000))];
    assert_eq!(client.post("/note").header("sec-fetch-site", "").form(&form).wait().status(), 413);
    assert_eq!(client.post("/note").form(&form).wait().status(), 413);
}
