//! Answers that are packed, and those that are not.

use std::{
    fs,
    io::Read as _,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use flagon::{
    Body, Bytes, Compress, Route, ViewLimits, http,
    prelude::*,
    stream,
    testing::{Client, TestResponse},
};
use http_body::Body as _;
use tower_service::Service;

const CODINGS: [&str; 4] = ["zstd", "br", "gzip", "deflate"];

/// 3000 bytes of text, with a tag.
async fn page() -> impl IntoResponse {
    ("a line of text like others\n".repeat(120), [("etag", "\"v1\""), ("accept-ranges", "bytes")])
}

fn plain_page() -> String {
    "a line of text like others\n".repeat(120)
}

/// An endpoint at `/name`, of the type that the name has behind its dot.
fn typed(name: &'static str, content: Vec<u8>, fields: &'static [(&'static str, &'static str)]) -> Route {
    let view = move || {
        let content = content.clone();
        async move {
            let mut response = content.into_response();
            for (name, value) in fields {
                response.headers_mut().insert(*name, http::HeaderValue::from_static(value));
            }
            response
        }
    };
    Route::new(name, format!("/{name}"), ["GET", "POST"], view)
}

fn app() -> App {
    // Without a time limit there is no need of a runtime, so some tests poll by hand.
    App::new("t").configure(|config| config.view_timeout = None).routes([
        Route::new("page", "/page", ["GET", "POST"], page),
        Route::new("always", "/always", ["GET"], page).limits(ViewLimits::new().compress(Compress::Always)),
        Route::new("never", "/never", ["GET"], page).limits(ViewLimits::new().compress(Compress::Never)),
        Route::new("small", "/small", ["GET", "POST"], async || "small"),
        Route::new("empty", "/empty", ["GET"], async || ""),
        typed("png", vec![b'x'; 5000], &[("content-type", "image/png")]),
        typed("packed", vec![b'x'; 5000], &[("content-type", "text/plain"), ("content-encoding", "x-mine")]),
        typed(
            "kept",
            vec![b'x'; 5000],
            &[("content-type", "text/plain"), ("cache-control", "public, no-transform")],
        ),
        typed(
            "digest",
            vec![b'x'; 5000],
            &[("content-type", "text/plain"), ("content-digest", "sha-256=:AA==:")],
        ),
        typed("huge", vec![b'x'; 9 << 20], &[("content-type", "text/plain")]),
        typed("large", large(), &[("content-type", "text/plain")]),
    ])
}

fn large() -> Vec<u8> {
    (0..60_000_u32).flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes()).collect()
}

fn unpacked(coding: &str, data: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    match coding {
        "zstd" => zstd::stream::read::Decoder::new(data)?.read_to_end(&mut plain),
        "br" => brotli::Decompressor::new(data, 4096).read_to_end(&mut plain),
        "gzip" => flate2::read::GzDecoder::new(data).read_to_end(&mut plain),
        "deflate" => flate2::read::ZlibDecoder::new(data).read_to_end(&mut plain),
        other => panic!("{other}"),
    }?;
    Ok(plain)
}

fn ask(client: &Client, path: &str, accept: &str) -> TestResponse {
    client.get(path).header("accept-encoding", accept).wait()
}

#[test]
fn each_coding_gives_the_content_back() {
    let client = app().test_client();
    for coding in CODINGS {
        let response = ask(&client, "/page", coding);
        assert_eq!(response.header("content-encoding"), Some(coding));
        assert_eq!(response.header("vary"), Some("accept-encoding"));
        assert_eq!(response.header("etag").unwrap(), format!("\"v1~{coding}\""));
        assert_eq!(response.header("accept-ranges"), None);
        assert!(response.bytes().len() < 300, "{coding}: {}", response.bytes().len());
        assert_eq!(unpacked(coding, response.bytes()).unwrap(), plain_page().as_bytes(), "{coding}");
        let response = ask(&client, "/large", coding);
        assert!(response.bytes().len() < large().len() / 2, "{coding}: {}", response.bytes().len());
        assert!(unpacked(coding, response.bytes()).unwrap() == large(), "{coding}");
    }
}

