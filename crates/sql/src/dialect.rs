//! Which database is spoken to.

/// Which database is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite, in a file.
    Sqlite,
    /// MySQL or MariaDB, over the network.
    MySql,
}

impl Dialect {
    /// The name, as it stands in names of files: `sqlite`, `mysql`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::MySql => "mysql",
        }
    }
}
