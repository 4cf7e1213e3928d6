//! Settings that change what an app does.

use flagon::prelude::*;

#[derive(Deserialize)]
struct Note {
    text: String,
}

#[post("/notes")]
async fn note(note: Form<Note>) -> String {
    note.text.len().to_string()
}

#[test]
fn forms_are_limited_by_the_configuration() {
    let limits = |config: &mut flagon::Config| {
        config.max_form_parts = 2;
        config.max_form_memory_size = 40;
    };
    let client = App::new("forms").routes(routes![note]).configure(limits).test_client();
    let urlencoded = |body: &'static str| {
        client.post("/notes").header("content-type", "application/x-www-form-urlencoded").body(body).wait()
    };
    assert_eq!(urlencoded("text=1&a=2").text(), "1");
    let many = urlencoded("text=1&a=2&b=3");
    assert_eq!(many.status(), 413);
    assert!(many.text().contains("expected at most 2 fields"), "{}", many.text());

    let multipart = |text: &str| {
        let body = format!("--x\r\ncontent-disposition: form-data; name=text\r\n\r\n{text}\r\n--x--\r\n");
        client.post("/notes").header("content-type", "multipart/form-data; boundary=x").body(body).wait()
    };
    assert_eq!(multipart(&"a".repeat(36)).text(), "36");
    let long = multipart(&"a".repeat(37));
    assert_eq!(long.status(), 413);
    assert!(long.text().contains("expected at most 40 bytes of text"), "{}", long.text());
}

#[test]
fn links_from_outside_a_request_have_the_preferred_scheme() {
    let app = App::new("links").routes(routes![note]).configure(|config| {
        config.server_name = Some("example.org".to_owned());
        config.preferred_url_scheme = "https".to_owned();
    });
    let app = app.build().unwrap();
    let url = app.app_context().run(|| flagon::UrlFor::endpoint("note").external().build());
    assert_eq!(url.unwrap(), "https://example.org/notes");
}
