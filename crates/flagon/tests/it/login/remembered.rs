//! Logins that outlive the session: how they come back, and what ends them.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flagon::{
    MemoryStore, Secret, ServerSessions, Sessions, User, current_user, is_login_fresh, login_user,
    login_user_and_remember, logout_user,
    prelude::*,
    signing::{Signer, TimestampSigner},
    testing::Client,
};

/// A user whose logins stand on their password, which is the app's state.
struct Member {
    name: String,
    password: String,
}

#[derive(Clone, Default)]
struct Password(Arc<Mutex<String>>);

impl User for Member {
    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn is_active(&self) -> bool {
        self.password != "banned"
    }

    fn login_stamp(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.password)
    }
}

fn member(name: &str, password: &State<Password>) -> Member {
    Member { name: name.to_owned(), password: password.0.lock().unwrap().clone() }
}

#[post("/remember/<name>")]
async fn remember(name: String, password: State<Password>) -> Result<()> {
    login_user_and_remember(member(&name, &password))
}

#[post("/login/<name>")]
async fn login(name: String, password: State<Password>) -> Result<()> {
    login_user(member(&name, &password))
}

#[post("/logout")]
async fn logout() -> Result<()> {
    logout_user()
}

#[get("/mine", login_required)]
async fn mine() -> Result<String> {
    Ok(format!("{} {}", current_user::<Member>().await?.or_401()?.name, is_login_fresh()))
}

#[post("/order", idempotent)]
async fn order() -> Result<String> {
    Ok(current_user::<Member>().await?.or_401()?.name.clone())
}

fn app(sessions: Sessions, password: Password) -> App {
    let load = {
        let password = password.clone();
        move |name: String| {
            let password = password.0.lock().unwrap().clone();
            async move { Ok((name != "gone").then_some(Member { name, password })) }
        }
    };
    App::new("club")
        .configure(|config| config.secret_key = Some(Secret::new("key")))
        .sessions(sessions)
        .state(password)
        .user_loader(load)
        .routes(routes![remember, login, logout, mine, order])
}

fn client(sessions: Sessions) -> (Client, Password) {
    let password = Password(Arc::new(Mutex::new("first".to_owned())));
    (app(sessions, password.clone()).test_client(), password)
}

fn who(client: &Client) -> String {
    let answer = client.get("/mine").wait();
    if answer.status() == 200 { answer.text().to_owned() } else { answer.status().as_u16().to_string() }
}

fn with_token(client: &Client, token: &str) -> String {
    client.clear_cookies();
    client.set_cookie(&Cookie::new(TOKEN, token));
    who(client)
}

const TOKEN: &str = "remember_token";

#[test]
fn a_login_comes_back_after_the_session_and_is_not_fresh() {
    for sessions in [Sessions::signed(), Sessions::encrypted()] {
        let (client, _) = client(sessions);
        let answer = client.post("/remember/ada").wait();
        let fields: Vec<_> =
            answer.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
        let token = fields.iter().find(|field| field.starts_with("remember_token=")).unwrap();
        assert!(token.ends_with("; Max-Age=2678400; Path=/; HttpOnly; SameSite=Lax"), "{token}");
        let session = fields.iter().find(|field| field.starts_with("session=")).unwrap();
        assert!(!session.contains("Max-Age"), "{session}");
        assert_eq!(who(&client), "ada true");
        client.end_browser_session();
        let answer = client.get("/mine").wait();
        assert_eq!(answer.text(), "ada false");
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 1, "a session, and no other token");
        assert_eq!((who(&client), client.cookie("session").is_some()), ("ada false".to_owned(), true));
        client.post("/login/ada").wait();
        assert_eq!((who(&client), client.cookie(TOKEN)), ("ada true".to_owned(), None));
        client.end_browser_session();
        assert_eq!(who(&client), "401");
    }
}

#[test]
fn over_tls_the_cookie_is_for_tls_and_its_settings_hold() {
    let password = Password::default();
    let app = app(Sessions::signed(), password).configure(|config| {
        config.remember_cookie_name = "__Host-remember".into();
        config.remember_cookie_duration = Duration::from_hours(1);
    });
    let client = app.test_client().base_url("https://club.example/");
    let answer = client.post("/remember/ada").wait();
    let fields: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    let token = fields.iter().find(|field| field.starts_with("__Host-remember=")).unwrap();
    assert!(token.ends_with("; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax"), "{token}");
    client.end_browser_session();
    assert_eq!(who(&client), "ada false");
}

#[test]
fn logging_out_forgets_it() {
    let (client, _) = client(Sessions::signed());
    client.post("/remember/ada").wait();
    client.post("/logout").wait();
    assert_eq!((client.cookie("session"), client.cookie(TOKEN)), (None, None));
    // Also when the session was over already.
    client.post("/remember/ada").wait();
    client.end_browser_session();
    client.post("/logout").wait();
    assert_eq!((who(&client), client.cookie(TOKEN)), ("401".to_owned(), None));
}

