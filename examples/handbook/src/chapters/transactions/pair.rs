//! A pair of sessions that a visitor steps by hand, and what is seen of them.
//!
//! There are four at most, for all visitors together. A new one takes the place of the one that has rested longest, if that is a while.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use flagon::{
    Uuid,
    sql::{AssertSqlSafe, Database, Isolation, Result, Terms, Transaction},
};
use serde::Serialize;
use tokio::time::timeout;

use super::{
    locks::{Lock, locks},
    session::{Board, Line, Session},
    steps::{Level, Step, Story, Who},
};
use crate::mariadb::Server;

/// The databases of the pairs; one more place is SQLite's, which needs none of them.
const PLACES: [&str; 4] = ["transactions_0", "transactions_1", "transactions_2", "transactions_3"];

/// After so long without a step a pair makes room for another one.
const RESTING: Duration = Duration::from_secs(20);

/// So many steps a pair takes.
const LONGEST: usize = 40;

static PAIRS: Mutex<[Option<Arc<Pair>>; PLACES.len()]> = Mutex::new([const { None }; PLACES.len()]);

/// Two sessions on a table of their own.
pub(super) struct Pair {
    id: String,
    level: Level,
    story: Story,
    /// The steps of the story that are taken, a bit for each.
    taken: AtomicU32,
    used: Mutex<Instant>,
    sessions: [Session; 2],
    /// Who looks from outside.
    outside: Database,
    name: &'static str,
}

/// A pair as the page shows it.
#[derive(Debug, Serialize)]
pub(super) struct View {
    id: String,
    level: Level,
    story: Story,
    lines: Vec<Line>,
    next: Option<(Who, Step, &'static str)>,
    /// Every step of the story is taken.
    is_told: bool,
    sessions: Vec<SessionView>,
    rows: Vec<RowView>,
    waits: Vec<Wait>,
    is_over: bool,
}

#[derive(Debug, Serialize)]
struct SessionView {
    who: Who,
    is_busy: bool,
    /// What `INNODB_TRX` says of its transaction, if it has one.
    transaction: Option<Trx>,
}

/// A row of `INNODB_TRX`.
#[derive(Debug, Clone, Serialize)]
struct Trx {
    state: String,
    isolation: String,
    rows_locked: u64,
    rows_modified: u64,
}

/// A row of the table, or the end of it, with the locks on it.
#[derive(Debug, Serialize)]
struct RowView {
    id: Option<i64>,
    /// As it was committed.
    committed: Option<i64>,
    /// As it is, if somebody has written it and not committed.
    newest: Option<i64>,
    a: Vec<Lock>,
    b: Vec<Lock>,
}

/// Who waits for whom, from `INNODB_LOCK_WAITS`.
#[derive(Debug, Serialize)]
struct Wait {
    who: Who,
    whom: Who,
}

impl Pair {
    /// Begins one, if there is a place; `server` is for all levels but SQLite's.
    pub(super) async fn begin(
        level: Level,
        story: Story,
        server: Option<&Server>,
    ) -> Result<Option<Arc<Self>>> {
        let Some(place) = take_place() else { return Ok(None) };
        let name = PLACES[place];
        let database = match server {
            Some(server) => server.database(name).await?,
            None => Database::open("sqlite::memory:")?,
        };
        timeout(Duration::from_secs(5), make(&database)).await.unwrap_or(Ok(()))?;
        let outside = match server {
            Some(server) => server.database(name).await?,
            None => database.clone(),
        };
        let board = Arc::new(Board::default());
        let session = |who| Session::begin(who, level, &database, terms(level), &board);
        let pair = Arc::new(Self {
            id: Uuid::new_v4().simple().to_string(),
            level,
            story,
            taken: AtomicU32::new(0),
            used: Mutex::new(Instant::now()),
            sessions: [session(Who::A), session(Who::B)],
            outside,
            name,
        });
        pairs()[place] = Some(Arc::clone(&pair));
        Ok(Some(pair))
    }

