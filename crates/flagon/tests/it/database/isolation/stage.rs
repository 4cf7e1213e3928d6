//! Where the views of a scenario wait for their cues, and say what they have seen.

use std::sync::{
    Mutex,
    mpsc::{Receiver, Sender, channel},
};

use flagon::prelude::*;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use super::scenarios::{Scenario, Step};

/// What a request has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// It was begun: once, and again when the database gave it up.
    Begun(usize),
    /// A step of it is done.
    Done(usize),
    /// Its answer has come, with this status.
    Answered(usize, u16),
}

/// The stage of one scenario after another.
#[derive(Default)]
pub(super) struct Stage {
    scene: Mutex<Option<Scene>>,
}

/// One scenario.
struct Scene {
    scenario: &'static Scenario,
    events: Sender<Event>,
    cues: Vec<std::sync::Arc<AsyncMutex<mpsc::UnboundedReceiver<()>>>>,
    runs: Vec<u32>,
    read: Vec<Vec<Vec<i64>>>,
}

/// The other side: who gives the cues.
pub(super) struct Director {
    pub(super) events: Receiver<Event>,
    pub(super) say: Sender<Event>,
    pub(super) cues: Vec<mpsc::UnboundedSender<()>>,
}

impl Stage {
    /// Makes room for `scenario`.
    pub(super) fn set(&self, scenario: &'static Scenario) -> Director {
        let (say, events) = channel();
        let (cues, waiting): (Vec<_>, Vec<_>) =
            scenario.requests.iter().map(|_| mpsc::unbounded_channel()).unzip();
        let count = scenario.requests.len();
        let waiting = waiting.into_iter().map(|waiting| std::sync::Arc::new(AsyncMutex::new(waiting)));
        let scene = Scene {
            scenario,
            events: say.clone(),
            cues: waiting.collect(),
            runs: vec![0; count],
            read: vec![Vec::new(); count],
        };
        *self.scene.lock().unwrap() = Some(scene);
        Director { events, say, cues }
    }

    /// How often each request was run, and what it has read in its last run.
    pub(super) fn seen(&self) -> (Vec<u32>, Vec<Vec<Vec<i64>>>) {
        self.with(|scene| (scene.runs.clone(), scene.read.clone()))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Scene) -> T) -> T {
        work(self.scene.lock().unwrap().as_mut().expect("a scenario is on"))
    }

    /// The view of request `n`.
    pub(super) async fn perform(&self, n: usize) -> Result<()> {
        let (scenario, is_first) = self.with(|scene| {
            scene.runs[n] += 1;
            scene.read[n].clear();
            scene.events.send(Event::Begun(n)).unwrap();
            (scene.scenario, scene.runs[n] == 1)
        });
        for step in scenario.requests[n] {
            self.cue(n, is_first).await;
            if let Some(read) = self.take(n, *step).await? {
                self.with(|scene| scene.read[n].push(read));
            }
            self.with(|scene| scene.events.send(Event::Done(n)).unwrap());
        }
        self.cue(n, is_first).await;
        if scenario.fails == Some(n) { abort(409) } else { Ok(()) }
    }

    /// Waits for the word to go on. A run that is not the first goes on by itself, as its steps come when they can.
    async fn cue(&self, n: usize, is_first: bool) {
        if is_first {
            let cues = self.with(|scene| std::sync::Arc::clone(&scene.cues[n]));
            cues.lock().await.recv().await;
        }
    }

    async fn take(&self, n: usize, step: Step) -> Result<Option<Vec<i64>>> {
        let last = self.with(|scene| scene.read[n].last().and_then(|read| read.first()).copied());
        Ok(match step {
            Step::Read(sql) => Some(db().query_as(sql, ()).all().await?),
            Step::Lock(sql) => Some(db().query_as(sql, ()).for_update().all().await?),
            Step::Write(sql) => db().execute(sql, ()).await.map(|_| None)?,
            Step::Add(more, sql) => {
                let read = last.expect("it has read something");
                db().execute(sql, (read + more,)).await.map(|_| None)?
            }
            Step::WriteIf(enough, sql) if last >= Some(enough) => {
                db().execute(sql, ()).await.map(|_| None)?
            }
            Step::WriteIf(..) => None,
        })
    }
}
