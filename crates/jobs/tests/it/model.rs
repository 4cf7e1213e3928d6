//! The queue against a model of it: whatever workers do, in whatever order, and whenever they are lost.

use std::{collections::BTreeMap, time::Duration};

use flagon_jobs::{Claim, Enqueued, Fence, Moment, NewJob, Queue, State, Verdict, Worker};
use flagon_sql::{Db, Terms, Transaction};
use proptest::prelude::*;

use crate::databases::{START, open, sqlite};

/// What is done next. Workers and jobs are picked by number among those there are.
#[derive(Debug, Clone)]
enum Step {
    Enqueue { priority: i8, delay: u8, key: Option<u8> },
    Claim { worker: u8, count: u8 },
    Finish { claim: u8 },
    Fail { claim: u8, verdict: Option<u8> },
    GiveBack { claim: u8 },
    Beat { worker: u8 },
    TakeFromLost,
    Leave { worker: u8 },
    Cancel { job: u8 },
    Retry { job: u8 },
    Pass { seconds: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<i8>(), 0_u8..30, proptest::option::of(0_u8..3)).prop_map(|(priority, delay, key)| Step::Enqueue { priority, delay, key }),
        5 => (any::<u8>(), 0_u8..4).prop_map(|(worker, count)| Step::Claim { worker, count }),
        4 => any::<u8>().prop_map(|claim| Step::Finish { claim }),
        2 => (any::<u8>(), proptest::option::of(0_u8..60)).prop_map(|(claim, verdict)| Step::Fail { claim, verdict }),
        1 => any::<u8>().prop_map(|claim| Step::GiveBack { claim }),
        2 => any::<u8>().prop_map(|worker| Step::Beat { worker }),
        3 => Just(Step::TakeFromLost),
        1 => any::<u8>().prop_map(|worker| Step::Leave { worker }),
        1 => any::<u8>().prop_map(|job| Step::Cancel { job }),
        1 => any::<u8>().prop_map(|job| Step::Retry { job }),
        4 => (0_u8..25).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// A job as the model has it.
#[derive(Debug, Clone)]
struct Modelled {
    state: State,
    priority: i32,
    run_at: Moment,
    key: Option<String>,
    attempts: u32,
    losses: u32,
    holder: Option<(usize, i64)>,
    lease: i64,
    /// How often its effects were committed.
    effects: u32,
}

/// A worker as the model has it.
struct Member {
    worker: Worker,
    /// `None` when it is not known (any more).
    alive_until: Option<Moment>,
}

/// Both, side by side.
struct World {
    queue: Queue,
    now: Moment,
    jobs: BTreeMap<i64, Modelled>,
    workers: Vec<Member>,
    /// All that were ever given, the stale ones too.
    claims: Vec<(usize, Claim)>,
}

const PATIENCE: Duration = Duration::from_secs(30);

impl World {
    async fn new(queue: Queue) -> Self {
        queue.database().db().execute("CREATE TABLE effect (job BIGINT NOT NULL)", ()).await.unwrap();
        let mut workers = Vec::new();
        for _ in 0..3 {
            let worker = Worker::of_this_process();
            queue.register(&worker, START).await.unwrap();
            workers.push(Member { worker, alive_until: Some(START + PATIENCE) });
        }
        Self { queue, now: START, jobs: BTreeMap::new(), workers, claims: Vec::new() }
    }

    fn is_held(&self, owner: usize, claim: &Claim) -> bool {
        let job = &self.jobs[&claim.id];
        job.state == State::Running && job.holder == Some((owner, claim.lease))
    }

    fn picked(&self, number: u8) -> Option<(usize, Claim)> {
        let place = usize::from(number).checked_rem(self.claims.len())?;
        Some(self.claims[place].clone())
    }

    fn job(&self, number: u8) -> Option<i64> {
        let place = usize::from(number).checked_rem(self.jobs.len())?;
        self.jobs.keys().nth(place).copied()
    }

    /// Whether another job has the key of `id`.
    fn key_is_taken(&self, id: i64) -> bool {
        let key = &self.jobs[&id].key;
        key.is_some()
            && self.jobs.iter().any(|(other, job)| *other != id && job.key == *key && !job.state.is_final())
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Enqueue { priority, delay, key } => self.enqueue(priority, delay, key).await,
            Step::Claim { worker, count } => self.claim(worker, count).await,
            Step::Finish { claim } => self.finish(claim).await,
            Step::Fail { claim, verdict } => self.fail(claim, verdict).await,
            Step::GiveBack { claim } => self.give_back(claim).await,
            Step::Beat { worker } => self.beat(worker).await,
            Step::TakeFromLost => self.take_from_lost().await,
            Step::Leave { worker } => self.leave(worker).await,
            Step::Cancel { job } => self.cancel(job).await,
            Step::Retry { job } => self.retry(job).await,
            Step::Pass { seconds } => self.now = self.now + Duration::from_secs(seconds.into()),
        }
    }

