//! A clock that ticks on an event loop, while a view on the same loop waits in three ways.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use flagon::{Stall, StalledCall, blocking, prelude::*, spawn};
use tokio::time::sleep;

const TICK: Duration = Duration::from_millis(5);
const PAUSE: Duration = Duration::from_millis(60);
const HOLD: Duration = Duration::from_millis(150);

/// Awaits: the loop goes on with others meanwhile.
async fn awaits() {
    sleep(HOLD).await;
}

/// Blocks in an `async fn`: nothing else on the loop goes on. This is the mistake.
#[expect(clippy::unused_async, reason = "it is the mistake that this chapter is about")]
#[inline(never)]
async fn blocks() {
    thread::sleep(HOLD);
}

/// Blocks as well, on a thread that may.
async fn blocks_on_a_thread() {
    blocking(|| thread::sleep(HOLD)).await;
}

/// What came of it, in units of a drawing 1000 wide.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    millis: u128,
    ticks: Vec<f64>,
    phases: Vec<Phase>,
    report: Option<Report>,
}

/// One way to wait, and the longest time between two ticks in it.
#[derive(Debug, Serialize)]
struct Phase {
    name: &'static str,
    x: f64,
    width: f64,
    longest_gap: u128,
}

/// What the watchdog said.
#[derive(Debug, Serialize)]
struct Report {
    endpoint: String,
    millis: u128,
    /// Where it stood, the innermost call first.
    calls: Vec<String>,
    /// Why that is not known.
    unknown: Option<String>,
}

/// Waits in each way, one after the other, while the clock ticks.
pub(crate) async fn run() -> Outcome {
    let ticks = Arc::new(Mutex::new(Vec::new()));
    let clock = spawn(tick(Arc::clone(&ticks)));
    let (began, mut spans) = (Instant::now(), Vec::new());
    for name in ["awaits", "blocks", "on_thread"] {
        sleep(PAUSE).await;
        let from = Instant::now();
        match name {
            "awaits" => awaits().await,
            "blocks" => blocks().await,
            _ => blocks_on_a_thread().await,
        }
        spans.push((name, from, Instant::now()));
    }
    sleep(PAUSE).await;
    clock.abort();
    let (whole, ticks) = (began.elapsed(), ticks.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let scaled = |at: Instant| 1000.0 * (at - began).as_secs_f64() / whole.as_secs_f64();
    let phase = |(name, from, to): (&'static str, Instant, Instant)| Phase {
        name,
        x: scaled(from),
        width: scaled(to) - scaled(from),
        longest_gap: longest_gap(&ticks, from, to).as_millis(),
    };
    Outcome {
        millis: whole.as_millis(),
        phases: spans.into_iter().map(phase).collect(),
        ticks: ticks.iter().map(|at| scaled(*at)).collect(),
        report: report().await,
    }
}

/// Notes the time every five milliseconds, as far as its event loop lets it.
async fn tick(ticks: Arc<Mutex<Vec<Instant>>>) {
    loop {
        sleep(TICK).await;
        ticks.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    }
}

/// The longest time without a tick that touches the span.
fn longest_gap(ticks: &[Instant], from: Instant, to: Instant) -> Duration {
    let gaps = ticks.windows(2).filter(|pair| pair[1] > from && pair[0] < to);
    gaps.map(|pair| pair[1] - pair[0]).max().unwrap_or(to - from)
}

/// The watchdog's report of this request. It needs a moment to find the names of the calls, the first time a second or two.
async fn report() -> Option<Report> {
    let id = request().id();
    for _ in 0..100 {
        let stalls = current_app().stalls();
        if let Some(stall) = stalls.into_iter().find(|stall| stall.request == Some(id)) {
            return Some(of(&stall));
        }
        sleep(PAUSE).await;
    }
    None
}

fn of(stall: &Stall) -> Report {
    Report {
        endpoint: stall.endpoint.clone().unwrap_or_default(),
        millis: stall.held.as_millis(),
        calls: stall.calls.iter().take(MOST_CALLS).map(line).collect(),
        unknown: stall.unknown.clone(),
    }
}

/// A call, and the end of its file's path.
fn line(call: &StalledCall) -> String {
    let place = call.file.as_deref().zip(call.line).map(|(file, line)| {
        let parts: Vec<_> = file.rsplit('/').take(3).collect();
        let end: Vec<_> = parts.into_iter().rev().collect();
        format!("  {}:{line}", end.join("/"))
    });
    format!("{}{}", call.function, place.unwrap_or_default())
}

const MOST_CALLS: usize = 16;
