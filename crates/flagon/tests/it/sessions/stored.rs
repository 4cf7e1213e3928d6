//! Sessions that the server keeps: ids, ends, and many requests at once.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flagon::{
    BoxFuture, MemoryStore, Route, ServerSessions, SessionKey, SessionStore, Sessions, StoredSession,
    prelude::*, testing::Client,
};
use futures_util::future::join_all;

fn app(sessions: impl Into<ServerSessions>) -> App {
    let set = async || {
        let args = request().args().clone();
        session().insert(args.get("k").unwrap_or("k"), args.get("v").unwrap_or("v")).map(|()| "")
    };
    let get = async || {
        let name = request().args().get("k").unwrap_or("k").to_owned();
        session().get::<String>(&name).unwrap_or_default()
    };
    App::new("t").sessions(Sessions::stored(sessions)).routes([
        Route::new("set", "/set", ["GET"], set),
        Route::new("get", "/get", ["GET"], get),
        Route::new("count", "/count", ["GET"], async || {
            session().update("n", |n: Option<u64>| n.unwrap_or(0) + 1)?;
            session().insert(format!("k{}", request().args().get("k").unwrap_or_default()), true).map(|()| "")
        }),
        Route::new("renew", "/renew", ["GET"], async || session().renew_id().map(|()| "")),
        Route::new("user", "/user", ["GET"], async || {
            session().insert("_user_id", request().args().get("k").unwrap_or_default()).map(|()| "")
        }),
        Route::new("keep", "/keep", ["GET"], async || session().make_permanent().map(|()| "")),
        Route::new("clear", "/clear", ["GET"], async || session().clear().map(|()| "")),
        Route::new("plain", "/plain", ["GET"], async || "plain"),
    ])
}

fn get(client: &Client, id: &str) -> String {
    client.get("/get").header("cookie", format!("session={id}")).wait().text().to_owned()
}

/// A store that takes its time and counts, as a database does.
#[derive(Clone, Default)]
struct Slow {
    kept: MemoryStore,
    asked: Arc<AtomicUsize>,
}

impl Slow {
    fn after_a_while<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce() -> BoxFuture<'a, T> + Send + 'a,
    ) -> BoxFuture<'a, T> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::task::yield_now().await;
            let given = work().await;
            tokio::task::yield_now().await;
            given
        })
    }
}

impl SessionStore for Slow {
    fn load<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<Option<StoredSession>>> {
        self.after_a_while(|| self.kept.load(key))
    }

    fn create<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<()>> {
        self.after_a_while(|| self.kept.create(key, session))
    }

    fn replace<'a>(&'a self, key: &'a SessionKey, session: StoredSession) -> BoxFuture<'a, Result<bool>> {
        self.after_a_while(|| self.kept.replace(key, session))
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> BoxFuture<'a, Result<()>> {
        self.after_a_while(|| self.kept.remove(key))
    }

    fn of_user<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<(SessionKey, StoredSession)>>> {
        self.after_a_while(|| self.kept.of_user(user))
    }

    fn remove_expired(&self, now: SystemTime) -> BoxFuture<'_, Result<u64>> {
        self.after_a_while(move || self.kept.remove_expired(now))
    }
}

/// A clock that is set by hand.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    fn of(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let clock = self.clone();
        move || UNIX_EPOCH + Duration::from_secs(1_700_000_000 + clock.0.load(Ordering::Relaxed))
    }
}

