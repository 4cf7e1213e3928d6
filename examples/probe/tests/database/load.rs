//! Many clients that transfer money, and what each of them was told.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use flagon::sql::Database;
use mariadb::Server;
use serde_json::Value;

use crate::client::Client;

/// What a client was told.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) made: Vec<u64>,
    pub(crate) refused: usize,
    pub(crate) others: Vec<u16>,
}

/// Transfers of client `number` by the view at `path` until `stop`, or until the server is gone.
fn transfers(address: SocketAddr, path: &str, number: u64, stop: &AtomicBool) -> Log {
    let mut log = Log::default();
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let Some(mut client) = Client::connect(address) else { return log };
    while !stop.load(Ordering::Relaxed) {
        let from = 1 + random(10);
        let to = 1 + (from + random(9)) % 10;
        let target = format!("{path}?from={from}&to={to}&amount={}", 1 + random(20));
        match client.ask("POST", &target) {
            Some((200, body)) => {
                log.made.push(serde_json::from_str::<Value>(&body).unwrap()["id"].as_u64().unwrap());
            }
            Some((409, _)) => log.refused += 1,
            Some((status, _)) => log.others.push(status),
            None => break,
        }
    }
    log
}

/// Lets `clients` transfer by the view at `path` for `time`; then comes what is to happen meanwhile, and they end.
pub(crate) fn under_load(
    (address, path): (SocketAddr, &str),
    clients: u64,
    time: Duration,
    meanwhile: impl FnOnce(),
) -> Vec<Log> {
    let stop = AtomicBool::new(false);
    let stop = &stop;
    thread::scope(|scope| {
        let all: Vec<_> =
            (1..=clients).map(|number| scope.spawn(move || transfers(address, path, number, stop))).collect();
        thread::sleep(time); // the length of the load, not a wait for something
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        all.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// The sum of all accounts, and the numbers of all transfers, from the database itself.
pub(crate) fn in_database(url: &str) -> (i64, HashSet<u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Database::open(url).unwrap().db();
        let sum = db.query_as("SELECT sum(balance) FROM account", ()).one().await.unwrap();
        let made: Vec<u64> = db.query_as("SELECT id FROM transfer", ()).all().await.unwrap();
        (sum, made.into_iter().collect())
    })
}

/// A database of each kind, with what keeps its file.
pub(crate) fn databases() -> [(String, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("app.db").display());
    [(sqlite, Some(folder)), (Server::shared().database(), None)]
}
