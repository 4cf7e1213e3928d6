//! A private MariaDB server for tests: its own data folder, port and socket, on loopback, with nothing of the machine's own server.
//!
//! In: nothing. Out: URLs of empty databases. Never: outlives the test program; a test fails when `mariadbd` is missing.

#![expect(clippy::missing_panics_doc, reason = "a failure of the server is a failure of the test")]
#![expect(clippy::unwrap_used, reason = "used by tests only")]

use std::{
    env, fs,
    io::Write as _,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_mins(1);

/// A running server. The shell around it waits for the end of its own input, which comes when this is dropped and also when the test
/// program ends in any other way; then it stops the server by its pid and removes the folder.
///
/// # Examples
///
/// ```no_run
/// let url = mariadb::Server::shared().database();
/// assert!(url.starts_with("mysql://root@127.0.0.1:"));
/// ```
#[derive(Debug)]
pub struct Server {
    shell: Child,
    folder: PathBuf,
    port: u16,
}

const RUN: &str = r#"
PATH="$PATH:/usr/sbin:/sbin" # where daemons are, and not on every user's path
start() { mariadbd "$@" 2>> "$0/log" & server=$!; echo $server > "$0/pid"; }
start "$@"
while read -r crash; do
  kill -9 $server; wait $server 2> /dev/null
  start "$@"
done
kill $server 2> /dev/null
wait $server
rm -rf "$0"
"#;

impl Server {
    /// The server that all tests of a program share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]))
    }

    /// Starts a server with `options` besides its own, such as `--transaction-isolation=READ-COMMITTED`.
    pub fn start(options: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // In memory where there is such a folder: most of the time of a test would be spent on the disk.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_path_buf() } else { env::temp_dir() };
        let folder = parent.join(format!("flagon-mariadb-{}-{number}", std::process::id()));
        // Servers of several test programs must not meet in /tmp, where they name their tables alike.
        fs::create_dir_all(folder.join("tmp")).unwrap();
        install(&folder);
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let shell = run(&folder, port, options);
        let server = Self { shell, folder, port };
        server.wait();
        server
    }

    /// Kills the server without a word (`SIGKILL`), starts it again on the same data, and waits until it has recovered.
    pub fn crash(&self) {
        let pid = || fs::read_to_string(self.folder.join("pid")).unwrap_or_default();
        let first = pid();
        let mut input = self.shell.stdin.as_ref().unwrap();
        input.write_all(b"crash\n").unwrap();
        let begun = Instant::now();
        while pid() == first || pid().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "the server is not started again");
            thread::sleep(Duration::from_millis(10));
        }
        self.wait();
    }

    fn wait(&self) {
        let begun = Instant::now();
        while self.ask("SELECT 1").is_none_or(|answer| answer.trim() != "1") {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "mariadbd does not answer:\n{}", log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// An empty database of its own, as a URL.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.run(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        format!("mysql://root@127.0.0.1:{}/{name}", self.port)
    }

    /// Carries out statements as root, by the command-line client, and gives what it prints.
    pub fn run(&self, sql: &str) -> String {
        self.ask(sql).unwrap_or_else(|| panic!("mariadb refuses `{sql}`"))
    }

    /// The same for what may be refused, or cut short by [`crash`](Self::crash): `None` then.
    pub fn try_run(&self, sql: &str) -> Option<String> {
        self.ask(sql)
    }

    /// The folder of the server: its data are in `data`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port it listens at, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn ask(&self, sql: &str) -> Option<String> {
        let socket = self.folder.join("socket");
        let output = Command::new("mariadb")
            .args(["--no-defaults", "--skip-column-names", "--batch", "--user=root"])
            .arg(format!("--socket={}", socket.display()))
            .args(["--execute", sql])
            .stderr(Stdio::null())
            .output();
        let output = output.expect("these tests need MariaDB, which `cargo xtask setup` installs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Makes the system tables of a new server.
fn install(folder: &Path) {
    let output = Command::new("mariadb-install-db")
        .args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ])
        .arg(format!("--datadir={}", folder.join("data").display()))
        .args(as_root())
        .output()
        .expect("these tests need MariaDB, which `cargo xtask setup` installs");
    assert!(output.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&output.stderr));
}

fn run(folder: &Path, port: u16, options: &[&str]) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", RUN]).arg(folder).arg("--no-defaults");
    shell.arg(format!("--datadir={}", folder.join("data").display()));
    shell.arg(format!("--tmpdir={}", folder.join("tmp").display()));
    shell.arg(format!("--socket={}", folder.join("socket").display()));
    shell.arg(format!("--pid-file={}", folder.join("mariadbd.pid").display()));
    shell.arg(format!("--port={port}")).args(as_root()).args([
        "--bind-address=127.0.0.1",
        "--skip-log-bin",
        "--skip-name-resolve",
        "--performance-schema=OFF",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=32M",
        // What a test server has acknowledged need not survive a power failure: it never waits for the disk.
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-flush-method=nosync",
        "--innodb-doublewrite=0",
        "--sync-frm=0",
        "--max-connections=500",
    ]);
    shell.args(options).stdin(Stdio::piped());
    shell.stdout(Stdio::null()).spawn().expect("sh starts")
}

/// The server refuses to run as root without being told so.
fn as_root() -> Option<&'static str> {
    let id = Command::new("id").arg("-u").output().ok()?;
    (String::from_utf8_lossy(&id.stdout).trim() == "0").then_some("--user=root")
}
