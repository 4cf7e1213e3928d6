//! Forms of an app that is half Flask-WTF's: the real one takes Flagon's tokens, and Flagon those of the real one.

use std::{
    env,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flagon::{
    Secret,
    config::CsrfTokens,
    csrf_token,
    prelude::*,
    signing::{Signer, TimestampSigner},
    testing::Client,
};
use serde::Deserialize;
use serde_json::json;

const KEY: &str = "a key of both apps";

#[get("/form")]
async fn form() -> Result<String> {
    csrf_token()
}

#[post("/change")]
async fn change() -> &'static str {
    "changed"
}

fn client(tokens: CsrfTokens) -> Client {
    App::new("both")
        .routes(routes![form, change])
        .configure(move |config| {
            config.secret_key = Some(Secret::new(KEY));
            config.csrf.tokens = tokens;
        })
        .test_client()
}

/// What `csrf.py` gives.
#[derive(Deserialize)]
struct FlaskWtf {
    token: String,
    cookie: String,
    taken: bool,
    altered: bool,
}

fn flask_wtf(cookie: &str, token: &str) -> FlaskWtf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = env::var_os("TEST_PYTHON").unwrap_or(project.join("target/python/bin/python").into());
    let mut python = Command::new(python)
        .arg(project.join("crates/flagon/tests/flask/csrf.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs a Python with Flask-WTF, which `cargo xtask test` installs");
    let question = json!({ "key": KEY, "cookie": cookie, "token": token }).to_string();
    python.stdin.take().unwrap().write_all(question.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "csrf.py failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn status(client: &Client, token: &str) -> u16 {
    let request = client.post("/change").header("sec-fetch-site", "").form(&[("csrf_token", token)]);
    request.wait().status().as_u16()
}

#[test]
fn flask_wtf_takes_flagons_forms_and_flagon_its() {
    let client = client(CsrfTokens::FlaskWtf);
    let token = client.get("/form").wait().text().to_owned();
    assert_eq!(status(&client, &token), 200);
    let theirs = flask_wtf(&client.cookie("session").unwrap(), &token);
    assert!(theirs.taken && !theirs.altered);

    // Tokens that are masked here do not keep theirs from being taken.
    for tokens in [CsrfTokens::Masked, CsrfTokens::FlaskWtf] {
        let client = self::client(tokens);
        client.set_cookie(&Cookie::new("session", theirs.cookie.clone()));
        assert_eq!(status(&client, &theirs.token), 200);
        assert_eq!(status(&client, &theirs.token[1..]), 403);
        // A form that is made now is of the same session.
        let own = client.get("/form").wait().text().to_owned();
        assert_eq!(status(&client, &own), 200);
        assert_eq!(status(&client, &theirs.token), 200);
    }
}

#[test]
fn a_token_holds_for_its_time() {
    let app = App::new("both").routes(routes![form, change]).configure(|config| {
        config.secret_key = Some(Secret::new(KEY));
        config.csrf.time_limit = Some(Duration::from_hours(1));
    });
    let client = app.test_client();
    client.get("/form").wait();
    let kept =
        client.block_on(client.session_transaction(|session| session.get::<String>("csrf_token"))).unwrap();
    let token = |minutes: u64| {
        let payload = URL_SAFE_NO_PAD.encode(format!("\"{kept}\""));
        let signer: TimestampSigner = Signer::new([KEY], "wtf-csrf-token").into();
        signer.sign_at(&payload, SystemTime::now() - Duration::from_mins(minutes))
    };
    assert_eq!((status(&client, &token(59)), status(&client, &token(61))), (200, 403));
}

#[test]
fn a_token_for_something_else_is_none() {
    let client = client(CsrfTokens::Masked);
    client.get("/form").wait();
    let kept =
        client.block_on(client.session_transaction(|session| session.get::<String>("csrf_token"))).unwrap();
    let other: flagon::signing::UrlSafeTimedSerializer = Signer::new([KEY], "other-salt").into();
    assert_eq!(status(&client, &other.dumps(&kept).unwrap()), 403);
    let other: flagon::signing::UrlSafeTimedSerializer = Signer::new(["other"], "wtf-csrf-token").into();
    assert_eq!(status(&client, &other.dumps(&kept).unwrap()), 403);
}
