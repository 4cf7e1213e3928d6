//! The transaction of a request, on SQLite and on MariaDB.

use flagon::{App, sql::AssertSqlSafe, sql::Dialect, testing::Client};
use mariadb::Server;

mod again;
mod commit;
mod ends;
mod isolation;
mod left;
#[cfg(feature = "sea-orm")]
mod orm;
mod sockets;
mod terms;

/// A client of `app` with an empty database of each kind, in which the table `note` is made.
fn clients(app: impl Fn() -> App) -> [Client; 2] {
    ["sqlite::memory:".to_owned(), Server::shared().database()].map(|url| client(app(), url))
}

fn client(app: App, url: String) -> Client {
    let client = app.configure(|config| config.database = url.into()).test_client();
    client.block_on(async {
        let db = client.app().db();
        let engine = if db.dialect() == Dialect::MySql { "ENGINE=InnoDB" } else { "" };
        for table in [
            "CREATE TABLE note (id INTEGER PRIMARY KEY, text VARCHAR(100) NOT NULL)",
            "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)",
        ] {
            db.execute(AssertSqlSafe(format!("{table} {engine}")), ()).await.unwrap();
        }
        db.execute("INSERT INTO account VALUES (1, 100), (2, 100)", ()).await.unwrap();
    });
    client
}

/// The notes as anybody else sees them.
fn notes(client: &Client) -> Vec<String> {
    let db = client.app().db();
    client.block_on(db.query_as("SELECT text FROM note ORDER BY id", ()).all()).unwrap()
}

fn balances(client: &Client) -> Vec<i64> {
    let db = client.app().db();
    client.block_on(db.query_as("SELECT balance FROM account ORDER BY id", ()).all()).unwrap()
}
