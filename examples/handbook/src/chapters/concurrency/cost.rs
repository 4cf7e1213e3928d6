//! What ten thousand tasks, threads and pieces of parallel work cost on this machine.
//!
//! Never: more than two thousand threads alive at a time, or more than a few seconds.

use std::{
    fs,
    hint::black_box,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use flagon::{blocking, parallel, rayon::prelude::*};
use serde::Serialize;
use tokio::{sync::Notify, task::JoinSet};

const COUNT: usize = 10_000;
const BATCH: usize = 2_000;
const LONGEST: Duration = Duration::from_secs(4);

/// What was measured of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    name: &'static str,
    count: usize,
    /// How many were there at the same time.
    alive: usize,
    millis: f64,
    micros_each: f64,
    /// Bytes in memory for each; not known elsewhere than on Linux.
    bytes_each: Option<u64>,
}

impl Cost {
    fn new(name: &'static str, (count, alive): (usize, usize), took: Duration, bytes: Option<u64>) -> Self {
        let each = took.as_secs_f64() * 1e6 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        let bytes_each = bytes.map(|bytes| bytes / u64::try_from(alive.max(1)).unwrap_or(1));
        let round = |number: f64| (number * 100.0).round() / 100.0;
        Self {
            name,
            count,
            alive,
            millis: round(took.as_secs_f64() * 1e3),
            micros_each: round(each),
            bytes_each,
        }
    }
}

/// Measures each kind, one after the other.
pub(crate) async fn measure() -> Vec<Cost> {
    let tasks = tasks().await;
    let threads = blocking(threads).await;
    let parallel = parallel(pieces).await;
    vec![tasks, threads, parallel]
}

/// Tasks that have run once and wait.
async fn tasks() -> Cost {
    let (gate, before, began) = (Arc::new(Notify::new()), memory(), Instant::now());
    let mut tasks = JoinSet::new();
    for _ in 0..COUNT {
        let gate = Arc::clone(&gate);
        tasks.spawn(async move { gate.notified().await });
    }
    tokio::task::yield_now().await; // they run once, until they wait
    let (took, bytes) = (began.elapsed(), grown(before));
    tasks.shutdown().await;
    Cost::new("tasks", (COUNT, COUNT), took, bytes)
}

/// Threads that have run once and wait: so many at a time, until there were ten thousand.
fn threads() -> Cost {
    let (began, mut took, mut made, mut most, mut bytes) = (Instant::now(), Duration::ZERO, 0, 0, None);
    while made < COUNT && began.elapsed() < LONGEST {
        let (gate, before, batch) =
            (Arc::new((Mutex::new(0_usize), Condvar::new())), memory(), Instant::now());
        let mut threads = Vec::with_capacity(BATCH);
        for _ in 0..BATCH.min(COUNT - made) {
            let of_thread = Arc::clone(&gate);
            let Ok(thread) = thread::Builder::new().spawn(move || wait_at(&of_thread)) else { break };
            threads.push(thread);
        }
        let alive = threads.len();
        let (waiting, changed) = &*gate;
        let all = changed
            .wait_while(waiting.lock().unwrap_or_else(PoisonError::into_inner), |waiting| *waiting < alive);
        took += batch.elapsed();
        if most < alive {
            (most, bytes) = (alive, grown(before));
        }
        *all.unwrap_or_else(PoisonError::into_inner) = usize::MAX;
        changed.notify_all();
        made += threads.into_iter().flat_map(thread::JoinHandle::join).count();
        if alive < BATCH {
            break; // the system gives no more
        }
    }
    Cost::new("threads", (made, most), took, bytes)
}

/// Says that it is there, and waits until it is let go.
fn wait_at(gate: &(Mutex<usize>, Condvar)) {
    let mut waiting = gate.0.lock().unwrap_or_else(PoisonError::into_inner);
    *waiting += 1;
    gate.1.notify_all();
    drop(gate.1.wait_while(waiting, |waiting| *waiting != usize::MAX));
}

/// Pieces of parallel work on threads that are there already.
fn pieces() -> Cost {
    let (before, began) = (memory(), Instant::now());
    (0..COUNT).into_par_iter().with_max_len(1).for_each(|piece| {
        black_box(piece);
    });
    let took = began.elapsed();
    Cost::new("pieces", (COUNT, COUNT), took, grown(before))
}

/// Bytes of memory that this process has, and that the system has for stacks of threads (`proc_pid_statm(5)`, `proc_meminfo(5)`).
fn memory() -> Option<u64> {
    let resident: u64 = fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    let system = fs::read_to_string("/proc/meminfo").ok()?;
    let stacks = system.lines().find_map(|line| line.strip_prefix("KernelStack:"))?;
    let stacks: u64 = stacks.trim().trim_end_matches(" kB").parse().ok()?;
    Some(resident * PAGE + stacks * 1024)
}

fn grown(before: Option<u64>) -> Option<u64> {
    Some(memory()?.saturating_sub(before?))
}

/// The size of a page, on x86-64 always, on `AArch64` mostly.
const PAGE: u64 = 4096;
