//! What browsers report of a broken policy.

use flagon::{SecurityHeaders, prelude::*, testing::Client};
use serde_json::json;

use super::logged::events;

const PATH: &str = "/.flagon/reports";

fn client() -> Client {
    App::new("t").test_client()
}

fn report(client: &Client, kind: &str, body: String) -> u16 {
    // A browser sends it with the cookies of the page, and from wherever the page is.
    let request = client.post(PATH).header("sec-fetch-site", "cross-site").header("cookie", "session=x");
    request.header("content-type", kind).body(body).wait().status().as_u16()
}

#[test]
fn both_forms_of_reports_are_logged() {
    let old = json!({ "csp-report": {
        "document-uri": "https://own.example/page?token=secret", "violated-directive": "script-src-elem",
        "effective-directive": "script-src-elem", "blocked-uri": "inline", "line-number": 7,
        "source-file": "https://own.example/page#x", "script-sample": "alert(1)", "disposition": "enforce",
    }});
    let new = json!([{ "type": "csp-violation", "age": 5, "url": "https://own.example/", "body": {
        "documentURL": "https://own.example/page?token=secret", "effectiveDirective": "require-trusted-types-for",
        "blockedURL": "trusted-types-sink", "lineNumber": 9, "sample": "Element innerHTML|<b>", "disposition": "enforce",
    }}]);
    let client = client();
    let logged = events("flagon::csp", || {
        assert_eq!(report(&client, "application/csp-report", old.to_string()), 204);
        assert_eq!(report(&client, "application/reports+json", new.to_string()), 204);
    });
    let [old, new] = logged.as_slice() else { panic!("{logged:?}") };
    assert_eq!(
        (old["directive"].as_str(), old["blocked"].as_str()),
        (Some("script-src-elem"), Some("inline"))
    );
    assert_eq!((old["page"].as_str(), old["line"].as_str()), (Some("https://own.example/page"), Some("7")));
    assert_eq!(new["directive"].as_str(), Some("require-trusted-types-for"));
    assert_eq!(new["sample"].as_str(), Some("Element innerHTML|<b>"));
    assert!(!old.to_string().contains("secret") && !new.to_string().contains("secret"));
}

#[test]
fn nobody_writes_the_log_as_he_likes() {
    let client = client();
    let long = json!([{ "body": { "effectiveDirective": "x".repeat(5000), "sample": "a\nERROR forged\u{1b}[31m" } }]);
    let logged = events("flagon::csp", || {
        assert_eq!(report(&client, "application/reports+json", long.to_string()), 204);
    });
    assert_eq!(logged[0]["directive"].as_str().unwrap().len(), 200);
    assert_eq!(logged[0]["sample"].as_str(), Some("a\\nERROR forged\\u{1b}[31m"));
}

#[test]
fn reports_are_bounded_in_size_and_number() {
    let client = client();
    let reports = json!(vec![json!({ "body": {} }); 1000]).to_string();
    let logged = events("flagon::csp", || {
        assert_eq!(report(&client, "application/reports+json", reports.clone()), 204);
    });
    assert_eq!(logged.len(), 20);
    assert_eq!(report(&client, "application/reports+json", " ".repeat(70_000)), 413);
    let logged = events("flagon::csp", || {
        let statuses: Vec<u16> =
            (0..10).map(|_| report(&client, "application/reports+json", reports.clone())).collect();
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    });
    assert!(logged.len() <= 41, "{}", logged.len());
}

#[test]
fn what_is_no_report_is_refused() {
    let client = client();
    assert_eq!(report(&client, "text/plain", "[]".into()), 415);
    assert_eq!(report(&client, "application/reports+json", "[".into()), 400);
    assert_eq!(report(&client, "application/reports+json", "7".into()), 204);
    assert_eq!(client.get(PATH).wait().status(), 404);
    let none = App::new("t").security_headers(SecurityHeaders::without_reports).test_client();
    assert_eq!(report(&none, "application/reports+json", "[]".into()), 404);
}
