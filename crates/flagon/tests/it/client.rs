//! The test client: cookies, redirects, bodies, sessions, and the leaks it finds.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use flagon::{
    BoxFuture, Route, Session, SessionInterface, Sessions,
    prelude::*,
    redirect_with,
    testing::{Client, Multipart},
};
use tokio::sync::Notify;

async fn what_came() -> Result<String> {
    let request = request();
    let body = String::from_utf8_lossy(&request.data().await?).into_owned();
    let header = |name| request.header(name).unwrap_or("-").to_owned();
    Ok(format!(
        "{} {} {} {} {} {body}",
        request.method(),
        request.url(),
        header(http::header::CONTENT_TYPE),
        header(http::header::COOKIE),
        request.remote_addr(),
    ))
}

use flagon::http;

fn any(rule: &'static str) -> Route {
    Route::new(rule.replace('.', "-"), rule, ["GET", "POST", "PUT", "DELETE"], what_came)
}

#[test]
fn what_is_written_is_what_is_sent() {
    let client = App::new("t").routes([any("/x")]).test_client();
    for (response, expected) in [
        (
            client.get("/x?a=1").query(&[("b", "2 3")]).wait(),
            "GET http://localhost/x?a=1&b=2+3 - - 127.0.0.1 ",
        ),
        (
            client.post("/x").json(&[1, 2]).wait(),
            "POST http://localhost/x application/json - 127.0.0.1 [1,2]",
        ),
        (
            client.put("/x").form(&[("a", "ü&")]).wait(),
            "PUT http://localhost/x application/x-www-form-urlencoded - 127.0.0.1 a=%C3%BC%26",
        ),
        (
            client.delete("/x").header("cookie", "a=b").body("z").wait(),
            "DELETE http://localhost/x - a=b 127.0.0.1 z",
        ),
        (client.get("https://shop.example:81/x").wait(), "GET https://shop.example:81/x - - 127.0.0.1 "),
    ] {
        assert_eq!(response.text(), expected);
    }
    let client = App::new("t")
        .routes([any("/x")])
        .test_client()
        .base_url("https://a.example")
        .remote_addr([10, 0, 0, 9]);
    let client = client.default_header("cookie", "k=v");
    assert_eq!(client.get("/x").wait().text(), "GET https://a.example/x - k=v 10.0.0.9 ");
}

#[tokio::test]
async fn a_form_with_files_arrives() {
    let client = App::new("t").routes([any("/x")]).test_client();
    let form = Multipart::new().text("title", "cat").file("pic\"ture", "cät.png", "image/png", b"PNG");
    let boundary = form.content_type().rsplit_once('=').unwrap().1.to_owned();
    let response = client.post("/x").multipart(form).send().await;
    let body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\ncat\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"pic%22ture\"; filename=\"cät.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n\
         --{boundary}--\r\n"
    );
    assert!(response.text().ends_with(&body), "{}", response.text());
}

/// Redirects to `/end` with the status in the query.
async fn go() -> Result<Redirect> {
    let code = request().args().get_as("code").unwrap_or(302);
    redirect_with("/end?x", code)
}

#[test]
fn redirects_change_the_method_as_browsers_do() {
    let routes = [any("/end"), Route::new("go", "/go", ["GET", "POST", "PUT", "HEAD"], go)];
    let client = App::new("t").routes(routes).test_client();
    for (method, code, expected) in [
        ("POST", 301, "GET http://localhost/end?x - - 127.0.0.1 "),
        ("POST", 302, "GET http://localhost/end?x - - 127.0.0.1 "),
        ("POST", 303, "GET http://localhost/end?x - - 127.0.0.1 "),
        ("POST", 307, "POST http://localhost/end?x application/json - 127.0.0.1 1"),
        ("POST", 308, "POST http://localhost/end?x application/json - 127.0.0.1 1"),
        ("PUT", 302, "PUT http://localhost/end?x application/json - 127.0.0.1 1"),
        ("PUT", 303, "GET http://localhost/end?x - - 127.0.0.1 "),
    ] {
        let target = format!("/go?code={code}");
        let request = client.request(method.parse().unwrap(), &target).json(&1).follow_redirects();
        let response = request.wait();
        assert_eq!(response.text(), expected, "{method} {code}");
        assert_eq!((response.history().len(), response.url()), (1, "http://localhost/end?x"));
        assert_eq!(response.history()[0].status(), code);
    }
    assert_eq!(client.post("/go").wait().status(), 302);
}

#[test]
fn redirects_without_end_or_to_elsewhere_fail_the_test() {
    let routes = [
        Route::new("loop", "/loop", ["GET"], async || redirect("/loop")),
        Route::new("away", "/away", ["GET"], async || redirect("http://elsewhere.example/")),
    ];
    let client = App::new("t").routes(routes).test_client();
    for (path, expected) in [("/loop", "20 redirects"), ("/away", "leads to another host")] {
        let payload =
            catch_unwind(AssertUnwindSafe(|| client.get(path).follow_redirects().wait())).unwrap_err();
        assert!(payload.downcast_ref::<String>().unwrap().contains(expected), "{path}");
    }
}

