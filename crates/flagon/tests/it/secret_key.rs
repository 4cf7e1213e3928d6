//! An app that signs is not served without a secret key, and one that signs nothing is.

use std::borrow::Cow;

use flagon::{
    MemoryStore, Secret, Sessions, SetupError, User, csrf_token, current_user, flash, login_user, prelude::*,
};

struct Account;

impl User for Account {
    fn id(&self) -> Cow<'_, str> {
        "ada".into()
    }
}

#[get("/")]
async fn index() -> &'static str {
    "hello"
}

#[get("/cart")]
async fn cart() -> Result<()> {
    session().insert("cart", [1])
}

#[post("/say")]
async fn say() -> Result<()> {
    flash(format!("said by {}", request().method()))
}

#[post("/login")]
async fn login() -> Result<()> {
    login_user(Account)
}

#[get("/mine", login_required)]
async fn mine() -> &'static str {
    "mine"
}

#[get("/admin", roles = "admin")]
fn admin() -> &'static str {
    "admin"
}

#[get("/token")]
async fn token() -> Result<String> {
    csrf_token()
}

#[get("/unsubscribe")]
async fn unsubscribe() -> Result<String> {
    Ok(current_app().signer("unsubscribe")?.sign("ada"))
}

/// What is not its own to see: the function that it calls may well need a key.
#[get("/hidden")]
async fn hidden() -> Result<()> {
    hide()
}

fn hide() -> Result<()> {
    session().insert("a", 1)
}

fn app() -> App {
    App::new("shop").routes(routes![index])
}

/// Why `app` is not served.
fn refusal(app: App) -> Option<String> {
    app.build().unwrap().check_secret_key().err().map(|error| {
        assert!(matches!(error, SetupError::NoSecretKey { .. }));
        error.to_string()
    })
}

fn load() -> impl Fn(String) -> std::future::Ready<Result<Option<Account>>> + Send + Sync {
    |_| std::future::ready(Ok(Some(Account)))
}

#[test]
fn an_app_that_signs_says_what_does_and_what_to_type() {
    let with = |routes| App::new("shop").routes(routes);
    let blueprint = || Blueprint::new("staff").routes(routes![cart]);
    for (app, what) in vec![
        (with(routes![cart]), "the view `cart` (crates/flagon/tests/it/secret_key.rs:"),
        (with(routes![cart]), ") calls `session`, and the app has no secret key"),
        (with(routes![say]), "calls `flash`"),
        (with(routes![login]), "calls `login_user`"),
        (with(routes![mine]), "the view `mine` ("),
        (with(routes![admin]), ") asks for a login"),
        (with(routes![token]), "calls `csrf_token`"),
        (with(routes![unsubscribe]), "calls `signer`"),
        (app().register_blueprint(blueprint()), "the view `staff.cart`"),
        (app().user_loader(load()), "the app lets users log in"),
        (app().login_view("login"), "the app lets users log in"),
        (app().sessions(Sessions::encrypted()), "the app has encrypted sessions"),
        (app().register_blueprint(blueprint().sessions(Sessions::encrypted())), "`staff.cart`"),
        (
            app().template("form.html", "{{ csrf_field() }}"),
            "the template `form.html` has a token for its form",
        ),
        (with(routes![token]).sessions(Sessions::stored(MemoryStore::new())), "calls `csrf_token`"),
    ] {
        let said = refusal(app).expect(what);
        assert!(said.contains(what), "{what}: {said}");
        assert!(
            said.contains("\n  export FLAGON_SECRET_KEY=$(head -c 32 /dev/urandom | base64)\n"),
            "{said}"
        );
    }
}

#[test]
fn templates_in_folders_are_looked_at_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("templates/auth")).unwrap();
    let app = || app().root_path(folder.path());
    std::fs::write(folder.path().join("templates/auth/login.html"), "<form method=post>").unwrap();
    assert_eq!(refusal(app()), None);
    std::fs::write(folder.path().join("templates/auth/login.html"), "<form method=post>{{ csrf_token() }}")
        .unwrap();
    assert!(refusal(app()).unwrap().contains("templates/auth/login.html` has a token"));
}

#[test]
#[expect(clippy::useless_vec, reason = "an array of apps is large for the stack")]
fn an_app_that_signs_nothing_is_served_without_a_key() {
    let stored = || Sessions::stored(MemoryStore::new());
    for app in vec![
        app(),
        App::new("shop").routes(routes![hidden]),
        app().template("page.html", "{{ get_flashed_messages() }} {{ session.cart }}"),
        App::new("shop").routes(routes![cart, login, mine, admin]).sessions(stored()).user_loader(load()),
        app().register_blueprint(Blueprint::new("staff").sessions(stored()).routes(routes![cart, mine])),
        App::new("shop")
            .routes(routes![cart, token])
            .configure(|config| config.secret_key = Some(Secret::new("x"))),
    ] {
        assert_eq!(refusal(app), None);
    }
}

#[test]
fn who_only_reads_is_answered_and_who_writes_gets_a_500_where_nobody_asked_before() {
    let read = async || {
        let session = session();
        format!("{:?} {}", session.get::<u32>("cart"), current_user::<Account>().await.unwrap().is_none())
    };
    let app =
        App::new("shop").routes(routes![hidden]).routes([flagon::Route::new("read", "/read", ["GET"], read)]);
    let client = app.test_client();
    assert_eq!(client.get("/read").wait().text(), "None true");
    assert_eq!(client.get("/hidden").wait().status(), 500);
}
