//! Requests that hold whatever a request can hold until their client leaves: a task, a thread, a lock, a connection, a query.

use std::sync::atomic::{AtomicUsize, Ordering};

use flagon::{
    prelude::*,
    sql::{self, Dialect},
};
use serde_json::{Value, json};

/// Tasks of such requests that run.
static TASKS: AtomicUsize = AtomicUsize::new(0);

struct Counted;

impl Counted {
    fn begin() -> Self {
        TASKS.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        TASKS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default = "first")]
    id: i64,
}

fn first() -> i64 {
    1
}

/// Locks a row, and then asks what takes a minute.
async fn lock_and_ask(id: i64) -> Result<()> {
    lock(id).await?;
    if current_app().db().dialect() == Dialect::Sqlite {
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000000) SELECT count(*) FROM n";
        let _: i64 = db().query_as(endless, ()).one().await?;
    } else {
        let _: i64 = db().query_as("SELECT SLEEP(60)", ()).one().await?;
    }
    Ok(())
}

async fn lock(id: i64) -> Result<()> {
    db().execute("UPDATE world SET random_number = random_number + 1 WHERE id = ?", (id,)).await?;
    Ok(())
}

#[post("/held")]
pub(crate) async fn hold(which: Query<Which>) -> Result<()> {
    drop(flagon::spawn(async {
        let _counted = Counted::begin();
        std::future::pending::<()>().await;
    }));
    lock_and_ask(which.id).await
}

/// The same on a thread.
#[post("/held/sync")]
#[expect(clippy::needless_pass_by_value, reason = "a view owns its arguments")]
pub(crate) fn hold_on_thread(which: Query<Which>) -> Result<()> {
    sql::wait(lock_and_ask(which.id))
}

/// Locks the row and lets it go: answered when nobody else holds it.
#[post("/held/free")]
pub(crate) async fn free(which: Query<Which>) -> Result<&'static str> {
    lock(which.id).await?;
    Ok("free")
}

#[get("/held")]
pub(crate) async fn what_is_held() -> Json<Value> {
    let threads = current_app().view_threads();
    Json(json!({
        "tasks": TASKS.load(Ordering::SeqCst),
        "threads": threads.running,
        "waiting": threads.waiting,
    }))
}