#[test]
fn a_client_that_asks_for_none_gets_none_and_caches_are_told() {
    let client = app().test_client();
    for accept in ["", "identity", "br;q=0", "x-unknown"] {
        let response = ask(&client, "/page", accept);
        assert_eq!((response.header("content-encoding"), response.text()), (None, plain_page().as_str()));
        assert_eq!(response.header("vary"), Some("accept-encoding"), "{accept}");
        assert_eq!(response.header("etag"), Some("\"v1\""));
    }
    assert_eq!(client.get("/page").wait().header("vary"), Some("accept-encoding"));
}

#[test]
fn some_answers_stay_as_they_are() {
    let client = app().test_client();
    for path in ["/small", "/empty", "/png", "/kept", "/digest", "/huge", "/never", "/packed"] {
        let response = ask(&client, path, "gzip, br");
        let expected = (path == "/packed").then_some("x-mine");
        assert_eq!(response.header("content-encoding"), expected, "{path}");
    }
    for path in ["/small", "/empty", "/kept", "/never"] {
        assert_eq!(ask(&client, path, "gzip").header("vary"), None, "{path}");
    }
    let off = app().configure(|config| config.compression.enabled = false).test_client();
    assert_eq!(ask(&off, "/page", "gzip").header("content-encoding"), None);
    assert_eq!(ask(&off, "/always", "gzip").header("content-encoding"), Some("gzip"));
}

#[test]
fn who_takes_no_plain_content_gets_it_packed_or_406() {
    let client = app().test_client();
    for path in ["/small", "/png", "/page"] {
        let response = ask(&client, path, "identity;q=0, gzip");
        assert_eq!(
            (response.status().as_u16(), response.header("content-encoding")),
            (200, Some("gzip")),
            "{path}"
        );
    }
    for (path, accept) in
        [("/page", "*;q=0"), ("/small", "identity;q=0"), ("/kept", "gzip, identity;q=0"), ("/never", "*;q=0")]
    {
        let response = ask(&client, path, accept);
        assert_eq!(
            (response.status().as_u16(), response.header("content-encoding")),
            (406, None),
            "{path} {accept}"
        );
    }
    // There is nothing to be packed, it is packed, or it is done already.
    assert_eq!(ask(&client, "/empty", "*;q=0").status(), 200);
    assert_eq!(ask(&client, "/packed", "*;q=0").status(), 200);
    assert_eq!(client.post("/small").header("accept-encoding", "*;q=0").wait().status(), 200);
    assert_eq!(ask(&client, "/nothing", "*;q=0").status(), 404);
}