#[test]
fn the_client_has_an_id_of_256_bits_and_the_store_only_its_hash() {
    let store = MemoryStore::new();
    let client = app(store.clone()).test_client();
    assert_eq!(client.get("/get").wait().header("set-cookie"), None, "who only looks gets no session");
    let first = client.get("/set?v=ada").wait().header("set-cookie").unwrap().to_owned();
    assert!(first.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{first}");
    let id = client.cookie("session").unwrap();
    assert_eq!(id.len(), 43);
    assert_eq!(get(&client, &id), "ada");
    assert_eq!(client.get("/set?v=eve").wait().header("set-cookie"), None, "the id stays");
    assert_eq!(store.len(), 1);
    let handle = client.block_on(client.session_transaction(flagon::Session::handle)).unwrap();
    assert_ne!(handle, id);
    assert_eq!(get(&client, &handle), "", "what the store knows opens nothing");
}

#[test]
fn an_id_that_the_client_made_up_is_not_taken_over() {
    let store = MemoryStore::new();
    let client = app(store.clone()).test_client();
    let planted = "A".repeat(43);
    let answer = client.get("/set?v=ada").header("cookie", format!("session={planted}")).wait();
    assert!(!answer.header("set-cookie").unwrap().contains(&planted));
    assert_eq!(get(&client, &planted), "");
    for id in ["", "x", &"A".repeat(42), &"!".repeat(43), &"A".repeat(10_000), "\"A\""] {
        assert_eq!(get(&client, id), "");
    }
}

#[test]
fn a_renewed_id_makes_the_old_one_worthless() {
    for store in [MemoryStore::new(), MemoryStore::new()] {
        let client = app(store.clone()).test_client();
        client.get("/set?v=ada").wait();
        let old = client.cookie("session").unwrap();
        client.get("/renew").wait();
        let new = client.cookie("session").unwrap();
        assert_ne!(old, new);
        assert_eq!((get(&client, &old), get(&client, &new)), (String::new(), "ada".into()));
        assert_eq!(store.len(), 1);
    }
}

#[test]
fn a_cleared_session_can_t_be_replayed() {
    let store = MemoryStore::new();
    let client = app(store.clone()).test_client();
    client.get("/set?v=ada").wait();
    let id = client.cookie("session").unwrap();
    let gone = client.get("/clear").wait();
    assert!(gone.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(get(&client, &id), "");
    assert!(store.is_empty());
}

#[test]
fn altered_ids_are_refused() {
    let client = app(MemoryStore::new()).test_client();
    client.get("/set?v=ada").wait();
    let id = client.cookie("session").unwrap();
    for at in 0..id.len() {
        for byte in *b"AZaz09-_." {
            let mut altered = id.clone().into_bytes();
            if std::mem::replace(&mut altered[at], byte) != byte {
                assert_eq!(get(&client, &String::from_utf8(altered).unwrap()), "");
            }
        }
    }
}

#[test]
fn five_kib_and_more_are_kept_up_to_the_limit() {
    let client = app(ServerSessions::new(MemoryStore::new()).max_size(10_000)).test_client();
    assert_eq!(client.get(&format!("/set?v={}", "x".repeat(5120))).wait().status(), 200);
    assert_eq!(client.get("/get").wait().text().len(), 5120);
    assert_eq!(client.get(&format!("/set?k=more&v={}", "x".repeat(5120))).wait().status(), 500);
    assert_eq!(client.get("/get").wait().text().len(), 5120);
}

#[test]
fn sessions_end_when_they_are_not_used_and_in_any_case() {
    let clock = Clock::default();
    let day = Duration::from_hours(24);
    let sessions = || ServerSessions::new(MemoryStore::new()).idle(day).absolute(3 * day).clock(clock.of());
    let client = app(sessions()).test_client();
    client.get("/set?v=ada").wait();
    clock.pass(day.saturating_sub(Duration::from_secs(1)));
    assert_eq!(client.get("/get").wait().text(), "ada");
    clock.pass(day.saturating_sub(Duration::from_secs(1)));
    assert_eq!(client.get("/get").wait().text(), "ada", "its use was noted");
    clock.pass(day);
    assert_eq!(client.get("/get").wait().text(), "", "a day without use");
    client.get("/set?v=ada").wait();
    for _ in 0..5 {
        clock.pass(day / 2);
        assert_eq!(client.get("/get").wait().text(), "ada");
    }
    clock.pass(day / 2);
    assert_eq!(client.get("/get").wait().text(), "", "three days, however much it was used");
}

#[test]
fn a_permanent_session_has_a_cookie_that_stays() {
    let client = app(MemoryStore::new()).test_client();
    client.get("/set?v=ada").wait();
    let kept = client.get("/keep").wait().header("set-cookie").unwrap().to_owned();
    assert!(kept.contains("; Max-Age=2678400;"), "{kept}");
    assert_eq!(client.get("/get").wait().text(), "ada");
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// 10,000 requests at once, from processes that share a store.
async fn ten_thousand(processes: &[Client]) -> (u64, usize) {
    processes[0].get("/set").send().await;
    let id = processes[0].cookie("session").unwrap();
    let requests = (0..10_000).map(|number| {
        let client = &processes[number % processes.len()];
        let target = format!("/count?k={}", number % 100);
        client.get(&target).header("cookie", format!("session={id}")).send()
    });
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    processes[0]
        .session_transaction(|session| {
            let names = (0..100).filter(|number| session.contains(&format!("k{number}"))).count();
            (session.get::<u64>("n").unwrap(), names)
        })
        .await
}

#[test]
fn ten_thousand_requests_of_one_session_lose_nothing() {
    run(async {
        assert_eq!(ten_thousand(&[app(MemoryStore::new()).test_client()]).await, (10_000, 100));
    });
}

#[test]
fn nor_do_they_where_the_store_takes_time_and_other_processes_write() {
    run(async {
        let store = Slow::default();
        let processes = [app(store.clone()).test_client(), app(store).test_client()];
        assert_eq!(ten_thousand(&processes).await, (10_000, 100));
    });
}

#[test]
fn a_store_that_takes_time_is_only_asked_for_requests_with_an_id() {
    let store = Slow::default();
    let client = app(store.clone()).test_client();
    let asked = |target: &str| {
        let before = store.asked.load(Ordering::Relaxed);
        client.get(target).wait();
        store.asked.load(Ordering::Relaxed) - before
    };
    assert_eq!(asked("/plain"), 0);
    assert_eq!(asked("/get"), 0);
    assert_eq!(asked("/set"), 1);
    assert_eq!(asked("/get"), 1);
    assert_eq!(client.get("/get").wait().text(), "v");
}

#[test]
fn a_user_s_sessions_are_listed_and_ended() {
    let store = MemoryStore::new();
    let laptop = app(store.clone()).test_client().default_header("user-agent", "laptop");
    let phone =
        Client::new(laptop.app().clone()).default_header("user-agent", "phone").remote_addr([192, 0, 2, 7]);
    let other = Client::new(laptop.app().clone());
    laptop.get("/user?k=ada").wait();
    phone.get("/user?k=ada").wait();
    other.get("/user?k=eve").wait();
    let current = laptop.app().current_app();
    let sessions = current.server_sessions().unwrap();
    laptop.block_on(async {
        let listed = sessions.of_user("ada").await.unwrap();
        let mut agents: Vec<_> = listed.iter().map(|info| info.agent.as_str()).collect();
        agents.sort_unstable();
        assert_eq!(agents, ["laptop", "phone"]);
        let of_phone = listed.iter().find(|info| info.agent == "phone").unwrap();
        assert_eq!(of_phone.address, Some([192, 0, 2, 7].into()));
        assert!(!sessions.revoke("eve", &of_phone.handle).await.unwrap(), "it is not eve's");
        assert!(sessions.revoke("ada", &of_phone.handle).await.unwrap());
        let left = sessions.of_user("ada").await.unwrap();
        assert_eq!(left.len(), 1);
        let handle = laptop.session_transaction(flagon::Session::handle).await;
        assert_eq!(Some(&left[0].handle), handle.as_ref());
    });
    assert_eq!(phone.get("/get?k=_user_id").wait().text(), "");
    assert_eq!(laptop.get("/get?k=_user_id").wait().text(), "ada");
    phone.get("/user?k=ada").wait();
    laptop.block_on(async {
        let kept = laptop.session_transaction(Clone::clone).await;
        assert_eq!(sessions.revoke_others("ada", &kept).await.unwrap(), 1);
        assert_eq!(sessions.revoke_all("ada").await.unwrap(), 1);
        assert_eq!(sessions.of_user("eve").await.unwrap().len(), 1);
    });
}

#[test]
fn a_session_that_is_ended_while_a_request_runs_stays_ended() {
    let store = MemoryStore::new();
    let client = app(store.clone()).test_client();
    client.get("/user?k=ada").wait();
    let current = client.app().current_app();
    let sessions = current.server_sessions().unwrap();
    let revoke = || futures_util::FutureExt::now_or_never(sessions.revoke_all("ada")).unwrap().unwrap();
    client.block_on(client.session_transaction(|session| {
        assert_eq!(session.get::<String>("_user_id").as_deref(), Some("ada"));
        assert_eq!(revoke(), 1);
        session.insert("late", true).unwrap();
    }));
    assert!(store.is_empty());
    // The same with a fresh id: what was ended gives nothing to it.
    client.get("/user?k=ada").wait();
    client.block_on(client.session_transaction(|session| {
        session.get::<String>("_user_id");
        revoke();
        session.renew_id().unwrap();
        session.insert("late", true).unwrap();
    }));
    assert_eq!(client.get("/get?k=_user_id").wait().text(), "");
}

#[test]
fn memory_is_bounded_and_those_of_nobody_go_first() {
    let store = MemoryStore::with_capacity(64);
    let clock = Clock::default();
    let sessions = ServerSessions::new(store.clone()).idle(Duration::from_hours(1)).clock(clock.of());
    let client = app(sessions).test_client();
    client.get("/user?k=ada").wait();
    let of_ada = client.cookie("session").unwrap();
    for _ in 0..1000 {
        client.clear_cookies();
        client.get("/set").wait();
        assert!(store.len() <= 64);
    }
    assert_eq!(
        client.get("/get?k=_user_id").header("cookie", format!("session={of_ada}")).wait().text(),
        "ada"
    );
    clock.pass(Duration::from_hours(1));
    let current = client.app().current_app();
    let cleaned = client.block_on(current.server_sessions().unwrap().clean()).unwrap();
    assert!(cleaned > 0 && store.is_empty());
}

#[test]
fn a_blueprint_may_have_sessions_of_its_own() {
    let set = async || session().insert("who", request().endpoint().unwrap_or_default()).map(|()| "");
    let get = async || session().get::<String>("who").unwrap_or_default();
    let routes = || [Route::new("set", "/set", ["GET"], set), Route::new("get", "/get", ["GET"], get)];
    let own = Sessions::stored(MemoryStore::new()).cookie_name("admin-id");
    let inner = Blueprint::new("users").url_prefix("/users").routes(routes());
    let admin = Blueprint::new("admin").url_prefix("/admin").sessions(own).routes(routes());
    let app = App::new("t")
        .configure(|config| config.secret_key = Some(flagon::Secret::new("key")))
        .routes(routes())
        .register_blueprint(admin.register_blueprint(inner))
        .register_blueprint(Blueprint::new("administrators").url_prefix("/other").routes(routes()));
    let client = app.test_client();
    client.get("/set").wait();
    client.get("/admin/set").wait();
    assert_eq!(client.cookie("admin-id").unwrap().len(), 43);
    for (path, who) in [
        ("/get", "set"),
        ("/admin/get", "admin.set"),
        ("/admin/users/get", "admin.set"),
        ("/other/get", "set"),
    ] {
        assert_eq!(client.get(path).wait().text(), who, "{path}");
    }
}
