//! Connections that wait for their next request.
//!
//! In: a connection whose answer is whole. Out: the one that was used last, unless it waited too long or something has come on it.
//! Never: a connection of another thread, whose event loop watches it, or more of them than the limit.

use std::{
    cell::RefCell,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use http::Method;
use tokio::runtime::{self, Handle};

use crate::socket::Socket;

/// An open connection, and its buffers.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) socket: Socket,
    pub(crate) input: BytesMut,
    pub(crate) output: BytesMut,
}

/// Which connections belong together.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    /// The pool is gone when nobody holds it.
    key: Arc<()>,
    limit: usize,
    idle: Duration,
}

struct Waiting {
    since: Instant,
    connection: Connection,
}

/// The connections of one pool in one thread, the one that was used last at the end.
struct OfThread {
    key: Weak<()>,
    runtime: runtime::Id,
    waiting: Vec<Waiting>,
}

thread_local! {
    static POOLS: RefCell<Vec<OfThread>> = const { RefCell::new(Vec::new()) };
}

impl Pool {
    pub(crate) fn new(limit: usize, idle: Duration) -> Self {
        Self { key: Arc::new(()), limit, idle }
    }

    /// Takes a connection for a request of `method`, if one waits.
    pub(crate) fn take(&self, method: &Method) -> Option<Connection> {
        // What may not be sent twice should not meet a connection that is just being closed.
        let most = if method.is_idempotent() { self.idle } else { self.idle.min(FRESH) };
        self.of_thread(|waiting| {
            while let Some(mut last) = waiting.pop() {
                if last.since.elapsed() > most {
                    waiting.clear(); // those before it have waited longer
                    return None;
                }
                if !last.connection.socket.is_readable() {
                    return Some(last.connection);
                }
            }
            None
        })
    }

    /// Lets `connection` wait for its next request.
    pub(crate) fn give_back(&self, mut connection: Connection) {
        if connection.input.capacity() > BUFFER_MAX || connection.output.capacity() > BUFFER_MAX {
            (connection.input, connection.output) = (BytesMut::new(), BytesMut::new());
        }
        self.of_thread(|waiting| {
            let late = waiting.iter().take_while(|waiting| waiting.since.elapsed() > self.idle).count();
            waiting.drain(..late);
            if waiting.len() < self.limit {
                waiting.push(Waiting { since: Instant::now(), connection });
            }
        });
    }

    fn of_thread<T>(&self, work: impl FnOnce(&mut Vec<Waiting>) -> T) -> T {
        let runtime = Handle::current().id();
        POOLS.with_borrow_mut(|pools| {
            let is_ours = |pool: &OfThread| {
                std::ptr::eq(pool.key.as_ptr(), Arc::as_ptr(&self.key)) && pool.runtime == runtime
            };
            let at = pools.iter().position(is_ours).unwrap_or_else(|| {
                pools.retain(|pool| pool.key.strong_count() > 0);
                pools.push(OfThread { key: Arc::downgrade(&self.key), runtime, waiting: Vec::new() });
                pools.len() - 1
            });
            work(&mut pools[at].waiting)
        })
    }
}

/// How long a connection may have waited for a request that may not be sent twice.
const FRESH: Duration = Duration::from_secs(1);
/// Larger buffers are not kept for the next request.
const BUFFER_MAX: usize = 64 * 1024;