#[test]
fn head_has_the_fields_of_get() {
    let client = app().test_client();
    for path in ["/page", "/large"] {
        let get = ask(&client, path, "br");
        let head = client.head(path).header("accept-encoding", "br").wait();
        for name in ["content-encoding", "vary", "etag", "content-type"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        // RFC 9110 §9.3.2: what would have to be made for it may be left out.
        assert_eq!((head.header("content-length"), head.bytes().len()), (None, 0));
    }
}

/// BREACH needs the victim's browser to ask with the victim's credentials for what the attacker chose.
#[test]
fn what_another_site_may_have_asked_for_with_credentials_stays_as_it_is() {
    let client = app().test_client();
    let asked = |path: &str, fields: &[(&str, &str)]| {
        let request = client.get(path).header("accept-encoding", "gzip");
        let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.wait().header("content-encoding").is_some()
    };
    let (cookie, basic, bearer) =
        (("cookie", "session=x"), ("authorization", "Basic eA=="), ("authorization", "Bearer x"));
    for (fields, expected) in [
        (vec![], true),
        (vec![("sec-fetch-site", "cross-site")], true),
        (vec![cookie], false),
        (vec![cookie, ("sec-fetch-site", "cross-site")], false),
        (vec![cookie, ("sec-fetch-site", "same-site")], false),
        (vec![cookie, ("sec-fetch-site", "same-origin")], true),
        (vec![cookie, ("sec-fetch-site", "none")], true),
        (vec![basic], false),
        (vec![basic, ("sec-fetch-site", "same-origin")], true),
        (vec![bearer], true),
    ] {
        assert_eq!(asked("/page", &fields), expected, "{fields:?}");
        assert!(asked("/always", &fields), "{fields:?}");
        assert!(!asked("/never", &fields), "{fields:?}");
    }
}

#[test]
fn the_word_of_the_view_wins_over_that_of_its_blueprint_and_that_over_the_apps() {
    let route = |name, limits| Route::new(name, format!("/{name}"), ["GET"], page).limits(limits);
    let inner = Blueprint::new("b").compress(Compress::Never).routes([
        route("silent", ViewLimits::new()),
        route("said", ViewLimits::new().compress(Compress::Always)),
    ]);
    let app = App::new("t")
        .compress(Compress::Always)
        .register_blueprint(inner)
        .routes([route("top", ViewLimits::new())]);
    let client = app.configure(|config| config.compression.enabled = false).test_client();
    for (path, expected) in [("/silent", None), ("/said", Some("gzip")), ("/top", Some("gzip"))] {
        assert_eq!(ask(&client, path, "gzip").header("content-encoding"), expected, "{path}");
    }
}

#[get("/said", compress)]
async fn said() -> String {
    plain_page()
}

#[get("/silenced", compress = false)]
async fn silenced() -> String {
    plain_page()
}

#[test]
fn views_say_it_by_an_option() {
    let client = App::new("t").routes(routes![said, silenced]).test_client();
    let coding = |path| {
        let request = client.get(path).header("accept-encoding", "gzip").header("cookie", "a=b");
        request.wait().header("content-encoding").map(str::to_owned)
    };
    assert_eq!((coding("/said").as_deref(), coding("/silenced")), (Some("gzip"), None));
}

#[test]
fn the_tag_of_a_packed_file_is_known_again_and_its_ranges_are_of_plain_bytes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.css"), plain_page()).unwrap();
    let file = fs::File::options().write(true).open(folder.path().join("a.css")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_mins(1)).unwrap();
    let client = App::new("t").root_path(folder.path()).static_folder("").test_client();
    let asked = |fields: &[(&str, &str)]| {
        let request = client.get("/static/a.css").header("accept-encoding", "gzip").header("cookie", "a=b");
        fields.iter().fold(request, |request, (name, value)| request.header(*name, *value)).wait()
    };
    let first = asked(&[]);
    let tag = first.header("etag").unwrap();
    assert!(tag.ends_with("~gzip\""), "{tag}");
    let again = asked(&[("if-none-match", tag)]);
    assert_eq!((again.status().as_u16(), again.header("etag")), (304, Some(tag)));
    assert_eq!(again.header("vary"), Some("accept-encoding"));
    assert_eq!(asked(&[("if-match", tag)]).status(), 200);
    assert_eq!(asked(&[("if-match", "\"other~gzip\"")]).status(), 412);
    let range = asked(&[("range", "bytes=0-9")]);
    assert_eq!((range.status().as_u16(), range.header("content-encoding")), (206, None));
    assert_eq!(range.text(), "a line of ");
    let resumed = asked(&[("range", "bytes=10-"), ("if-range", tag)]);
    assert_eq!((resumed.status().as_u16(), resumed.header("content-encoding")), (200, Some("gzip")));
}

/// A body of which the test says when the next piece is there.
#[derive(Clone, Default)]
struct Pieces(Arc<Mutex<Vec<&'static str>>>);

impl futures_util::Stream for Pieces {
    type Item = std::io::Result<&'static str>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.lock().unwrap().pop().map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(piece))))
    }
}

fn open(app: App, path: &str, accept: &str) -> Body {
    let mut app = app.build().unwrap();
    let message = http::Request::get(path).header("accept-encoding", accept).body(Body::empty()).unwrap();
    let mut answer = app.call(message);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let Poll::Ready(answer) = answer.as_mut().poll(&mut cx) else { panic!("it waits for nothing") };
    answer.unwrap().into_body()
}

fn next(body: &mut Body) -> Poll<Option<Bytes>> {
    let frame = Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
    frame.map(|frame| frame.map(|frame| frame.unwrap().into_data().unwrap()))
}

