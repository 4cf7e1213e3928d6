//! Requests that are sent again.

use std::{
    future::poll_fn,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Poll, Waker},
};

use flagon::{
    IdempotencyKey, IdempotencyStore, Idempotent, Keeping, KeptAnswer, MemoryStore, Route, Secret, Sessions,
    ViewLimits,
    prelude::*,
    testing::{Client, TestResponse},
};

/// How often a view has run, and what holds it up.
#[derive(Default)]
struct Till {
    runs: AtomicUsize,
    gate: Mutex<(bool, Vec<Waker>)>,
}

impl Till {
    fn shut(&self) {
        self.gate.lock().unwrap().0 = true;
    }

    fn open(&self) {
        let mut gate = self.gate.lock().unwrap();
        gate.0 = false;
        gate.1.drain(..).for_each(Waker::wake);
    }

    async fn pass(&self) {
        poll_fn(|cx| {
            let mut gate = self.gate.lock().unwrap();
            if !gate.0 {
                return Poll::Ready(());
            }
            gate.1.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Charges: 201 with the number of the run, or the status that is asked for.
async fn charge() -> Result {
    let till = current_app().state::<Till>().unwrap();
    let run = till.runs.fetch_add(1, SeqCst) + 1;
    till.pass().await;
    match request().args().get_as::<u16>("status").unwrap_or(201) {
        status @ 400.. => abort(status),
        status => {
            Ok((format!("run {run}"), status, [("location", format!("/charges/{run}"))]).into_response())
        }
    }
}

fn app() -> App {
    let route = |name: &'static str, limits| {
        Route::new(name, format!("/{name}"), ["POST", "PUT", "PATCH"], charge).limits(limits)
    };
    App::new("shop").state(Till::default()).routes([
        route("charge", ViewLimits::new().idempotent(Idempotent::Honoured)),
        route("strict", ViewLimits::new().idempotent(Idempotent::Required)),
        route("plain", ViewLimits::new()),
    ])
}

fn client() -> Client {
    app().test_client()
}

fn runs(client: &Client) -> usize {
    client.app().current_app().state::<Till>().unwrap().runs.load(SeqCst)
}

fn send(client: &Client, path: &str, key: &str, body: &'static str) -> TestResponse {
    client.post(path).header("idempotency-key", key).body(body).wait()
}

#[test]
fn a_repeated_request_gets_the_first_answer_and_is_not_done_again() {
    let client = client();
    let first = send(&client, "/charge", "\"k1\"", "amount=5");
    assert_eq!((first.status().as_u16(), first.text()), (201, "run 1"));
    assert_eq!(first.header("idempotent-replayed"), None);
    for key in ["\"k1\"", "k1"] {
        let again = send(&client, "/charge", key, "amount=5");
        assert_eq!((again.status().as_u16(), again.text()), (201, "run 1"), "{key}");
        assert_eq!(again.header("location"), Some("/charges/1"));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(runs(&client), 1);
    assert_eq!(send(&client, "/charge", "\"k2\"", "amount=5").text(), "run 2");
}

#[test]
fn another_request_with_the_same_key_is_a_mistake() {
    let client = client();
    send(&client, "/charge", "k", "amount=5");
    assert_eq!(send(&client, "/charge", "k", "amount=6").status(), 422);
    assert_eq!(send(&client, "/charge?currency=eur", "k", "amount=5").status(), 422);
    assert_eq!(runs(&client), 1);
}

#[test]
fn a_key_is_of_its_route_its_method_and_its_user() {
    let client = client();
    assert_eq!(send(&client, "/charge", "k", "x").text(), "run 1");
    assert_eq!(send(&client, "/strict", "k", "x").text(), "run 2");
    let patch = client.patch("/charge").header("idempotency-key", "k").body("x").wait();
    assert_eq!(patch.text(), "run 3");
    let of = |who: &str| {
        let request =
            client.post("/charge").header("authorization", who).header("idempotency-key", "k").body("x");
        request.wait().text().to_owned()
    };
    assert_eq!([of("Bearer a"), of("Bearer b"), of("Bearer a")], ["run 4", "run 5", "run 4"]);
}

#[test]
fn of_those_whom_nothing_tells_apart_each_address_has_its_own_keys_unless_nobody_could_guess_them() {
    let app = app().build().unwrap();
    let post = |from: &str, key: &str, who: Option<&str>| {
        let client = Client::new(app.clone()).remote_addr(from.parse::<IpAddr>().unwrap());
        let request = client.post("/charge").header("idempotency-key", key).body("x");
        let request = if let Some(who) = who { request.header("authorization", who) } else { request };
        request.wait().text().to_owned()
    };
    let anonymous = |from: &str, key: &str| post(from, key, None);
    // Two clients that count from one on.
    assert_eq!(
        ["192.0.2.1", "192.0.2.2", "192.0.2.1"].map(|from| anonymous(from, "1")),
        ["run 1", "run 2", "run 1"]
    );
    // One that changed its address within its network, and another network.
    let from = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|from| anonymous(from, "1"));
    assert_eq!(from, ["run 3", "run 3", "run 4"]);
    // One that went out of the house between two tries.
    let random = "8e03978e-40d5-43dd-bc93-6894a57f9324";
    assert_eq!(["192.0.2.1", "192.0.2.2"].map(|from| anonymous(from, random)), ["run 5", "run 5"]);
    // One that says who it is.
    assert_eq!(["192.0.2.1", "192.0.2.2"].map(|from| post(from, "1", Some("Bearer a"))), ["run 6", "run 6"]);
}

#[get("/begin")]
async fn begin() -> Result<String> {
    flagon::csrf_token()
}

#[test]
fn a_key_is_of_its_session_even_where_nobody_is_logged_in() {
    let stored = || app().routes(routes![begin]).sessions(Sessions::stored(MemoryStore::default()));
    let signed = || app().routes(routes![begin]);
    for app in [stored(), signed()] {
        let client =
            app.configure(|config| config.secret_key = Some(Secret::new("of this test"))).test_client();
        let visitor = || {
            assert_eq!(client.get("/begin").wait().status(), 200);
            let answer = send(&client, "/charge", "k", "x").text().to_owned();
            assert_eq!(send(&client, "/charge", "k", "x").text(), answer, "the same visitor gets it again");
            answer
        };
        let first = visitor();
        client.clear_cookies();
        assert_ne!(visitor(), first, "another visitor has keys of its own");
    }
}

#[test]
fn a_key_is_needed_where_the_view_says_so_and_means_nothing_elsewhere() {
    let client = client();
    assert_eq!(client.post("/strict").body("x").wait().status(), 400);
    assert_eq!(runs(&client), 0);
    for path in ["/charge", "/plain"] {
        client.post(path).body("x").wait();
        client.post(path).body("x").wait();
    }
    send(&client, "/plain", "k", "x");
    send(&client, "/plain", "k", "x");
    assert_eq!(runs(&client), 6);
    // PUT is idempotent by itself.
    for _ in 0..2 {
        client.put("/strict").header("idempotency-key", "k").body("x").wait();
    }
    assert_eq!(runs(&client), 8);
    assert_eq!(send(&client, "/charge", "\"unclosed", "x").status(), 400);
}

#[test]
fn what_failed_may_be_tried_again() {
    let client = client();
    for (status, runs_after) in [(503, 1), (500, 2), (409, 3)] {
        assert_eq!(send(&client, &format!("/charge?status={status}"), "k", "x").status(), status);
        assert_eq!(runs(&client), runs_after);
    }
    // Another key's answer of the same view.
    assert_eq!(send(&client, "/charge", "k2", "x").text(), "run 4");
}

/// Polls `future` once.
async fn once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[test]
fn while_the_first_is_at_work_others_are_told_to_wait_and_one_that_leaves_gives_its_key_back() {
    let client = client();
    let till = client.app().current_app().state::<Till>().unwrap();
    till.shut();
    let request =
        |body: &'static str| client.post("/charge").header("idempotency-key", "k").body(body).send();
    client.block_on(async {
        let first = tokio::time::timeout(std::time::Duration::from_secs(20), async {
            let mut first = std::pin::pin!(request("x"));
            assert!(once(first.as_mut()).await.is_pending());
            let second = request("x").await;
            assert_eq!((second.status().as_u16(), second.header("retry-after")), (409, Some("1")));
            assert_eq!(request("y").await.status(), 422);
            till.open();
            first.await
        });
        assert_eq!(first.await.unwrap().text(), "run 1");
        till.shut();
        {
            let mut leaving = std::pin::pin!(client.post("/charge").header("idempotency-key", "k2").send());
            assert!(once(leaving.as_mut()).await.is_pending());
        }
        till.open();
        let after = client.post("/charge").header("idempotency-key", "k2").send().await;
        assert_eq!((after.status().as_u16(), after.text()), (201, "run 3"));
    });
}

#[test]
fn an_answer_that_is_too_long_is_an_error_of_the_view() {
    let long = Route::new("long", "/long", ["POST"], async || "x".repeat(2000))
        .limits(ViewLimits::new().idempotent(Idempotent::Honoured));
    let app = App::new("t").routes([long]).configure(|config| config.idempotency.max_answer = 1000);
    let client = app.test_client();
    assert_eq!(send(&client, "/long", "k", "x").status(), 500);
    assert_eq!(client.post("/long").wait().status(), 200);
}

#[test]
fn memory_is_bounded_and_answers_expire() {
    let client = app().configure(|config| config.idempotency.memory = 2000).test_client();
    for n in 0..50 {
        send(&client, "/charge", &format!("k{n}"), "x");
    }
    assert_eq!(send(&client, "/charge", "k49", "x").text(), "run 50", "the last is known");
    assert_eq!(send(&client, "/charge", "k0", "x").text(), "run 51", "the first is forgotten");
    let client =
        app().configure(|config| config.idempotency.expires = std::time::Duration::ZERO).test_client();
    assert_eq!(send(&client, "/charge", "k", "x").text(), "run 1");
    assert_eq!(send(&client, "/charge", "k", "x").text(), "run 2");
}

#[test]
fn a_blueprint_says_it_for_its_views() {
    let views = Blueprint::new("pay")
        .url_prefix("/pay")
        .idempotent(Idempotent::Required)
        .routes([Route::new("charge", "/", ["POST"], charge)]);
    let client = App::new("t").state(Till::default()).register_blueprint(views).test_client();
    assert_eq!(client.post("/pay/").wait().status(), 400);
    assert_eq!(send(&client, "/pay/", "k", "x").text(), "run 1");
    assert_eq!(send(&client, "/pay/", "k", "x").text(), "run 1");
}

#[post("/said", idempotent = "required")]
async fn said() -> &'static str {
    "said"
}

#[test]
fn a_view_says_it_by_an_option() {
    let client = App::new("t").routes(routes![said]).test_client();
    assert_eq!(client.post("/said").wait().status(), 400);
    assert_eq!(send(&client, "/said", "k", "").text(), "said");
    assert_eq!(send(&client, "/said", "k", "").header("idempotent-replayed"), Some("true"));
}

/// A store in which another process is always a moment faster.
struct Slow(Mutex<Vec<KeptAnswer>>);

impl IdempotencyStore for Slow {
    fn find<'a>(
        &'a self,
        _: &'a Arc<flagon::Context>,
        _: &'a IdempotencyKey,
    ) -> flagon::BoxFuture<'a, Result<Option<KeptAnswer>>> {
        Box::pin(async { Ok(self.0.lock().unwrap().pop()) })
    }

