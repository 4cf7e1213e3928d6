//! The headers that tell browsers what a page may do.

use flagon::{Route, SecurityHeaders, csp_nonce, http, prelude::*, render_string, testing::TestResponse};

#[get("/page")]
async fn page() -> Html {
    Html("<p>hello".into())
}

#[get("/nonce")]
async fn nonce() -> Html {
    Html(format!("<script nonce=\"{}\">1</script><style nonce=\"{0}\"></style>", csp_nonce()))
}

#[get("/template")]
async fn template() -> Result<Html> {
    render_string("{{ csp_nonce() }} {{ csp_nonce() }}", context! {})
}

#[get("/json")]
async fn json() -> Json<[u8; 1]> {
    Json([1])
}

#[get("/own")]
async fn own() -> (Html, [(&'static str, &'static str); 2]) {
    (
        Html("x".into()),
        [("content-security-policy", "default-src 'none'"), ("referrer-policy", "no-referrer")],
    )
}

#[get("/framed", security_headers = framed_here)]
async fn framed() -> Html {
    Html("x".into())
}

fn framed_here(headers: SecurityHeaders) -> SecurityHeaders {
    headers.csp(|policy| policy.set("frame-ancestors", "'self'")).without("cross-origin-opener-policy")
}

fn app() -> App {
    App::new("pages").routes(routes![page, nonce, template, json, own, framed])
}

fn get(app: App, path: &str) -> TestResponse {
    app.test_client().get(path).wait()
}

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types flagon default dompurify; report-uri /.flagon/reports";

#[test]
fn a_page_has_all_of_them() {
    let answer = get(app(), "/page");
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert!(answer.header("permissions-policy").unwrap().contains("camera=(), "));
    assert_eq!(answer.header("reporting-endpoints"), None);
}

#[test]
fn over_tls_reports_go_to_an_endpoint_by_name() {
    let answer = app().test_client().base_url("https://pages.example").get("/page").wait();
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.ends_with("report-uri /.flagon/reports; report-to default"), "{policy}");
    assert_eq!(answer.header("reporting-endpoints"), Some("default=\"/.flagon/reports\""));
}

#[test]
fn a_nonce_is_in_the_policy_and_another_each_time() {
    let client = app().test_client();
    let nonces: Vec<String> = (0..2)
        .map(|_| {
            let answer = client.get("/nonce").wait();
            let policy = answer.header("content-security-policy").unwrap().to_owned();
            let text = answer.text().to_owned();
            let nonce = text.split('"').nth(1).unwrap().to_owned();
            assert_eq!(text.split('"').nth(3), Some(nonce.as_str()));
            assert!(
                policy.contains(&format!("script-src 'self' 'nonce-{nonce}' 'strict-dynamic'; ")),
                "{policy}"
            );
            assert!(policy.contains(&format!("style-src 'self' 'nonce-{nonce}'; ")), "{policy}");
            assert_eq!(nonce.len(), 24);
            nonce
        })
        .collect();
    assert_ne!(nonces[0], nonces[1]);
    let text = client.get("/template").wait().text().to_owned();
    let (one, other) = text.split_once(' ').unwrap();
    assert_eq!(one, other);
}

#[test]
fn an_answer_that_is_no_document_has_what_concerns_it() {
    let client = app().test_client();
    let answer = client.get("/json").wait();
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
    for name in
        ["content-security-policy", "referrer-policy", "permissions-policy", "cross-origin-opener-policy"]
    {
        assert_eq!(answer.header(name), None, "{name}");
    }
}

#[test]
fn every_kind_of_document_that_runs_scripts_has_a_policy() {
    for (kind, expected) in [
        ("text/html", true),
        ("TEXT/HTML; charset=utf-8", true),
        ("application/xhtml+xml", true),
        ("image/svg+xml", true),
        ("application/xml", true),
        ("text/xml ;a=b", true),
        ("application/atom+xml", true),
        ("text/plain", false),
        ("text/htmlx", false),
        ("image/png", false),
        ("+xml", false),
    ] {
        let view = move || async move { ("x", [("content-type", kind)]) };
        let answer = get(App::new("t").routes([Route::new("v", "/", ["GET"], view)]), "/");
        assert_eq!(answer.headers().contains_key("content-security-policy"), expected, "{kind}");
    }
}

