//! The tasks that a request has started: waited for before its answer goes out, or dropped with it.
//!
//! In: tasks as they are started. Out: nothing of them is left when the request is over. Never: waits for a task that goes on in
//! the background.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{sync::Notify, task::AbortHandle};

/// The tasks of one context.
#[derive(Default)]
pub(crate) struct RequestTasks {
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Default)]
struct State {
    running: usize,
    handles: Vec<AbortHandle>,
    is_over: bool,
}

/// A task that runs, until this is dropped: with its future.
pub(crate) struct Running(Arc<RequestTasks>);

impl RequestTasks {
    /// Counts one more; `None` when the request is over.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Running> {
        let mut state = self.lock();
        if state.is_over {
            return None;
        }
        state.running += 1;
        Some(Running(Arc::clone(self)))
    }

    /// Keeps what ends a task.
    pub(crate) fn keep(&self, handle: AbortHandle) {
        let mut state = self.lock();
        if state.is_over {
            handle.abort();
            return;
        }
        if state.handles.len() > 2 * state.running + FEW {
            state.handles.retain(|handle| !handle.is_finished()); // of a request that lasts, such as a stream
        }
        state.handles.push(handle);
    }

    /// Waits until none is running.
    pub(crate) async fn settle(&self) {
        loop {
            let ended = self.ended.notified();
            if self.lock().running == 0 {
                return;
            }
            ended.await;
        }
    }

    /// Has all of them dropped where they wait; what is started from now on is no task of this request.
    pub(crate) fn cancel(&self) {
        let handles = {
            let mut state = self.lock();
            state.is_over = true;
            std::mem::take(&mut state.handles)
        };
        handles.iter().for_each(AbortHandle::abort);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let is_last = {
            let mut state = self.0.lock();
            state.running -= 1;
            state.running == 0
        };
        if is_last {
            self.0.ended.notify_waiters();
        }
    }
}

const FEW: usize = 16;
