//! What each client gets for each error: people, programs, and the developer.

use std::net::IpAddr;

use flagon::{
    Error, ErrorKind, FieldProblem, Route, SessionInterface,
    http::{HeaderValue, StatusCode, header},
    prelude::*,
    testing::{Client, RequestBuilder, TestResponse},
};
use serde_json::Value;

/// What a client that means harm would send.
const HOSTILE: &str = "<script>alert('x')</script>\"'&\u{202e}";

async fn teapot() -> Result<()> {
    abort(418)
}

async fn secret() -> Result<()> {
    Err(std::io::Error::other("the password is hunter2"))?
}

async fn panics() {
    panic!("the password is hunter2");
}

async fn fields() -> Result<()> {
    let problem = |place, field: &str, problem: &str| FieldProblem {
        place,
        field: field.to_owned(),
        problem: problem.to_owned(),
    };
    let problems = vec![problem("form", HOSTILE, HOSTILE), problem("body", "", "is not JSON")];
    Err(Error::argument(StatusCode::UNPROCESSABLE_ENTITY, problems))
}

async fn later() -> Result<()> {
    let status = flagon::ErrorStatus::new(StatusCode::SERVICE_UNAVAILABLE).unwrap();
    let error = Error::new(ErrorKind::Aborted(status));
    Err(error.with_header(header::RETRY_AFTER, HeaderValue::from_static("120")))
}

