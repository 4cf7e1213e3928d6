//! Clients that leave in the middle of their requests: nothing of these is left, neither here nor in the database.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use mariadb::Server;
use serde_json::Value;

use crate::{
    client::{Client, Probe},
    load::databases,
};

/// What the probe holds for requests: tasks, threads, and requests that wait for a thread.
fn held(address: SocketAddr) -> (u64, u64, u64) {
    let (status, body) = Client::connect(address).unwrap().ask("GET", "/held").unwrap();
    assert_eq!(status, 200);
    let held: Value = serde_json::from_str(&body).unwrap();
    let number = |name: &str| held[name].as_u64().unwrap();
    (number("tasks"), number("threads"), number("waiting"))
}

/// How many statements run in the database of `url`; of SQLite, whose statements run in the probe, none is seen from here.
fn statements(url: &str) -> u64 {
    if url.starts_with("sqlite") {
        return 0;
    }
    let name = url.rsplit('/').next().unwrap();
    let sql = format!(
        "SELECT count(*) FROM information_schema.processlist WHERE db = '{name}' AND command <> 'Sleep' AND info IS NOT NULL"
    );
    Server::shared().run(&sql).lines().last().unwrap().trim().parse().unwrap()
}

/// Waits until `is_so`, and gives how long that took.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_mins(1), "waited for a minute: {what}");
        thread::sleep(Duration::from_millis(5)); // between two looks
    }
    began.elapsed()
}

/// So many clients ask and leave: four of five of an `async fn`, the others of a plain `fn`.
#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn clients_leave(count: usize) {
    for (url, _folder) in databases() {
        let probe = Probe::start(&url);
        let mut tasks = 0;
        let clients: Vec<_> = (0..count)
            .map(|number| {
                let is_sync = number % 5 == 4;
                tasks += u64::from(!is_sync);
                let (path, id) = (if is_sync { "/held/sync" } else { "/held" }, 1 + number % 10);
                let mut socket = TcpStream::connect(probe.address).unwrap();
                write!(socket, "POST {path}?id={id} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
                    .unwrap();
                socket
            })
            .collect();
        let is_mysql = !url.starts_with("sqlite");
        wait_until("all are in the middle of it", || {
            let (running, threads, waiting) = held(probe.address);
            running == tasks
                && threads + waiting == count as u64 - tasks
                && (!is_mysql || statements(&url) > 0)
        });
        let before = statements(&url);
        let began = Instant::now();
        drop(clients);
        wait_until("nothing of them is left", || held(probe.address) == (0, 0, 0) && statements(&url) == 0);
        // The locks are free, and the connections are lent again.
        thread::scope(|scope| {
            for id in 1..=10 {
                let address = probe.address;
                scope.spawn(move || {
                    let answer =
                        Client::connect(address).unwrap().ask("POST", &format!("/held/free?id={id}"));
                    assert_eq!(answer.unwrap().0, 200);
                });
            }
        });
        let kind = url.split(':').next().unwrap();
        println!(
            "{kind}: {count} clients left, {before} statements ran; all was free after {:?}",
            began.elapsed()
        );
    }
}

#[test]
fn nothing_is_left_of_clients_that_leave() {
    clients_leave(100);
}

#[test]
#[ignore = "slow: a thousand clients"]
fn nothing_is_left_of_a_thousand_clients_that_leave() {
    clients_leave(1000);
}
