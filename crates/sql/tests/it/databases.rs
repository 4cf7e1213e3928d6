//! The databases that the tests run on.

use flagon_sql::{Database, Db, Dialect};
use mariadb::Server;

/// An empty database of each kind.
pub(crate) fn both() -> [Database; 2] {
    [sqlite(), mariadb()]
}

/// An empty SQLite database.
pub(crate) fn sqlite() -> Database {
    Database::open("sqlite::memory:").unwrap()
}

/// An empty database of the MariaDB server that all tests share.
pub(crate) fn mariadb() -> Database {
    Database::open(&Server::shared().database()).unwrap()
}

/// Makes the table `account` with two accounts of 100.
pub(crate) async fn with_accounts(database: &Database) -> Db {
    let db = database.db();
    let engine = if db.dialect() == Dialect::MySql { "ENGINE=InnoDB" } else { "" };
    let table = format!("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL) {engine}");
    db.execute(flagon_sql::AssertSqlSafe(table), ()).await.unwrap();
    db.execute("INSERT INTO account VALUES (1, 100), (2, 100)", ()).await.unwrap();
    db
}

/// The balances as anybody else sees them.
pub(crate) async fn balances(database: &Database) -> Vec<i64> {
    database.db().query_as("SELECT balance FROM account ORDER BY id", ()).all().await.unwrap()
}
