//! Where the database is: `database` and the `[sql]` table.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{secret::masked, units};

/// The URLs of the app's database: one, or a list whose first is used. Passwords in them are not shown.
///
/// # Examples
///
/// ```
/// use flagon::config::DatabaseUrls;
///
/// let database: DatabaseUrls = "mysql://blog:secret@127.0.0.1/blog".into();
/// assert_eq!(database.first(), "mysql://blog:secret@127.0.0.1/blog");
/// assert_eq!(format!("{database:?}"), r#"["mysql://blog:(hidden)@127.0.0.1/blog"]"#);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrls(Vec<String>);

impl DatabaseUrls {
    /// The URL that is used.
    pub fn first(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    fn shown(&self) -> Vec<String> {
        self.0.iter().map(|url| masked("database", url)).collect()
    }
}

impl From<&str> for DatabaseUrls {
    fn from(url: &str) -> Self {
        Self(vec![url.to_owned()])
    }
}

impl From<String> for DatabaseUrls {
    fn from(url: String) -> Self {
        Self(vec![url])
    }
}

impl From<Vec<String>> for DatabaseUrls {
    fn from(urls: Vec<String>) -> Self {
        Self(urls)
    }
}

impl fmt::Debug for DatabaseUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl Serialize for DatabaseUrls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.shown()[..] {
            [one] => serializer.serialize_str(one),
            many => many.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for DatabaseUrls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> de::Visitor<'de> for OneOrMany {
    type Value = DatabaseUrls;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the URL of a database, or a list of them")
    }

    fn visit_str<E: de::Error>(self, url: &str) -> Result<DatabaseUrls, E> {
        Ok(url.into())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<DatabaseUrls, A::Error> {
        let mut urls = Vec::new();
        while let Some(url) = list.next_element()? {
            urls.push(url);
        }
        if urls.is_empty() {
            return Err(de::Error::custom("must not be empty"));
        }
        Ok(DatabaseUrls(urls))
    }
}

/// How the database is used: the `[sql]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_SQL__CONNECTIONS".to_owned(), "64".to_owned())];
/// assert_eq!(flagon::Config::from_parts(None, variables)?.sql.connections, 64);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SqlConfig {
    /// How many connections there are at most, for all threads of the process together: 32. SQLite has one more, the only one that writes.
    pub connections: u32,
    /// How long a statement waits for a connection: 10 s.
    #[serde(with = "units::duration")]
    pub wait: Duration,
    /// How often a view is run again when the database gave its transaction up for a reason that passes, such as a deadlock: 10 times, and
    /// never longer than `view_timeout` altogether.
    pub retries: u32,
    /// Whether pending [migrations](crate::App::migrations) are done before the first statement: yes. Otherwise `db migrate` does them.
    pub migrate_at_start: bool,
}

impl Default for SqlConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self { connections: 32, wait: Duration::from_secs(10), retries: 10, migrate_at_start: true }
    }
}
