//! Logging in and out: what an attacker tries, what browsers and programs get, and Flask-Login beside it.

use std::borrow::Cow;

use flagon::{
    MemoryStore, PasswordCheck, Secret, Sessions, User, check_password, current_user, hash_password,
    is_login_fresh, login_attempt, login_user, login_user_and_remember, logout_user, prelude::*,
    require_login, testing::Client,
};

mod flask_login;
mod remembered;

struct Account {
    name: String,
}

impl User for Account {
    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn is_active(&self) -> bool {
        self.name != "banned"
    }

    fn has_role(&self, role: &str) -> bool {
        self.name == "ada" && role == "admin"
    }
}

fn find(name: &str) -> Option<Account> {
    ["ada", "eve", "banned"].contains(&name).then(|| Account { name: name.to_owned() })
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
    remember: Option<String>,
}

#[post("/login")]
async fn login(form: Form<Credentials>) -> Result<&'static str> {
    let attempt = login_attempt(&form.name)?;
    let account = find(&form.name).filter(|_| form.password == "lovelace").or_401()?;
    attempt.succeeded();
    if form.remember.is_some() {
        login_user_and_remember(account)?;
    } else {
        login_user(account)?;
    }
    Ok("welcome")
}

#[get("/login", endpoint = "login_page")]
async fn login_page() -> &'static str {
    "a form"
}

#[post("/logout")]
async fn logout() -> Result<()> {
    logout_user()
}

#[get("/me")]
async fn me() -> Result<String> {
    Ok(current_user::<Account>().await?.or_401()?.name.clone())
}

#[route("/mine", methods("GET", "POST"), login_required)]
async fn mine() -> Result<String> {
    Ok(format!("{} {}", current_user::<Account>().await?.or_401()?.name, is_login_fresh()))
}

#[get("/admin", roles("root", "admin"))]
async fn admin() -> &'static str {
    "secrets"
}

#[get("/")]
async fn index() -> &'static str {
    "index"
}

#[get("/cart")]
async fn cart() -> Result<String> {
    session().update("cart", |count: Option<u32>| count.unwrap_or(0) + 1)?;
    Ok(session().get::<u32>("cart").unwrap_or(0).to_string())
}

fn app(sessions: Sessions) -> App {
    App::new("shop")
        .configure(|config| config.secret_key = Some(Secret::new("key")))
        .sessions(sessions)
        .user_loader(async |name: String| Ok(find(&name)))
        .login_view("login_page")
        .routes(routes![login, login_page, logout, me, mine, admin, cart])
        .register_blueprint(
            Blueprint::new("staff").url_prefix("/staff").before_request(require_login).routes(routes![index]),
        )
}

/// A browser that posts from the app's own pages, which the check against forged requests lets pass.
fn browser(app: &flagon::Application) -> Client {
    Client::new(app.clone()).default_header("sec-fetch-site", "same-origin")
}

fn stored() -> Client {
    browser(&app(Sessions::stored(MemoryStore::new())).build().unwrap())
}

fn log_in(client: &Client, name: &str, password: &str) -> u16 {
    client.post("/login").form(&[("name", name), ("password", password)]).wait().status().as_u16()
}

fn who(client: &Client, cookie: &str) -> String {
    let answer = client.get("/me").header("cookie", format!("session={cookie}")).wait();
    if answer.status() == 200 { answer.text().to_owned() } else { answer.status().to_string() }
}

#[test]
fn a_session_that_was_planted_before_the_login_is_not_the_one_after_it() {
    let victim = stored();
    let attacker = browser(victim.app());
    attacker.get("/cart").wait();
    let planted = attacker.cookie("session").unwrap();
    victim.set_cookie(&Cookie::new("session", &planted));
    assert_eq!(log_in(&victim, "ada", "lovelace"), 200);
    assert_ne!(victim.cookie("session").unwrap(), planted);
    assert_eq!(victim.get("/me").wait().text(), "ada");
    assert_eq!(who(&attacker, &planted), "401 Unauthorized");
    assert_eq!(victim.get("/cart").wait().text(), "2", "what the session had is still there");
}

/// Somebody may have read them, in a session that they had planted.
#[test]
fn tokens_of_forms_from_before_the_login_are_worth_nothing() {
    let client = stored();
    let planted = "0".repeat(40);
    client.block_on(client.session_transaction(|session| session.insert("csrf_token", &planted))).unwrap();
    log_in(&client, "ada", "lovelace");
    let kept = client.block_on(client.session_transaction(|session| session.get::<String>("csrf_token")));
    assert_eq!(kept, None);
}

#[test]
fn a_cookie_from_before_the_logout_opens_nothing() {
    let client = stored();
    log_in(&client, "ada", "lovelace");
    let copied = client.cookie("session").unwrap();
    assert_eq!(who(&client, &copied), "ada");
    let answer = client.post("/logout").wait();
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(who(&client, &copied), "401 Unauthorized");
    assert_eq!(client.get("/me").wait().status(), 401);
}

