//! Sessions in signed cookies, as a browser and a cache see them.

use std::time::{Duration, SystemTime};

use flagon::{
    Route, Secret, Session,
    prelude::*,
    signing::{Digest, KeyDerivation, Signer, TimestampSigner},
    testing::Client,
};

fn app() -> App {
    let set = async || {
        let user = request().args().get("user").unwrap_or("ada").to_owned();
        session().insert("user", user).map(|()| "")
    };
    let get = async || session().get::<String>("user").unwrap_or_default();
    App::new("t").configure(|config| config.secret_key = Some(Secret::new("key"))).routes([
        Route::new("set", "/set", ["GET"], set),
        Route::new("get", "/get", ["GET"], get),
        Route::new("clear", "/clear", ["GET"], async || session().clear().map(|()| "")),
        Route::new("plain", "/plain", ["GET"], async || "plain"),
        Route::new("keep", "/keep", ["GET"], async || session().make_permanent().map(|()| "")),
        Route::new("big", "/big", ["GET"], async || {
            let size = request().args().get_as::<usize>("size").unwrap_or(0);
            // Digits that zlib can't make shorter.
            let mut state = 1_u64;
            let noise: String = std::iter::repeat_with(|| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'!' + (state >> 58) as u8)
            })
            .take(size)
            .collect();
            session().insert("cart", noise).map(|()| "")
        }),
        Route::new("public", "/public", ["GET"], async || {
            session().insert("n", 1)?;
            let mut answer = "".into_response();
            answer.headers_mut().insert("cache-control", "public, max-age=60".parse()?);
            Ok::<_, Error>(answer)
        }),
    ])
}

fn set_cookie(client: &Client, target: &str) -> Option<String> {
    client.get(target).wait().header("set-cookie").map(str::to_owned)
}

/// The attributes, without the value.
fn attributes(set_cookie: &str) -> &str {
    set_cookie.split_once("; ").unwrap().1
}