/// Sessions in memory, by a number in a cookie.
#[derive(Clone, Default)]
struct InMemory(Arc<Mutex<HashMap<String, Values>>>);

type Values = Vec<(String, flagon::SessionValue)>;

impl SessionInterface for InMemory {
    fn open<'a>(&'a self, request: &'a flagon::Request) -> BoxFuture<'a, Result<Session>> {
        Box::pin(async move {
            let id = request.cookies().get("sid").unwrap_or_default();
            Ok(Session::from_values(self.0.lock().unwrap().get(id).cloned().unwrap_or_default()))
        })
    }

    fn save<'a>(
        &'a self,
        request: &'a flagon::Request,
        session: &'a Session,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if session.is_modified() {
                let mut kept = self.0.lock().unwrap();
                let known = request.cookies().get("sid").map(str::to_owned);
                let id = known.unwrap_or_else(|| kept.len().to_string());
                kept.insert(id.clone(), session.to_values());
                response.set_cookie(Cookie::new("sid", id))?;
            }
            Ok(())
        })
    }
}

async fn visit() -> Result<String> {
    let visits = session().get::<u32>("visits").unwrap_or(0) + 1;
    session().insert("visits", visits)?;
    Ok(visits.to_string())
}

#[test]
fn a_session_is_read_and_changed_from_a_test() {
    let app = App::new("t").sessions(Sessions::custom(InMemory::default())).routes([Route::new(
        "visit",
        "/",
        ["GET"],
        visit,
    )]);
    let client = app.test_client();
    client.block_on(client.session_transaction(|session| session.insert("visits", 41))).unwrap();
    assert_eq!(client.get("/").wait().text(), "42");
    assert_eq!(client.block_on(client.session_transaction(|session| session.get::<u32>("visits"))), Some(42));
    client.clear_cookies();
    assert_eq!(client.get("/").wait().text(), "1");
}

fn drop_of(client: Client) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(client))).err()?;
    Some(payload.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn a_context_that_is_put_away_fails_the_test() {
    static KEPT: Mutex<Option<flagon::CurrentRequest>> = Mutex::new(None);
    let keep = async || *KEPT.lock().unwrap() = Some(request());
    let routes =
        [Route::new("keep", "/keep", ["GET"], keep), Route::new("fine", "/fine", ["GET"], async || ())];
    let client = App::new("t").routes(routes).test_client();
    client.get("/fine").wait();
    client.get("/keep?it").wait();
    let report = drop_of(client).unwrap();
    assert!(report.contains("GET /keep?it (keep): its context is held"), "{report}");
    assert!(!report.contains("/fine"), "{report}");
}

#[tokio::test]
async fn a_background_task_that_still_runs_fails_the_test_unless_one_waits_for_it() {
    for settles in [false, true] {
        let gate = Arc::new(Notify::new());
        let wait = Arc::clone(&gate);
        let start = move || {
            let wait = Arc::clone(&wait);
            async move { drop(flagon::background(async move { wait.notified().await })) }
        };
        let client = App::new("t").routes([Route::new("start", "/", ["GET"], start)]).test_client();
        client.get("/").send().await;
        if settles {
            gate.notify_one();
            client.settle().await;
        }
        assert_eq!(drop_of(client).is_some(), !settles);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_told_apart_from_one_that_ends() {
    let broken = async || {
        let pieces = [Ok("one "), Ok("two"), Err(std::io::Error::other("the disk is gone"))];
        flagon::stream(futures_util::stream::iter(pieces))
    };
    let client = App::new("t").routes([Route::new("broken", "/", ["GET"], broken)]).test_client();
    let response = client.get("/").send().await;
    assert_eq!((response.status().as_u16(), response.text()), (200, "one two"));
    let cause = std::error::Error::source(response.broke_off().unwrap()).unwrap().to_string();
    assert_eq!(cause, "the disk is gone");
}

#[tokio::test]
async fn a_thousand_requests_at_once_share_a_client() {
    let client = App::new("t").routes([any("/x")]).test_client();
    let asked = (0..1000).map(|n| client.get(&format!("/x?{n}")).send());
    for (n, response) in futures_util::future::join_all(asked).await.into_iter().enumerate() {
        assert!(response.text().starts_with(&format!("GET http://localhost/x?{n} ")));
    }
}

#[get("/")]
async fn broken() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("the disk is gone"))
}

#[test]
fn a_view_that_fails_is_a_500() {
    let client = App::new("t").routes(routes![broken]).test_client();
    assert_eq!(client.get("/").wait().status(), 500);
}

#[test]
fn why_a_view_failed_is_printed_for_the_test_harness_to_show() {
    let arguments = ["--exact", "client::a_view_that_fails_is_a_500", "--nocapture"];
    let output =
        std::process::Command::new(std::env::current_exe().unwrap()).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert!(text.contains("the disk is gone") && text.contains("tests/it/client.rs:"), "{text}");
}
