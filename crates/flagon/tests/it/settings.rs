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

#[test]
fn hooks_read_no_more_of_a_body_than_the_app_or_the_view_allows() {
    async fn read() -> Result<()> {
        request().data().await.map(drop)
    }
    async fn answer_of_error(_: Error) -> Result<String> {
        Ok(request().data().await?.len().to_string())
    }
    #[post("/large", max_body = 20)]
    async fn large() -> &'static str {
        "large"
    }
    let limited =
        || App::new("hooks").configure(|config| config.max_content_length = 10).routes(routes![note, large]);
    let client = limited().before_request(read).test_client();
    for (path, length, status) in [
        ("/nowhere", 10, 404),
        ("/nowhere", 11, 413),
        ("/notes", 11, 413),
        ("/large", 20, 200),
        ("/large", 21, 413),
    ] {
        assert_eq!(client.post(path).body(vec![b'x'; length]).wait().status(), status, "{length} to {path}");
    }
    let client = limited().errorhandler(404, answer_of_error).test_client();
    assert_eq!(client.post("/nowhere").body("x").wait().text(), "1");
    assert_eq!(client.post("/nowhere").body(vec![b'x'; 11]).wait().status(), 413);
}

#[test]
fn the_port_of_a_scheme_is_no_part_of_the_host() {
    for (url, host) in [
        ("http://example.org:80", "example.org"),
        ("https://example.org:443", "example.org"),
        ("http://example.org:443", "example.org:443"),
        ("https://[::1]:443", "[::1]"),
        ("http://example.org:8000", "example.org:8000"),
    ] {
        let seen = flagon::Route::new("host", "/host", ["GET"], async || request().host().to_owned());
        let admin = Blueprint::new("admin").subdomain("admin").routes(routes![note]);
        let app = App::new("hosts").routes([seen]).register_blueprint(admin);
        let app = app.configure(|config| config.server_name = Some("example.org".to_owned()));
        let client = App::new("any")
            .routes([flagon::Route::new("host", "/host", ["GET"], async || request().host().to_owned())]);
        assert_eq!(client.test_client().base_url(url).get("/host").wait().text(), host, "{url}");
        let status = if host == "example.org" { 200 } else { 404 };
        assert_eq!(app.test_client().base_url(url).get("/host").wait().status(), status, "{url}");
    }
}

#[test]
fn no_secret_shows_in_debug_output() {
    let mut config = flagon::Config::default();
    config.set_app("smtp.pass", "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));

    let session = flagon::Session::default();
    session.insert("pin", "hunter2").unwrap();
    let text = format!("{session:?}");
    assert!(text.contains("pin") && !text.contains("hunter2"), "{text}");

    let message =
        http::Request::get("/a?b").header("cookie", "pin=hunter2").header("authorization", "hunter2");
    let context = App::new("t").build().unwrap().test_request_context(message.body("hunter2").unwrap());
    let text = context.run(|| format!("{:?} {context:?}", request()));
    assert!(text.contains("/a?b") && !text.contains("hunter2"), "{text}");
}
