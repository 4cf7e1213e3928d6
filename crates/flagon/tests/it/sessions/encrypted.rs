//! Sessions in encrypted cookies.

use flagon::{Secret, Sessions, prelude::*, testing::Client};

fn client(key: &'static str, fallbacks: &'static [&'static str], name: &'static str) -> Client {
    let app = App::new("t").sessions(Sessions::encrypted()).configure(move |config| {
        config.secret_key = Some(Secret::new(key));
        config.secret_key_fallbacks = fallbacks.iter().map(|key| Secret::new(*key)).collect();
        config.session_cookie_name = name.into();
    });
    app.test_client()
}

fn user(client: &Client, cookie: &str) -> Option<String> {
    client.clear_cookies();
    let name = &client.app().current_app().config().session_cookie_name;
    client.set_cookie(&Cookie::new(name, cookie));
    client.block_on(client.session_transaction(|session| session.get("user")))
}

fn cookie(client: &Client, user: &str) -> String {
    client.clear_cookies();
    client.block_on(client.session_transaction(|session| session.insert("user", user))).unwrap();
    client.cookie(&client.app().current_app().config().session_cookie_name).unwrap()
}

#[test]
fn nobody_but_the_app_reads_them() {
    let app = client("key", &[], "session");
    let (first, second) = (cookie(&app, "ada"), cookie(&app, "ada"));
    assert_ne!(first, second, "the nonce is another each time");
    assert_eq!(user(&app, &first).as_deref(), Some("ada"));
    assert_eq!(user(&client("other", &[], "session"), &first), None);
    assert_eq!(user(&client("key", &[], "other"), &first), None, "it is good for its name alone");
    assert_eq!(user(&client("new", &["older", "key"], "session"), &first).as_deref(), Some("ada"));
    // A cookie's content is no session, only what the app has sealed.
    for text in ["", "AAAA", &"A".repeat(200), "eyJ1c2VyIjoiYWRhIn0"] {
        assert_eq!(user(&app, text), None);
    }
}

#[test]
fn an_altered_byte_anywhere_is_refused() {
    let app = client("key", &[], "session");
    let cookie = cookie(&app, "ada");
    for at in 0..cookie.len() {
        for byte in *b"AZaz09-_=" {
            let mut altered = cookie.clone().into_bytes();
            if std::mem::replace(&mut altered[at], byte) != byte {
                assert_eq!(user(&app, &String::from_utf8(altered).unwrap()), None);
            }
        }
    }
}
