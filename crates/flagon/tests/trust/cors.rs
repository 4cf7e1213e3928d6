//! Which other sites' pages may read answers.

use std::time::Duration;

use flagon::{Cors, Error, Route, prelude::*, testing::Client};

#[get("/numbers")]
async fn numbers() -> Json<[u8; 1]> {
    Json([1])
}

#[put("/numbers")]
async fn replace() -> &'static str {
    "replaced"
}

#[get("/fails")]
async fn fails() -> Result<String> {
    Err(Error::aborted(409))
}

#[get("/public", cors = everyone)]
async fn public() -> &'static str {
    "for all"
}

fn everyone() -> Cors {
    Cors::any_origin()
}

#[get("/private")]
async fn private() -> &'static str {
    "mine"
}

const APP: &str = "https://app.example";
const EVIL: &str = "https://evil.example";

fn client() -> Client {
    let cors = Cors::origins([APP, "http://localhost:3000"])
        .credentials()
        .headers(["X-Request-Id", "Authorization"])
        .expose(["ETag", "X-Total"])
        .max_age(Duration::from_mins(10));
    let api =
        Blueprint::new("api").url_prefix("/api").cors(cors).routes(routes![numbers, replace, fails, public]);
    // A hook that wants a login must not stop preflights, which have none.
    let api = api.before_request(async || {
        let options = *request().method() == "OPTIONS";
        options.then_some(("who are you?", 401))
    });
    App::new("shop").routes(routes![private]).register_blueprint(api).test_client()
}

#[test]
fn without_a_word_nobody_may() {
    let client = client();
    let answer = client.get("/private").header("origin", APP).wait();
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")), "{answer:?}");
    let preflight = client
        .options("/private")
        .header("origin", APP)
        .header("access-control-request-method", "GET")
        .wait();
    assert!(preflight.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[test]
fn only_listed_origins_may_read() {
    let client = client();
    for (origin, allowed) in [
        (APP, Some(APP)),
        ("https://APP.example:443", Some(APP)),
        ("http://localhost:3000", Some("http://localhost:3000")),
        (EVIL, None),
        ("null", None),
        ("https://app.example.evil.example", None),
        ("https://evilapp.example", None),
        ("http://app.example", None),
        ("https://app.example:8443", None),
        ("http://localhost", None),
        ("*", None),
        ("", None),
    ] {
        for path in ["/api/numbers", "/api/fails"] {
            let answer = client.get(path).header("origin", origin).wait();
            assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin}");
            let with = allowed.map(|_| "true");
            assert_eq!(answer.header("access-control-allow-credentials"), with, "{origin}");
            assert_eq!(answer.header("access-control-expose-headers"), allowed.map(|_| "etag, x-total"));
            assert!(answer.header("vary").unwrap().contains("origin"), "{origin}");
        }
    }
    // Without an origin the answer differs from one with, so a cache has to know.
    assert!(client.get("/api/numbers").wait().header("vary").unwrap().contains("origin"));
}

#[test]
fn a_preflight_is_answered_from_what_is_routed() {
    let client = client();
    let ask = |path: &str, origin: &'static str, method: &'static str, headers: &'static str| {
        let request =
            client.options(path).header("origin", origin).header("access-control-request-method", method);
        let request = request.header("access-control-request-private-network", "true");
        let request = if headers.is_empty() {
            request
        } else {
            request.header("access-control-request-headers", headers)
        };
        let answer = request.wait();
        assert!(!answer.headers().contains_key("access-control-allow-private-network"));
        answer
    };
    let answer = ask("/api/numbers", APP, "PUT", "content-type, x-request-id");
    assert_eq!(answer.status(), 204);
    for (name, value) in [
        ("access-control-allow-origin", APP),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "content-type, x-request-id, authorization"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "600"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let vary = answer.header("vary").unwrap().to_owned();
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        assert!(vary.contains(name), "{vary}");
    }
    for (path, origin, method, headers) in [
        ("/api/numbers", EVIL, "PUT", ""),
        ("/api/numbers", APP, "DELETE", ""),
        ("/api/numbers", APP, "put", ""),
        ("/api/numbers", APP, "PUT", "x-other"),
        ("/api/nowhere", APP, "GET", ""),
        ("/private", APP, "GET", ""),
    ] {
        let answer = ask(path, origin, method, headers);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path} {origin} {method} {headers}");
        assert_eq!(answer.header("access-control-allow-methods"), None, "{path} {origin} {method} {headers}");
    }
}

#[test]
fn a_view_has_its_own_word() {
    let client = client();
    let answer = client.get("/api/public").header("origin", EVIL).wait();
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert!(!answer.header("vary").unwrap_or_default().contains("origin"));
    let preflight = client.request(http::Method::OPTIONS, "/api/public").header("origin", EVIL);
    let preflight = preflight.header("access-control-request-method", "GET").wait();
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
}

#[test]
fn methods_can_be_fewer_than_are_routed() {
    let cors = Cors::origins([APP]).methods(["GET"]);
    let client = App::new("t").cors(cors).routes(routes![numbers, replace]).test_client();
    let allowed = |method: &'static str| {
        let ask =
            client.options("/numbers").header("origin", APP).header("access-control-request-method", method);
        ask.wait().header("access-control-allow-methods").map(str::to_owned)
    };
    assert_eq!((allowed("GET").as_deref(), allowed("PUT")), (Some("GET"), None));
}

#[test]
fn options_that_are_no_preflight_stay_what_they_are() {
    let view = Route::new("any", "/any", ["GET", "OPTIONS"], async || "mine");
    let client = App::new("t").cors(Cors::origins([APP])).routes([view]).test_client();
    assert_eq!(client.options("/any").wait().text(), "mine");
    assert_eq!(client.options("/any").header("origin", APP).wait().text(), "mine");
}

#[test]
fn what_would_be_a_hole_is_no_setting() {
    for (make, said) in [
        ((|| drop(Cors::any_origin().credentials())) as fn(), "would let every site act for the user"),
        (|| drop(Cors::origins(["null"])), "is no origin"),
        (|| drop(Cors::origins(["*"])), "is no origin"),
        (|| drop(Cors::origins(["https://*.example"])), "is no origin"),
        (|| drop(Cors::origins(["https://a.example/"])), "is no origin"),
        (|| drop(Cors::origins([APP]).headers(["*"])), "is no name of a header"),
    ] {
        let panic = std::panic::catch_unwind(make).unwrap_err();
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap();
        assert!(text.contains(said), "{text}");
    }
}