#[test]
fn what_a_view_says_itself_stays() {
    let answer = get(app(), "/own");
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn app_blueprint_and_view_go_on_from_each_other() {
    let inner = Blueprint::new("inner").url_prefix("/inner").routes(routes![page, framed]);
    let inner =
        inner.security_headers(|headers| headers.csp(|policy| policy.allow("img-src", "https://b.example")));
    let outer = Blueprint::new("outer").url_prefix("/outer").routes(routes![page]).register_blueprint(inner);
    let outer = outer.security_headers(|headers| headers.set("referrer-policy", "no-referrer"));
    let app = app()
        .security_headers(|headers| headers.csp(|policy| policy.allow("img-src", "https://a.example")))
        .register_blueprint(outer);
    let client = app.test_client();
    let images = |path: &str| {
        let answer = client.get(path).wait();
        let policy = answer.header("content-security-policy").unwrap().to_owned();
        let images = policy.split("; ").find(|part| part.starts_with("img-src")).unwrap().to_owned();
        (images, answer.header("referrer-policy").unwrap().to_owned(), policy)
    };
    let (all, strict) = ("img-src 'self' data: https://a.example", "strict-origin-when-cross-origin");
    let (own, referrer, _) = images("/page");
    assert_eq!((own.as_str(), referrer.as_str()), (all, strict));
    let (own, referrer, _) = images("/outer/page");
    assert_eq!((own.as_str(), referrer.as_str()), (all, "no-referrer"));
    let (own, referrer, policy) = images("/outer/inner/framed");
    assert_eq!((own, referrer.as_str()), (format!("{all} https://b.example"), "no-referrer"));
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    assert!(!client.get("/outer/inner/framed").wait().headers().contains_key("cross-origin-opener-policy"));
    // A path that no rule fits has the app's.
    assert!(client.get("/nowhere").wait().headers().contains_key("x-content-type-options"));
}

#[test]
fn a_policy_can_be_tried_out_or_left_out() {
    let tried = app().security_headers(SecurityHeaders::report_only);
    let answer = get(tried, "/nonce");
    assert_eq!(answer.header("content-security-policy"), None);
    assert!(answer.header("content-security-policy-report-only").unwrap().contains("'nonce-"));
    let answer = get(app().security_headers(SecurityHeaders::without_csp), "/page");
    assert_eq!(answer.header("content-security-policy"), None);
    let quiet = app().security_headers(SecurityHeaders::without_reports);
    assert!(!get(quiet, "/page").header("content-security-policy").unwrap().contains("report"));
    let elsewhere = app().security_headers(|headers| headers.report_to("https://reports.example/csp"));
    let policy = get(elsewhere, "/page").header("content-security-policy").unwrap().to_owned();
    assert!(policy.ends_with("report-uri https://reports.example/csp"), "{policy}");
}

#[test]
fn a_304_leaves_the_policy_of_the_page_that_is_kept() {
    let view = async || (http::StatusCode::NOT_MODIFIED, [("content-type", "text/html")]);
    let answer = get(App::new("t").routes([Route::new("v", "/", ["GET"], view)]), "/");
    assert_eq!(answer.status(), 304);
    assert_eq!(answer.header("content-security-policy"), None);
}

#[test]
fn error_pages_keep_a_policy_of_their_own() {
    for is_debug in [false, true] {
        let app = app().configure(move |config| config.debug = is_debug);
        let answer = app.test_client().get("/nowhere").header("accept", "text/html").wait();
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("'sha256-") && policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(answer.headers().get_all("content-security-policy").iter().count(), 1);
        assert_eq!(answer.header("referrer-policy"), Some("strict-origin-when-cross-origin"));
    }
}

#[test]
#[should_panic(expected = "is changed by .csp")]
fn the_policy_is_not_set_as_text() {
    let _ = SecurityHeaders::default().set("Content-Security-Policy", "default-src *");
}
