//! Sessions in the app's database, on SQLite and on MariaDB, with two processes that share it.

use std::time::{Duration, SystemTime};

use flagon::{Route, ServerSessions, Sessions, SqlStore, prelude::*, testing::Client};
use futures_util::future::join_all;
use mariadb::Server;

fn app(url: &str, idle: Duration) -> Client {
    let url = url.to_owned();
    let sessions = ServerSessions::new(SqlStore::default()).idle(idle);
    let client = App::new("t")
        .sessions(Sessions::stored(sessions))
        .configure(move |config| {
            config.database = url.into();
            // What many at once wait for is no mistake here.
            config.view_timeout = None;
            config.sql.wait = Duration::from_mins(10);
        })
        .routes([
            Route::new("count", "/count", ["GET"], async || {
                session().update("n", |n: Option<u64>| n.unwrap_or(0) + 1)?;
                let name = format!("k{}", request().args().get("k").unwrap_or_default());
                session().insert(name, (1, "\u{e9}")).map(|()| "")
            }),
            Route::new("user", "/user", ["GET"], async || session().insert("_user_id", "ada").map(|()| "")),
            Route::new("get", "/get", ["GET"], async || {
                session().get::<String>("_user_id").unwrap_or_default()
            }),
            Route::new("renew", "/renew", ["GET"], async || session().renew_id().map(|()| "")),
        ])
        .test_client();
    client.block_on(SqlStore::create_table(&client.app().db())).unwrap();
    client
}

/// Runs `test` on a database of each kind.
fn on_each(test: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    test(&format!("sqlite://{}", folder.path().join("t.db").display()));
    test(&Server::shared().database());
}

#[test]
fn a_session_is_shared_by_processes_renewed_listed_and_ended() {
    on_each(|url| {
        let hour = Duration::from_hours(1);
        let (one, other) = (app(url, hour), app(url, hour));
        one.get("/user").wait();
        let id = one.cookie("session").unwrap();
        let get = |client: &Client, id: &str| {
            client.get("/get").header("cookie", format!("session={id}")).wait().text().to_owned()
        };
        assert_eq!(get(&other, &id), "ada");
        one.get("/renew").wait();
        let renewed = one.cookie("session").unwrap();
        assert_eq!((get(&other, &id), get(&other, &renewed)), (String::new(), "ada".to_owned()));
        let app = other.app().current_app();
        let sessions = app.server_sessions().unwrap();
        other.block_on(async {
            let listed = sessions.of_user("ada").await.unwrap();
            assert_eq!(listed.len(), 1);
            assert!(listed[0].expires > SystemTime::now() && listed[0].address.is_some());
            assert!(sessions.revoke("ada", &listed[0].handle).await.unwrap());
        });
        assert_eq!(get(&one, &renewed), "");
    });
}

#[test]
fn what_is_over_is_not_found_and_cleaned() {
    on_each(|url| {
        let client = app(url, Duration::ZERO);
        client.get("/user").wait();
        assert_eq!(client.get("/get").wait().text(), "");
        let app = client.app().current_app();
        assert_eq!(client.block_on(app.server_sessions().unwrap().clean()).unwrap(), 1);
    });
}

/// `count` requests of one session at once, of two processes that share a database.
fn requests_at_once(url: &str, count: usize) {
    let hour = Duration::from_hours(1);
    let processes = [app(url, hour), app(url, hour)];
    processes[0].get("/user").wait();
    let id = processes[0].cookie("session").unwrap();
    let (counted, names) = processes[0].block_on(async {
        let requests = (0..count).map(|number| {
            let target = format!("/count?k={}", number % 50);
            let client = &processes[number % 2];
            client.get(&target).header("cookie", format!("session={id}")).send()
        });
        assert!(join_all(requests).await.iter().all(|answer| answer.status() == 200));
        let read = |session: &flagon::Session| {
            let names = (0..50).filter(|number| session.contains(&format!("k{number}"))).count();
            (session.get::<usize>("n"), names)
        };
        processes[0].session_transaction(read).await
    });
    assert_eq!((counted, names), (Some(count), 50), "{url}");
}

#[test]
fn requests_at_once_lose_nothing() {
    on_each(|url| requests_at_once(url, 200));
}

#[test]
#[ignore = "slow: 10,000 requests on each database"]
fn ten_thousand_requests_at_once_lose_nothing() {
    on_each(|url| requests_at_once(url, 10_000));
}
