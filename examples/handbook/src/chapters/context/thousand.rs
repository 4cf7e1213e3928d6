//! Sends a thousand requests to an app in this process, all at the same time, and counts what they found.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use flagon::{Application, Body, config::AccessLog, http, prelude::*};
use serde::Serialize;
use tokio::{task::JoinSet, time::timeout};
use tower_service::Service as _;

use super::one::{Experiment, Found, one};

const REQUESTS: usize = 1000;
const DEADLINE: Duration = Duration::from_secs(20);

/// What came of an experiment.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    at_once: usize,
    threads: usize,
    millis: u128,
    places: Vec<Place>,
}

/// Whether each request found its own number in one place.
#[derive(Debug, Serialize)]
struct Place {
    name: &'static str,
    own: usize,
    foreign: usize,
    squares: Vec<bool>,
}

/// A second app beside the handbook's, made anew for each experiment.
pub(crate) fn app() -> App {
    App::new("a-thousand")
        .configure(|config| config.log.access = AccessLog::Off)
        .state(Experiment::new(REQUESTS))
        .routes(routes![one])
}

/// Runs the experiment.
///
/// # Errors
///
/// When a request of the thousand fails, or when they take more than twenty seconds together.
pub(crate) async fn run() -> Result<Outcome> {
    let app = app().build()?;
    let started = Instant::now();
    let found = timeout(DEADLINE, all(&app)).await??;
    Ok(Outcome {
        at_once: found.iter().map(|found| found.in_flight).max().unwrap_or_default(),
        threads: found.iter().map(|found| found.thread.as_str()).collect::<HashSet<_>>().len(),
        millis: started.elapsed().as_millis(),
        places: vec![
            place("in_g", &found, |found| Some(found.g)),
            place("in_g_task", &found, |found| Some(found.g_in_task)),
            place("in_g_thread", &found, |found| found.g_in_thread),
            place("in_thread_local", &found, |found| Some(found.thread_local)),
            place("in_global", &found, |found| Some(found.shared)),
        ],
    })
}

/// What each of the thousand found, by its number. Dropping the future ends them all.
async fn all(app: &Application) -> Result<Vec<Found>> {
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        requests.spawn(ask(app.clone(), number));
    }
    let mut found = Vec::with_capacity(REQUESTS);
    while let Some(answer) = requests.join_next().await {
        found.push(answer??);
    }
    found.sort_by_key(|(number, _)| *number);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

async fn ask(mut app: Application, number: usize) -> Result<(usize, Found)> {
    let message = http::Request::get(format!("/of-a-thousand/{number}")).body(Body::empty())?;
    let response = app.call(message).await?;
    let body = response.into_body().into_full().or_else(|_| abort(502))?;
    Ok((number, serde_json::from_slice(&body)?))
}

fn place(name: &'static str, found: &[Found], read: impl Fn(&Found) -> Option<usize>) -> Place {
    let squares: Vec<bool> =
        found.iter().enumerate().filter_map(|(number, found)| Some(read(found)? == number)).collect();
    let own = squares.iter().filter(|own| **own).count();
    Place { name, own, foreign: squares.len() - own, squares }
}
