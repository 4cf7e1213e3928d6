//! What a method means, whoever answers it: 405 and 501, Allow and its kin, QUERY, writes in safe methods, Vary.

use flagon::{
    Bytes, Context, Route,
    http::{Method, header::HeaderName},
    prelude::*,
    testing::Client,
};

#[get("/notes/<int:_id>")]
async fn show(_id: u32) -> &'static str {
    "a note"
}

#[derive(Serialize, Deserialize)]
struct Note {
    title: String,
}

#[put("/notes/<int:_id>")]
async fn replace(_id: u32, note: Json<Note>) -> Json<Note> {
    note
}

#[post("/notes")]
async fn add(form: Form<Note>) -> String {
    form.title.clone()
}

#[query("/notes")]
async fn find(question: Json<Note>) -> String {
    format!("all like {}", question.title)
}

#[query("/sql", accepts("application/sql", "3gpp/x"))]
async fn sql(text: String) -> String {
    text
}

#[route("/many", methods("QUERY", "GET"))]
async fn many(body: Bytes) -> String {
    format!("{} {}", request().method(), body.len())
}

#[route("/teapot", methods("BREW"))]
async fn brew() -> &'static str {
    "tea"
}

fn client() -> Client {
    App::new("methods").routes(routes![show, replace, add, find, sql, many, brew]).test_client()
}

fn method(name: &str) -> Method {
    name.parse().unwrap()
}

#[test]
fn head_and_options_follow_from_what_is_routed() {
    let client = client();
    let head = client.head("/notes/1").wait();
    assert_eq!((head.status().as_u16(), head.header("content-length"), head.text()), (200, Some("6"), ""));
    let options = client.request(Method::OPTIONS, "/notes/1").wait();
    assert_eq!((options.status().as_u16(), options.text()), (200, ""));
    assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS, PUT"));
    let options = client.request(Method::OPTIONS, "/notes").wait();
    assert_eq!(options.header("allow"), Some("OPTIONS, POST, QUERY"));
    assert_eq!(options.header("accept-post"), Some("application/x-www-form-urlencoded, multipart/form-data"));
    assert_eq!(options.header("accept-query"), Some("application/json"));
    assert_eq!(options.header("accept-patch"), None);
    // RFC 10008 §3: a structured field has tokens that begin with a letter, and strings.
    let options = client.request(Method::OPTIONS, "/sql").wait();
    assert_eq!(options.header("accept-query"), Some("application/sql, \"3gpp/x\""));
}

#[test]
fn a_method_is_unknown_here_or_everywhere() {
    let client = client();
    let put = client.put("/notes").wait();
    assert_eq!((put.status().as_u16(), put.header("allow")), (405, Some("OPTIONS, POST, QUERY")));
    assert_eq!(client.put("/nothing").wait().status(), 404);
    // Nobody's method, in this app or anywhere.
    for path in ["/notes", "/nothing"] {
        let own = client.request(method("PROPFIND"), path).wait();
        assert_eq!((own.status().as_u16(), own.header("allow")), (501, None), "{path}");
    }
    assert_eq!(client.request(method("get"), "/notes/1").wait().status(), 501, "methods are case-sensitive");
    // This app's own: known, and not allowed elsewhere.
    assert_eq!(client.request(method("BREW"), "/teapot").wait().text(), "tea");
    assert_eq!(client.request(method("BREW"), "/notes").wait().status(), 405);
}

#[test]
fn trace_and_connect_are_no_apps() {
    let inner = App::new("inner").routes([Route::new("any", "/", [], async || "all methods")]);
    let client = App::new("outer").mount("/inner", inner.build().unwrap()).test_client();
    assert_eq!(client.request(Method::DELETE, "/inner/").wait().text(), "all methods");
    for refused in [Method::TRACE, Method::CONNECT] {
        let answer = client.request(refused.clone(), "/inner/").wait();
        let expected = if refused == Method::TRACE { 405 } else { 200 }; // the server refuses CONNECT before
        assert_eq!(answer.status(), expected, "{refused}");
        if refused == Method::TRACE {
            let all = Some("GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE, QUERY");
            assert_eq!(answer.header("allow"), all);
            assert!(!answer.text().contains("TRACE /"));
        }
    }
}