#[test]
fn another_password_ends_every_login_and_so_does_a_banned_account() {
    for sessions in [Sessions::signed(), Sessions::stored(MemoryStore::new())] {
        let (client, password) = client(sessions);
        client.post("/remember/ada").wait();
        let elsewhere = Client::new(client.app().clone());
        elsewhere.post("/login/ada").wait();
        assert_eq!((who(&client), who(&elsewhere)), ("ada true".to_owned(), "ada true".to_owned()));
        "another".clone_into(&mut password.0.lock().unwrap());
        assert_eq!((who(&client), who(&elsewhere)), ("401".to_owned(), "401".to_owned()));
        client.end_browser_session();
        assert_eq!(who(&client), "401");
        client.post("/remember/ada").wait();
        assert_eq!((who(&client), who(&elsewhere)), ("ada true".to_owned(), "401".to_owned()));
        "banned".clone_into(&mut password.0.lock().unwrap());
        assert_eq!(who(&client), "401");
        client.end_browser_session();
        assert_eq!(who(&client), "401");
    }
}

#[test]
fn who_is_banned_is_out_at_once_though_their_logins_stand_on_nothing() {
    let password = Password::default();
    let client = app(Sessions::signed(), password.clone()).test_client();
    client.post("/login/ada").wait();
    assert_eq!(who(&client), "ada true");
    "banned".clone_into(&mut password.0.lock().unwrap());
    assert_eq!(who(&client), "401");
}

#[test]
fn a_token_is_believed_for_its_time_for_its_purpose_and_unaltered() {
    let client = app(Sessions::signed(), Password::default()).test_client(); // whose logins stand on nothing
    client.post("/remember/ada").wait();
    let (token, session) = (client.cookie(TOKEN).unwrap(), client.cookie("session").unwrap());
    for at in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(with_token(&client, &String::from_utf8(altered).unwrap()), "401", "{at}");
    }
    assert_eq!(with_token(&client, &session), "401");
    client.clear_cookies();
    client.set_cookie(&Cookie::new("session", token));
    assert_eq!(who(&client), "401");
    let signed = |key: &str, id: &str, days: u64| {
        let payload = URL_SAFE_NO_PAD.encode(format!("[\"{id}\",\"\"]"));
        let signer: TimestampSigner = Signer::new([key], "flagon: remembered login, 1").into();
        signer.sign_at(&payload, SystemTime::now() - Duration::from_hours(24 * days))
    };
    for (key, id, days, expected) in [
        ("key", "ada", 30, "ada false"),
        ("key", "ada", 32, "401"),
        ("other", "ada", 0, "401"),
        ("key", "gone", 0, "401"),
    ] {
        assert_eq!(with_token(&client, &signed(key, id, days)), expected, "{key} {id} {days}");
    }
}

#[test]
fn a_request_with_the_token_alone_has_to_prove_where_it_comes_from() {
    let (client, _) = client(Sessions::signed());
    client.post("/remember/ada").wait();
    client.end_browser_session();
    assert_eq!(client.post("/logout").header("sec-fetch-site", "").wait().status(), 403);
    assert_eq!(client.post("/logout").header("sec-fetch-site", "same-origin").wait().status(), 204);
}

#[test]
fn what_is_kept_for_a_repeated_request_is_its_users_alone() {
    let (ada, _) = client(Sessions::signed());
    let eve = Client::new(ada.app().clone());
    ada.post("/remember/ada").wait();
    eve.post("/remember/eve").wait();
    for client in [&ada, &eve] {
        client.end_browser_session();
    }
    let order =
        |client: &Client| client.post("/order").header("idempotency-key", "\"7\"").wait().text().to_owned();
    assert_eq!(
        (order(&ada), order(&eve), order(&ada)),
        ("ada".to_owned(), "eve".to_owned(), "ada".to_owned())
    );
}

#[test]
fn a_session_of_the_server_is_itself_what_stays() {
    let (clock, day) = (Arc::new(AtomicU64::new(0)), Duration::from_hours(24));
    let now = {
        let clock = Arc::clone(&clock);
        move || UNIX_EPOCH + Duration::from_secs(1_700_000_000 + clock.load(Ordering::Relaxed))
    };
    let pass = |time: Duration| clock.fetch_add(time.as_secs(), Ordering::Relaxed);
    let store = MemoryStore::new();
    let sessions = ServerSessions::new(store.clone()).idle(day).absolute(2 * day).clock(now);
    let (client, _) = client(Sessions::stored(sessions));
    let answer = client.post("/remember/ada").wait();
    assert!(answer.header("set-cookie").unwrap().contains("; Max-Age=2678400;"), "{answer:?}");
    assert_eq!(client.cookie(TOKEN), None);
    client.end_browser_session();
    assert_eq!(who(&client), "ada true");
    pass(day / 2);
    assert_eq!(who(&client), "ada true");
    pass(day);
    assert_eq!(who(&client), "ada false", "a day without use");
    assert_eq!(who(&client), "ada false");
    pass(28 * day);
    assert_eq!(who(&client), "ada false");
    pass(2 * day);
    assert_eq!(who(&client), "401", "31 days, however much it was used");

    client.post("/remember/ada").wait();
    client.post("/login/ada").wait();
    assert!(!client.get("/mine").wait().headers().contains_key("set-cookie"));
    pass(day);
    assert_eq!(who(&client), "401", "who logged in without it is not remembered");

    client.post("/remember/ada").wait();
    let current = client.app().current_app();
    let sessions = current.server_sessions().unwrap();
    client.block_on(sessions.clean()).unwrap();
    assert_eq!(client.block_on(sessions.revoke_all("ada")).unwrap(), 1);
    assert_eq!(who(&client), "401");
    assert!(store.is_empty());
}