    /// The pair that is called `id`, if it is still there.
    pub(super) fn find(id: &str) -> Option<Arc<Self>> {
        let pairs = pairs();
        let found = pairs.iter().flatten().find(|pair| pair.id == id)?;
        *found.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Some(Arc::clone(found))
    }

    /// Takes the next step of the story.
    pub(super) async fn go_on(&self) {
        if let Some((at, (who, step))) = self.next() {
            self.taken.fetch_or(1 << at, Ordering::Relaxed);
            self.take(who, step).await;
        }
    }

    /// The first step that is not taken, of a session that does not wait: while one waits, the story goes on with the other.
    fn next(&self) -> Option<(usize, (Who, Step))> {
        let taken = self.taken.load(Ordering::Relaxed);
        let mut steps = self.story.steps().iter().copied().enumerate();
        steps.find(|(at, (who, _))| taken & (1 << at) == 0 && !self.session(*who).is_busy())
    }

    /// Has one of the sessions take a step; what the other one waited for may be free then.
    pub(super) async fn take(&self, who: Who, step: Step) {
        if self.session(who).board().len() >= LONGEST {
            return;
        }
        self.session(who).take(step).await;
        let other = &self.sessions[usize::from(who == Who::A)];
        if other.is_busy() && !self.session(who).is_busy() {
            other.settle().await;
        }
    }

    fn session(&self, who: Who) -> &Session {
        &self.sessions[usize::from(who == Who::B)]
    }

    /// What is to be seen now.
    pub(super) async fn view(&self) -> Result<View> {
        let (trx, found, waits) =
            if self.level == Level::Sqlite { <_>::default() } else { self.look().await? };
        let next = self.next();
        let is_told = self.taken.load(Ordering::Relaxed).count_ones() as usize == self.story.steps().len();
        let sessions = self.sessions.iter().map(|session| SessionView {
            who: session.who(),
            is_busy: session.is_busy(),
            transaction: session.connection().and_then(|number| {
                trx.iter().find(|(connection, _)| *connection == number).map(|(_, trx)| trx.clone())
            }),
        });
        Ok(View {
            id: self.id.clone(),
            level: self.level,
            story: self.story,
            lines: self.sessions[0].board().lines(),
            next: next.map(|(_, (who, step))| (who, step, step.sql())),
            is_told,
            sessions: sessions.collect(),
            rows: self.rows(&found).await?,
            waits: waits
                .into_iter()
                .filter_map(|(who, whom)| Some(Wait { who: self.who(who)?, whom: self.who(whom)? }))
                .collect(),
            is_over: self.sessions.iter().any(Session::is_over),
        })
    }

    fn who(&self, connection: u64) -> Option<Who> {
        let session = self.sessions.iter().find(|session| session.connection() == Some(connection))?;
        Some(session.who())
    }

    /// Transactions, locks, and who waits for whom, by the numbers of their connections.
    async fn look(&self) -> Result<(Vec<(u64, Trx)>, Vec<Lock>, Vec<(u64, u64)>)> {
        let db = self.outside.db();
        let trx: Vec<(u64, String, String, u64, u64)> = db.query_as(TRX, ()).all().await?;
        let trx = trx.into_iter().map(|(number, state, isolation, rows_locked, rows_modified)| {
            (number, Trx { state, isolation, rows_locked, rows_modified })
        });
        let trx = trx.collect();
        let waits = db.query_as(WAITS, ()).all().await?;
        let report: Option<(String, String, String)> =
            db.query_as("SHOW ENGINE INNODB STATUS", ()).optional().await?;
        let found = report.map_or_else(Vec::new, |(.., report)| locks(&report, self.name));
        Ok((trx, found, waits))
    }