#[test]
fn a_query_has_a_body_of_a_type() {
    let client = client();
    let ask = |path: &str, kind: Option<&str>, body: &'static str| {
        let mut request = client.request(Method::QUERY, path);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        request.body(body).wait()
    };
    assert_eq!(ask("/notes", Some("application/json"), r#"{"title": "tea"}"#).text(), "all like tea");
    assert_eq!(ask("/notes", None, r#"{"title": "tea"}"#).status(), 400, "RFC 10008 §2.1");
    let other = ask("/notes", Some("application/xml"), "<q/>");
    assert_eq!((other.status().as_u16(), other.header("accept-query")), (415, Some("application/json")));
    assert_eq!(other.header("accept"), Some("application/json"));
    assert_eq!(ask("/notes", Some("application/json"), "{").status(), 400);
    assert_eq!(ask("/notes", Some("application/json"), "{}").status(), 422);
    assert_eq!(ask("/sql", Some("Application/SQL; charset=utf-8"), "select 1").text(), "select 1");
    assert_eq!(ask("/sql", Some("text/plain"), "select 1").status(), 415);
    assert_eq!(ask("/many", Some("text/plain"), "four").text(), "QUERY 4");
    assert_eq!(client.get("/many").wait().text(), "GET 0");
}

#[test]
fn a_refused_type_says_which_are_taken() {
    let refused = client().put("/notes/1").header("content-type", "text/csv").body("a,b").wait();
    assert_eq!((refused.status().as_u16(), refused.header("accept")), (415, Some("application/json")));
    let refused = client().post("/notes").header("content-type", "text/csv").body("a,b").wait();
    assert_eq!(refused.header("accept-post"), Some("application/x-www-form-urlencoded, multipart/form-data"));
}

#[test]
fn a_safe_method_may_not_write_unless_the_view_says_so() {
    #[get("/reads")]
    async fn reads() -> Result<&'static str> {
        Context::current().unwrap().check_may_write()?;
        Ok("written")
    }

    #[get("/counts", writes)]
    #[post("/counts")]
    async fn counts() -> Result<&'static str> {
        Context::current().unwrap().check_may_write()?;
        Ok("written")
    }

    async fn note_error(error: Error) -> (String, u16) {
        (error.source().map(ToString::to_string).unwrap_or_default(), 500)
    }

    let app = App::new("writes").routes(routes![reads, counts]).errorhandler(500, note_error);
    let client = app.test_client();
    let refused = client.get("/reads").wait();
    assert_eq!(refused.status(), 500);
    assert!(refused.text().contains("`reads` answers GET, which is safe"), "{}", refused.text());
    assert_eq!(client.head("/reads").wait().status(), 500);
    assert_eq!(client.get("/counts").wait().text(), "written");
    assert_eq!(client.post("/counts").wait().text(), "written");
}

#[test]
fn vary_names_what_was_looked_at() {
    #[get("/language")]
    async fn language() -> &'static str {
        request().best_language(&["en", "zh"]).unwrap_or("en")
    }

    #[get("/device")]
    async fn device(_user_agent: Option<Header<String>>) -> Response {
        let _ = request().header("X-Theme");
        let _ = (request().header("If-None-Match"), request().header("content-type"), request().host());
        request().vary_on(&HeaderName::from_static("dnt"));
        ("text", [("vary", "Accept-Encoding, DNT")]).into_response()
    }

    #[get("/plain")]
    async fn plain() -> usize_as_text::Text {
        usize_as_text::Text(request().headers().len())
    }

    let client = App::new("vary").routes(routes![language, device, plain]).test_client();
    assert_eq!(client.get("/language").wait().header("vary"), Some("accept-language"));
    assert_eq!(
        client.get("/device").wait().header("vary"),
        Some("Accept-Encoding, DNT, user-agent, x-theme")
    );
    assert_eq!(client.get("/plain").wait().header("vary"), None);
    assert_eq!(client.get("/nothing").wait().header("vary"), Some("accept"));
}

mod usize_as_text {
    //! An answer of one's own.

    use flagon::{IntoResponse, Response};

    pub(super) struct Text(pub(super) usize);

    impl IntoResponse for Text {
        fn into_response(self) -> Response {
            self.0.to_string().into_response()
        }
    }
}
