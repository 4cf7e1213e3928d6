//! The cache in the process: one computation, tags after commit, and nothing that is one user's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use flagon::{
    cache::{cache, invalidate_tag},
    prelude::*,
    testing::Client,
};
use futures_util::future::join_all;
use mariadb::Server;
use tokio::sync::Notify;

/// How often something was worked on, and what holds it up.
#[derive(Default)]
struct Work {
    count: AtomicU32,
    waits: Notify,
    go_on: Notify,
}

impl Work {
    fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

fn work() -> Arc<Work> {
    current_app().state::<Work>().unwrap()
}

#[cached(ttl = "1h", tags("notes", "note:{id}"))]
async fn text(id: i64) -> Result<String> {
    work().count.fetch_add(1, Ordering::Relaxed);
    let text: Option<String> = db().query_as("SELECT text FROM note WHERE id = ?", (id,)).optional().await?;
    text.or_404()
}

#[cached(tags("slow"))]
async fn slow() -> u32 {
    let work = work();
    let count = work.count.fetch_add(1, Ordering::Relaxed) + 1;
    work.waits.notify_one();
    work.go_on.notified().await;
    count
}

#[cached(ttl = "1h")]
async fn who() -> Option<String> {
    work().count.fetch_add(1, Ordering::Relaxed);
    request().cookies().get("user").map(str::to_owned)
}

#[cached(ttl = "1h")]
async fn of_session(of: &str) -> Option<String> {
    assert_eq!(of, "x");
    work().count.fetch_add(1, Ordering::Relaxed);
    session().get("user")
}

#[get("/text/<int:id>")]
async fn show_text(id: i64) -> Result<String> {
    text(id).await
}

#[get("/who")]
async fn show_who() -> String {
    who().await.unwrap_or_default()
}

#[get("/of-session")]
async fn show_session() -> String {
    of_session("x").await.unwrap_or_default()
}

/// Writes, and then either commits or not.
#[post("/notes/<int:id>/<text>")]
async fn change(id: i64, text: String) -> Result<String> {
    let before = self::text(id).await?;
    db().execute("UPDATE note SET text = ? WHERE id = ?", (&text, id)).await?;
    invalidate_tag(&format!("note:{id}"));
    let own = self::text(id).await?;
    match text.as_str() {
        "aborted" => abort(409),
        _ => Ok(format!("{before} {own}")),
    }
}

#[get("/page/<int:id>")]
#[cached(ttl = "1h", tags("page:{id}"))]
async fn page(id: i64) -> Result<(String, [(&'static str, &'static str); 1])> {
    let count = work().count.fetch_add(1, Ordering::Relaxed);
    let query = request().query_string().to_owned();
    match query.as_str() {
        "cookie" => drop(request().cookies().get("user").map(str::to_owned)),
        "session" => drop(session().get::<String>("user")),
        "language" => drop(request().header("accept-language").map(str::to_owned)),
        "error" => return Err(Error::aborted(404)),
        _ => (),
    }
    Ok((format!("{id} {query} {count}"), [("x-made", "here")]))
}

#[cached(ttl = "1h")]
#[get("/writes", writes)]
async fn writing() -> Result<String> {
    db().execute("UPDATE note SET text = text", ()).await?;
    Ok(work().count.fetch_add(1, Ordering::Relaxed).to_string())
}

#[post("/invalidate/<tag>")]
async fn invalidate(tag: String) -> String {
    invalidate_tag(&tag);
    tag
}

fn app() -> App {
    App::new("caching")
        .state(Work::default())
        .configure(|config| config.secret_key = Some(flagon::Secret::new("a long random text")))
        .routes(routes![show_text, show_who, show_session, change, page, writing, invalidate])
}

fn clients() -> [Client; 2] {
    ["sqlite::memory:".to_owned(), Server::shared().database()].map(|url| {
        let client = app().configure(|config| config.database = url.into()).test_client();
        let db = client.app().db();
        client.block_on(async {
            db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text VARCHAR(100) NOT NULL)", ())
                .await
                .unwrap();
            db.execute("INSERT INTO note VALUES (1, 'one'), (2, 'two')", ()).await.unwrap();
        });
        client
    })
}

fn count(client: &Client) -> u32 {
    client.app().current_app().state::<Work>().unwrap().count()
}

fn get(client: &Client, path: &str) -> String {
    client.get(path).wait().text().to_owned()
}

#[test]
fn a_value_is_found_by_its_arguments_and_errors_are_not_kept() {
    for client in clients() {
        assert_eq!(
            [get(&client, "/text/1"), get(&client, "/text/1"), get(&client, "/text/2")],
            ["one", "one", "two"]
        );
        assert_eq!(count(&client), 2);
        assert_eq!(
            [client.get("/text/3").wait().status(), client.get("/text/3").wait().status()],
            [404, 404]
        );
        assert_eq!(count(&client), 4);
    }
}

#[test]
fn a_commit_makes_it_stale_and_a_rollback_does_not() {
    for client in clients() {
        assert_eq!(get(&client, "/text/1"), "one");
        assert_eq!(client.post("/notes/1/aborted").wait().status(), 409);
        let before = count(&client);
        assert_eq!(get(&client, "/text/1"), "one");
        assert_eq!(count(&client), before, "it was not worked on again");
        assert_eq!(
            client.post("/notes/1/new").wait().text(),
            "one new",
            "a request sees what it has written itself"
        );
        assert_eq!(get(&client, "/text/1"), "new");
        assert_eq!(get(&client, "/text/2"), "two");
        client.post("/invalidate/notes").wait();
        let before = count(&client);
        assert_eq!([get(&client, "/text/1"), get(&client, "/text/2")], ["new", "two"]);
        assert_eq!(count(&client), before + 2, "both have this tag");
    }
}

