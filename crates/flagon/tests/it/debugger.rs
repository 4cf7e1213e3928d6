//! The debug panel: what it shows, to whom, and what it never shows.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    panic::{self, AssertUnwindSafe},
    path::Path,
    thread,
    time::Duration,
};

use flagon::{prelude::*, sql::AssertSqlSafe, testing::Client};
use flagon_server::{Config, Listen, Server, Shutdown};
use serde_json::{Value, json};
use webdriver::Browser;

async fn load_user() -> Result<()> {
    db().query_as::<i64>("SELECT 41 + ?", (1,)).one().await?;
    Ok(())
}

async fn add_field(response: Response) -> Response {
    response
}

#[get("/posts/<int:count>")]
async fn posts(count: i64) -> Result<Html> {
    for id in 0..count {
        let _: i64 = db().query_as("SELECT ? /* an author */", (id,)).one().await?;
    }
    render("posts.html", context! { count })
}

#[post("/login", csrf = "exempt")]
async fn login(form: Form<LoginForm>) -> Result<&'static str> {
    session().insert("user", "ada")?;
    db().execute("CREATE TEMPORARY TABLE t (a TEXT)", ()).await?;
    db().execute("INSERT INTO t VALUES (?)", (&form.password,)).await?;
    Ok("welcome")
}

#[derive(Deserialize)]
struct LoginForm {
    password: String,
}

#[get("/failing")]
async fn failing() -> Result<&'static str> {
    db().query(AssertSqlSafe("SELECT <b> FROM nowhere"), ()).all().await?;
    Ok("")
}

#[get("/many")]
async fn many() -> Result<&'static str> {
    for _ in 0..600 {
        db().query("SELECT 1", ()).all().await?;
    }
    Ok("")
}

fn app() -> App {
    App::new("blog")
        .routes(routes![posts, login, failing, many])
        .before_request(load_user)
        .after_request(add_field)
        .template("posts.html", "<p>{{ count }} posts</p>")
        .configure(|config| {
            config.debug = true;
            config.database = "sqlite::memory:".into();
            config.secret_key = Some(flagon::Secret::new("a long text that nobody else knows"));
        })
}

/// The page of the newest request whose path begins with `path`, whose hooks have ended.
fn entry(client: &Client, path: &str) -> String {
    let list = panel(client, "");
    let rows = list.split("<tr>").find(|row| row.contains(&format!("</b> {path}"))).unwrap();
    let address = rows.split('"').find(|part| part.starts_with("/_flagon/requests/")).unwrap();
    client.get(address).wait().text().to_owned()
}

/// A page of the panel.
fn panel(client: &Client, path: &str) -> String {
    client.get(&format!("/_flagon/{path}")).wait().text().to_owned()
}

#[test]
fn a_request_is_shown_with_its_steps_and_queries() {
    let client = app().test_client();
    assert_eq!(client.get("/posts/5").wait().text(), "<p>5 posts</p>");
    let list = panel(&client, "");
    assert!(list.contains("6 in ") && list.contains("N+1: 5×"), "{list}");
    let page = entry(&client, "/posts/5");
    let steps = ["before</span> it::debugger::load_user", "view</span> posts", "template</span> posts.html"];
    let steps = steps.into_iter().chain(["after</span> it::debugger::add_field", "commit</span>"]);
    let places: Vec<_> =
        steps.map(|step| page.find(step).unwrap_or_else(|| panic!("{step}: {page}"))).collect();
    assert!(places.is_sorted(), "{places:?}: {page}");
    assert!(page.contains("<h2>6 queries in "));
    assert!(page.contains("one query 5 times"));
    assert!(page.contains("SELECT ? /* an author */"));
    assert!(page.contains("1 row · 1 value"));
    assert!(page.contains("tests/it/debugger.rs:"), "{page}");
    assert!(page.contains("in it::debugger") || page.contains(" by <code>posts</code>"));
}

#[get("/of-author/<int:author>")]
async fn of_author(author: i64) -> Result<String> {
    let titles: Vec<String> =
        db().query_as("SELECT title FROM post WHERE author = ? ORDER BY title", (author,)).all().await?;
    Ok(titles.len().to_string())
}

#[test]
fn advice_stands_beside_the_query() {
    let client = app().routes(routes![of_author]).test_client();
    client.block_on(async {
        let db = client.app().db();
        let table =
            "CREATE TABLE post (id INTEGER PRIMARY KEY, author INTEGER NOT NULL, title TEXT NOT NULL)";
        db.execute(table, ()).await.unwrap();
        let posts = (0..5_000).map(|number| (number % 500, format!("Post {number}")));
        db.insert_many("INSERT INTO post (author, title) VALUES (?, ?)", posts).await.unwrap();
    });
    assert_eq!(client.get("/of-author/7").wait().text(), "10");
    let page = entry(&client, "/of-author/7");
    assert!(page.contains("<p class=\"advice\">full scan: "), "{page}");
    assert!(page.contains("<summary>Plan</summary>"), "{page}");
    let link = page.split('"').find(|part| part.ends_with("/advice")).unwrap();
    let advice = client.get(link).wait();
    assert!(advice.text().contains("CREATE INDEX post_author ON post (author);"), "{}", advice.text());
    assert!(advice.text().contains(" steps → "), "{}", advice.text());
}

