//! A private MariaDB for the chapters on databases, if `mariadbd` is installed.
//!
//! In: nothing. Out: databases of it, reached by a socket in a folder that only this user can enter. Never: listens on a port, touches
//! the machine's own server, or stays: it ends, and its folder goes, when the handbook does, however that ends.

use std::{
    fmt,
    fs::{DirBuilder, read_to_string},
    io::{self, Write as _},
    os::unix::{fs::DirBuilderExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use flagon::sql::{AssertSqlSafe, Database, Options};
use tokio::{
    sync::OnceCell,
    task::spawn_blocking,
    time::{Instant, sleep},
};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running server. The shell around it reads commands from a pipe that ends with this program, also when it is killed; then the shell
/// stops the server by its pid and removes the folder.
#[derive(Debug)]
pub(crate) struct Server {
    folder: PathBuf,
    commands: Mutex<ChildStdin>,
    #[cfg_attr(not(test), expect(dead_code, reason = "kept as long as the server; it ends with its pipe"))]
    shell: Child,
}

/// Why there is no server.
#[derive(Debug, Clone)]
pub(crate) enum Absence {
    /// There is no `mariadbd` here: `apt-get install mariadb-server` cures it.
    NotInstalled,
    /// It does not start; its last words.
    Failed(String),
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => f.write_str("mariadbd is not installed"),
            Self::Failed(why) => write!(f, "mariadbd does not start: {why}"),
        }
    }
}

/// The one server that all chapters share; it is started when it is first asked for.
///
/// # Errors
///
/// [`Absence`], also when it is asked for again.
pub(crate) async fn shared() -> Result<&'static Server, Absence> {
    SHARED.get_or_init(Server::start).await.as_ref().map_err(Clone::clone)
}

static SHARED: OnceCell<Result<Server, Absence>> = OnceCell::const_new();

/// Has the shared server start while a reader reads; says at once if there can be none.
pub(crate) async fn prepare() -> Option<Absence> {
    static INSTALLED: OnceCell<bool> = OnceCell::const_new();
    let is_installed =
        INSTALLED.get_or_init(async || spawn_blocking(is_installed).await.is_ok_and(|found| found)).await;
    match SHARED.get() {
        Some(known) => known.as_ref().err().cloned(),
        None if *is_installed => {
            tokio::spawn(shared());
            None
        }
        None => Some(Absence::NotInstalled),
    }
}

