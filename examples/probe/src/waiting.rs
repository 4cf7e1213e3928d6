//! Views that wait, one on a thread and one on the event loop; one that holds its loop; and one that computes.

use std::time::Duration;

use flagon::{prelude::*, rayon::prelude::*};

#[derive(Deserialize)]
pub(crate) struct Wait {
    #[serde(default)]
    ms: u64,
}

/// A plain `fn` runs on a thread: others are served meanwhile.
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

/// Wrong on purpose: it holds its event loop, for at most a second, and the watchdog names it.
#[get("/async/blocks")]
pub(crate) async fn async_blocks(wait: Query<Wait>) -> String {
    let ms = wait.ms.min(1000);
    std::thread::sleep(Duration::from_millis(ms));
    format!("held the event loop for {ms} ms")
}

#[derive(Deserialize)]
pub(crate) struct Most {
    #[serde(default)]
    n: u32,
}

/// How many numbers up to `n`, which is at most ten million, are prime: computed on all cores.
#[get("/cpu")]
pub(crate) async fn cpu(most: Query<Most>) -> String {
    let most = most.n.min(10_000_000);
    let primes =
        flagon::parallel(move || (2..=most).into_par_iter().filter(|number| is_prime(*number)).count());
    primes.await.to_string()
}

fn is_prime(number: u32) -> bool {
    (2..=number.isqrt()).all(|divisor| !number.is_multiple_of(divisor))
}
