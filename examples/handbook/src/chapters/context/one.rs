//! The view that a thousand requests go to at once, each with a number of its own to remember.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use flagon::{State, prelude::*};
use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;

/// What a request writes into its own `g`.
struct Number(usize);

/// What the requests of one experiment share.
#[derive(Debug)]
pub(crate) struct Experiment {
    everyone_wrote: Barrier,
    shared: AtomicUsize,
    in_flight: AtomicUsize,
}

thread_local! {
    static OF_THIS_THREAD: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The numbers that a request found where it had written its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) g: usize,
    pub(crate) g_in_task: usize,
    pub(crate) g_in_thread: Option<usize>,
    pub(crate) thread_local: usize,
    pub(crate) shared: usize,
    pub(crate) in_flight: usize,
    pub(crate) thread: String,
}

#[get("/of-a-thousand/<int:number>")]
pub(crate) async fn one(number: usize, experiment: State<Experiment>) -> Result<Json<Found>> {
    g().set(Number(number));
    OF_THIS_THREAD.set(number);
    experiment.shared.store(number, Relaxed);
    experiment.in_flight.fetch_add(1, Relaxed);

    experiment.everyone_wrote.wait().await; // nobody reads before all have written

    Ok(Json(Found {
        g: mine(),
        g_in_task: flagon::spawn(async { mine() }).await?,
        g_in_thread: if number.is_multiple_of(10) { Some(flagon::blocking(mine).await) } else { None },
        thread_local: OF_THIS_THREAD.get(),
        shared: experiment.shared.load(Relaxed),
        in_flight: experiment.in_flight.load(Relaxed),
        thread: format!("{:?}", thread::current().id()),
    }))
}

fn mine() -> usize {
    g().get::<Number>().map_or(usize::MAX, |number| number.0)
}

impl Experiment {
    /// An experiment for so many requests: fewer wait for ever, so give them a deadline.
    pub(crate) fn new(requests: usize) -> Self {
        Self {
            everyone_wrote: Barrier::new(requests),
            shared: AtomicUsize::new(usize::MAX),
            in_flight: AtomicUsize::new(0),
        }
    }
}
