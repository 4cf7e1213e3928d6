//! Real Flask-Login beside Flagon: each knows whom the other has logged in, remembered, and logged out.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use flagon::{
    PasswordCheck, Sessions, WerkzeugHash, check_password, config::RememberTokens,
    hash_password_for_werkzeug, prelude::*, testing::Client,
};
use serde_json::{Value, json};

use super::{app, browser, log_in};
use crate::parity::interpreter;

type Cookies = BTreeMap<String, String>;

const TOKEN: &str = "remember_token";

/// What a step gives: the status, the text, and the cookies after it.
type Answer = (u16, String, Cookies);

fn flask_login(steps: &[(&str, &Cookies)]) -> Vec<Answer> {
    serde_json::from_slice(&python(&json!({ "key": "key", "steps": steps }))).unwrap()
}

fn python(question: &Value) -> Vec<u8> {
    let mut python = Command::new(interpreter())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask/login.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs a Python with Flask-Login, which `cargo xtask test` installs");
    python.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "login.py failed");
    output.stdout
}

/// Asks Flask-Login for one page.
fn ask(path: &str, cookies: &Cookies) -> Answer {
    flask_login(&[(path, cookies)]).remove(0)
}

fn flagon(tokens: RememberTokens) -> Client {
    let app = app(Sessions::signed()).configure(move |config| config.remember_cookie_tokens = tokens);
    browser(&app.build().unwrap()).default_header("user-agent", "the same browser")
}

/// What Flagon says to a client with these cookies, and the cookies after it.
fn mine(client: &Client, cookies: &Cookies) -> (String, Cookies) {
    client.clear_cookies();
    for (name, value) in cookies {
        client.set_cookie(&Cookie::new(name, value));
    }
    let answer = client.get("/mine").wait();
    let text = if answer.status() == 200 { answer.text().to_owned() } else { answer.status().to_string() };
    (text, cookies_of(client))
}

fn cookies_of(client: &Client) -> Cookies {
    let both = ["session", TOKEN].into_iter();
    both.filter_map(|name| Some((name.to_owned(), client.cookie(name)?))).collect()
}

