//! Connections that are kept open, and lent.
//!
//! In: a wish for a connection. Out: a [`Lease`], which gives it back when it is dropped. A connection on which something was broken
//! off is not given back but ended, and the database rolls back.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::SqlSafeStr;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::unconstrained,
    time::timeout,
};

use crate::{
    connection::{Connection, Role},
    dialect::Dialect,
    error::{Error, ErrorKind, Result},
    kill::kill,
    options::Options,
};

/// Connections, at most a fixed number of them.
pub(crate) struct Pool {
    options: Arc<Options>,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
    limit: u32,
}

struct Idle {
    connection: Kept,
    role: Role,
    since: Instant,
}

/// A connection that nobody uses.
enum Kept {
    Ready(Connection),
    /// Its `ROLLBACK` was sent, and the answer is read when the connection is lent again: nobody has to be woken up for it. `None` when
    /// it failed.
    RollingBack(BoxFuture<'static, Option<Connection>>),
}

impl Kept {
    async fn ready(self) -> Option<Connection> {
        match self {
            Self::Ready(connection) => Some(connection),
            Self::RollingBack(ended) => ended.await,
        }
    }
}

/// After this long a connection is asked whether it is still there before it is lent.
const UNSURE: Duration = Duration::from_secs(5);

/// After this long a connection that nobody needs is closed.
const UNUSED: Duration = Duration::from_mins(10);

impl Pool {
    pub(crate) fn new(options: &Arc<Options>, limit: u32) -> Self {
        let limit = limit.max(1);
        let permits = Arc::new(Semaphore::new(limit as usize));
        Self { options: Arc::clone(options), idle: Mutex::default(), permits, limit }
    }

    /// Gives how many connections are lent, and how many wait.
    pub(crate) fn connections(&self) -> (u64, u64) {
        let lent = (self.limit as usize).saturating_sub(self.permits.available_permits());
        (lent as u64, self.idle.lock().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    /// Lends a connection for `role`, and opens one if there is none and may be one more.
    pub(crate) async fn lend(self: &Arc<Self>, role: Role) -> Result<Lease> {
        let permit = self.permit().await?;
        let connection = match self.take_idle(role).await {
            Some(connection) => connection,
            None => Connection::open(&self.options, role).await?,
        };
        let mut lease = Lease {
            connection: Some(connection),
            state: LeaseState::Broken,
            pool: Arc::clone(self),
            permit: Some(permit),
        };
        let taken = lease.connection().take_role(role).await;
        lease.state = if taken.is_ok() { LeaseState::Clean } else { LeaseState::Gone };
        taken.map(|()| lease)
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        if let Ok(Ok(permit)) = timeout(self.options.wait, Arc::clone(&self.permits).acquire_owned()).await {
            return Ok(permit);
        }
        let wait = self.options.wait;
        let message = match (self.options.dialect(), self.limit) {
            (Dialect::Sqlite, 1) => format!(
                "the one connection that writes was not free within {wait:?}; who holds a transaction that has written goes on in it, \
                 with the same db(), since a write beside it waits for its end"
            ),
            (_, limit) => format!(
                "no connection was free within {wait:?}: all {limit} are in use, mostly since something holds one for too long"
            ),
        };
        Err(Error::new(ErrorKind::Exhausted, message))
    }

    /// An idle connection that still works, best one that has the role already.
    async fn take_idle(&self, role: Role) -> Option<Connection> {
        loop {
            let Idle { connection, since, .. } = self.pop(role)?;
            let Some(mut connection) = connection.ready().await else { continue };
            if since.elapsed() < UNSURE || connection.ping().await {
                return Some(connection);
            }
        }
    }

    fn pop(&self, role: Role) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let index = idle.iter().rposition(|idle| idle.role == role).or(idle.len().checked_sub(1))?;
        Some(idle.swap_remove(index))
    }

    fn take_back(&self, connection: Connection) {
        let role = connection.role();
        self.keep(Kept::Ready(connection), role);
    }

    /// Sends `ROLLBACK` on a connection that waits for nothing, and takes it back without waiting for the answer.
    fn roll_back(&self, mut connection: Connection) {
        let role = connection.role();
        let ended = async move { connection.roll_back().await.then_some(connection) };
        // What has used up its turn of the event loop would put it off.
        let mut ended = unconstrained(ended).boxed();
        match ended.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(connection)) => self.take_back(connection),
            Poll::Ready(None) => (),
            Poll::Pending => self.keep(Kept::RollingBack(ended), role),
        }
    }