#[test]
fn what_a_client_keeps_to_itself_is_not_recorded() {
    let client = app().test_client();
    let answer = client
        .post("/login?password=hunter1&page=2")
        .header("authorization", "Bearer hunter2")
        .header("cookie", "theme=hunter3")
        .header("referer", "https://example.org/?token=hunter4")
        .form(&[("password", "hunter5")])
        .wait();
    assert_eq!(answer.text(), "welcome");
    let session = client.cookie("session").unwrap();
    client.get("/posts/1").wait();
    let pages = [
        panel(&client, ""),
        entry(&client, "/login"),
        entry(&client, "/posts/1"),
        panel(&client, "statements.json"),
    ];
    for page in &pages {
        assert!(!page.contains("hunter"), "{page}");
        assert!(!page.contains(&session), "{page}");
    }
    assert!(pages[1].contains("<dt>password</dt><dd>(hidden)</dd>"));
    assert!(pages[1].contains("<dt>page</dt><dd>2</dd>"));
    assert!(pages[1].contains("INSERT INTO t VALUES (?)"));
}

#[test]
fn what_fails_leads_to_its_entry_and_nothing_becomes_markup() {
    let client = app().test_client();
    let page = client.get("/failing").header("accept", "text/html").wait();
    assert_eq!(page.status(), 500);
    let text = page.text();
    let link = text.split('"').find(|part| part.starts_with("/_flagon/requests/")).unwrap().to_owned();
    assert!(link.ends_with(page.header("x-request-id").unwrap()));
    let entry = client.get(&link).wait();
    assert_eq!(entry.status(), 200);
    let text = entry.text();
    assert!(text.contains("the database refuses the statement") && text.contains("SELECT &lt;b&gt; FROM"));
    assert!(!text.contains("<b> FROM"));
    let policy = entry.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-")
            && policy.contains("frame-ancestors 'none'")
    );
    assert_eq!(entry.header("cache-control"), Some("no-store"));
    assert_eq!(entry.header("cross-origin-resource-policy"), Some("same-origin"));
    client.get("/%3Cscript%3E?%3Cb%3E=%3Ci%3E").wait();
    for page in [panel(&client, ""), self::entry(&client, "/%3Cscript%3E")] {
        assert!(!page.contains("<script>") && !page.contains("<i>"), "{page}");
    }
}

#[test]
fn what_is_kept_is_bounded() {
    let client = app().test_client();
    client.get("/many").wait();
    let page = entry(&client, "/many");
    assert!(page.contains("<h2>499 queries in "), "{}", &page[..2000]);
    assert!(page.contains(" more, for which there is no room."));
    for number in 0..150 {
        client.get(&format!("/nowhere/{number}")).wait();
    }
    let list = panel(&client, "");
    assert_eq!(list.matches("<tr><th scope=\"row\">").count(), 100);
    assert!(!list.contains("/many") && list.contains("/nowhere/149") && !list.contains("/nowhere/49<"));
}

#[test]
fn distinct_statements_are_told_to_programs() {
    let client = app().test_client();
    client.get("/posts/3").wait();
    client.get("/posts/2").wait();
    let answer = client.get("/_flagon/statements.json").wait();
    let statements: Value = answer.json();
    let of_posts = statements.as_array().unwrap().iter().find(|one| one["digest"] == "SELECT ?").unwrap();
    assert_eq!(of_posts["count"], 5);
    assert_eq!(of_posts["most_in_one_request"], 3);
    assert_eq!(of_posts["rows"], 5);
    assert!(of_posts["places"][0].as_str().unwrap().contains("tests/it/debugger.rs:"));
}

#[test]
fn without_debug_there_is_no_panel() {
    let client = app().configure(|config| config.debug = false).test_client();
    assert_eq!(client.get("/_flagon/").wait().status(), 404);
}

/// Serves the app and gives what each request is answered with, as far as its status.
fn statuses(app: App, requests: &[&str]) -> Vec<String> {
    let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
    let server: Server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
    let address = server.addresses()[0].socket();
    let (shutdown, app) = (Shutdown::new(), app.build().unwrap());
    let stop = shutdown.clone();
    let requests: Vec<String> = requests.iter().map(|request| (*request).to_owned()).collect();
    let client = thread::spawn(move || {
        let answers = requests.iter().map(|request| ask(address, request)).collect();
        stop.now();
        answers
    });
    server.serve(app, &shutdown).unwrap();
    client.join().unwrap()
}

