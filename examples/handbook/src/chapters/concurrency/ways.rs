//! The same eight pieces of work, arranged in different ways.

use std::{
    fs,
    hint::black_box,
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use flagon::{blocking, parallel, prelude::*, rayon::prelude::*, spawn};
use tokio::task::yield_now;

const PIECES: usize = 8;
const WAIT: Duration = Duration::from_millis(60);
const STEPS: usize = 8;

/// What a piece of work does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// It waits for 60 ms, as for a database.
    Wait,
    /// It computes for eight times three milliseconds.
    Compute,
}

/// How the pieces are arranged.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    OneByOne,
    Tasks,
    Threads,
    Parallel,
}

impl Way {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::OneByOne, Self::Tasks, Self::Threads, Self::Parallel];
}

/// A stretch of a piece's work, and the core that it ended on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    pub(crate) core: Option<usize>,
}

/// What a piece did and when.
pub(crate) type Piece = Vec<Slice>;

/// Does all the work in one `way`.
pub(crate) async fn run(way: Way, work: Work) -> Result<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(PIECES);
    match way {
        Way::OneByOne => {
            for _ in 0..PIECES {
                pieces.push(as_task(work).await);
            }
        }
        // All on this one event loop; they take turns where they await.
        Way::Tasks => {
            let tasks: Vec<_> = (0..PIECES).map(|_| spawn(as_task(work))).collect();
            for task in tasks {
                pieces.push(task.await?);
            }
        }
        // Each on a thread that may block; the system shares the cores out among them.
        Way::Threads => {
            let threads: Vec<_> = (0..PIECES).map(|_| spawn(blocking(move || on_thread(work)))).collect();
            for thread in threads {
                pieces.push(thread.await?);
            }
        }
        // As many at once as there are cores.
        Way::Parallel => {
            pieces = parallel(move || (0..PIECES).into_par_iter().map(|_| on_thread(work)).collect()).await;
        }
    }
    Ok(pieces)
}

/// A piece that awaits, so that others on its event loop can go on.
async fn as_task(work: Work) -> Piece {
    match work {
        Work::Wait => {
            let from = Instant::now();
            tokio::time::sleep(WAIT).await;
            vec![since(from)]
        }
        Work::Compute => {
            let mut slices = Vec::with_capacity(STEPS);
            for _ in 0..STEPS {
                slices.push(step());
                yield_now().await;
            }
            slices
        }
    }
}

/// The same piece as plain code, which keeps its thread.
fn on_thread(work: Work) -> Piece {
    match work {
        Work::Wait => {
            let from = Instant::now();
            thread::sleep(WAIT);
            vec![since(from)]
        }
        Work::Compute => (0..STEPS).map(|_| step()).collect(),
    }
}

/// Computes for about three milliseconds, on an idle core of this machine.
fn step() -> Slice {
    static ROUNDS: LazyLock<u32> = LazyLock::new(|| {
        let once = |_| {
            let began = Instant::now();
            compute(50_000);
            began.elapsed().as_nanos()
        };
        let nanos = (0..20).map(once).min().unwrap_or(1).max(1); // the one that nothing interrupted
        u32::try_from(50_000 * 3_000_000 / nanos).unwrap_or(u32::MAX).clamp(1_000, 20_000_000)
    });
    let from = Instant::now();
    compute(*ROUNDS);
    since(from)
}

fn compute(rounds: u32) {
    let mut number = 1_u32;
    for round in 0..rounds {
        number = black_box(number.wrapping_mul(1_664_525).wrapping_add(round));
    }
}

fn since(from: Instant) -> Slice {
    Slice { from, to: Instant::now(), core: core() }
}

/// The core that this thread runs on, as Linux tells (`proc_pid_stat(5)`, field 39).
fn core() -> Option<usize> {
    let stat = fs::read_to_string("/proc/thread-self/stat").ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(36)?.parse().ok()
}