    async fn enqueue(&mut self, priority: i8, delay: u8, key: Option<u8>) {
        let mut new = NewJob::new("work", "{}");
        new.priority = priority.into();
        new.most_attempts = 3;
        new.unique = key.map(|key| format!("key {key}"));
        let run_at = self.now + Duration::from_secs(delay.into());
        new.run_at = Some(run_at);
        let holder = self
            .jobs
            .iter()
            .find(|(_, job)| job.key.is_some() && job.key == new.unique && !job.state.is_final());
        let expected = holder.map(|(id, _)| *id);
        let enqueued = self.queue.enqueue(&self.queue.database().db(), &new, self.now).await.unwrap();
        match (enqueued, expected) {
            (Enqueued::Already(id), Some(expected)) => assert_eq!(id, expected),
            (Enqueued::New(id), None) => {
                let state = if delay > 0 { State::Waiting } else { State::Ready };
                let job = Modelled {
                    state,
                    priority: priority.into(),
                    run_at,
                    key: new.unique,
                    attempts: 0,
                    losses: 0,
                    holder: None,
                    lease: 0,
                    effects: 0,
                };
                assert!(self.jobs.insert(id, job).is_none(), "numbers are not used twice");
            }
            (enqueued, expected) => panic!("{enqueued:?}, and the model has {expected:?}"),
        }
    }

    async fn claim(&mut self, worker: u8, count: u8) {
        let now = self.now;
        self.queue.promote(now).await.unwrap();
        for job in self.jobs.values_mut().filter(|job| job.state == State::Waiting && job.run_at <= now) {
            job.state = State::Ready;
        }
        let owner = usize::from(worker) % self.workers.len();
        let claims = self.queue.claim(&self.workers[owner].worker, &[], count.into(), now).await.unwrap();
        let mut ready: Vec<_> = self.jobs.iter().filter(|(_, job)| job.state == State::Ready).collect();
        ready.sort_by_key(|(id, job)| (-job.priority, job.run_at, **id));
        let is_known = self.workers[owner].alive_until.is_some();
        let expected: Vec<i64> =
            ready.iter().map(|(id, _)| **id).take(if is_known { count.into() } else { 0 }).collect();
        assert_eq!(
            claims.iter().map(|claim| claim.id).collect::<Vec<_>>(),
            expected,
            "the most urgent, then the oldest"
        );
        if !expected.is_empty() {
            self.workers[owner].alive_until = Some(now + PATIENCE);
        }
        for claim in claims {
            let job = self.jobs.get_mut(&claim.id).unwrap();
            (job.state, job.attempts, job.lease) = (State::Running, job.attempts + 1, job.lease + 1);
            job.holder = Some((owner, job.lease));
            assert_eq!((claim.lease, claim.attempt), (job.lease, job.attempts));
            self.claims.push((owner, claim));
        }
    }

    async fn finish(&mut self, number: u8) {
        let Some((owner, claim)) = self.picked(number) else { return };
        let is_held = self.is_held(owner, &claim);
        let work = Transaction::new(self.queue.database(), Terms::default());
        let db = Db::within(&work);
        db.execute("INSERT INTO effect (job) VALUES (?)", (claim.id,)).await.unwrap();
        let fence = self.queue.finish(&db, &claim, self.now).await.unwrap();
        assert_eq!(fence == Fence::Held, is_held);
        match fence {
            Fence::Held => work.commit().await.unwrap(),
            Fence::Lost => work.rollback().await,
        }
        if is_held {
            let job = self.jobs.get_mut(&claim.id).unwrap();
            (job.state, job.holder, job.effects) = (State::Done, None, job.effects + 1);
        }
    }

    async fn fail(&mut self, number: u8, verdict: Option<u8>) {
        let Some((owner, claim)) = self.picked(number) else { return };
        let is_held = self.is_held(owner, &claim);
        let again = verdict.map(|seconds| self.now + Duration::from_secs(seconds.into()));
        let verdict = again.map_or(Verdict::Dead, Verdict::Again);
        let fence = self.queue.fail(&claim, "no", verdict, self.now).await.unwrap();
        assert_eq!(fence == Fence::Held, is_held);
        if is_held {
            let job = self.jobs.get_mut(&claim.id).unwrap();
            job.holder = None;
            job.state = if again.is_some() { State::Waiting } else { State::Dead };
            job.run_at = again.unwrap_or(job.run_at);
        }
    }

