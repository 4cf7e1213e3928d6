//! Requests for hosts that the app does not answer for.

use flagon::{Route, prelude::*};

#[test]
fn other_hosts_are_refused_before_any_hook_runs() {
    async fn hook() {
        panic!("a hook ran");
    }
    let index = Route::new("index", "/", ["GET"], async || "hello");
    let trusted = |config: &mut flagon::Config| config.trusted_hosts = vec![".example.org".to_owned()];
    let client = App::new("hosts").routes([index]).configure(trusted).before_request(hook).test_client();
    let refused = client.get("/").header("host", "evil.example").wait();
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json::<serde_json::Value>()["detail"], "The app does not answer for this host.");

    let index = Route::new("index", "/", ["GET"], async || "hello");
    let client = App::new("hosts").routes([index]).configure(trusted).test_client();
    for host in ["example.org", "WWW.example.org:8000"] {
        assert_eq!(client.get("/").header("host", host).wait().text(), "hello", "{host}");
    }
}