    fn keep<'a>(
        &'a self,
        _: &'a Arc<flagon::Context>,
        _: &'a IdempotencyKey,
        answer: &'a KeptAnswer,
    ) -> flagon::BoxFuture<'a, Result<Keeping>> {
        let others = KeptAnswer { body: "the other's".into(), ..answer.clone() };
        self.0.lock().unwrap().push(others);
        Box::pin(async { Ok(Keeping::TooLate) })
    }

    fn committed(&self, _: IdempotencyKey, _: KeptAnswer) {
        panic!("nothing of this request is kept");
    }
}

#[test]
fn the_answer_of_a_faster_process_counts() {
    let client = app().idempotency_store(Slow(Mutex::default())).test_client();
    let answer = send(&client, "/charge", "k", "x");
    assert_eq!((answer.text(), answer.header("idempotent-replayed")), ("the other's", Some("true")));
    assert_eq!(runs(&client), 1);
}

#[cfg(feature = "sql")]
mod sql {
    use std::{collections::BTreeSet, sync::Barrier, thread};

    use flagon::{SqlAnswers, db, sql::Dialect};
    use futures_util::future::join_all;
    use mariadb::Server;

    use super::*;

    /// Counts in the database, and may fail after that.
    #[post("/count", idempotent)]
    async fn count() -> Result<String> {
        let n = db().insert("INSERT INTO counted (what) VALUES (?)", ("x",)).await?;
        if request().args().get("fail").is_some() {
            return abort(409);
        }
        Ok(format!("row {n}"))
    }

