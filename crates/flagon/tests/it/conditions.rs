//! Conditions, ranges and caching of what views answer; expected values from RFC 9110 §13 and §14, RFC 6585 §3.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flagon::{
    CacheControl, ETag, ResponseValidators, Secret, Validators,
    http::Method,
    prelude::*,
    stream,
    testing::{Client, TestResponse},
};

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

fn date() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(784_111_777)
}

static WORK: AtomicUsize = AtomicUsize::new(0);

#[get("/early", cache_control = "private, max-age=60")]
async fn early() -> Result<&'static str> {
    request().check_preconditions((ETag::of_version(7), date()))?;
    WORK.fetch_add(1, Ordering::SeqCst);
    Ok("costly")
}

#[get("/hashed", etag, ranges)]
async fn hashed() -> Html<&'static str> {
    Html("<p>0123456789</p>")
}

#[query("/hashed", etag, ranges)]
async fn asked(body: String) -> String {
    format!("0123456789 {body}")
}

#[get("/plain")]
async fn plain() -> &'static str {
    "0123456789"
}

#[get("/dated")]
async fn dated() -> impl IntoResponse {
    ("dated", Validators::from(date()))
}

#[get("/streamed", etag, ranges)]
async fn streamed() -> impl IntoResponse {
    stream(futures_util::stream::iter([Ok::<_, std::io::Error>("0123456789")]))
}

#[put("/note", require_match)]
async fn replace() -> Result<&'static str> {
    request().check_preconditions(ETag::of_version(7))?;
    Ok("replaced")
}

#[put("/new", require_match)]
async fn make() -> Result<(&'static str, u16)> {
    request().check_preconditions(Validators::absent())?;
    Ok(("made", 201))
}

#[put("/forgot", require_match)]
async fn forgot() -> &'static str {
    "overwritten"
}

#[post("/forgot", require_match)]
async fn refuses() -> Result<()> {
    abort(409)
}

fn client() -> Client {
    App::new("conditions")
        .routes(routes![early, hashed, asked, plain, dated, streamed, replace, make, forgot, refuses])
        .test_client()
}

