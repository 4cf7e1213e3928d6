//! Which requests are taken for the user's own will.

use flagon::{
    Cors, CsrfCheck, CsrfError, CsrfRule, Route, Secret, Sessions, csrf_token, prelude::*, testing::Client,
};

use super::logged::events;

#[get("/form")]
async fn form() -> Result<String> {
    session().insert("user", "ada")?;
    csrf_token()
}

#[post("/change")]
async fn change() -> &'static str {
    "changed"
}

#[post("/hook", csrf = "exempt")]
async fn hook() -> &'static str {
    "changed"
}

#[post("/import", csrf = "browsers")]
async fn import() -> &'static str {
    "changed"
}

#[post("/login", csrf = "required")]
async fn login() -> &'static str {
    "changed"
}

#[get("/visit", writes)]
async fn visit() -> &'static str {
    "changed"
}

#[get("/delete", writes, csrf = "required")]
async fn delete_it() -> &'static str {
    "changed"
}

#[put("/shared", cors = partner)]
async fn shared() -> &'static str {
    "changed"
}

#[put("/open", cors = everyone)]
async fn open() -> &'static str {
    "changed"
}

fn partner() -> Cors {
    Cors::origins(["https://partner.example"]).credentials()
}

fn everyone() -> Cors {
    Cors::any_origin()
}

fn app() -> App {
    let webhooks = Blueprint::new("webhooks").url_prefix("/webhooks").csrf(CsrfRule::Exempt);
    let webhooks = webhooks.routes([Route::new("paid", "/paid", ["POST"], async || "changed")]);
    let staff = Blueprint::new("staff").url_prefix("/staff");
    let staff = staff.sessions(Sessions::signed().cookie_name("staff-session"));
    let staff = staff.routes([Route::new("open", "/open", ["POST"], async || "changed")]);
    App::new("bank")
        .routes(routes![form, change, hook, import, login, visit, delete_it, shared, open])
        .register_blueprint(webhooks)
        .register_blueprint(staff)
        .configure(|config| {
            config.secret_key = Some(Secret::new("a secret of the tests"));
            config.csrf.trusted_origins = vec!["https://pay.example:8443".into()];
            config.csrf.headers = vec!["X-Requested-With".into()];
            config.csrf.cookies = vec!["legacy_login".into()];
        })
}

/// A client at `https://bank.example` with a session, and the token of its form.
fn logged_in() -> (Client, String) {
    let client = app().test_client().base_url("https://bank.example");
    let token = client.get("/form").wait().text().to_owned();
    (client, token)
}