#[test]
fn events_are_live_in_each_coding() {
    for coding in CODINGS {
        let pieces = Pieces::default();
        let given = pieces.clone();
        let view = move || {
            let pieces = given.clone();
            async move { (stream(pieces), [("content-type", "text/event-stream")]) }
        };
        let app = App::new("t").configure(|config| config.view_timeout = None);
        let mut body = open(app.routes([Route::new("s", "/", ["GET"], view)]), "/", coding);
        let mut received = Vec::new();
        assert_eq!(next(&mut body), Poll::Pending);
        for event in ["data: one\n\n", "data: two\n\n"] {
            pieces.0.lock().unwrap().push(event);
            while let Poll::Ready(Some(data)) = next(&mut body) {
                received.extend_from_slice(&data);
            }
            let mut plain = vec![0; 1000];
            let so_far = read_some(coding, &received, &mut plain);
            assert!(String::from_utf8_lossy(&plain[..so_far]).ends_with(event), "{coding}");
        }
    }
}

/// Unpacks as far as `data` goes, which is not whole.
fn read_some(coding: &str, data: &[u8], plain: &mut [u8]) -> usize {
    let mut reader: Box<dyn std::io::Read> = match coding {
        "zstd" => Box::new(zstd::stream::read::Decoder::new(data).unwrap()),
        "br" => Box::new(brotli::Decompressor::new(data, 4096)),
        "gzip" => Box::new(flate2::read::GzDecoder::new(data)),
        _ => Box::new(flate2::read::ZlibDecoder::new(data)),
    };
    let mut read = 0;
    while let Ok(more @ 1..) = reader.read(&mut plain[read..]) {
        read += more;
    }
    read
}

#[test]
fn long_work_leaves_others_their_turn() {
    let mut body = open(app(), "/large", "gzip");
    let (mut turns, mut size) = (0, 0);
    loop {
        match next(&mut body) {
            Poll::Ready(Some(data)) => size += data.len(),
            Poll::Ready(None) => break,
            Poll::Pending => turns += 1,
        }
    }
    assert!(turns > 5 && size > 100_000, "{turns} turns, {size} bytes");
}

#[test]
fn so_many_bodies_are_packed_at_once_and_no_more() {
    let mut app = app().configure(|config| config.compression.streams = 1).build().unwrap();
    let mut ask = || {
        let message =
            http::Request::get("/large").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
        let mut answer = app.call(message);
        let Poll::Ready(answer) = answer.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()))
        else {
            panic!("it waits for nothing")
        };
        answer.unwrap()
    };
    let is_packed = |response: &Response| response.headers().contains_key("content-encoding");
    let first = ask();
    assert!(is_packed(&first) && !is_packed(&ask()));
    drop(first);
    assert!(is_packed(&ask()));
}

#[test]
fn a_stream_that_fails_does_not_end_as_if_it_were_whole() {
    let view = async || {
        let pieces = [Ok("x".repeat(5000)), Err(std::io::Error::other("gone"))];
        (stream(futures_util::stream::iter(pieces)), [("content-type", "text/plain")])
    };
    let client = App::new("t").routes([Route::new("s", "/", ["GET"], view)]).test_client();
    for coding in CODINGS {
        assert!(ask(&client, "/", coding).broke_off().is_some(), "{coding}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

    #[test]
    fn any_content_in_any_pieces_comes_back(
        pieces in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..3000), 0..6),
        coding in proptest::sample::select(&CODINGS[..]),
    ) {
        let whole = pieces.concat();
        let view = move || {
            let pieces = pieces.clone().into_iter().map(Ok::<_, std::io::Error>);
            async move { (stream(futures_util::stream::iter(pieces)), [("content-type", "text/plain")]) }
        };
        let client = App::new("t").routes([Route::new("s", "/", ["GET"], view)]).test_client();
        let response = ask(&client, "/", coding);
        assert_eq!(response.header("content-encoding"), Some(coding));
        assert!(unpacked(coding, response.bytes()).unwrap() == whole);
    }
}