    /// The rows as they were committed, and as they are.
    async fn rows(&self, found: &[Lock]) -> Result<Vec<RowView>> {
        let committed = self.seen(Isolation::ReadCommitted).await?;
        let newest = if self.level == Level::Sqlite {
            committed.clone()
        } else {
            self.seen(Isolation::ReadUncommitted).await?
        };
        let of = |who: Who, id: Option<i64>| {
            let connection = self.session(who).connection();
            found
                .iter()
                .filter(|lock| lock.row == id && Some(lock.connection) == connection)
                .cloned()
                .collect()
        };
        let mut ids: Vec<i64> = committed.iter().chain(&newest).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        let balance =
            |rows: &[(i64, i64)], id: i64| rows.iter().find(|(of, _)| *of == id).map(|(_, balance)| *balance);
        let mut rows: Vec<_> = ids
            .into_iter()
            .map(|id| {
                let (committed, newest) = (balance(&committed, id), balance(&newest, id));
                let newest = newest.filter(|newest| committed != Some(*newest));
                RowView { id: Some(id), committed, newest, a: of(Who::A, Some(id)), b: of(Who::B, Some(id)) }
            })
            .collect();
        let end =
            RowView { id: None, committed: None, newest: None, a: of(Who::A, None), b: of(Who::B, None) };
        if !(end.a.is_empty() && end.b.is_empty()) {
            rows.push(end);
        }
        Ok(rows)
    }

    async fn seen(&self, isolation: Isolation) -> Result<Vec<(i64, i64)>> {
        let terms = if self.level == Level::Sqlite {
            Terms::read_only()
        } else {
            Terms::read_only().isolation(isolation)
        };
        let transaction = Transaction::new(&self.outside, terms);
        let rows =
            flagon::sql::Db::within(&transaction).query_as("SELECT id, balance FROM account ORDER BY id", ());
        let rows = rows.all().await;
        transaction.rollback().await;
        rows
    }
}

const TRX: &str = "SELECT trx_mysql_thread_id, trx_state, trx_isolation_level, trx_rows_locked, trx_rows_modified \
    FROM information_schema.innodb_trx";

const WAITS: &str = "SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id \
    FROM information_schema.innodb_lock_waits AS w \
    JOIN information_schema.innodb_trx AS r ON r.trx_id = w.requesting_trx_id \
    JOIN information_schema.innodb_trx AS b ON b.trx_id = w.blocking_trx_id";

fn pairs() -> std::sync::MutexGuard<'static, [Option<Arc<Pair>>; PLACES.len()]> {
    PAIRS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An empty place, or the one of the pair that has rested longest: it ends now.
fn take_place() -> Option<usize> {
    let mut pairs = pairs();
    let rest = |pair: &Option<Arc<Pair>>| {
        pair.as_ref().map_or(Duration::MAX, |pair| {
            if pair.sessions.iter().any(Session::is_over) {
                return Duration::MAX;
            }
            pair.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
        })
    };
    let place = (0..pairs.len()).max_by_key(|place| rest(&pairs[*place]))?;
    let is_free = rest(&pairs[place]) >= RESTING;
    is_free.then(|| {
        pairs[place] = None;
        place
    })
}

fn terms(level: Level) -> Terms {
    let isolation = match level {
        Level::ReadUncommitted => Isolation::ReadUncommitted,
        Level::ReadCommitted => Isolation::ReadCommitted,
        Level::RepeatableRead => Isolation::RepeatableRead,
        Level::Serializable | Level::Sqlite => Isolation::Serializable,
    };
    Terms::default().isolation(isolation)
}

async fn make(database: &Database) -> Result<()> {
    let db = database.db();
    db.execute("DROP TABLE IF EXISTS account", ()).await?;
    let is_mysql = database.dialect() == flagon::sql::Dialect::MySql;
    let engine = if is_mysql { " ENGINE=InnoDB" } else { "" };
    let table = format!("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL){engine}");
    db.execute(AssertSqlSafe(table), ()).await?;
    db.execute("INSERT INTO account VALUES (1, 100), (2, 100)", ()).await?;
    if is_mysql {
        db.execute("SET GLOBAL innodb_status_output_locks = ON", ()).await?;
    }
    Ok(())
}