    fn keep(&self, connection: Kept, role: Role) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|idle| idle.since.elapsed() < UNUSED);
        idle.push(Idle { connection, role, since: Instant::now() });
    }

    /// Ends a connection on which something was broken off, and returns when the server knows.
    async fn end(&self, connection: Connection) {
        let victim = connection.on_server();
        drop(connection); // SQLite ends its statement now
        let Some(victim) = victim else { return };
        // Each killer counts as the connection that it ends, whose permit is still kept.
        let killer = self.take_idle(Role::Each).await;
        if let Some(killer) = kill(&self.options, &victim, killer).await {
            self.take_back(killer);
        }
    }

    /// Closes what is idle.
    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for idle in idle {
            if let Some(connection) = idle.connection.ready().await {
                connection.close().await;
            }
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// A connection that is lent.
pub(crate) struct Lease {
    connection: Option<Connection>,
    state: LeaseState,
    pool: Arc<Pool>,
    permit: Option<OwnedSemaphorePermit>,
}

/// What is to be done with a connection that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseState {
    /// It can be lent again.
    Clean,
    /// A transaction is open on it, which is to be rolled back.
    Open,
    /// The same, and what is left of an answer is to be passed over before.
    Reading,
    /// Something was broken off in the middle.
    Broken,
    /// The other end is gone.
    Gone,
}

impl Lease {
    pub(crate) fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease has its connection until it is dropped")
    }

    /// The connection and its state, for what keeps the connection borrowed.
    pub(crate) fn parts(&mut self) -> (&mut Connection, &mut LeaseState) {
        (self.connection.as_mut().expect("a lease has its connection until it is dropped"), &mut self.state)
    }

    /// Says in which state the connection is from now on. Around each await of a statement it is
    /// [`Broken`](LeaseState::Broken), so that one that is dropped in the middle is not lent again.
    pub(crate) fn set(&mut self, state: LeaseState) {
        self.state = state;
    }

    /// Sends a command of the transaction that is open on it.
    pub(crate) async fn command(&mut self, sql: impl SqlSafeStr) -> Result<()> {
        self.state = LeaseState::Broken;
        let done = self.connection().command(sql).await;
        let is_gone = done.as_ref().is_err_and(|error| error.kind() == ErrorKind::Connect);
        self.state = if is_gone { LeaseState::Gone } else { LeaseState::Open };
        done
    }

    /// Rolls back what is open on it, and returns when the server knows.
    pub(crate) async fn roll_back(mut self) {
        if matches!(self.state, LeaseState::Open | LeaseState::Reading) {
            let done = self.command("ROLLBACK").await;
            self.state = if done.is_ok() { LeaseState::Clean } else { LeaseState::Gone };
        }
        if self.state == LeaseState::Broken
            && let Some(connection) = self.connection.take()
        {
            self.pool.end(connection).await;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match self.state {
            LeaseState::Clean => self.pool.take_back(connection),
            LeaseState::Open if connection.dialect() == Dialect::MySql => self.pool.roll_back(connection),
            LeaseState::Open | LeaseState::Reading => {
                // The permit goes along: until it is rolled back the connection counts as used.
                let (pool, permit) = (Arc::clone(&self.pool), self.permit.take());
                let Ok(runtime) = Handle::try_current() else { return };
                runtime.spawn(async move {
                    if connection.command("ROLLBACK").await.is_ok() {
                        pool.take_back(connection);
                    }
                    drop(permit);
                });
            }
            LeaseState::Broken => {
                let (pool, permit) = (Arc::clone(&self.pool), self.permit.take());
                let Ok(runtime) = Handle::try_current() else { return };
                runtime.spawn(async move {
                    pool.end(connection).await;
                    drop(permit);
                });
            }
            LeaseState::Gone => (),
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("state", &self.state).finish_non_exhaustive()
    }
}