fn ask(address: SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(socket, "{request}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn only_the_developers_own_browser_is_answered() {
    let answers = statuses(
        app(),
        &[
            "GET /_flagon/ HTTP/1.1\r\nHost: localhost",
            "GET /_flagon/ HTTP/1.1\r\nHost: 127.0.0.1:80",
            "GET /_flagon/ HTTP/1.1\r\nHost: blog.localhost:8000",
            "GET /_flagon/ HTTP/1.1\r\nHost: evil.example", // DNS rebinding
            "GET /_flagon/ HTTP/1.1\r\nHost: localhost.evil.example",
            "GET /_flagon/statements.json HTTP/1.1\r\nHost: evil.example",
            "GET /_flagon/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9",
            "GET /_flagon/ HTTP/1.1\r\nHost: localhost\r\nForwarded: for=203.0.113.9",
            "GET /_flagon/ HTTP/1.1\r\nHost: localhost\r\nVia: 1.1 proxy",
            "POST /_flagon/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0",
            "HEAD /_flagon/ HTTP/1.1\r\nHost: localhost",
            "GET /_flagon HTTP/1.1\r\nHost: localhost",
            "GET /_flagon/requests/../../etc/passwd HTTP/1.1\r\nHost: localhost",
            "GET /_flagonx HTTP/1.1\r\nHost: localhost",
        ],
    );
    let seen: Vec<_> = answers.iter().map(|answer| &answer[9..12]).collect();
    let refused = "403";
    assert_eq!(
        seen,
        [
            "200", "200", "200", refused, refused, refused, refused, refused, refused, "405", "200", "308",
            "404", "404"
        ]
    );
    assert!(answers[3].contains("server.allow_remote_debug"), "{}", answers[3]);
    assert!(answers[10].ends_with("\r\n\r\n"), "{}", answers[10]);
}

#[test]
fn a_client_elsewhere_is_refused_unless_the_configuration_says_so() {
    let client = || app().test_client().remote_addr([192, 0, 2, 7]);
    assert_eq!(client().get("/_flagon/").wait().status(), 403);
    let page = client().get("/failing").header("accept", "text/html").wait();
    assert!(!page.text().contains("/_flagon"));
    let open = app().configure(|config| config.server.allow_remote_debug = true);
    assert_eq!(open.test_client().remote_addr([192, 0, 2, 7]).get("/_flagon/").wait().status(), 200);
}

#[test]
fn a_browser_shows_it_at_any_width_without_a_complaint() {
    let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
    let server: Server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
    let origin = format!("http://localhost:{}", server.addresses()[0].socket().port());
    let (shutdown, app) = (Shutdown::new(), app().build().unwrap());
    let stop = shutdown.clone();
    let visitor = thread::spawn(move || {
        let browser = Browser::start();
        let visited = panic::catch_unwind(AssertUnwindSafe(|| visit(&browser, &origin)));
        stop.now();
        visited
    });
    server.serve(app, &shutdown).unwrap();
    visitor.join().unwrap().unwrap();
}

fn visit(browser: &Browser, origin: &str) {
    browser.open(&format!("{origin}/posts/6"));
    browser.open(&format!("{origin}/failing"));
    assert_eq!(
        browser.value("document.querySelector('header a').href.startsWith(location.origin + '/_flagon/')"),
        true
    );
    browser.click("header a");
    browser.wait_for("document.querySelector('.error')");
    drop(browser.complaints()); // of the page that failed, as it should
    for (width, scheme) in [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")] {
        let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        browser.devtools("Emulation.setDeviceMetricsOverride", &screen);
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.devtools("Emulation.setEmulatedMedia", &scheme);
        browser.open(&format!("{origin}/_flagon/"));
        fits(browser, &format!("list-{width}"), &scheme);
        // By what a reader who can't see it goes by.
        assert_eq!(browser.value("document.querySelectorAll('h1, main, th[scope=col]').length"), 7);
        browser.click("a[href*='/requests/']");
        browser.open(&format!("{origin}/_flagon/"));
        let of_posts =
            "[...document.querySelectorAll('th a')].find(a => a.textContent.includes('/posts/6')).href";
        let entry = browser.value(of_posts);
        browser.open(entry.as_str().unwrap());
        browser.wait_for("document.querySelector('.note')");
        assert_eq!(browser.value("document.querySelectorAll('.queries > li').length"), 7);
        assert_ne!(
            browser.value("getComputedStyle(document.querySelector('.view rect')).fill"),
            "rgb(0, 0, 0)"
        );
        fits(browser, &format!("entry-{width}"), &scheme);
    }
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Nothing is wider than the screen. The picture is for who wants to look at it.
fn fits(browser: &Browser, name: &str, scheme: &Value) {
    assert_eq!(browser.value("document.documentElement.scrollWidth <= innerWidth"), true, "{name}");
    let picture = browser.devtools("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
    let scheme = scheme["features"][0]["value"].as_str().unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("panel-{name}-{scheme}.base64"));
    fs::write(path, picture["data"].as_str().unwrap()).unwrap();
}