/// The status of a request with these headers, which says nothing else of where it comes from.
fn status(client: &Client, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = client.request(method.parse().unwrap(), path);
    if !headers.iter().any(|(name, _)| *name == "sec-fetch-site") {
        request = request.header("sec-fetch-site", "");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.wait().status().as_u16()
}

const OWN: &str = "https://bank.example";
const EVIL: &str = "https://evil.example";

#[test]
fn the_first_check_that_knows_decides() {
    let (client, _) = logged_in();
    for (headers, expected) in [
        // Sec-Fetch-Site
        (&[("sec-fetch-site", "same-origin")][..], 200),
        (&[("sec-fetch-site", "same-origin"), ("origin", EVIL)], 200),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", OWN)], 403),
        (&[("sec-fetch-site", "same-site"), ("origin", "https://blog.bank.example")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://pay.example:8443")], 200),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://pay.example")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("sec-fetch-site", "none"), ("origin", OWN)], 200),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "Same-Origin")], 403),
        // Origin
        (&[("origin", OWN)], 200),
        (&[("origin", "https://BANK.example:443")], 200),
        (&[("origin", "http://bank.example")], 403),
        (&[("origin", "https://bank.example:444")], 403),
        (&[("origin", "https://bank.example.evil.example")], 403),
        (&[("origin", "https://pay.example:8443")], 200),
        (&[("origin", EVIL), ("referer", "https://bank.example/form")], 403),
        (&[("origin", OWN), ("origin", EVIL)], 403),
        // A sandboxed frame of the app itself has the app's Referer.
        (&[("origin", "null"), ("referer", "https://bank.example/form")], 403),
        // Referer
        (&[("referer", "https://bank.example/form?a=1")], 200),
        (&[("referer", "https://evil.example/https://bank.example/")], 403),
        (&[("referer", "https://bank.example@evil.example/")], 403),
        (&[("referer", "https://pay.example:8443/")], 200),
        (&[("referer", "android-app://bank.example/")], 403),
        // Nothing
        (&[], 403),
        (&[("x-requested-with", "XMLHttpRequest")], 200),
        (&[("x-csrf-token", "nonsense")], 403),
        (&[("authorization", "Bearer x")], 403),
    ] {
        assert_eq!(status(&client, "POST", "/change", headers), expected, "{headers:?}");
    }
}

#[test]
fn a_token_proves_where_no_header_does() {
    let (client, token) = logged_in();
    assert_eq!(status(&client, "POST", "/change", &[("x-csrf-token", &token)]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("x-csrftoken", &token)]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("x-csrf-token", &token), ("origin", "null")]), 200);
    // It does not prove anything against a browser that knows better.
    let from_elsewhere = [("x-csrf-token", token.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(status(&client, "POST", "/change", &from_elsewhere), 403);
    assert_eq!(status(&client, "POST", "/change", &[("x-csrf-token", &token), ("origin", EVIL)]), 403);
    let elsewhere = [("x-csrf-token", token.as_str()), ("referer", "https://evil.example/")];
    assert_eq!(status(&client, "POST", "/change", &elsewhere), 403);
    // Nor in a URL, where it would be in logs and referrers.
    assert_eq!(status(&client, "POST", &format!("/change?csrf_token={token}"), &[]), 403);
}

#[test]
fn a_token_is_of_its_session_and_another_each_time() {
    let (ada, token) = logged_in();
    let (mallory, mallorys) = logged_in();
    assert_eq!(status(&ada, "POST", "/change", &[("x-csrf-token", &mallorys)]), 403);
    assert_eq!(status(&mallory, "POST", "/change", &[("x-csrf-token", &token)]), 403);
    let next = ada.get("/form").wait().text().to_owned();
    assert_ne!(token, next);
    for token in [token, next.clone()] {
        assert_eq!(status(&ada, "POST", "/change", &[("x-csrf-token", &token)]), 200);
    }
    for at in 0..next.len() {
        let mut altered = next.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        // The last character of a base64 text has bits that say nothing; they are refused too.
        assert_eq!(status(&ada, "POST", "/change", &[("x-csrf-token", &altered)]), 403, "{at}: {altered}");
    }
}

#[test]
fn who_is_not_logged_in_needs_no_token_and_still_can_not_be_logged_in_from_elsewhere() {
    let client = app().test_client().base_url("https://bank.example");
    assert_eq!(status(&client, "POST", "/change", &[]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("cookie", "theme=dark")]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("cookie", "legacy_login=x")]), 403);
    assert_eq!(status(&client, "POST", "/change", &[("cookie", "session=nonsense")]), 403);
    assert_eq!(status(&client, "POST", "/staff/open", &[]), 200);
    assert_eq!(status(&client, "POST", "/staff/open", &[("cookie", "staff-session=x")]), 403);
    assert_eq!(status(&client, "POST", "/change", &[("cookie", "staff-session=x")]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(status(&client, "POST", "/change", &[("origin", EVIL)]), 403);
    assert_eq!(status(&client, "POST", "/change", &[("referer", "https://evil.example/")]), 403);
    // Any site's page can send `null`, by a sandboxed frame or `Referrer-Policy: no-referrer`.
    assert_eq!(status(&client, "POST", "/change", &[("origin", "null")]), 403);
    assert_eq!(status(&client, "POST", "/login", &[]), 403);
    assert_eq!(status(&client, "POST", "/login", &[("origin", OWN)]), 200);
}

#[test]
fn exempt_is_exempt_and_other_methods_are_checked_too() {
    let (client, token) = logged_in();
    let evil = [("sec-fetch-site", "cross-site"), ("origin", EVIL)];
    assert_eq!(status(&client, "POST", "/hook", &evil), 200);
    assert_eq!(status(&client, "POST", "/webhooks/paid", &evil), 200);
    assert_eq!(status(&client, "PUT", "/shared", &evil), 403);
    assert_eq!(status(&client, "PUT", "/shared", &[("x-csrf-token", &token)]), 200);
    assert_eq!(status(&client, "GET", "/form", &evil), 200);
    // What is not there is not there, whoever asks.
    assert_eq!(status(&client, "POST", "/nowhere", &evil), 404);
    assert_eq!(status(&client, "POST", "/form", &evil), 405);
}

#[test]
fn programs_that_say_nothing_pass_where_a_view_says_so_and_browsers_do_not() {
    let (client, token) = logged_in();
    for (headers, expected) in [
        (&[][..], 200),
        (&[("x-csrf-token", token.as_str()), ("origin", "null")], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("origin", OWN)], 200),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("sec-fetch-site", "nonsense")], 403),
        (&[("origin", EVIL)], 403),
        (&[("origin", "null")], 403),
        (&[("origin", OWN), ("origin", EVIL)], 403),
        (&[("referer", "https://evil.example/")], 403),
        (&[("referer", "about:blank")], 403),
    ] {
        assert_eq!(status(&client, "POST", "/import", headers), expected, "{headers:?}");
    }
}