fn get(path: &str, headers: &[(&'static str, &str)]) -> TestResponse {
    let client = client();
    let mut request = client.get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.wait()
}

fn status(path: &str, headers: &[(&'static str, &str)]) -> u16 {
    get(path, headers).status().as_u16()
}

#[test]
fn a_view_that_knows_its_state_early_is_spared_the_work() {
    let first = get("/early", &[]);
    assert_eq!((first.header("etag"), first.header("last-modified")), (Some("\"7\""), Some(DATE)));
    let before = WORK.load(Ordering::SeqCst);
    let known = get("/early", &[("if-none-match", "W/\"7\"")]);
    assert_eq!((known.status().as_u16(), known.text(), known.header("etag")), (304, "", Some("\"7\"")));
    // RFC 9110 §15.4.5: what a 200 would have said to caches, and nothing about a body.
    assert_eq!(known.header("cache-control"), Some("private, max-age=60"));
    for absent in ["content-type", "content-length", "last-modified"] {
        assert_eq!(known.header(absent), None, "{absent}");
    }
    assert_eq!(status("/early", &[("if-match", "\"6\"")]), 412);
    assert_eq!(WORK.load(Ordering::SeqCst), before, "neither made the view work");
}

/// The steps of RFC 9110 §13.2.2, each with those after it saying the opposite.
#[test]
fn the_order_of_conditions() {
    let path = "/early";
    assert_eq!(
        status(path, &[("if-match", "\"7\""), ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]),
        200
    );
    assert_eq!(status(path, &[("if-match", "\"6\""), ("if-none-match", "\"7\"")]), 412);
    assert_eq!(status(path, &[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]), 412);
    assert_eq!(status(path, &[("if-unmodified-since", DATE), ("if-none-match", "\"7\"")]), 304);
    assert_eq!(status(path, &[("if-none-match", "\"6\""), ("if-modified-since", LATER)]), 200);
    assert_eq!(
        status(path, &[("if-none-match", "*"), ("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")]),
        304
    );
    assert_eq!(status(path, &[("if-modified-since", DATE)]), 304);
    assert_eq!(status("/dated", &[("if-modified-since", DATE)]), 304);
    assert_eq!(status("/dated", &[("if-match", "*")]), 200);
    assert_eq!(status("/dated", &[("if-match", "\"a\"")]), 412);
    // A 304 without a tag keeps the date, which is all that a cache can update by.
    assert_eq!(get("/dated", &[("if-modified-since", DATE)]).header("last-modified"), Some(DATE));
}

#[test]
fn a_body_is_named_by_its_hash() {
    let first = get("/hashed", &[]);
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(etag, flagon::generate_etag("<p>0123456789</p>").to_string());
    assert!(!etag.starts_with("W/") && first.header("accept-ranges") == Some("bytes"));
    let known = get("/hashed", &[("if-none-match", &etag)]);
    assert_eq!((known.status().as_u16(), known.text(), known.header("content-type")), (304, "", None));
    let head = client().head("/hashed").header("if-none-match", &etag).wait();
    assert_eq!((head.status().as_u16(), head.header("content-length")), (304, None));
    // Where nothing is said there is nothing to compare.
    let plain = get("/plain", &[("if-none-match", "*"), ("range", "bytes=0-1")]);
    assert_eq!((plain.status().as_u16(), plain.text(), plain.header("etag")), (200, "0123456789", None));
    assert_eq!(plain.header("accept-ranges"), None);
}

#[test]
fn after_hooks_have_the_last_word_on_what_is_named() {
    async fn shout(response: Response) -> Response {
        let text = String::from_utf8(response.body().as_full().unwrap().to_vec()).unwrap();
        response.map(|_| text.to_uppercase().into())
    }
    let client = App::new("hooks").routes(routes![hashed]).after_request(shout).test_client();
    let etag = client.get("/hashed").wait().header("etag").unwrap().to_owned();
    assert_eq!(etag, flagon::generate_etag("<P>0123456789</P>").to_string());
}

#[test]
fn parts_of_a_view() {
    for (asked, status, content_range, text) in [
        ("bytes=3-5", 206, Some("bytes 3-5/17"), "012"),
        ("bytes=-4", 206, Some("bytes 13-16/17"), "</p>"),
        ("bytes=13-", 206, Some("bytes 13-16/17"), "</p>"),
        ("bytes=3-4,4-6,5-5", 206, Some("bytes 3-6/17"), "0123"),
        ("bytes=5-3", 200, None, "<p>0123456789</p>"),
    ] {
        let answer = get("/hashed", &[("range", asked)]);
        assert_eq!(answer.status(), status, "{asked}");
        assert_eq!((answer.header("content-range"), answer.text()), (content_range, text), "{asked}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{asked}");
    }
    let several = get("/hashed", &[("range", "bytes=0-2,-4")]);
    let media_type = several.header("content-type").unwrap();
    let boundary = media_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let head = format!("\r\n--{boundary}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Range: bytes ");
    assert_eq!(
        several.text(),
        format!("{head}0-2/17\r\n\r\n<p>{head}13-16/17\r\n\r\n</p>\r\n--{boundary}--\r\n")
    );
    let beyond = get("/hashed", &[("range", "bytes=17-")]);
    assert_eq!((beyond.status().as_u16(), beyond.header("content-range")), (416, Some("bytes */17")));
    assert_eq!((beyond.header("etag"), beyond.header("cache-control")), (None, None));
    // RFC 9110 §14.2: a HEAD has no ranges, and what isn't known as a whole is sent whole.
    let head = client().head("/hashed").header("range", "bytes=0-1").wait();
    assert_eq!((head.status().as_u16(), head.header("content-length")), (200, Some("17")));
    assert_eq!(get("/streamed", &[("range", "bytes=0-1")]).text(), "0123456789");
}

#[test]
fn if_range_wants_the_very_same_bytes() {
    let etag = get("/hashed", &[]).header("etag").unwrap().to_owned();
    let part = |if_range: &str| status("/hashed", &[("range", "bytes=0-1"), ("if-range", if_range)]);
    assert_eq!((part(&etag), part("\"other\""), part(&format!("W/{etag}"))), (206, 200, 200));
    assert_eq!(part(DATE), 200, "there is no date to compare with");
}

#[test]
fn a_query_has_conditions_and_ranges_as_a_get() {
    let client = client();
    let ask = || client.request(Method::QUERY, "/hashed").header("content-type", "text/plain");
    let etag = ask().body("a").wait().header("etag").unwrap().to_owned();
    assert_eq!(ask().body("a").header("if-none-match", &etag).wait().status(), 304);
    assert_eq!(ask().body("b").header("if-none-match", &etag).wait().status(), 200);
    assert_eq!(ask().body("a").header("range", "bytes=10-").wait().text(), " a");
}

#[test]
fn a_write_says_which_state_it_changes() {
    let client = client();
    let put = |path: &str, name: Option<(&'static str, &str)>| {
        let mut request = client.put(path);
        if let Some((name, value)) = name {
            request = request.header(name, value);
        }
        request.wait().status().as_u16()
    };
    assert_eq!(put("/note", None), 428);
    assert_eq!(put("/note", Some(("if-match", "\"7\""))), 200);
    assert_eq!(put("/note", Some(("if-match", "\"6\", \"5\""))), 412);
    assert_eq!(put("/note", Some(("if-match", "W/\"7\""))), 412, "If-Match compares strongly");
    assert_eq!(put("/note", Some(("if-match", "*"))), 200);
    assert_eq!(put("/note", Some(("if-match", "7"))), 412, "a malformed condition does not hold");
    assert_eq!(put("/note", Some(("if-none-match", "*"))), 412);
    assert_eq!(put("/new", Some(("if-none-match", "*"))), 201);
    assert_eq!(put("/new", Some(("if-match", "*"))), 412);
    assert_eq!(
        put("/forgot", Some(("if-match", "\"1\""))),
        500,
        "it did not compare, and must not seem to have"
    );
    assert_eq!(client.post("/forgot").header("if-match", "\"1\"").wait().status(), 409);
    // The answer to a write doesn't name the state before it.
    let replaced = client.put("/note").header("if-match", "\"7\"").wait();
    assert_eq!((replaced.text(), replaced.header("etag")), ("replaced", None));
}

#[test]
fn caches_are_told_as_the_view_says() {
    #[get("/kept", cache_control = "max-age=3600, PUBLIC")]
    async fn kept(query: Query<Fail>) -> Result<Response> {
        match query.fail {
            Some(code) => abort(code),
            None => Ok("kept".into_response()),
        }
    }

    #[derive(Deserialize)]
    struct Fail {
        fail: Option<u16>,
    }

    #[get("/own", cache_control = "public")]
    async fn own() -> impl IntoResponse {
        ("own", CacheControl::no_store())
    }

    let client = App::new("caches").routes(routes![kept, own]).test_client();
    assert_eq!(client.get("/kept").wait().header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(client.get("/kept?fail=404").wait().header("cache-control"), None);
    assert_eq!(client.get("/own").wait().header("cache-control"), Some("no-store"));
    assert_eq!(client.get("/kept").wait().header("age"), None);
}

#[test]
fn cookies_and_fields_of_hooks_go_out_with_every_outcome() {
    async fn mark(mut response: Response) -> Response {
        response.headers_mut().insert("x-mark", "1".parse().unwrap());
        response
    }
    async fn visit() -> Result<()> {
        session().insert("seen", true)
    }
    let app = App::new("cookies").configure(|config| config.secret_key = Some(Secret::new("key")));
    let client = app.routes(routes![hashed]).before_request(visit).after_request(mark).test_client();
    for (name, value, status) in [
        ("if-none-match", "*", 304),
        ("if-match", "\"a\"", 412),
        ("range", "bytes=99-", 416),
        ("range", "bytes=0-1", 206),
    ] {
        let answer = client.get("/hashed").header(name, value).wait();
        assert_eq!(answer.status(), status);
        assert_eq!(
            (answer.header("set-cookie").is_some(), answer.header("x-mark")),
            (true, Some("1")),
            "{status}"
        );
    }
}

#[test]
fn a_date_is_never_in_the_future() {
    let mut response = "soon".into_response();
    response.set_last_modified(SystemTime::now() + Duration::from_hours(1));
    let said = response.headers()["last-modified"].to_str().unwrap();
    let said = flagon_http::http_date::parse(said).unwrap();
    assert!(said <= SystemTime::now());
}