/// One of the cookies alone.
fn only(name: &str, cookies: &Cookies) -> Cookies {
    cookies
        .iter()
        .filter(|(known, _)| *known == name)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn remembered_here(client: &Client) -> Cookies {
    client.clear_cookies();
    client.post("/login").form(&[("name", "ada"), ("password", "lovelace"), ("remember", "on")]).wait();
    cookies_of(client)
}

#[test]
fn a_login_of_either_is_a_fresh_one_of_the_other() {
    let client = flagon(RememberTokens::Timed);
    assert_eq!(log_in(&client, "ada", "lovelace"), 200);
    let here = cookies_of(&client);
    let none = Cookies::new();
    let [there, login] = flask_login(&[("/me", &here), ("/login", &none)]).try_into().unwrap();
    assert_eq!((there.0, there.1.as_str()), (200, "ada True"));
    assert_eq!(mine(&client, &login.2).0, "ada true");
}

#[test]
fn who_is_remembered_by_either_is_by_the_other_and_is_not_fresh() {
    let client = flagon(RememberTokens::FlaskLogin);
    let here = remembered_here(&client);
    let token = only(TOKEN, &here);
    let [status, there] = flask_login(&[("/me", &token), ("/remember", &Cookies::new())]).try_into().unwrap();
    assert_eq!((status.0, status.1.as_str()), (200, "ada False"));
    // Both write the same cookie, and what Flagon makes of it is a session of Flask-Login's.
    assert_eq!(there.2[TOKEN], token[TOKEN]);
    let (text, restored) = mine(&client, &only(TOKEN, &there.2));
    assert_eq!(text, "ada false");
    assert_eq!(ask("/me", &only("session", &restored)).1, "ada False");
    assert_eq!(mine(&flagon(RememberTokens::Timed), &only(TOKEN, &there.2)).0, "401 Unauthorized");
    // One of Flagon's own kind is read as well, so that the setting can be changed.
    let timed = only(TOKEN, &remembered_here(&flagon(RememberTokens::Timed)));
    assert_eq!(mine(&client, &timed).0, "ada false");
}

#[test]
fn who_logs_out_at_either_is_out_at_the_other() {
    let client = flagon(RememberTokens::FlaskLogin);
    let here = remembered_here(&client);
    let out = ask("/logout", &here).2;
    assert!(!out.contains_key(TOKEN), "{out:?}");
    assert_eq!(mine(&client, &out).0, "401 Unauthorized");
    let there = ask("/remember", &Cookies::new()).2;
    assert_eq!(mine(&client, &there).0, "ada true");
    client.post("/logout").wait();
    assert_eq!(cookies_of(&client), Cookies::new());
    assert_eq!(ask("/me", &cookies_of(&client)).0, 401);
}

#[test]
fn what_a_session_has_beside_the_login_stays_when_that_ends_at_either() {
    let client = flagon(RememberTokens::FlaskLogin);
    let with_cart = || {
        let cart = ask("/cart", &remembered_here(&client));
        assert_eq!(cart.1, "1");
        cart.2
    };
    let out = ask("/logout", &with_cart()).2;
    assert_eq!((ask("/me", &out).0, ask("/cart", &out).1.as_str()), (401, "2"));
    let mut cookies = with_cart();
    for name in ["session", TOKEN] {
        client.set_cookie(&Cookie::new(name, &cookies[name]));
    }
    client.post("/logout").wait();
    cookies = cookies_of(&client);
    assert!(!cookies.contains_key(TOKEN));
    assert_eq!((ask("/me", &cookies).0, ask("/cart", &cookies).1.as_str()), (401, "2"));
    // Not a word of the login is left, and nothing more is gone than at Flask-Login.
    let words = |cookies: &Cookies| {
        client.clear_cookies();
        client.set_cookie(&Cookie::new("session", &cookies["session"]));
        client.block_on(client.session_transaction(|session| {
            ["cart", "_user_id", "_fresh", "_id", "_stamp"].map(|name| session.contains(name))
        }))
    };
    assert_eq!(words(&cookies), [true, false, false, false, false]);
    assert_eq!(words(&out), words(&cookies));
}

#[tokio::test]
async fn hashes_for_werkzeug_are_read_by_it_and_its_own_here() {
    let password = "correct horse \u{e9}\u{4e2d}";
    let mut passwords = Vec::new();
    for method in [WerkzeugHash::Scrypt, WerkzeugHash::Pbkdf2] {
        let kept = hash_password_for_werkzeug(password, method).await.unwrap();
        passwords.extend([(password, kept.clone()), ("correct hors", kept)]);
    }
    let said = python(&json!({ "key": "key", "passwords": passwords, "own": password }));
    let (right, own): (Vec<bool>, Vec<String>) = serde_json::from_slice(&said).unwrap();
    assert_eq!(right, [true, false, true, false]);
    for (kept, (_, ours)) in own.iter().zip(passwords.iter().step_by(2)) {
        let method = |hash: &str| hash.split('$').next().unwrap().to_owned();
        let lengths = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!((method(ours), lengths(ours)), (method(kept), lengths(kept)), "today's parameters");
        assert_eq!(check_password(password, Some(kept)).await.unwrap(), PasswordCheck::RightButOld);
        assert_eq!(check_password("correct hors", Some(kept)).await.unwrap(), PasswordCheck::Wrong);
    }
}

#[test]
fn a_cookie_of_flask_login_that_was_altered_is_none() {
    let client = flagon(RememberTokens::FlaskLogin);
    let token = remembered_here(&client)[TOKEN].clone();
    assert!(token.starts_with("ada|") && token.len() == 4 + 128, "{token}");
    let mut wrong =
        vec![token.replace("ada", "eve"), token[..131].to_owned(), "ada|".into(), "ada".into(), "|".into()];
    wrong.extend((0..token.len()).map(|at| {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        String::from_utf8(bytes).unwrap()
    }));
    for token in wrong {
        let (text, _) = mine(&client, &Cookies::from([(TOKEN.to_owned(), token.clone())]));
        assert_eq!(text, "401 Unauthorized", "{token}");
    }
}
