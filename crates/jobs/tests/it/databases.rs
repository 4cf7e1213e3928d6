//! Queues that the tests work on.

use flagon_jobs::{MIGRATIONS, Moment, Queue};
use flagon_sql::Database;
use mariadb::Server;

/// An empty queue of each kind.
pub(crate) async fn both() -> [Queue; 2] {
    [sqlite().await, open(&Server::shared().database()).await]
}

/// An empty queue in memory.
pub(crate) async fn sqlite() -> Queue {
    open("sqlite::memory:").await
}

pub(crate) async fn open(url: &str) -> Queue {
    let database = Database::open(url).unwrap();
    MIGRATIONS.migrate(database.options()).await.unwrap();
    Queue::new(&database)
}

/// A time that tests count from.
pub(crate) const START: Moment = Moment::from_millis(1_800_000_000_000);
