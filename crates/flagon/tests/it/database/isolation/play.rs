//! Plays a scenario: one request after another is given its cue, and nobody goes on before it is done or waits for a lock.

use std::{
    net::SocketAddr,
    sync::mpsc::RecvTimeoutError,
    thread,
    time::{Duration, Instant},
};

use flagon::sql::{Database, Db, Dialect, Options};
use tokio::runtime::{Builder, Runtime};

use super::{
    ask,
    scenarios::{Scenario, Seen},
    stage::{Director, Event, Stage},
};

/// How long a request may be on neither side: a failure of the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// On a server of this test's own, as it counts all; unlike `INNODB_TRX` it is never a tenth of a second old.
const WAITING: &str = "SELECT CAST(variable_value AS SIGNED INTEGER) FROM information_schema.global_status \
    WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'";

/// Who looks at the database from outside.
pub(super) struct Play<'s> {
    runtime: Runtime,
    outside: Db,
    stage: &'s Stage,
}

/// A request of the scenario that is on.
#[derive(Debug, Clone, Copy, Default)]
struct Actor {
    /// How many cues it was given.
    cues: usize,
    /// How many steps it has done, in its first run.
    done: usize,
    /// How often it was begun.
    runs: usize,
    status: Option<u16>,
    has_waited: bool,
}

impl<'s> Play<'s> {
    pub(super) fn new(database: Options, stage: &'s Stage) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, outside: Database::with_options(database).db(), stage }
    }

    /// Plays `scenario` at `level`, and says what became of it.
    pub(super) fn outcome(
        &self,
        scenario: &'static Scenario,
        address: SocketAddr,
        level: &str,
    ) -> &'static str {
        self.runtime.block_on(async {
            self.outside.execute("DELETE FROM account", ()).await.unwrap();
            self.outside.execute("INSERT INTO account VALUES (1, 10), (2, 20)", ()).await.unwrap();
        });
        let mut director = self.stage.set(scenario);
        let actors = thread::scope(|scope| {
            for n in 0..scenario.requests.len() {
                let (say, target) = (director.say.clone(), format!("{level}?n={n}"));
                scope.spawn(move || {
                    let status = ask(address, scenario.method(n), &target);
                    say.send(Event::Answered(n, status)).unwrap();
                });
            }
            self.direct(scenario, &mut director, level)
        });
        for (n, actor) in actors.iter().enumerate() {
            let expected = if scenario.fails == Some(n) { 409 } else { 204 };
            assert_eq!(actor.status, Some(expected), "{} at {level}: request {n}", scenario.name);
        }
        let (runs, read) = self.stage.seen();
        let balances = self.outside.query_as("SELECT id, balance FROM account ORDER BY id", ()).all();
        let left: Vec<(i64, i64)> = self.runtime.block_on(balances).unwrap();
        if (scenario.happened)(&Seen { read: &read, left: &left }) {
            "**happens**"
        } else if runs.iter().any(|runs| *runs > 1) {
            "no: one runs again"
        } else if actors.iter().any(|actor| actor.has_waited) {
            "no: one waits"
        } else {
            "no"
        }
    }

    fn direct(&self, scenario: &Scenario, director: &mut Director, level: &str) -> Vec<Actor> {
        let mut actors = vec![Actor::default(); scenario.requests.len()];
        Self::until(director, &mut actors, |actors| actors.iter().all(|actor| actor.runs > 0));
        for n in scenario.order {
            for (other, actor) in actors.iter_mut().enumerate() {
                actor.has_waited |= other != *n && actor.is_stuck(scenario, other);
            }
            director.cues[*n].send(()).ok();
            actors[*n].cues += 1;
            let place = format!("{} at {level}, request {n}, cue {}", scenario.name, actors[*n].cues);
            self.until_settled(scenario, director, &mut actors, *n, &place);
        }
        Self::until(director, &mut actors, |actors| actors.iter().all(|actor| actor.status.is_some()));
        actors
    }

    /// Waits until request `n` has done what it was told, or waits for another one.
    fn until_settled(
        &self,
        scenario: &Scenario,
        director: &Director,
        actors: &mut [Actor],
        n: usize,
        place: &str,
    ) {
        let begun = Instant::now();
        loop {
            if !actors[n].is_stuck(scenario, n) || self.is_waiting(scenario, actors, n) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{place}: neither done nor waiting, {actors:?}");
            match director.events.recv_timeout(Duration::from_millis(10)) {
                Ok(event) => take(event, actors),
                Err(RecvTimeoutError::Timeout) => (), // look again whether it waits
                Err(RecvTimeoutError::Disconnected) => panic!("{place}: nobody is there any more"),
            }
        }
    }

    /// Whether request `n` waits for a lock. In SQLite there is one connection that writes: who comes second waits for it.
    fn is_waiting(&self, scenario: &Scenario, actors: &[Actor], n: usize) -> bool {
        if self.outside.dialect() == Dialect::Sqlite {
            let writes = |n: usize| scenario.method(n) == "POST";
            let others = actors.iter().enumerate().filter(|(other, _)| *other != n && writes(*other));
            let is_in = |actor: &Actor| actor.done > 0 && actor.status.is_none();
            return writes(n) && actors[n].done == 0 && others.into_iter().any(|(_, actor)| is_in(actor));
        }
        let stuck = (0..actors.len()).filter(|n| actors[*n].is_stuck(scenario, *n)).count();
        let waiting: i64 = self.runtime.block_on(self.outside.query_as(WAITING, ()).one()).unwrap();
        usize::try_from(waiting).unwrap() >= stuck
    }

    fn until(director: &Director, actors: &mut [Actor], is_so: impl Fn(&[Actor]) -> bool) {
        while !is_so(actors) {
            let event = director.events.recv_timeout(PATIENCE);
            take(event.unwrap_or_else(|_| panic!("a request hangs: {actors:?}")), actors);
        }
    }
}

impl Actor {
    /// Whether it has not done all that it was told. One that runs again is on its own.
    fn is_stuck(&self, scenario: &Scenario, n: usize) -> bool {
        let steps = scenario.requests[n].len();
        let is_behind = if self.cues > steps { self.status.is_none() } else { self.done < self.cues };
        self.runs == 1 && is_behind
    }
}

fn take(event: Event, actors: &mut [Actor]) {
    match event {
        Event::Begun(n) => actors[n].runs += 1,
        Event::Done(n) if actors[n].runs == 1 => actors[n].done += 1,
        Event::Done(_) => (),
        Event::Answered(n, status) => actors[n].status = Some(status),
    }
}
