//! Each endpoint answers as the README says.

use flagon::testing::Client;
use futures_util::future::join_all;
use serde_json::{Value, json};

fn client() -> Client {
    super::app().test_client()
}

#[test]
fn texts() {
    let client = client();
    for (path, expected) in [
        ("/", "OK"),
        ("/plaintext", "Hello, World!"),
        ("/json", r#"{"message":"Hello, World!"}"#),
        ("/users/7?q=abc", "7 abc"),
        ("/baseline11?a=13&b=42", "55"),
        ("/healthz", "ok"),
        ("/stream?n=2", "chunk 0\nchunk 1\n"),
        ("/sync/sleep?ms=1", "slept 1 ms"),
        ("/async/sleep?ms=1", "slept 1 ms"),
        ("/async/blocks?ms=1", "held the event loop for 1 ms"),
        ("/cpu?n=100000", "9592"),
        ("/static/hello.txt", "Hello from a file.\n"),
    ] {
        let response = client.get(path).wait();
        assert_eq!((response.status().as_u16(), response.text()), (200, expected), "{path}");
    }
}

#[test]
fn bodies_come_back() {
    let client = client();
    assert_eq!(client.post("/").body("abc").wait().text(), "abc");
    assert_eq!(client.post("/baseline11?a=1&b=2").body("20\n").wait().text(), "23");
    assert_eq!(client.post("/json").json(&json!({ "a": 1, "b": "x" })).wait().text(), r#"{"a":1,"b":"x"}"#);
    for (body, status) in [("{", 400), (r#"{"a":"1","b":"x"}"#, 422)] {
        let response = client.post("/json").header("content-type", "application/json").body(body).wait();
        assert_eq!(response.status(), status, "{body}");
    }
    assert_eq!(client.post("/json").body("a=1").wait().status(), 415);
    assert_eq!(client.post("/upload").body(vec![0; 3_000_000]).wait().text(), "3000000");
    assert_eq!(client.post("/upload").body(vec![0; 20 * 1024 * 1024 + 1]).wait().status(), 413);
}

#[test]
fn headers_and_cookies_are_listed() {
    let client = client();
    let response = client.get("/echo").header("x-a", "1").header("x-a", "2").wait();
    assert_eq!(response.text(), "host: localhost\nx-a: 1\nx-a: 2\n");
    assert_eq!(client.get("/cookie").header("cookie", "a=1; b=2").wait().text(), "a=1\nb=2\n");
}

#[test]
fn every_status_from_200_to_599_is_answered() {
    let client = client();
    for code in 200..600 {
        assert_eq!(client.get(&format!("/status/{code}")).wait().status(), code);
    }
    assert_eq!(client.get("/status/600").wait().status(), 404);
}

#[test]
fn fortunes_are_ordered_and_escaped() {
    let response = client().get("/fortunes").wait();
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    let rows: Vec<_> = response.text().lines().filter(|line| line.starts_with("<tr><td>")).collect();
    assert_eq!(rows.len(), 13);
    assert!(rows[0].starts_with("<tr><td>11</td><td>&lt;script&gt;alert("), "{}", rows[0]);
    assert_eq!(
        rows[1],
        "<tr><td>4</td><td>A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1</td></tr>"
    );
    assert_eq!(rows[12], "<tr><td>12</td><td>フレームワークのベンチマーク</td></tr>");
}

/// So many requests at once: each sees its own, wherever its work runs.
fn contexts_at_once(count: usize) {
    let client = client();
    let paths: Vec<_> = (0..count).map(|id| format!("/context?id={id}")).collect();
    let answers = client.block_on(join_all(paths.iter().map(|path| client.get(path).send())));
    for (id, answer) in answers.iter().enumerate() {
        let seen = json!({ "g": id.to_string(), "request": id.to_string(), "current_app": "probe" });
        let everywhere =
            json!({ "view": seen, "task": seen, "thread": seen, "parallel": seen, "template": seen });
        assert_eq!(answer.json::<Value>(), everywhere);
    }
}

#[test]
fn the_context_is_right_under_many_requests_at_once() {
    contexts_at_once(500);
}

#[test]
#[ignore = "slow: ten thousand requests at once"]
fn the_context_is_right_under_ten_thousand_requests_at_once() {
    contexts_at_once(10_000);
}

#[test]
fn the_context_is_the_same_everywhere() {
    let seen = client().get("/context?id=abc").wait().json::<Value>();
    let expected = json!({ "g": "abc", "request": "abc", "current_app": "probe" });
    assert_eq!(seen.as_object().unwrap().len(), 5);
    for (place, seen) in seen.as_object().unwrap() {
        assert_eq!(*seen, expected, "{place}");
    }
}

#[test]
fn rows_of_the_database() {
    let client = client();
    assert_eq!(client.get("/db/row/3").wait().text(), r#"{"id":3,"randomNumber":3758}"#);
    assert_eq!(client.get("/db/row/10001").wait().status(), 404);
    assert_eq!(client.get("/db/rows?n=3").wait().json::<Vec<Value>>().len(), 3);
    let written: Vec<Value> = client.post("/db/update?n=4").wait().json();
    assert_eq!(written.len(), 4);
    let last = &written[3];
    assert_eq!(client.get(&format!("/db/row/{}", last["id"])).wait().json::<Value>(), *last);
    let plain = client.get("/fortunes").wait().text().to_owned();
    assert_eq!(client.get("/db/fortunes").wait().text(), plain);
}

#[test]
fn money_moves_and_does_not_grow() {
    let client = client();
    let balances = || {
        let accounts: Vec<Value> = client.get("/accounts").wait().json();
        accounts.iter().map(|account| account["balance"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(client.post("/transfer?from=1&to=2&amount=5").wait().text(), r#"{"id":1}"#);
    assert_eq!(balances()[..3], [995, 1005, 1000]);
    for (query, status) in [
        ("from=1&to=2&amount=996", 409),
        ("from=1&to=1&amount=1", 422),
        ("from=1&to=2&amount=-1", 422),
        ("from=11&to=2&amount=1", 404),
        ("from=1&to=11&amount=1", 404),
        ("from=1&to=2", 422),
    ] {
        assert_eq!(client.post(&format!("/transfer?{query}")).wait().status(), status, "{query}");
    }
    assert_eq!(balances().iter().sum::<i64>(), 10_000);
}

#[test]
fn methods_conditions_and_preferences() {
    let client = client();
    let first = client.get("/conditional").wait();
    let known = client.get("/conditional").header("if-none-match", first.header("etag").unwrap()).wait();
    assert_eq!((first.bytes().len(), known.status().as_u16()), (4000, 304));
    assert_eq!(client.get("/conditional").header("range", "bytes=7-9").wait().text(), "789");
    assert_eq!(client.put("/conditional").wait().status(), 428);
    assert_eq!(client.put("/conditional").header("if-match", "\"2\"").wait().status(), 412);
    assert_eq!(client.put("/conditional").header("if-match", "\"1\"").wait().status(), 204);
    let asked = client.request(flagon::http::Method::QUERY, "/query").json(&json!({"q": 1})).wait();
    assert_eq!(asked.json::<Value>(), json!({"q": 1}));
    let patch = client.patch("/patch").header("content-type", "application/merge-patch+json");
    assert_eq!(patch.body(r#"{"tags": ["a"]}"#).wait().text(), r#"{"name":"thing","tags":["a"]}"#);
    for (accept, status) in [("text/*;q=0.5, application/json", 200), ("image/png", 406)] {
        assert_eq!(client.get("/negotiate").header("accept", accept).wait().status(), status);
    }
}

#[test]
fn a_form_is_taken_with_its_token() {
    let app = super::app().configure(|config| config.secret_key = Some(flagon::Secret::new("of the tests")));
    let client = app.test_client();
    let page = client.get("/form").wait().text().to_owned();
    assert!(page.contains(r#"<input name="text" maxlength="1000">"#), "{page}");
    let token = page.split("name=\"csrf_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let send = |fields: &[(&str, &str)]| {
        let answer = client.post("/form").header("sec-fetch-site", "").form(fields).wait();
        (answer.status().as_u16(), answer.text().to_owned())
    };
    assert_eq!(send(&[("csrf_token", token), ("text", "<hello>")]), (200, "<hello>".to_owned()));
    assert_eq!(send(&[("text", "hello")]).0, 403);
    assert_eq!(send(&[("csrf_token", token), ("text", &"x".repeat(1001))]).0, 422);
}

#[test]
fn sessions_are_kept_by_both_stores() {
    let client = client();
    for prefix in ["/session", "/server-session"] {
        assert_eq!(client.get(&format!("{prefix}/get?k=a")).wait().status(), 404);
        client.get(&format!("{prefix}/set?k=a&v={}", &prefix[1..])).wait();
        assert_eq!(client.post(&format!("{prefix}/count")).wait().text(), "1");
    }
    assert_eq!(client.get("/session/get?k=a").wait().text(), "session");
    assert_eq!(client.get("/server-session/get?k=a").wait().text(), "server-session");
    assert_eq!(client.cookie("server-session").unwrap().len(), 43);
    assert_eq!(client.post("/session/clear").wait().status(), 200);
    assert_eq!(client.cookie("session"), None);
}

#[test]
fn a_login_has_a_fresh_id_and_ends() {
    let client = client();
    assert_eq!(client.get("/me").wait().status(), 401);
    client.get("/server-session/set?k=a&v=b").wait();
    let planted = client.cookie("server-session").unwrap();
    let log_in = |password: &str| {
        client.post("/login").form(&[("user", "ada"), ("password", password)]).wait().status().as_u16()
    };
    assert_eq!(log_in("byron"), 401);
    assert_eq!(log_in("lovelace"), 200);
    let id = client.cookie("server-session").unwrap();
    assert_ne!(id, planted);
    assert_eq!(client.get("/me").wait().text(), "ada");
    assert_eq!(client.post("/logout").wait().status(), 200);
    let replayed = client.get("/me").header("cookie", format!("server-session={id}")).wait();
    assert_eq!(replayed.status(), 401);
}

#[test]
fn another_sites_page_logs_nobody_in_or_out_and_programs_do() {
    let client = client();
    client.get("/server-session/set?k=a&v=b").wait();
    let status = |path: &str, site: &'static str| {
        let fields = [("user", "ada"), ("password", "lovelace")];
        client.post(path).header("sec-fetch-site", site).form(&fields).wait().status().as_u16()
    };
    for path in ["/login", "/session/clear", "/server-session/clear", "/logout"] {
        assert_eq!(status(path, "cross-site"), 403, "{path}");
        assert_eq!(status(path, ""), 200, "{path}");
    }
}

#[test]
fn a_payload_is_text_in_every_place_or_the_page_is_refused() {
    let client = client();
    let page = |context: &str| {
        let answer = client.get(&format!("/xss/{context}?payload=%3C/script%3E%22'javascript:f()")).wait();
        (answer.status().as_u16(), answer.text().to_owned())
    };
    for (context, expected) in [
        ("text", "<div id=\"t\">&lt;/script&gt;&#34;&#39;javascript:f()</div>"),
        ("attr_unq", "title=&lt;/script&gt;&#34;&#39;javascript:f()>"),
        ("js_value", "var v = \"\\u003c\\/script\\u003e\\\"\\u0027javascript:f()\";</script>"),
        ("js_str_sq", "var v = '\\u003c\\/script\\u003e\\u0022\\u0027javascript:f()';</script>"),
        ("style_attr", "style=\"color: flagon-blocked\""),
        ("srcdoc", "srcdoc=\"<p>&amp;lt;/script&amp;gt;&amp;#34;&amp;#39;javascript:f()</p>\""),
        ("event_val", "onclick=\"f(&#34;\\u003c\\/script\\u003e\\&#34;\\u0027javascript:f()&#34;)\""),
    ] {
        let (status, text) = page(context);
        assert!(status == 200 && text.contains(expected), "{context}: {text}");
    }
    assert!(
        client.get("/xss/href?payload=javascript:f()").wait().text().contains("href=\"#flagon-blocked\"")
    );
    let (status, reason) = page("comment");
    assert!(
        status == 501 && reason.starts_with("xss/comment.html:4:12: a hole within a comment"),
        "{reason}"
    );
    assert_eq!(page("none").0, 404);
    let rich = client.get("/rich?html=%3Cb%20onclick=f()%3Ea%3C/b%3E%3Cscript%3Ef()%3C/script%3E").wait();
    assert!(rich.text().contains("<div id=\"t\"><b>a</b></div>"), "{}", rich.text());
}

#[test]
fn a_job_is_there_if_its_request_is_committed() {
    let client = client();
    assert_eq!(client.post("/jobs?text=never&then=fail").wait().status(), 409);
    let response = client.post("/jobs?text=kept").wait();
    assert_eq!(response.status(), 202);
    let id = response.json::<Value>()["id"].as_i64().unwrap();
    let state =
        || client.get(&format!("/jobs/{id}")).wait().json::<Value>()["state"].as_str().unwrap().to_owned();
    assert_eq!(state(), "ready");
    assert_eq!(client.block_on(client.app().run_due_jobs()).unwrap(), 1);
    assert_eq!(state(), "done");
    let kept: Vec<String> =
        client.block_on(client.app().db().query_as("SELECT text FROM kept", ()).all()).unwrap();
    assert_eq!(kept, ["kept"]);
    assert_eq!(client.get("/jobs/99").wait().status(), 404);
}