#[test]
fn the_cookie_is_for_this_host_and_hidden() {
    let client = app().test_client();
    let plain = set_cookie(&client, "/set").unwrap();
    assert_eq!(attributes(&plain), "Path=/; HttpOnly; SameSite=Lax");
    let secure = app().test_client().base_url("https://localhost/");
    assert_eq!(attributes(&set_cookie(&secure, "/set").unwrap()), "Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(client.get("/get").wait().text(), "ada");
    let gone = set_cookie(&client, "/clear").unwrap();
    assert!(gone.starts_with("session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"), "{gone}");
    assert_eq!(client.get("/get").wait().text(), "");
}

#[test]
fn the_settings_are_flask_s() {
    let app = app().configure(|config| {
        config.session_cookie_name = "__Secure-id".into();
        config.session_cookie_domain = Some("example.org".into());
        config.session_cookie_path = Some("/get".into());
        config.session_cookie_httponly = false;
        config.session_cookie_samesite = Some(flagon::SameSite::None);
        config.session_cookie_partitioned = true;
    });
    let cookie = set_cookie(&app.test_client(), "/set").unwrap();
    assert!(cookie.starts_with("__Secure-id="), "{cookie}");
    assert_eq!(attributes(&cookie), "Domain=example.org; Path=/get; Secure; Partitioned; SameSite=None");
}

#[test]
fn only_what_looks_at_the_session_varies_and_only_what_changes_it_writes() {
    let client = app().test_client();
    let headers = |target: &str| {
        let answer = client.get(target).wait();
        ["vary", "set-cookie", "cache-control"].map(|name| answer.headers().contains_key(name))
    };
    assert_eq!(headers("/plain"), [false, false, false]);
    assert_eq!(headers("/get"), [true, false, false]);
    assert_eq!(headers("/clear"), [true, true, true]);
    assert_eq!(headers("/set"), [true, true, true]);
    assert_eq!(headers("/get"), [true, false, false]);
    assert_eq!(headers("/plain"), [false, false, false]);
    let answer = client.get("/public").wait();
    let directives: Vec<_> = answer.headers().get_all("cache-control").iter().collect();
    assert_eq!(directives, ["public, max-age=60", "no-cache=\"Set-Cookie\""]);
}

#[test]
fn a_permanent_session_begins_anew_when_it_is_looked_at() {
    let client = app().test_client();
    client.get("/set").wait();
    let kept = set_cookie(&client, "/keep").unwrap();
    assert_eq!(attributes(&kept), "Max-Age=2678400; Path=/; HttpOnly; SameSite=Lax");
    assert!(set_cookie(&client, "/get").unwrap().contains("Max-Age=2678400"));
    assert_eq!(set_cookie(&client, "/plain"), None);
    let app = app().configure(|config| config.session_refresh_each_request = false);
    let still = app.test_client();
    still.get("/keep").wait();
    assert_eq!(set_cookie(&still, "/get"), None);
}

#[test]
fn a_session_that_is_too_old_is_forgotten() {
    let client = app().test_client();
    let signer = Signer::with(["key"], "cookie-session", KeyDerivation::Hmac, Digest::Sha1);
    let cookie = |days: u64| {
        let payload = "eyJ1c2VyIjoiYWRhIn0"; // {"user":"ada"}
        let at = SystemTime::now() - Duration::from_hours(24 * days);
        TimestampSigner::from(signer.clone()).sign_at(payload, at)
    };
    for (days, expected) in [(0, "ada"), (30, "ada"), (32, "")] {
        client.set_cookie(&Cookie::new("session", cookie(days)));
        assert_eq!(client.get("/get").wait().text(), expected, "{days} days");
    }
}

#[test]
fn an_altered_byte_anywhere_is_refused() {
    let client = app().test_client();
    for target in ["/set?user=ada", "/set?user=eve-eve-eve-eve-eve-eve-eve-eve-eve-eve-eve-eve"] {
        client.clear_cookies();
        client.get(target).wait();
        let cookie = client.cookie("session").unwrap();
        for at in 0..cookie.len() {
            for byte in *b"Aa0_-.=\"~ " {
                let mut altered = cookie.clone().into_bytes();
                if std::mem::replace(&mut altered[at], byte) != byte {
                    let altered = String::from_utf8(altered).unwrap();
                    client.set_cookie(&Cookie::new("session", altered.trim()));
                    assert_eq!(client.get("/get").wait().text(), "", "{altered}");
                }
            }
        }
    }
}

#[test]
fn a_session_of_5_kib_is_an_error_that_says_so_and_no_silent_loss() {
    let client = app().test_client();
    client.get("/set").wait();
    assert_eq!(client.get("/big?size=2000").wait().status(), 200);
    let answer = client.get("/big?size=5120").wait();
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(client.get("/get").wait().text(), "ada", "what was kept before is still there");
    let debug = app().configure(|config| config.debug = true).test_client();
    let answer = debug.get("/big?size=5120").header("accept", "application/json").wait();
    assert!(answer.text().contains("cookie `session`: it is "), "{}", answer.text());
}

#[test]
fn without_a_key_reading_finds_nothing_and_writing_says_what_to_type() {
    let client = app().configure(|config| config.secret_key = None).test_client();
    assert_eq!(client.get("/get").wait().text(), "");
    assert_eq!(client.get("/set").wait().status(), 500);
    let refused = client.block_on(client.session_transaction(|session: &Session| session.insert("a", 1)));
    let text = refused.unwrap_err().source().unwrap().to_string();
    assert!(text.contains("export FLAGON_SECRET_KEY="), "{text}");
}

#[test]
fn of_several_cookies_the_first_that_is_signed_counts() {
    let client = app().test_client();
    client.get("/set").wait();
    let good = client.cookie("session").unwrap();
    client.clear_cookies();
    let answer = client.get("/get").header("cookie", format!("session=planted; session={good}")).wait();
    assert_eq!(answer.text(), "ada");
}
