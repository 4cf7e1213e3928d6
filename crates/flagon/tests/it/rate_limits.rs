//! How often a client may ask, and what it is told.

use flagon::{RateLimit, Request, Route, http, prelude::*, testing::TestResponse};
use serde_json::{Value, json};

fn key(request: &Request) -> Option<String> {
    request.header("x-key").map(str::to_owned)
}

#[get("/twice", rate_limit = "2/hour")]
async fn twice() -> &'static str {
    "ok"
}

#[get("/keyed", rate_limit = "1/hour", rate_limit_by = key)]
async fn keyed() -> &'static str {
    "ok"
}

#[get("/free")]
async fn free() -> &'static str {
    "ok"
}

#[get("/healthz", health_check)]
async fn healthz() -> &'static str {
    "ok"
}

fn fields(response: &TestResponse) -> [Option<&str>; 2] {
    ["ratelimit-policy", "ratelimit"].map(|name| response.header(name))
}

#[test]
fn who_asks_too_often_is_answered_429_and_told_when_to_come_back() {
    let client = App::new("t").routes(routes![twice, free]).test_client();
    let first = client.get("/twice").wait();
    assert_eq!(fields(&first), [Some("\"twice\";q=2;w=3600"), Some("\"twice\";r=1;t=1800")]);
    let second = client.get("/twice").wait();
    assert_eq!((second.status().as_u16(), second.header("ratelimit")), (200, Some("\"twice\";r=0;t=3600")));
    let third = client.get("/twice").wait();
    let retry_after: u64 = third.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=1800).contains(&retry_after), "{retry_after}");
    // `Retry-After` is not earlier than the end of the window that is told.
    let ended = format!("\"twice\";r=0;t={retry_after}");
    assert_eq!((third.status().as_u16(), third.header("ratelimit")), (429, Some(ended.as_str())));
    let problem: Value = third.json();
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!((&problem["status"], &problem["violated-policies"]), (&json!(429), &json!(["twice"])));
    let other = client.get("/free").wait();
    assert_eq!((other.status().as_u16(), fields(&other)), (200, [None, None]));
}

#[test]
fn clients_are_told_apart_by_their_address() {
    let app = App::new("t").routes(routes![keyed]).build().unwrap();
    let asked = |address: &str| {
        let client = flagon::testing::Client::new(app.clone())
            .remote_addr(address.parse::<std::net::IpAddr>().unwrap());
        client.get("/keyed").wait().status().as_u16()
    };
    assert_eq!(["192.0.2.1", "192.0.2.2", "192.0.2.1"].map(asked), [200, 200, 429]);
    // An IPv6 network of one customer is one client, and an IPv4 address in IPv6's clothes is itself.
    let v6 = ["2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:1:ffff::9", "::ffff:192.0.2.2"];
    assert_eq!(v6.map(asked), [200, 200, 429, 429]);
}

#[test]
fn a_function_says_whom_a_limit_counts() {
    let client = App::new("t").routes(routes![keyed]).test_client();
    let asked = |key: &str| client.get("/keyed").header("x-key", key).wait().status().as_u16();
    assert_eq!([asked("a"), asked("b"), asked("a")], [200, 200, 429]);
    assert_eq!(client.get("/keyed").wait().status(), 200);
    assert_eq!(client.get("/keyed").wait().status(), 429);
}

#[test]
fn each_limit_has_to_let_a_request_through() {
    let part = |name: &'static str| Route::new(name, format!("/{name}"), ["GET"], async || "ok");
    let inner =
        Blueprint::new("inner").url_prefix("/inner").rate_limit("2/hour").routes([part("a"), part("b")]);
    let outer = Blueprint::new("outer").url_prefix("/outer").register_blueprint(inner).routes([part("c")]);
    let app = App::new("t").rate_limit("4/hour").rate_limit("1000/day").register_blueprint(outer);
    let client = app.routes(routes![healthz]).test_client();
    let first = client.get("/outer/inner/a").wait();
    let policies = "\"outer.inner\";q=2;w=3600, \"app\";q=4;w=3600, \"app-2\";q=1000;w=86400";
    assert_eq!(first.header("ratelimit-policy"), Some(policies));
    assert_eq!(client.get("/outer/inner/b").wait().status(), 200);
    // The inner limit refuses, and what it refused does not count outside.
    assert_eq!(
        client.get("/outer/inner/a").wait().json::<Value>()["violated-policies"],
        json!(["outer.inner"])
    );
    assert_eq!(client.get("/outer/c").wait().status(), 200);
    assert_eq!(
        client.get("/nothing-is-here").wait().status(),
        404,
        "where no rule fits the app's limit counts"
    );
    assert_eq!(client.get("/nothing-is-here").wait().json::<Value>()["violated-policies"], json!(["app"]));
    assert_eq!(client.get("/outer/c").wait().status(), 429);
    assert_eq!(client.get("/healthz").wait().status(), 200);
}

#[test]
fn the_page_of_a_429_can_be_the_apps_own() {
    async fn slow_down(error: Error) -> (String, http::StatusCode) {
        (format!("slow down: {}", error.headers()["retry-after"].to_str().unwrap()), error.status())
    }
    let app = App::new("t").rate_limit(RateLimit::parse("1/day")).errorhandler(429, slow_down);
    let client = app.routes(routes![free]).test_client();
    client.get("/free").wait();
    assert_eq!(client.get("/free").wait().text(), "slow down: 86400");
}

#[test]
#[should_panic(expected = "a rate is written `10/minute`")]
fn a_rate_that_is_none_ends_setting_up() {
    let _ = App::new("t").rate_limit("often");
}

#[get("/mine", rate_limit = "1/hour", rate_limit_by = flagon::user_key)]
async fn mine() -> &'static str {
    "ok"
}

#[post("/in/<name>")]
async fn log_in(name: String) -> Result<()> {
    session().insert("_user_id", name)
}

#[test]
fn a_limit_can_count_users_wherever_they_are() {
    let key = |config: &mut flagon::Config| config.secret_key = Some(flagon::Secret::new("of the tests"));
    let app = App::new("t").configure(key).routes(routes![mine, log_in]).build().unwrap();
    let asked = |user: &str, address: [u8; 4]| {
        let client = flagon::testing::Client::new(app.clone()).remote_addr(address);
        client.post(&format!("/in/{user}")).wait();
        client.get("/mine").wait().status().as_u16()
    };
    assert_eq!(asked("ada", [192, 0, 2, 1]), 200);
    assert_eq!(asked("ada", [192, 0, 2, 2]), 429);
    assert_eq!(asked("bob", [192, 0, 2, 2]), 200);
}
