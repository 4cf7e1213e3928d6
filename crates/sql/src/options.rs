//! Where the database is, and how many connections it gets.
//!
//! In: a URL. Out: [`Options`]. Never: connects.

use std::{fmt, path::Path, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    mysql::{MySqlConnectOptions, MySqlSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;

use crate::{
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    observed::Observer,
};

/// Where the database is, and how it is used.
///
/// | URL | database |
/// |---|---|
/// | `sqlite://app.db`, `sqlite:///var/lib/app.db` | SQLite in a file, relative or absolute; it is made if it is not there |
/// | `sqlite::memory:` | SQLite in a file of its own that goes away with the last handle: for tests |
/// | `mysql://user:password@host:3306/name` | MySQL or MariaDB; `mariadb://` is the same |
/// | `mysql://user@localhost/name?socket=/run/mysqld/mysqld.sock` | the same, by its socket |
///
/// After the `?` of MySQL's:
///
/// | name | what it says |
/// |---|---|
/// | `socket` | the path of the server's socket, instead of host and port |
/// | `charset`, `collation` | of the connection: `utf8mb4` |
/// | `ssl-mode` | `PREFERRED` (unless said: TLS if the server has it, with whatever certificate, so that nobody can listen in, but somebody between could pretend to be the server), `REQUIRED` (never without), `VERIFY_CA` (with a certificate of a known authority), `VERIFY_IDENTITY` (and for this host's name: what to use over any network that is not one's own), `DISABLED` (never, and unless said over a socket) |
/// | `ssl-ca` | a file with the authority's certificate, which is believed besides the web's authorities (Mozilla's list) |
/// | `ssl-cert`, `ssl-key` | files with the certificate and key that this client shows |
///
/// # Examples
///
/// ```
/// use flagon_sql::Options;
///
/// let mut options: Options = "mysql://blog:secret@127.0.0.1/blog".parse()?;
/// options.connections = 64;
/// assert!("postgres://localhost/blog".parse::<Options>().is_err());
/// # Ok::<(), flagon_sql::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many connections there are at most, for all threads together: 32. SQLite has one that writes beside them.
    pub connections: u32,
    /// How long a statement waits for a connection: 10 s.
    pub wait: Duration,
    /// How many threads serve, so that each gets its part of the connections: 1.
    pub threads: u32,
    /// Who shares connections.
    pub sharing: Sharing,
    /// Who is told of each statement.
    pub observer: Option<Arc<dyn Observer>>,
    pub(crate) target: Target,
}

/// Who shares connections of MySQL. Those of SQLite are shared by all threads, since each has a thread of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Each thread that serves has its own, which its event loop watches.
    #[default]
    PerThread,
    /// All threads share all.
    Shared,
}

#[derive(Clone)]
pub(crate) enum Target {
    MySql(Box<MySqlConnectOptions>),
    Sqlite(Box<SqliteConnectOptions>, #[expect(dead_code, reason = "kept for its end")] Option<Arc<TempDir>>),
}

impl Options {
    /// Reads `url`; the file of a relative one is in `folder`.
    ///
    /// # Errors
    ///
    /// When it is no URL of a database that is known.
    pub fn in_folder(url: &str, folder: &Path) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once(':') else { return Err(wrong(url, "it has no scheme")) };
        let target = match scheme {
            "sqlite" => sqlite(url, rest.strip_prefix("//").unwrap_or(rest), folder)?,
            "mysql" | "mariadb" => mysql(url, rest)?,
            _ => return Err(wrong(url, &format!("the scheme `{scheme}` is not known"))),
        };
        let wait = Duration::from_secs(10);
        Ok(Self { connections: 32, wait, threads: 1, sharing: Sharing::default(), observer: None, target })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.target {
            Target::MySql(_) => Dialect::MySql,
            Target::Sqlite(..) => Dialect::Sqlite,
        }
    }

    /// Where the database is, for messages: without the password.
    pub fn place(&self) -> String {
        match &self.target {
            Target::MySql(options) => {
                let database = options.get_database().unwrap_or_default();
                match options.get_socket() {
                    Some(socket) => format!("mysql {database} at {}", socket.display()),
                    None => format!("mysql {database} at {}:{}", options.get_host(), options.get_port()),
                }
            }
            Target::Sqlite(options, _) => format!("sqlite {}", options.get_filename().display()),
        }
    }
}

impl FromStr for Options {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self> {
        Self::in_folder(url, Path::new(""))
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("place", &self.place())
            .field("connections", &self.connections)
            .field("wait", &self.wait)
            .field("threads", &self.threads)
            .field("sharing", &self.sharing)
            .finish_non_exhaustive()
    }
}

fn sqlite(url: &str, path: &str, folder: &Path) -> Result<Target> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !query.is_empty() {
        return Err(wrong(
            url,
            "a URL of SQLite has no `?…`: Flagon sets WAL, foreign keys and the rest itself",
        ));
    }
    let temporary = match path {
        "" => return Err(wrong(url, "the name of the file is missing")),
        ":memory:" => Some(temporary_folder()?),
        _ => None,
    };
    let file = temporary.as_ref().map_or_else(|| folder.join(path), |folder| folder.path().join("memory.db"));
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was answered with success is on the disk, also when the power fails.
        .synchronous(if temporary.is_some() { SqliteSynchronous::Off } else { SqliteSynchronous::Full })
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    Ok(Target::Sqlite(Box::new(options), temporary))
}

fn temporary_folder() -> Result<Arc<TempDir>> {
    let folder = tempfile::Builder::new().prefix("flagon-sqlite-").tempdir();
    folder.map(Arc::new).map_err(|error| {
        Error::new(ErrorKind::Connect, "there is no room for a temporary database").because(error)
    })
}

fn mysql(url: &str, rest: &str) -> Result<Target> {
    let known = ["socket", "charset", "collation", "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"];
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        if !known.contains(&name) {
            return Err(wrong(url, &format!("`{name}` is not known; there are {}", known.join(", "))));
        }
    }
    let mut options: MySqlConnectOptions = format!("mysql:{rest}")
        .parse()
        .map_err(|error: sqlx::Error| wrong(url, "it can't be read").because(error))?;
    if options.get_socket().is_some() && !query.contains("ssl-mode=") {
        options = options.ssl_mode(MySqlSslMode::Disabled); // nobody is between
    }
    if options.get_database().is_none_or(str::is_empty) {
        return Err(wrong(url, "the name of the database is missing at its end"));
    }
    Ok(Target::MySql(Box::new(options.statement_cache_capacity(256))))
}

/// The password, if there is one, is not repeated.
fn wrong(url: &str, why: &str) -> Error {
    let shown = match url.rsplit_once('@') {
        Some((_, place)) => format!("…@{place}"),
        None => url.to_owned(),
    };
    let message = format!(
        "`{shown}` is no URL of a database: {why}; write sqlite://app.db, or mysql://user:password@host/name for MySQL and MariaDB"
    );
    Error::new(ErrorKind::Url, message)
}