fn is_installed() -> bool {
    let look = format!("{PATH} command -v mariadbd && command -v mariadb-install-db");
    let found = Command::new("sh").args(["-c", &look]).stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

impl Server {
    async fn start() -> Result<Self, Absence> {
        let failed = |error: io::Error| Absence::Failed(error.to_string());
        let begun = spawn_blocking(Self::begin).await.map_err(io::Error::other).and_then(|begun| begun);
        let Some(server) = begun.map_err(failed)? else { return Err(Absence::NotInstalled) };
        server.answers().await?;
        Ok(server)
    }

    /// Starts the shell around the server; `None` where there is no `mariadbd`.
    fn begin() -> io::Result<Option<Self>> {
        if !is_installed() {
            return Ok(None);
        }
        let folder = std::env::temp_dir().join(format!("handbook-mariadb-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let mut shell = Command::new("sh")
            .args(["-c", &format!("{PATH} {RUN}")])
            .arg(&folder)
            .args(OPTIONS)
            .process_group(0) // Ctrl+C is for the handbook, whose end then is the server's.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let commands = shell.stdin.take().ok_or_else(|| io::Error::other("the shell has no input"))?;
        Ok(Some(Self { folder, commands: Mutex::new(commands), shell }))
    }

    /// Waits until the server answers.
    ///
    /// # Errors
    ///
    /// [`Absence::Failed`] when it does not in time.
    async fn answers(&self) -> Result<(), Absence> {
        let begun = Instant::now();
        loop {
            let failure = match self.open("mysql") {
                Ok(database) => {
                    let answer = database.check().await;
                    database.close().await;
                    answer.err()
                }
                Err(error) => Some(error),
            };
            match failure {
                None => return Ok(()),
                Some(error) if begun.elapsed() > PATIENCE => {
                    return Err(Absence::Failed(format!("{error}: {}", self.last_words())));
                }
                Some(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    fn last_words(&self) -> String {
        let log = read_to_string(self.folder.join("log")).unwrap_or_default();
        log.lines().last().unwrap_or("it says nothing").to_owned()
    }

    /// The database `name`, which is made if it is not there. Each call gives connections of its own.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub(crate) async fn database(&self, name: &'static str) -> flagon::sql::Result<Database> {
        let server = self.open("mysql")?;
        let sql = format!("CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4");
        let made = server.db().execute(AssertSqlSafe(sql), ()).await;
        server.close().await;
        made?;
        self.open(name)
    }

    fn open(&self, name: &str) -> flagon::sql::Result<Database> {
        let socket = self.folder.join("socket");
        let mut options: Options =
            format!("mysql://root@localhost/{name}?socket={}", socket.display()).parse()?;
        options.connections = 8;
        Ok(Database::with_options(options))
    }

    /// Kills the server as a failure of the machine would, without a word (`SIGKILL`), starts it again on the same data, and waits until
    /// it has recovered. All connections of all chapters break.
    ///
    /// # Errors
    ///
    /// [`Absence::Failed`] when it does not come back.
    pub(crate) async fn crash(&self) -> Result<(), Absence> {
        let pid = || read_to_string(self.folder.join("mariadbd.pid")).unwrap_or_default();
        let first = pid();
        self.commands
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(b"crash\n")
            .map_err(|error| Absence::Failed(error.to_string()))?;
        let begun = Instant::now();
        while pid() == first && begun.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20)).await;
        }
        self.answers().await
    }

    /// Where its files are: those of a database in `data/<name>`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Daemons are not on every user's path.
const PATH: &str = r#"PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin"; "#;

/// `$0` is the folder. A server refuses to run as root without being told so.
const RUN: &str = r#"
if [ "$(id -u)" = 0 ]; then set -- --user=root "$@"; fi
set -- --no-defaults --datadir="$0/data" --socket="$0/socket" --pid-file="$0/mariadbd.pid" "$@"
start() { mariadbd "$@" 2>> "$0/log" & server=$!; }
mariadb-install-db "$@" --auth-root-authentication-method=normal --skip-test-db > "$0/log" 2>&1
start "$@"
while read -r crash; do
  kill -9 $server; wait $server
  start "$@"
done
kill $server 2> /dev/null
wait $server
rm -rf "$0"
"#;

/// Small, and without the network.
const OPTIONS: [&str; 10] = [
    "--skip-networking",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--userstat=ON",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-lock-wait-timeout=5",
    "--innodb-print-all-deadlocks=ON",
    "--max-connections=64",
];

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[tokio::test]
    async fn a_crash_keeps_what_was_committed_and_the_end_leaves_nothing() {
        let server =
            Server::start().await.expect("these tests need MariaDB, which `cargo xtask setup` installs");
        let database = server.database("crashed").await.unwrap();
        database.db().execute("CREATE TABLE t (a INT PRIMARY KEY) ENGINE=InnoDB", ()).await.unwrap();
        database.db().execute("INSERT INTO t VALUES (7)", ()).await.unwrap();
        let uptime = "SELECT cast(variable_value AS INTEGER) FROM information_schema.global_status WHERE variable_name = 'uptime'";
        drop(database);

        server.crash().await.unwrap();
        let again = server.database("crashed").await.unwrap().db();
        assert_eq!(again.query_as::<i64>("SELECT a FROM t", ()).all().await.unwrap(), [7]);
        assert!(again.query_as::<i64>(uptime, ()).one().await.unwrap() < 40);

        assert_eq!(server.folder().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let Server { folder, commands, mut shell } = server;
        drop(commands);
        assert!(shell.wait().unwrap().success());
        assert!(!folder.exists(), "{}", folder.display());
    }
}