    fn client(url: &str) -> Client {
        let url = url.to_owned();
        let app = App::new("t").routes(routes![count]).idempotency_store(SqlAnswers);
        let client = app.configure(move |config| config.database = url.as_str().into()).test_client();
        client.block_on(async {
            let db = client.app().current_app().db();
            SqlAnswers::create_table(&db).await.unwrap();
            let table = match db.dialect() {
                Dialect::Sqlite => "CREATE TABLE IF NOT EXISTS counted (id INTEGER PRIMARY KEY, what TEXT)",
                _ => "CREATE TABLE IF NOT EXISTS counted (id INT PRIMARY KEY AUTO_INCREMENT, what TEXT)",
            };
            db.execute(table, ()).await.unwrap();
        });
        client
    }

    /// A database of each kind, and what it lies in.
    fn databases() -> (tempfile::TempDir, [String; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite:{}/t.sqlite", folder.path().display());
        (folder, [sqlite, Server::shared().database()])
    }

    fn rows(client: &Client, table: &'static str) -> i64 {
        client.block_on(async {
            let db = client.app().current_app().db();
            let select = match table {
                "counted" => "SELECT COUNT(*) FROM counted",
                "expired" => "SELECT COUNT(*) FROM flagon_idempotency WHERE expires <= 1",
                _ => "SELECT COUNT(*) FROM flagon_idempotency",
            };
            db.query_as::<i64>(select, ()).one().await.unwrap()
        })
    }

    #[test]
    fn the_answer_is_kept_in_the_transaction_of_what_it_tells_of() {
        let (_folder, databases) = databases();
        for url in databases {
            let first = client(&url);
            assert_eq!(send(&first, "/count", "k", "x").text(), "row 1");
            assert_eq!(send(&first, "/count", "k", "x").text(), "row 1");
            assert_eq!(send(&first, "/count", "k", "y").status(), 422);
            assert_eq!((rows(&first, "counted"), rows(&first, "answers")), (1, 1));
            // What is rolled back leaves no answer behind.
            assert_eq!(send(&first, "/count?fail", "k2", "x").status(), 409);
            assert_eq!((rows(&first, "counted"), rows(&first, "answers")), (1, 1));
            assert_eq!(send(&first, "/count?fail", "k2", "x").status(), 409);
            drop(first);
            // Another process, after a restart.
            let second = client(&url);
            let again = send(&second, "/count", "k", "x");
            assert_eq!((again.text(), again.header("idempotent-replayed")), ("row 1", Some("true")));
            assert_eq!(rows(&second, "counted"), 1);
        }
    }

    const KEYS: usize = 40;
    const EACH: usize = 6;

    /// Two processes, which know nothing of each other but what is in the database, get the same requests at the same time.
    #[test]
    fn a_request_that_comes_to_two_processes_at_once_is_done_once() {
        let (_folder, databases) = databases();
        for url in databases {
            let (clients, start) = ([client(&url), client(&url)], Barrier::new(2));
            let ask = |client: &Client| {
                start.wait();
                let answers = (0..KEYS * EACH).map(async |n| {
                    let key = format!("k{}", n / EACH);
                    let request =
                        client.post("/count").header("idempotency-key", &key).body("x").send().await;
                    (n / EACH, request.status().as_u16(), request.text().to_owned())
                });
                client.block_on(join_all(answers))
            };
            let answers: Vec<_> = thread::scope(|scope| {
                let asking: Vec<_> = clients.iter().map(|client| scope.spawn(|| ask(client))).collect();
                asking.into_iter().flat_map(|asking| asking.join().unwrap()).collect()
            });
            let mut texts = vec![BTreeSet::new(); KEYS];
            for (key, status, text) in answers {
                match status {
                    200 => drop(texts[key].insert(text)),
                    409 => (), // the first is at work
                    status => panic!("{url}: {status} {text}"),
                }
            }
            assert!(texts.iter().all(|texts| texts.len() == 1), "{url}: each key has one answer: {texts:?}");
            let distinct: BTreeSet<_> = texts.into_iter().flatten().collect();
            assert_eq!(distinct.len(), KEYS, "{url}");
            let [first, _] = &clients;
            assert_eq!((rows(first, "counted"), rows(first, "answers")), (40, 40), "{url}");
        }
    }

    #[test]
    fn a_key_whose_life_is_over_begins_a_new_one() {
        let (_folder, databases) = databases();
        for url in databases {
            let client = client(&url);
            let expire = || {
                let db = client.app().current_app().db();
                client.block_on(db.execute("UPDATE flagon_idempotency SET expires = 1", ())).unwrap();
            };
            assert_eq!(send(&client, "/count", "k", "x").text(), "row 1");
            expire();
            assert_eq!(send(&client, "/count", "k", "other").text(), "row 2");
            assert_eq!(send(&client, "/count", "k", "other").text(), "row 2");
            assert_eq!(rows(&client, "answers"), 1);
            expire();
            // One in 256 cleans up.
            let mut keys = (0..5000).map(|n| format!("n{n}"));
            while rows(&client, "expired") == 1 {
                send(&client, "/count", &keys.next().expect("one of 5,000 begins with a zero"), "x");
            }
        }
    }
}
