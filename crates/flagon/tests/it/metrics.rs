//! Metrics, health and traces: who may read them, and what they say.

use flagon::{Secret, prelude::*};

#[get("/users/<int:id>")]
async fn user(id: i64) -> String {
    current_app().metrics().counter_with("users_shown_total", "Users.", &[("kind", "a \"b\"\\")]).add(1);
    format!("{id} {}", request().trace().traceparent())
}

#[get("/broken")]
async fn broken() -> Result<()> {
    Err(std::io::Error::other("as the test wishes").into())
}

fn app() -> App {
    App::new("t").routes(routes![user, broken])
}

#[test]
fn without_a_word_there_is_nothing() {
    let client = app().test_client();
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(client.get(path).wait().status(), 404, "{path}");
    }
}

#[test]
fn with_a_token_they_can_be_read_from_anywhere() {
    let app = app().configure(|config| {
        config.metrics.path = Some("/metrics".into());
        config.metrics.token = Some(Secret::new("a long random text"));
    });
    let client = app.test_client();
    (1..=3).for_each(|id| assert_eq!(client.get(&format!("/users/{id}")).wait().status(), 200));
    assert_eq!(client.get("/broken").wait().status(), 500);
    assert_eq!(client.get("/users/x").wait().status(), 404);
    assert_eq!(client.post("/users/1").wait().status(), 405);
    for wrong in
        ["", "Bearer ", "Bearer a long random texT", "Basic a long random text", "a long random text"]
    {
        assert_eq!(client.get("/metrics").header("authorization", wrong).wait().status(), 404, "{wrong}");
    }
    let answer = client.get("/metrics").header("authorization", "Bearer a long random text").wait();
    let text = answer.text();
    for line in [
        "http_requests_total{route=\"/users/<int:id>\",method=\"GET\",status=\"200\"} 3",
        "http_requests_total{route=\"/broken\",method=\"GET\",status=\"500\"} 1",
        "http_requests_total{route=\"\",method=\"GET\",status=\"404\"} 1",
        "http_requests_total{route=\"\",method=\"POST\",status=\"405\"} 1",
        "http_request_duration_seconds_bucket{route=\"/users/<int:id>\",le=\"+Inf\"} 3",
        "http_request_duration_seconds_count{route=\"/users/<int:id>\"} 3",
        "# TYPE users_shown_total counter",
        "users_shown_total{kind=\"a \\\"b\\\"\\\\\"} 3",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
}

#[test]
fn without_a_token_only_this_machine_reads_them() {
    let client = app().configure(|config| config.metrics.path = Some("/metrics".into())).test_client();
    assert_eq!(client.get("/metrics").wait().status(), 200);
    // Through a proxy anybody may have sent it, and by another name another site's page (DNS rebinding).
    for (name, value) in
        [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1"), ("host", "evil.example")]
    {
        assert_eq!(client.get("/metrics").header(name, value).wait().status(), 404, "{name}");
    }
}

#[test]
fn health_and_readiness() {
    let app = app().configure(|config| {
        config.health.live = Some("/healthz".into());
        config.health.ready = Some("/readyz".into());
    });
    let client = app.ready_when("well", async || Ok(())).test_client();
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = client.get(path).wait();
        assert_eq!((answer.status().as_u16(), answer.text()), (200, text));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn a_trace_goes_on_or_begins() {
    let client = app().test_client();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let told = client.get("/users/1").header("traceparent", parent).wait().text().to_owned();
    let (trace, span) = (&told[2..38], &told[38..]);
    assert!(trace == "00-0af7651916cd43dd8448eb211c80319c-" && span.ends_with("-01"), "{told}");
    assert!(!span.contains("b7ad6b7169203331"), "{told}");
    let ask = || client.get("/users/1").wait().text().to_owned();
    let (one, next) = (ask(), ask());
    assert!(one[5..37] != next[5..37] && one.ends_with("-02"), "{one} {next}");
}