#[test]
fn browsers_are_led_to_the_login_page_and_programs_get_401() {
    for client in [stored(), browser(&app(Sessions::signed()).build().unwrap())] {
        let page = |target: &str| {
            let answer = client.get(target).header("accept", "text/html,*/*;q=0.8").wait();
            (answer.status().as_u16(), answer.header("location").unwrap_or("-").to_owned())
        };
        assert_eq!(page("/mine?a=1&b=%20x"), (302, "/login?next=/mine%3Fa%3D1%26b%3D%2520x".into()));
        assert_eq!(page("/admin"), (302, "/login?next=/admin".into()));
        assert_eq!(page("/staff/"), (302, "/login?next=/staff/".into()));
        let posted = client.post("/mine").header("accept", "text/html").wait();
        assert_eq!((posted.status().as_u16(), posted.header("location")), (302, Some("/login")));
        let program = client.get("/mine").header("accept", "application/json").wait();
        assert_eq!(program.status(), 401);
        assert_eq!(program.header("www-authenticate"), Some("Cookie realm=\"shop\""));
        assert_eq!(program.header("vary"), Some("accept, cookie"));
        assert_eq!(client.get("/mine").wait().status(), 401);
    }
}

#[test]
fn next_never_leads_to_another_host() {
    // Asked of every path, those that no rule fits among them.
    let app = app(Sessions::stored(MemoryStore::new())).before_request(require_login);
    let client = browser(&app.build().unwrap());
    let location = |target: &str| {
        let answer = client.get(target).header("accept", "text/html").wait();
        (answer.status().as_u16(), answer.header("location").unwrap_or_default().to_owned())
    };
    assert_eq!(location("/nowhere?a=1"), (302, "/login?next=/nowhere%3Fa%3D1".to_owned()));
    for target in ["//evil.example/mine", "/\\evil.example/../mine"] {
        let (_, location) = location(target);
        // What browsers take for another host.
        let is_elsewhere = ["next=//", "next=/\\", "next=/%5C"].iter().any(|next| location.contains(next));
        assert!(!is_elsewhere, "{target} {location}");
    }
}

#[test]
fn roles_and_inactive_accounts_are_refused_with_403() {
    let client = stored();
    log_in(&client, "eve", "lovelace");
    assert_eq!(client.get("/admin").wait().status(), 403);
    assert_eq!(client.get("/mine").wait().text(), "eve true");
    log_in(&client, "ada", "lovelace");
    assert_eq!(client.get("/admin").wait().text(), "secrets");
    assert_eq!(log_in(&client, "banned", "lovelace"), 403);
    assert_eq!(client.get("/me").wait().text(), "ada");
}

#[test]
fn a_login_is_not_fresh_from_another_browser() {
    let client = stored();
    log_in(&client, "ada", "lovelace");
    assert_eq!(client.get("/mine").wait().text(), "ada true");
    assert_eq!(client.get("/mine").header("user-agent", "another").wait().text(), "ada false");
}

#[test]
fn who_guesses_has_to_wait_even_with_the_right_password() {
    let client = stored();
    for _ in 0..5 {
        assert_eq!(log_in(&client, "ada", "byron"), 401);
    }
    let held_up = client.post("/login").form(&[("name", " ADA"), ("password", "lovelace")]).wait();
    assert_eq!(held_up.status(), 429);
    assert!(held_up.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    let elsewhere = browser(client.app()).remote_addr([192, 0, 2, 7]);
    assert_eq!(log_in(&elsewhere, "ada", "lovelace"), 429, "the account is held up, wherever one comes from");
    assert_eq!(log_in(&client, "eve", "lovelace"), 200, "others are not");
}

#[test]
fn who_guesses_accounts_has_to_wait_by_address() {
    let client = stored();
    let guesses: Vec<u16> = (0..51).map(|number| log_in(&client, &format!("user{number}"), "x")).collect();
    assert_eq!((guesses[49], guesses[50]), (401, 429));
    let elsewhere = browser(client.app()).remote_addr([192, 0, 2, 7]);
    assert_eq!(log_in(&elsewhere, "ada", "lovelace"), 200);
}

#[test]
fn one_who_succeeds_is_not_held_up() {
    let client = stored();
    for _ in 0..20 {
        assert_eq!(log_in(&client, "ada", "lovelace"), 200);
        assert_eq!(log_in(&client, "ada", "byron"), 401);
    }
}

#[tokio::test]
async fn passwords_longer_than_any_are_refused_before_they_cost() {
    let long = "x".repeat(5000);
    assert_eq!(hash_password(long.clone()).await.unwrap_err().status(), 422);
    assert_eq!(check_password(long, None).await.unwrap(), PasswordCheck::Wrong);
}

#[test]
fn what_an_app_has_forgotten_is_said() {
    let app = App::new("t")
        .configure(|config| config.secret_key = Some(Secret::new("key")))
        .routes(routes![login, me]);
    let client = browser(&app.build().unwrap());
    assert_eq!(client.get("/me").wait().status(), 401);
    assert_eq!(log_in(&client, "ada", "lovelace"), 200);
    assert_eq!(client.get("/me").wait().status(), 500);
}