async fn bearer() -> Result<()> {
    let status = flagon::ErrorStatus::new(StatusCode::UNAUTHORIZED).unwrap();
    let error = Error::new(ErrorKind::Aborted(status));
    Err(error.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
}

struct Marker;

async fn hostile() -> Result<()> {
    g().set(Marker);
    Err(std::io::Error::other(HOSTILE))?
}

#[get("/view")]
async fn view() -> Result<()> {
    abort(409)
}

struct Kept;

impl SessionInterface for Kept {
    fn open<'a>(&'a self, _: &'a flagon::Request) -> flagon::BoxFuture<'a, Result<flagon::Session>> {
        Box::pin(async {
            Ok(flagon::Session::from_values([(
                HOSTILE.to_owned(),
                flagon::SessionValue::Text("s3cret".into()),
            )]))
        })
    }

    fn save<'a>(
        &'a self,
        _: &'a flagon::Request,
        _: &'a flagon::Session,
        _: &'a mut Response,
    ) -> flagon::BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

fn app() -> App {
    App::new(HOSTILE)
        .routes([
            Route::new("teapot", "/teapot", ["GET"], teapot),
            Route::new("secret", "/secret", ["GET"], secret),
            Route::new("panics", "/panics", ["GET"], panics),
            Route::new("fields", "/fields", ["GET"], fields),
            Route::new("later", "/later", ["GET"], later),
            Route::new("login", "/login", ["GET"], async || abort::<()>(401)),
            Route::new("bearer", "/bearer", ["GET"], bearer),
            Route::new("refuses", "/refuses", ["GET", "POST"], async || abort::<()>(405)),
            Route::new("hostile", "/hostile", ["GET"], hostile),
        ])
        .routes(routes![view])
        .sessions(flagon::Sessions::custom(Kept))
}

fn production() -> Client {
    app().test_client()
}

fn debugging() -> Client {
    app()
        .configure(|config| {
            config.debug = true;
            config.set_app(HOSTILE, HOSTILE);
            config.set_app("smtp_password", "hunter2");
        })
        .test_client()
}

fn html(request: RequestBuilder<'_>) -> TestResponse {
    request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").wait()
}

#[test]
fn programs_get_a_problem_and_browsers_a_page() {
    let client = production();
    for (accept, expected) in [
        ("", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("text/html, application/json;q=0.5", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("image/png", "application/problem+json"), // an error has to say something
    ] {
        let answer = client.get("/nowhere").header("accept", accept).wait();
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.header("content-type"), Some(expected), "{accept}");
        assert!(answer.header("vary").unwrap().starts_with("accept"));
    }
}

#[test]
fn a_problem_has_the_members_of_rfc_9457() {
    let answer = production().get("/teapot").wait();
    let problem: Value = answer.json();
    assert_eq!(problem, serde_json::json!({ "type": "about:blank", "title": "I'm a teapot", "status": 418 }));

    let answer = production().get("/fields").wait();
    assert_eq!(answer.status(), 422);
    let errors = answer.json::<Value>()["errors"].clone();
    assert_eq!(errors[0], serde_json::json!({ "in": "form", "field": HOSTILE, "detail": HOSTILE }));
    assert_eq!(errors[1]["detail"], "is not JSON");
}

#[test]
fn what_broke_is_no_business_of_the_client() {
    let client = production();
    for path in ["/secret", "/panics"] {
        let problem = client.get(path).wait();
        assert_eq!(problem.status(), 500);
        assert_eq!(problem.header("x-request-id"), problem.json::<Value>()["request_id"].as_str());
        assert!(problem.json::<Value>().get("debug").is_none());
        assert!(!problem.text().contains("hunter2"), "{}", problem.text());

        let page = html(client.get(path));
        assert!(!page.text().contains("hunter2"), "{}", page.text());
        assert!(page.text().contains(page.header("x-request-id").unwrap()));
    }
    let page = html(client.get("/teapot"));
    assert!(
        !page.text().contains(page.header("x-request-id").unwrap()),
        "only the server's own errors are reported"
    );
}

#[test]
fn a_page_may_load_and_run_nothing() {
    for client in [production(), debugging()] {
        let page = html(client.get("/hostile"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!page.text().contains("<script") && !page.text().contains("http-equiv"));
        assert!(page.text().contains("<html lang=\"en\">") && page.text().contains("name=\"viewport\""));
    }
}

#[test]
fn what_http_asks_of_a_status_is_there() {
    let client = production();
    assert_eq!(client.get("/login").wait().header("www-authenticate"), Some("Cookie"));
    assert_eq!(client.get("/bearer").wait().header("www-authenticate"), Some("Bearer"));
    assert_eq!(client.get("/later").wait().header("retry-after"), Some("120"));
    for answer in [client.delete("/refuses").wait(), client.get("/refuses").wait()] {
        assert_eq!(answer.status(), 405);
        let mut allowed: Vec<_> = answer.header("allow").unwrap().split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["GET", "HEAD", "OPTIONS", "POST"]);
    }
}

#[test]
fn the_developer_sees_everything_and_no_secret() {
    let client = debugging();
    let request = client
        .get("/hostile?q=1&token=t0ken")
        .header("authorization", "Bearer t0ken")
        .header("x-api-key", "t0ken")
        .header("cookie", "session=t0ken; other=t0ken");
    let page = html(request);
    assert_eq!(page.status(), 500);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let text = page.text();
    for secret in ["t0ken", "s3cret", "hunter2"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    for fact in
        ["endpoint", "/hostile", "Marker", "smtp_password", "(hidden)", "tests/it/errors.rs:", "<mark>"]
    {
        assert!(text.contains(fact), "{fact}: {text}");
    }
}

#[test]
fn programs_of_the_developer_get_the_same_facts() {
    let problem: Value = debugging().get("/hostile?q=1").wait().json();
    let debug = &problem["debug"];
    assert_eq!(debug["kind"], "Failed");
    assert_eq!(debug["chain"], serde_json::json!([HOSTILE]));
    assert_eq!(debug["view"]["endpoint"], "hostile");
    assert_eq!(debug["request"]["method"], "GET");
    assert_eq!(debug["args"], serde_json::json!([["q", "1"]]));
    assert_eq!(debug["config"]["app.smtp_password"], "\"(hidden)\"");
    assert!(debug["place"].as_str().unwrap().contains("tests/it/errors.rs:"));
    assert_eq!(debug["app"]["session"], HOSTILE);

    let view: Value = debugging().get("/view").wait().json();
    assert!(view["debug"]["view"]["place"].as_str().unwrap().contains("tests/it/errors.rs:"));
    assert_eq!((&view["status"], &view["debug"]["kind"]), (&409.into(), &"Aborted".into()));
}

#[test]
fn hostile_values_are_escaped_wherever_they_stand() {
    let path = "/hostile?%3Cscript%3Ealert(1)%3C%2Fscript%3E=%3Cscript%3Ealert(2)%3C%2Fscript%3E";
    let client = debugging();
    let request = client
        .get(path)
        .header("user-agent", "<script>alert(3)</script>")
        .header("cookie", "<script>alert(4)</script>=1");
    let page = html(request);
    let text = page.text();
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.contains('\u{202e}'), "text must not change its direction");
    for escaped in ["&lt;script&gt;alert(1)", "&lt;script&gt;alert(2)", "&lt;script&gt;alert(3)"] {
        assert!(text.contains(escaped), "{escaped}: {text}");
    }
    for page in [html(production().get("/fields")), html(debugging().get("/fields"))] {
        assert!(!page.text().contains("<script"), "{}", page.text());
        assert!(
            page.text().contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&#39;&amp;\\u{202e}")
        );
    }
    let missing = html(debugging().get("/%3Cscript%3E/nowhere?<script>"));
    assert!(!missing.text().contains("<script"), "{}", missing.text());
    assert!(missing.text().contains("Rules of the app"));
}

#[test]
fn the_debug_page_is_for_this_machines_own_browser() {
    let is_debug = |answer: TestResponse| answer.json::<Value>().get("debug").is_some();
    let ask = |client: Client, host: &str| client.get("/teapot").header("host", host).wait();

    assert!(!is_debug(ask(production(), "localhost")));
    for host in
        ["localhost", "localhost:8000", "blog.localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST."]
    {
        assert!(is_debug(ask(debugging(), host)), "{host}");
    }
    // DNS rebinding: another site's name that leads to this machine.
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.1"] {
        assert!(!is_debug(ask(debugging(), host)), "{host}");
    }
    let elsewhere: IpAddr = [192, 0, 2, 7].into();
    assert!(!is_debug(ask(debugging().remote_addr(elsewhere), "localhost")));
    for header in ["forwarded", "x-forwarded-for", "x-real-ip"] {
        let proxied = debugging().get("/teapot").header(header, "for=192.0.2.7").wait();
        assert!(!is_debug(proxied), "{header}");
    }
    let allowed = app().configure(|config| {
        config.debug = true;
        config.server.allow_remote_debug = true;
    });
    assert!(is_debug(ask(allowed.test_client().remote_addr(elsewhere), "dev.example")));
}

#[test]
fn a_problem_is_titled_as_the_registry_names_its_status() {
    // RFC 9457 §4.2.1: the title of `about:blank` is the status phrase; RFC 9110 renamed these two.
    for (code, name) in [(413, "Content Too Large"), (422, "Unprocessable Content"), (404, "Not Found")] {
        let view = move || async move { abort::<()>(code) };
        let client = App::new("t").routes([Route::new("r", "/", ["GET"], view)]).test_client();
        let problem: Value = serde_json::from_str(client.get("/").wait().text()).unwrap();
        assert_eq!(problem["title"], name);
        assert!(client.get("/").header("accept", "text/html").wait().text().contains(name), "{code}");
    }
}
