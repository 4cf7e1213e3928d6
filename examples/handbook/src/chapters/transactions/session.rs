//! A session: a task that has a transaction and does one step after another.
//!
//! In: steps. Out: lines on the board, each when it is done. Never: outlives its owner, or more than a minute and a half without a step;
//! its transaction is rolled back then, and a statement that still waits is ended.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use flagon::sql::{Database, Db, Error, Result, Terms, Transaction};
use serde::Serialize;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use super::steps::{Level, Step, Who};

/// After so long without a step a session ends.
const IDLE: Duration = Duration::from_secs(90);

/// What was done, in the order of the steps.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<Vec<Line>>);

/// A step on the board.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    who: Who,
    sql: String,
    state: State,
    /// What was read, changed, or said.
    said: String,
    /// After which line it went on, where it had to wait.
    went_on_after: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Waiting,
    Read,
    Changed,
    Ended,
    /// The statement is refused; the transaction goes on.
    Refused,
    /// The database has rolled all of it back.
    GivenUp,
}

impl Board {
    pub(super) fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn add(&self, who: Who, sql: String) -> usize {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, said) = (State::Waiting, String::new());
        lines.push(Line { who, sql, state, said, went_on_after: None });
        lines.len() - 1
    }

    fn answer(&self, at: usize, (state, said): (State, String)) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = lines.len() - 1;
        let line = &mut lines[at];
        (line.state, line.said) = (state, said);
        line.went_on_after = (last > at).then_some(last);
    }
}

/// A session, and how it is told what to do.
#[derive(Debug)]
pub(super) struct Session {
    who: Who,
    board: Arc<Board>,
    steps: mpsc::Sender<(Step, oneshot::Sender<()>)>,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What is seen of the task from outside.
#[derive(Debug, Default)]
struct Shared {
    is_busy: AtomicBool,
    /// The number of its connection, 0 when it has none.
    connection: AtomicU64,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort(); // in the middle of a statement too, which is ended then
    }
}

impl Session {
    pub(super) fn begin(
        who: Who,
        level: Level,
        database: &Database,
        terms: Terms,
        board: &Arc<Board>,
    ) -> Self {
        let (steps, orders) = mpsc::channel(1);
        let shared = Arc::new(Shared::default());
        let actor = Actor {
            who,
            level,
            database: database.clone(),
            terms,
            board: Arc::clone(board),
            shared: Arc::clone(&shared),
            transaction: None,
            last: 100,
        };
        let task = tokio::spawn(actor.work(orders));
        Self { who, board: Arc::clone(board), steps, shared, task }
    }

    /// Whether it waits for a lock.
    pub(super) fn is_busy(&self) -> bool {
        self.shared.is_busy.load(Ordering::Acquire)
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub(super) fn who(&self) -> Who {
        self.who
    }

    /// The number of its connection while it has a transaction.
    pub(super) fn connection(&self) -> Option<u64> {
        Some(self.shared.connection.load(Ordering::Acquire)).filter(|number| *number != 0)
    }

    /// Tells it the next step, and waits until it is done, or a third of a second.
    pub(super) async fn take(&self, step: Step) {
        if self.shared.is_busy.swap(true, Ordering::AcqRel) {
            return; // one after another
        }
        let (done, is_done) = oneshot::channel();
        if self.steps.try_send((step, done)).is_ok() {
            let _ = timeout(Duration::from_millis(350), is_done).await;
        }
    }

    /// Waits until it is not busy any more, or half a second: what it waited for may have ended.
    pub(super) async fn settle(&self) {
        for _ in 0..25 {
            if !self.is_busy() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) fn board(&self) -> &Board {
        &self.board
    }
}

/// The task of a session.
struct Actor {
    who: Who,
    level: Level,
    database: Database,
    terms: Terms,
    board: Arc<Board>,
    shared: Arc<Shared>,
    transaction: Option<Arc<Transaction>>,
    /// What was read last of the first account.
    last: i64,
}

impl Actor {
    async fn work(mut self, mut orders: mpsc::Receiver<(Step, oneshot::Sender<()>)>) {
        while let Ok(Some((step, done))) = timeout(IDLE, orders.recv()).await {
            let at = self.board.add(self.who, self.text(step));
            let answer = self.perform(step).await.unwrap_or_else(|error| self.failed(&error));
            if self.transaction.is_none() {
                self.shared.connection.store(0, Ordering::Release);
            }
            self.board.answer(at, answer);
            self.shared.is_busy.store(false, Ordering::Release);
            let _ = done.send(());
        }
    }

    /// The statement as it is sent. SQLite has no `FOR UPDATE`: who may write is alone there.
    fn text(&self, step: Step) -> String {
        let sql = step.sql();
        match step {
            Step::PutOne => sql.replace('?', &format!("{} - 10", self.last)),
            Step::LockOne if self.level == Level::Sqlite => sql.trim_end_matches(" FOR UPDATE").to_owned(),
            _ => sql.to_owned(),
        }
    }

    async fn perform(&mut self, step: Step) -> Result<(State, String)> {
        let done = |state, said: String| Ok((state, said));
        if matches!(step, Step::Commit | Step::Rollback) {
            let Some(transaction) = self.transaction.take() else { return done(State::Ended, String::new()) };
            if step == Step::Commit {
                transaction.commit().await?;
            } else {
                transaction.rollback().await;
            }
            return done(State::Ended, String::new());
        }
        let db = self.db().await?;
        match step {
            Step::ReadOne | Step::LockOne => {
                let query = db.query_as::<i64>(Step::ReadOne.sql(), ());
                let query = if step == Step::LockOne { query.for_update() } else { query };
                self.last = query.one().await?;
                done(State::Read, self.last.to_string())
            }
            Step::ReadAll => {
                let ids: Vec<i64> = db.query_as(step.sql(), ()).all().await?;
                done(State::Read, ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
            }
            Step::PutOne => {
                done(State::Changed, db.execute(step.sql(), (self.last - 10,)).await?.to_string())
            }
            _ => done(State::Changed, db.execute(step.sql(), ()).await?.to_string()),
        }
    }

    /// What statements are sent to; the first begins the transaction.
    async fn db(&mut self) -> Result<Db> {
        if let Some(transaction) = &self.transaction {
            return Ok(Db::within(transaction));
        }
        let transaction = Transaction::new(&self.database, self.terms);
        let db = Db::within(&transaction);
        self.transaction = Some(transaction);
        if self.level != Level::Sqlite {
            // Long enough to be looked at. It is asked before any table, so no snapshot is taken yet.
            db.execute("SET innodb_lock_wait_timeout = 45", ()).await?;
            let number = db.query_as::<u64>("SELECT connection_id()", ()).one().await?;
            self.shared.connection.store(number, Ordering::Release);
        }
        Ok(db)
    }

    fn failed(&mut self, error: &Error) -> (State, String) {
        let is_given_up = self.transaction.as_ref().is_none_or(|transaction| !transaction.is_open())
            || self.transaction.as_ref().is_some_and(|transaction| transaction.doom().is_some());
        let state = if is_given_up { State::GivenUp } else { State::Refused };
        if is_given_up {
            self.transaction = None;
        }
        let said = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        let said = said.trim_start_matches("error returned from database: ").to_owned();
        (state, said)
    }
}
