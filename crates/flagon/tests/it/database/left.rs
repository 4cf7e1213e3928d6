//! Statements whose answers nobody waits for any more: the client has left, or the time of the view is over.

use std::time::{Duration, Instant};

use flagon::{prelude::*, sql::Dialect, testing::Client};
use mariadb::Server;

use super::{balances, client, clients};

/// Longer than any test: who waits for it, fails.
const ENDLESS: Duration = Duration::from_mins(10);

/// A statement that takes about forever.
fn endless(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "SELECT sleep(100000)",
        _ => "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    }
}

#[post("/endless")]
async fn waits() -> Result<String> {
    db().execute("UPDATE account SET balance = 0 WHERE id = 1", ()).await?;
    let count: i64 = db().query_as(endless(db().dialect()), ()).one().await?;
    Ok(count.to_string())
}

#[post("/streams")]
async fn streams() -> Result<String> {
    use futures_util::StreamExt as _;

    db().execute("UPDATE account SET balance = 0 WHERE id = 1", ()).await?;
    let mut rows = db().query_as::<i64>(endless(db().dialect()), ()).stream();
    Ok(rows.next().await.is_some().to_string())
}

#[get("/reads")]
async fn reads() -> Result<String> {
    let count: i64 = db().query_as(endless(db().dialect()), ()).one().await?;
    Ok(count.to_string())
}

#[post("/own", autocommit)]
async fn on_its_own() -> Result<String> {
    let count: i64 = db().query_as(endless(db().dialect()), ()).one().await?;
    Ok(count.to_string())
}

#[post("/add")]
async fn add() -> Result<()> {
    db().execute("UPDATE account SET balance = balance + 1 WHERE id = 1", ()).await?;
    Ok(())
}

fn app() -> App {
    App::new("t").routes(routes![waits, streams, reads, on_its_own, add])
}

/// How many statements of this database its server is at.
async fn running(client: &Client) -> i64 {
    let db = client.app().db();
    if db.dialect() == Dialect::Sqlite {
        return 0; // it has no list of them; that others can write tells it
    }
    let others = "SELECT count(*) FROM information_schema.processlist \
        WHERE db = database() AND command <> 'Sleep' AND id <> connection_id()";
    db.query_as(others, ()).one().await.unwrap()
}

async fn until_running(client: &Client, expected: i64) {
    let begun = Instant::now();
    while running(client).await != expected {
        assert!(begun.elapsed() < Duration::from_secs(20), "{expected} statements do not run");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn a_statement_ends_with_the_time_of_its_view_and_its_locks_with_it() {
    let app = || app().configure(|config| config.view_timeout = Some(Duration::from_millis(300)));
    for client in clients(app) {
        for (method, path) in
            [("POST", "/endless"), ("POST", "/streams"), ("GET", "/reads"), ("POST", "/own")]
        {
            let late = if method == "GET" { client.get(path).wait() } else { client.post(path).wait() };
            assert_eq!(late.status(), 504, "{path}");
            client.block_on(until_running(&client, 0));
        }
        // At its first try it may be late as well, where the machine is slow; when something is locked it is late for ever.
        let added = (0..50).any(|_| client.post("/add").wait().status() == 204);
        assert!(added, "nothing is locked any more");
        assert_eq!(balances(&client), [101, 100], "and nothing of what took too long was kept");
    }
}

#[test]
fn a_statement_ends_when_its_client_leaves() {
    for client in clients(|| app().configure(|config| config.view_timeout = Some(ENDLESS))) {
        for path in ["/endless", "/streams", "/own"] {
            client.block_on(async {
                let expected = i64::from(client.app().db().dialect() == Dialect::MySql);
                let request = client.post(path).send();
                let begun = async {
                    until_running(&client, expected).await;
                    tokio::time::sleep(Duration::from_millis(50)).await; // SQLite does not tell
                };
                tokio::select! {
                    _ = request => panic!("it can't be answered"),
                    () = begun => (), // and the request is dropped
                }
                until_running(&client, 0).await;
                assert_eq!(client.post("/add").send().await.status(), 204, "{path}");
            });
        }
        assert_eq!(balances(&client), [103, 100]);
    }
}

#[test]
fn many_that_leave_at_once_are_all_ended() {
    let client = client(app(), Server::shared().database());
    client.block_on(async {
        let requests = (0..12).map(|_| client.post("/own").send());
        tokio::select! {
            _ = futures_util::future::join_all(requests) => panic!("they can't be answered"),
            () = until_running(&client, 12) => (),
        }
        until_running(&client, 0).await;
        assert_eq!(client.post("/add").send().await.status(), 204);
    });
}

#[test]
fn who_waits_where_others_would_wait_too_is_told_what_to_write() {
    #[get("/")]
    async fn on_the_loop() -> Result<String> {
        Ok(flagon::sql::wait(db().query_as::<i64>("SELECT 1", ()).one())?.to_string())
    }
    #[get("/plain")]
    fn plain() -> Result<String> {
        Ok(flagon::sql::wait(db().query_as::<i64>("SELECT 1", ()).one())?.to_string())
    }
    let app = App::new("t").routes(routes![on_the_loop, plain]).configure(|config| config.debug = true);
    let client = client(app, "sqlite::memory:".into());
    assert_eq!(client.get("/plain").wait().text(), "1");
    let refused = client.get("/").header("accept", "application/json").wait();
    assert_eq!(refused.status(), 500);
    assert!(refused.text().contains("sql::wait was called in async code"), "{}", refused.text());
    let elsewhere = std::thread::spawn(|| flagon::sql::wait(std::future::ready(()))).join().unwrap_err();
    let text = elsewhere.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| elsewhere.downcast_ref::<String>().cloned()).unwrap();
    assert!(text.starts_with("sql::wait was called where no event loop runs"), "{text}");
}