#[test]
fn what_was_read_before_the_commit_does_not_fill_the_cache_after_it() {
    let [_, client] = clients();
    client.block_on(async {
        let app = client.app();
        let reader = app.test_request_context(http::Request::get("/text/1").body("").unwrap());
        // Its snapshot is of before the commit.
        let old = Arc::clone(&reader)
            .scope(async { db().query_as::<String>("SELECT text FROM note WHERE id = 1", ()).one().await });
        assert_eq!(old.await.unwrap(), "one");
        assert_eq!(client.post("/notes/1/new").send().await.text(), "one new");
        assert_eq!(Arc::clone(&reader).scope(text(1)).await.unwrap(), "one", "as its snapshot says");
        assert_eq!(client.get("/text/1").send().await.text(), "new");
    });
}

#[test]
fn many_who_ask_at_a_time_wait_for_one() {
    let [client, _] = clients();
    client.block_on(async {
        let app = client.app();
        let work = app.current_app().state::<Work>().unwrap();
        let all = join_all((0..50).map(|_| app.app_context().scope(slow())));
        let go = async {
            work.waits.notified().await;
            work.go_on.notify_one();
        };
        let (values, ()) = tokio::join!(all, go);
        assert_eq!((values, work.count()), (vec![1; 50], 1));
    });
}

#[test]
fn who_asks_after_an_invalidation_does_not_get_what_was_begun_before() {
    let [client, _] = clients();
    client.block_on(async {
        let app = client.app();
        let work = app.current_app().state::<Work>().unwrap();
        let first = tokio::spawn(app.app_context().scope(slow()));
        work.waits.notified().await;
        app.app_context().run(|| invalidate_tag("slow"));
        let second = tokio::spawn(app.app_context().scope(slow()));
        tokio::task::yield_now().await;
        work.go_on.notify_one();
        assert_eq!(first.await.unwrap(), 1);
        work.waits.notified().await;
        work.go_on.notify_one();
        assert_eq!(second.await.unwrap(), 2);
        assert_eq!(app.app_context().scope(slow()).await, 2, "the later one is kept");
    });
}

#[test]
fn what_looks_at_the_client_is_for_nobody_else() {
    let [client, _] = clients();
    for user in ["ada", "bob"] {
        client.set_cookie(&Cookie::new("user", user));
        assert_eq!(get(&client, "/who"), user);
    }
    get(&client, "/of-session");
    get(&client, "/of-session");
    assert_eq!(count(&client), 4);
}

#[test]
fn an_answer_is_kept_by_path_and_query_with_its_fields() {
    for client in clients() {
        let first = client.get("/page/7?a").wait();
        assert_eq!(first.text(), "7 a 0");
        let again = client.get("/page/7?a").wait();
        assert_eq!((again.text(), again.headers()["x-made"].to_str().unwrap()), ("7 a 0", "here"));
        assert_eq!(client.head("/page/7?a").wait().headers()["content-length"], "5");
        assert_eq!(get(&client, "/page/7?b"), "7 b 1");
        assert_eq!(get(&client, "/page/8?a"), "8 a 2");
        client.post("/invalidate/page:7").wait();
        assert_eq!([get(&client, "/page/7?a"), get(&client, "/page/8?a")], ["7 a 3", "8 a 2"]);
    }
}

#[test]
fn an_answer_for_one_client_is_not_kept() {
    let [client, _] = clients();
    for query in ["cookie", "session", "language"] {
        let path = format!("/page/1?{query}");
        assert_ne!(get(&client, &path), get(&client, &path), "{query}");
    }
    let with_credentials =
        || client.get("/page/1?plain").header("authorization", "Bearer x").wait().text().to_owned();
    assert_ne!(with_credentials(), with_credentials());
    let before = count(&client);
    client.get("/page/1?error").wait();
    client.get("/page/1?error").wait();
    assert_eq!(count(&client), before + 2);
    assert_ne!(get(&client, "/writes"), get(&client, "/writes"));
}

#[test]
fn values_under_names_of_ones_own() {
    let [client, _] = clients();
    client.block_on(client.app().app_context().scope(async {
        assert_eq!(cache().get::<u32>("a").await, None);
        cache().set("a", 1_u32).await;
        assert_eq!(cache().get::<u32>("a").await, Some(1));
        assert_eq!(cache().get::<String>("a").await, None, "of another type");
        assert_eq!(cache().get_or_insert_with("a", async { 2_u32 }).await, 1);
        cache().remove("a").await;
        assert_eq!(cache().get_or_insert_with("a", async { 2_u32 }).await, 2);
        cache().entry("b").ttl(Duration::from_hours(1)).tag("t").set("kept").await;
        invalidate_tag("t");
        assert_eq!(cache().get::<&str>("b").await, None);
        let failed: Result<u32, String> =
            cache().entry("c").get_or_try_insert_with(async { Err("no".to_owned()) }).await;
        assert_eq!(failed, Err("no".to_owned()));
        assert_eq!(cache().entry("c").get_or_try_insert_with(async { Ok::<_, String>(3_u32) }).await, Ok(3));
    }));
}

#[test]
fn it_keeps_no_more_than_its_memory() {
    let app = App::new("bounded").configure(|config| config.cache.memory = 100_000).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(app.app_context().scope(async {
        for number in 0..1_000 {
            cache().entry(format!("{number}")).weight(1_000).set(number).await;
        }
        let mut kept = 0;
        for number in 0..1_000 {
            kept += usize::from(cache().get::<i32>(format!("{number}")).await.is_some());
        }
        assert!(kept <= 1_000 / 10, "{kept}"); // of 100,000 bytes each takes a good thousand
    }));
}