    async fn give_back(&mut self, number: u8) {
        let Some((owner, claim)) = self.picked(number) else { return };
        let is_held = self.is_held(owner, &claim);
        assert_eq!(self.queue.give_back(&claim).await.unwrap() == Fence::Held, is_held);
        if is_held {
            let job = self.jobs.get_mut(&claim.id).unwrap();
            (job.state, job.holder, job.attempts) = (State::Ready, None, job.attempts - 1);
        }
    }

    async fn beat(&mut self, worker: u8) {
        let owner = usize::from(worker) % self.workers.len();
        let held = self.queue.beat(&self.workers[owner].worker, self.now).await.unwrap();
        assert_eq!(held.is_some(), self.workers[owner].alive_until.is_some());
        if let Some(mut held) = held {
            self.workers[owner].alive_until = Some(self.now + PATIENCE);
            held.sort_unstable();
            let of_owner = |(id, job): (&i64, &Modelled)| {
                job.holder.filter(|holder| holder.0 == owner).map(|holder| (*id, holder.1))
            };
            assert_eq!(held, self.jobs.iter().filter_map(of_owner).collect::<Vec<_>>());
        } else {
            // It comes back as another.
            let worker = Worker::of_this_process();
            self.queue.register(&worker, self.now).await.unwrap();
            self.workers.push(Member { worker, alive_until: Some(self.now + PATIENCE) });
        }
    }

    async fn take_from_lost(&mut self) {
        let taken = self.queue.take_from_lost(self.now).await.unwrap();
        let mut expected = 0;
        for (owner, member) in self.workers.iter_mut().enumerate() {
            if member.alive_until.is_none_or(|until| until >= self.now) {
                continue;
            }
            member.alive_until = None;
            for job in self.jobs.values_mut().filter(|job| job.holder.is_some_and(|holder| holder.0 == owner))
            {
                expected += 1;
                job.losses += 1;
                job.holder = None;
                if job.losses >= 10 {
                    job.state = State::Dead;
                } else {
                    (job.state, job.attempts) = (State::Ready, job.attempts - 1);
                }
            }
        }
        assert_eq!(taken, expected);
    }

    async fn leave(&mut self, worker: u8) {
        let owner = usize::from(worker) % self.workers.len();
        self.queue.leave(&self.workers[owner].worker).await.unwrap();
        self.workers[owner].alive_until = None;
        for job in self.jobs.values_mut().filter(|job| job.holder.is_some_and(|holder| holder.0 == owner)) {
            (job.state, job.holder, job.attempts) = (State::Ready, None, job.attempts - 1);
        }
    }

    async fn cancel(&mut self, number: u8) {
        let Some(id) = self.job(number) else { return };
        let expected = !self.jobs[&id].state.is_final();
        assert_eq!(self.queue.cancel(id, self.now).await.unwrap(), expected);
        if expected {
            let job = self.jobs.get_mut(&id).unwrap();
            (job.state, job.holder) = (State::Cancelled, None);
        }
    }

    async fn retry(&mut self, number: u8) {
        let Some(id) = self.job(number) else { return };
        let may = matches!(self.jobs[&id].state, State::Dead | State::Cancelled | State::Waiting);
        let is_taken = may && self.key_is_taken(id);
        let retried = self.queue.retry(id, self.now).await;
        assert_eq!(retried.is_err(), is_taken, "{retried:?}");
        if may && !is_taken {
            let now = self.now;
            let job = self.jobs.get_mut(&id).unwrap();
            (job.state, job.run_at, job.attempts, job.losses) = (State::Ready, now, 0, 0);
        }
    }

    /// The table is as the model, and effects are there as often as they were committed: at most once, and once for what is done.
    async fn check(&self) {
        for (id, job) in &self.jobs {
            let row = self.queue.find(*id).await.unwrap().unwrap();
            assert_eq!(
                (row.state, row.attempts, row.losses),
                (job.state, job.attempts, job.losses),
                "job {id}: {job:?}"
            );
            assert_eq!(row.worker.is_some(), job.state == State::Running);
            assert_eq!(u32::from(job.state == State::Done), job.effects);
            let select = "SELECT count(*) FROM effect WHERE job = ?";
            let effects: u32 = self.queue.database().db().query_as(select, (id,)).one().await.unwrap();
            assert_eq!(effects, job.effects);
        }
    }
}

fn run(queue: impl Future<Output = Queue>, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(queue.await).await;
        for step in steps {
            world.take(step).await;
        }
        world.check().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_does_what_its_model_does(steps in prop::collection::vec(step(), 1..60)) {
        run(sqlite(), steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn and_so_on_mariadb(steps in prop::collection::vec(step(), 30..60)) {
        run(async { open(&mariadb::Server::shared().database()).await }, steps);
    }
}