#[test]
fn a_safe_method_that_writes_is_for_links_alone() {
    let (client, _) = logged_in();
    let link =
        |site| [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let frame =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
    let image =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
    for (path, headers, expected) in [
        ("/visit", &link("cross-site")[..], 200),
        ("/visit", &link("none"), 200),
        ("/visit", &link("same-origin"), 200),
        ("/visit", &frame, 403),
        ("/visit", &image, 403),
        ("/visit", &[("referer", "https://evil.example/")], 403),
        ("/visit", &[("referer", "https://bank.example/")], 200),
        ("/visit", &[], 403),
        ("/delete", &link("cross-site"), 403),
        ("/delete", &link("none"), 200),
        ("/delete", &link("same-origin"), 200),
        ("/delete", &image, 403),
    ] {
        assert_eq!(status(&client, "GET", path, headers), expected, "{path} {headers:?}");
    }
}

#[test]
fn who_may_send_cookies_by_cors_may_send_requests() {
    let (client, _) = logged_in();
    let from = |origin| [("sec-fetch-site", "cross-site"), ("origin", origin)];
    assert_eq!(status(&client, "PUT", "/shared", &from("https://partner.example")), 200);
    assert_eq!(status(&client, "PUT", "/shared", &from(EVIL)), 403);
    // Any site may read what needs no login, which is no reason to let it act with one.
    assert_eq!(status(&client, "PUT", "/open", &from(EVIL)), 403);
    client.clear_cookies();
    assert_eq!(status(&client, "PUT", "/open", &from(EVIL)), 200);
    assert_eq!(status(&client, "PUT", "/shared", &from(EVIL)), 403);
}

#[test]
fn behind_a_proxy_that_is_not_declared_the_browsers_https_is_not_refused() {
    let client = app().test_client().base_url("http://bank.example");
    client.get("/form").wait();
    assert_eq!(status(&client, "POST", "/change", &[("origin", OWN)]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("origin", "http://bank.example")]), 200);
    assert_eq!(status(&client, "POST", "/change", &[("origin", "http://bank.example:8000")]), 403);
}

#[test]
fn a_refusal_is_logged_and_says_in_debug_what_to_do() {
    for (is_debug, expected) in [(true, "the check of Origin failed"), (false, "does not seem to come from")]
    {
        let client = app().configure(move |config| config.debug = is_debug).test_client();
        client.get("/form").wait();
        let logged = events("flagon::csrf", || {
            let answer = client.post("/change").header("origin", EVIL).header("accept", "text/html").wait();
            assert_eq!(answer.status(), 403);
            let text = answer.text();
            assert!(text.contains(expected), "{text}");
            assert_eq!(text.contains("csrf.trusted_origins"), is_debug);
        });
        let [event] = logged.as_slice() else { panic!("{logged:?}") };
        assert_eq!((event["method"].as_str(), event["path"].as_str()), (Some("POST"), Some("/change")));
        assert!(event["reason"].as_str().unwrap().contains("https://evil.example"), "{event}");
    }
}

#[test]
fn an_app_can_answer_a_refusal_itself() {
    let answer = async |error: CsrfError| (format!("{:?}", error.check()), 400);
    let client = app().errorhandler_of(answer).test_client();
    client.get("/form").wait();
    let refused = client.post("/change").header("sec-fetch-site", "").wait();
    assert_eq!((refused.status().as_u16(), refused.text()), (400, &*format!("{:?}", CsrfCheck::Token)));
}

#[test]
fn settings_that_make_no_sense_are_told_at_start() {
    for (change, key) in [
        (
            (|config| config.csrf.trusted_origins = vec!["example.org".into()]) as fn(&mut flagon::Config),
            "csrf.trusted_origins",
        ),
        (|config| config.csrf.trusted_origins = vec!["https://*.example.org".into()], "csrf.trusted_origins"),
        (|config| config.csrf.headers = vec!["X Requested".into()], "csrf.headers"),
    ] {
        let error = App::new("t").configure(change).build().unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn a_page_with_a_token_is_its_clients_alone() {
    let page = |cache: &'static str| async move {
        let mut response = csrf_token().unwrap().into_response();
        if !cache.is_empty() {
            response.headers_mut().insert("cache-control", cache.parse().unwrap());
        }
        response
    };
    for (given, expected) in [
        ("", "private"),
        ("public, max-age=60", "private, max-age=60"),
        ("s-maxage=5, Max-Age=1", "private, Max-Age=1"),
        ("no-store", "no-store"),
        ("private, max-age=5", "private, max-age=5"),
    ] {
        let app = App::new("t").routes([Route::new("page", "/", ["GET"], move || page(given))]);
        let app = app.configure(|config| config.secret_key = Some(Secret::new("x")));
        let answer = app.test_client().get("/").wait();
        let kept = answer.header("cache-control").unwrap();
        assert!(kept.starts_with(expected), "{given}: {kept}");
        assert!(answer.header("vary").unwrap().to_ascii_lowercase().contains("cookie"));
    }
}
