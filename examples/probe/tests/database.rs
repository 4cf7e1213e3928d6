//! The probe as a process, under many clients at once and killed in the middle: what it has acknowledged is there.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use flagon::sql::Database;
use mariadb::Server;
use serde_json::Value;

/// A running probe, which is killed when this is dropped.
struct Probe {
    process: Child,
    address: SocketAddr,
}

impl Probe {
    fn start(database: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_probe"))
            .args(["run", "--port", "0", "--threads", "2", "--database", database])
            .env("FLAGON_LOG__ACCESS", "off")
            .env("FLAGON_LOG__LEVEL", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { process, address }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.process.kill(); // SIGKILL: it gets no chance to tidy up
        self.process.wait().unwrap();
    }
}

/// A connection that is kept open.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> Option<Self> {
        let socket = TcpStream::connect(address).ok()?;
        socket.set_nodelay(true).ok()?;
        socket.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
        Some(Self(BufReader::new(socket)))
    }

    /// Status and body of the answer; `None` when the other end is gone.
    fn ask(&mut self, method: &str, target: &str) -> Option<(u16, String)> {
        let request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).ok()?;
        let mut line = String::new();
        self.0.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line).ok().filter(|read| *read > 0)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        Some((status, String::from_utf8(body).ok()?))
    }
}

/// What a client was told.
#[derive(Default)]
struct Log {
    made: Vec<u64>,
    refused: usize,
    others: Vec<u16>,
}

/// Transfers of client `number` until `stop`, or until the server is gone.
fn transfers(address: SocketAddr, number: u64, stop: &AtomicBool) -> Log {
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
        let target = format!("/transfer?from={from}&to={to}&amount={}", 1 + random(20));
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

/// Ends clients that are under way for `time`.
fn under_load(address: SocketAddr, clients: u64, time: Duration, meanwhile: impl FnOnce()) -> Vec<Log> {
    let stop = AtomicBool::new(false);
    let stop = &stop;
    thread::scope(|scope| {
        let all: Vec<_> =
            (1..=clients).map(|number| scope.spawn(move || transfers(address, number, stop))).collect();
        thread::sleep(time); // the length of the load, not a wait for something
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        all.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// The sum of all accounts, and the numbers of all transfers, from the database itself.
fn in_database(url: &str) -> (i64, HashSet<u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Database::open(url).unwrap().db();
        let sum = db.query_as("SELECT sum(balance) FROM account", ()).one().await.unwrap();
        let made: Vec<u64> = db.query_as("SELECT id FROM transfer", ()).all().await.unwrap();
        (sum, made.into_iter().collect())
    })
}

/// A database of each kind, with what keeps its file.
fn databases() -> [(String, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("app.db").display());
    [(sqlite, Some(folder)), (Server::shared().database(), None)]
}

#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn sixty_four_clients(time: Duration) {
    for (url, _folder) in databases() {
        let probe = Probe::start(&url);
        let begun = Instant::now();
        let logs = under_load(probe.address, 64, time, || ());
        let others: Vec<_> = logs.iter().flat_map(|log| &log.others).collect();
        assert!(others.is_empty(), "{url}: {others:?}");
        let (sum, kept) = in_database(&url);
        assert_eq!(sum, 10_000, "{url}");
        let made: Vec<u64> = logs.iter().flat_map(|log| log.made.iter().copied()).collect();
        let refused: usize = logs.iter().map(|log| log.refused).sum();
        assert!(!made.is_empty());
        assert!(made.iter().all(|id| kept.contains(id)), "{url}: something acknowledged is missing");
        assert_eq!(made.len(), kept.len(), "{url}: something is there that nobody was told of");
        println!(
            "{url}: {} transfers, {refused} refused for want of money, in {:?}",
            made.len(),
            begun.elapsed()
        );
    }
}

#[test]
fn no_client_sees_a_deadlock_and_no_money_is_lost() {
    sixty_four_clients(Duration::from_secs(2));
}

#[test]
#[ignore = "slow: a minute on each database"]
fn no_client_sees_a_deadlock_for_a_minute() {
    sixty_four_clients(Duration::from_mins(1));
}

#[expect(clippy::print_stdout, reason = "the figures of a slow run")]
fn killed(times: u64) {
    for (url, _folder) in databases() {
        let mut acknowledged = HashSet::new();
        for time in 0..times {
            let mut probe = Probe::start(&url);
            let pause = Duration::from_millis(50 + time * 37 % 200);
            let address = probe.address;
            let logs = under_load(address, 8, pause, || probe.process.kill().unwrap());
            acknowledged.extend(logs.into_iter().flat_map(|log| log.made));
        }
        let (sum, kept) = in_database(&url);
        assert_eq!(sum, 10_000, "{url}");
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "{url}: {lost:?} of {} are lost", acknowledged.len());
        println!("{url}: {} acknowledged writes over {times} kills, none lost", acknowledged.len());
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    killed(3);
}

#[test]
#[ignore = "slow: a hundred kills"]
fn what_was_acknowledged_survives_a_hundred_kills() {
    killed(100);
}

/// What the probe prints for a command, and whether it went well.
fn command(url: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_probe"))
        .args(["--database", url])
        .args(arguments)
        .env("FLAGON_LOG__LEVEL", "error")
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text)
}

#[test]
fn the_command_db_migrates_and_checks() {
    for (url, _folder) in databases() {
        let (_, status) = command(&url, &["db", "status"]);
        assert_eq!(status.matches("pending").count(), 2, "{status}");
        let (_, shown) = command(&url, &["db", "migrate", "--dry-run"]);
        assert!(shown.contains("-- 2_create_account\nCREATE TABLE account"), "{shown}");
        assert_eq!(command(&url, &["db", "migrate"]), (true, "2 done: [1, 2]\n".to_owned()));
        assert_eq!(command(&url, &["db", "migrate"]), (true, "nothing is pending\n".to_owned()));
        assert_eq!(command(&url, &["db", "rollback"]), (true, "1 taken back: [2]\n".to_owned()));
        let (_, status) = command(&url, &["db", "status"]);
        assert_eq!((status.matches("done").count(), status.matches("pending").count()), (1, 1), "{status}");
        let (well, check) = command(&url, &["db", "check"]);
        assert!(well && check.ends_with("every table can roll back\n"), "{check}");
    }
}

#[test]
fn the_command_db_finds_and_converts_tables_that_can_not_roll_back() {
    let url = Server::shared().database();
    let name = url.rsplit('/').next().unwrap();
    Server::shared().run(&format!(
        "CREATE TABLE {name}.old (id INT PRIMARY KEY) ENGINE=MyISAM; INSERT INTO {name}.old VALUES (1), (2)"
    ));
    let (_, check) = command(&url, &["db", "check"]);
    assert!(check.contains("old is of MyISAM: about 2 rows"), "{check}");
    assert!(check.contains("cure: ALTER TABLE `old` ENGINE=InnoDB"), "{check}");
    let (well, text) = command(&url, &["db", "convert", "nowhere"]);
    assert!(!well && text.contains("`nowhere` is no table here"), "{text}");
    let (well, text) = command(&url, &["db", "convert"]);
    assert!(well && text.contains("is InnoDB now; its checksum is the same"), "{text}");
    assert_eq!(Server::shared().run(&format!("SELECT count(*) FROM {name}.old")).trim(), "2");
}
