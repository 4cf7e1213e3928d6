//! The five steps of README.md: after each, what people do is answered as the app in Flask alone answers it.
//!
//! The old app runs in gunicorn. It is asked by curl, and Flagon by its test client, each with a database of its own.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{path::Path, process::Command};

use flagon::{App, Secret, testing::Client};
use flaskr::{Step, app, moving};

use old_app::OldApp;
use walk::{Answer, Ask, WALK, form};

mod old_app;
mod walk;

const CHARLES: &[(&str, &str)] = &[("username", "charles"), ("password", "babbage")];
const KEY: &str = "a key that both have";

/// The app with the key of the old one, and a database.
fn with_settings(app: App, database: &Path) -> Client {
    let url = format!("sqlite://{}", database.display());
    let app = app.configure(move |config| {
        config.secret_key = Some(Secret::new(KEY));
        config.database = url.into();
    });
    app.test_client()
}

/// Asks Flagon, in front of a fresh old app with a fresh database.
fn walk(at: impl FnOnce(&str) -> App) -> (Vec<Answer>, OldApp, Client) {
    let old = OldApp::start(KEY);
    let client = with_settings(at(&old.url()), old.database());
    let answers = WALK.iter().map(|ask| ask.flagon(&client)).collect();
    (answers, old, client)
}

/// What Flask alone answers.
fn reference() -> Vec<Answer> {
    let old = OldApp::start(KEY);
    WALK.iter().map(|ask| ask.curl(&old)).collect()
}

fn compare(step: Step) {
    let (answers, ..) = walk(|url| moving(step, url));
    same(&answers, &reference());
}

fn same(answers: &[Answer], expected: &[Answer]) {
    for ((ask, answer), expected) in WALK.iter().zip(answers).zip(expected) {
        assert_eq!(answer, expected, "{ask:?}");
    }
}

#[test]
fn step_1_flagon_stands_in_front() {
    let (answers, old, _client) = walk(|url| moving(Step::Front, url));
    same(&answers, &reference());
    assert_eq!(old.requests(), WALK.len(), "each was passed on");
}

#[test]
fn step_2_static_files_and_the_list_of_posts_have_moved() {
    compare(Step::Index);
    let old = OldApp::start(KEY);
    let client = with_settings(moving(Step::Index, &old.url()), old.database());
    assert_eq!(client.get("/").wait().status(), 200);
    assert_eq!(client.get("/static/style.css").wait().status(), 200);
    assert_eq!(old.requests(), 0);
}

#[test]
fn step_3_users_log_in_here_and_write_there() {
    compare(Step::Auth);
    let old = OldApp::start(KEY);
    // Who registered with Flask keeps the password.
    for ask in &WALK[..4] {
        ask.curl(&old);
    }
    let client = with_settings(moving(Step::Auth, &old.url()), old.database());
    let before = old.requests();
    let login = client.post("/auth/login").form(&[("username", "ada"), ("password", "lovelace")]).wait();
    assert_eq!((login.status().as_u16(), login.header("location")), (302, Some("/")));
    assert_eq!(old.requests(), before);
    assert_eq!(client.get("/create").wait().status(), 200);
    assert_eq!(old.requests(), before + 1, "the old app takes the new one's session");
    // And who registers here can log in there, should the step be taken back.
    assert_eq!(form("/auth/register", CHARLES).flagon(&client).status, 302);
    let login = form("/auth/login", CHARLES).curl(&old);
    assert_eq!((login.status, login.location.as_str()), (302, "/"));
}

#[test]
fn step_4_nothing_is_left_for_the_old_app() {
    let (answers, old, _client) = walk(|url| moving(Step::Writes, url));
    same(&answers, &reference());
    assert_eq!(old.requests(), 1, "a path that nobody knows");
}

#[test]
fn step_5_there_is_no_python_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("flaskr.sqlite");
    let url = format!("sqlite://{}", database.display());
    let made =
        Command::new(env!("CARGO_BIN_EXE_flaskr")).args(["--database", &url, "db", "migrate"]).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let client = with_settings(app(), &database);
    let answers: Vec<Answer> = WALK.iter().map(|ask: &Ask| ask.flagon(&client)).collect();
    same(&answers, &reference());
}

#[test]
fn hashes_are_werkzeugs_and_renewed_when_nothing_in_python_reads_them() {
    let old = OldApp::start(KEY);
    for ask in &WALK[..4] {
        ask.curl(&old);
    }
    let hash = |client: &Client| -> String {
        client.block_on(client.app().db().query_as("SELECT password FROM user", ()).one()).unwrap()
    };
    let login = |client: &Client| {
        let answer = client.post("/auth/login").form(&[("username", "ada"), ("password", "lovelace")]).wait();
        assert_eq!(answer.status(), 302);
        hash(client)
    };
    let client = with_settings(moving(Step::Writes, &old.url()), old.database());
    assert!(login(&client).starts_with("scrypt:"));
    let client = with_settings(app(), old.database());
    assert!(login(&client).starts_with("$argon2id$"));
    assert!(login(&client).starts_with("$argon2id$"));
    let new = client.post("/auth/register").form(&[("username", "eve"), ("password", "x")]).wait();
    assert_eq!(new.status(), 302);
    let newest = "SELECT password FROM user ORDER BY id DESC LIMIT 1";
    let hash: String = client.block_on(client.app().db().query_as(newest, ()).one()).unwrap();
    assert!(hash.starts_with("$argon2id$"));
}
