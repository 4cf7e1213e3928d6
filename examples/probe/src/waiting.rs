//! Views that wait: one on the thread pool, one on the event loop.

use std::time::Duration;

use flagon::prelude::*;

#[derive(Deserialize)]
pub(crate) struct Wait {
    #[serde(default)]
    ms: u64,
}

/// A plain `fn` runs on the thread pool: others are served meanwhile.
#[get("/sync/sleep")]
#[expect(clippy::needless_pass_by_value, reason = "a view owns its arguments")]
pub(crate) fn sync_sleep(wait: Query<Wait>) -> String {
    let Query(Wait { ms }) = wait;
    std::thread::sleep(Duration::from_millis(ms));
    format!("slept {ms} ms")
}

#[get("/async/sleep")]
pub(crate) async fn async_sleep(wait: Query<Wait>) -> String {
    tokio::time::sleep(Duration::from_millis(wait.ms)).await;
    format!("slept {} ms", wait.ms)
}
