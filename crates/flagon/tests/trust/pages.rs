//! What a page may run under the policy that it has without a word, in Chromium.

use std::{
    io,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use flagon::{Application, Route, prelude::*, render_string};
use tracing_subscriber::{Layer as _, filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _};
use webdriver::Browser;

use super::sites::Site;

#[get("/")]
async fn index() -> Result<Html> {
    render_string(
        r#"<!doctype html><title>x</title>{{ trusted_types_policy() }}
           <style>#a { color: rgb(1, 2, 3) }</style><p id="a" onclick="window.clicked = 1">a</p><p id="b"></p><p id="c"></p>
           <script>window.templates = 1;</script>
           <script src="/app.js"></script>
           {{ injected|safe }}
           <script>
             const refused = (work) => { try { work(); return ""; } catch (error) { return error.name; } };
             window.inner = refused(() => { document.getElementById("b").innerHTML = "<b>bold</b>"; });
             window.written = refused(() => document.write("<b>bold</b>"));
             window.evaluated = refused(() => eval("window.evil = 1"));
             window.helped = refused(() => { document.getElementById("c").innerHTML = flagon.text("<b>'bold'</b>"); });
             window.elsewhere = refused(() => flagon.scriptURL("https://evil.example/x.js"));
             const late = document.createElement("script");
             late.src = flagon.scriptURL("/late.js");
             document.body.append(late);
           </script>"#,
        context! { injected => INJECTED },
    )
}

/// What an attacker managed to put into the page.
const INJECTED: &str = r#"<script>window.evil = 1</script><script nonce="guessed">window.evil = 1</script>
    <script src="/app.js?by=attacker"></script><img src="/nothing" onerror="window.evil = 1">
    <a id="link" href="javascript:window.evil = 1">x</a><base href="https://evil.example/">
    <object data="data:text/html,<script>parent.evil = 1</script>"></object>
    <iframe srcdoc="<script>parent.evil = 1</script>"></iframe>"#;

fn app() -> Application {
    let script = |text: &'static str| move || async move { (text, [("content-type", "text/javascript")]) };
    App::new("pages")
        .routes(routes![index])
        .routes([
            Route::new("app", "/app.js", ["GET"], script("window.files = (window.files || 0) + 1;")),
            Route::new("late", "/late.js", ["GET"], script("window.late = 1;")),
        ])
        .build()
        .unwrap()
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn only_what_the_page_itself_named_runs_and_the_rest_is_reported() {
    let kept = Kept::default();
    let layer = tracing_subscriber::fmt::layer().json().with_writer(kept.clone());
    let filter = Targets::new().with_target("flagon::csp", tracing::Level::INFO);
    // The server has a thread of its own, so it is the subscriber of the whole process.
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer.with_filter(filter)))
        .unwrap();
    let site = Site::serve(app());
    let browser = Browser::start();
    browser.open(&format!("http://localhost:{}/", site.port));
    browser.wait_for("window.late");
    for (expression, expected) in [
        ("window.templates", "1"),
        ("window.files", "1"),
        ("getComputedStyle(a).color", "rgb(1, 2, 3)"),
        ("window.inner", "TypeError"),
        ("window.written", "TypeError"),
        ("window.evaluated", "EvalError"),
        ("window.helped", ""),
        ("c.textContent", "<b>'bold'</b>"),
        ("c.children.length", "0"),
        ("window.elsewhere", "TypeError"),
        ("b.children.length", "0"),
        ("document.baseURI === location.href", "true"),
    ] {
        let value = browser.value(expression);
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(value, expected, "{expression}");
    }
    browser.click("#a");
    browser.click("#link");
    assert!(browser.value("window.clicked").is_null(), "an event attribute ran");
    assert!(browser.value("window.evil").is_null(), "injected code ran");
    wait_for_reports(&kept, &["script-src-elem", "script-src-attr", "require-trusted-types-for", "base-uri"]);
}

/// Waits until a violation of each of these directives was logged.
fn wait_for_reports(kept: &Kept, directives: &[&str]) {
    let started = Instant::now();
    let is_missing = |directive: &&&str| {
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        !text.contains(&format!("\"directive\":\"{directive}\""))
    };
    while let Some(missing) = directives.iter().find(is_missing) {
        let logged = || String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(started.elapsed() < Duration::from_secs(30), "no report of {missing} in {}", logged());
        thread::sleep(Duration::from_millis(10));
    }
}
