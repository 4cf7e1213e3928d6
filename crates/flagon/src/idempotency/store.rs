//! Where answers are kept that may be asked for again.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, ready},
};

use super::{answer::KeptAnswer, key::IdempotencyKey};
use crate::{context::Context, error::Result};

/// Where answers are kept that may be asked for again: [`MemoryAnswers`], or a database.
pub trait IdempotencyStore: Send + Sync + 'static {
    /// The answer of `key`, if one is kept that has not expired.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    fn find<'a>(
        &'a self,
        context: &'a Arc<Context>,
        key: &'a IdempotencyKey,
    ) -> BoxFuture<'a, Result<Option<KeptAnswer>>>;

    /// Keeps `answer` as a part of what the request has done: in its transaction, if there is one. By itself it does nothing, for a
    /// store that keeps it in [`committed`](Self::committed).
    ///
    /// # Errors
    ///
    /// When it can't be kept; then nothing that the request has done is.
    fn keep<'a>(
        &'a self,
        context: &'a Arc<Context>,
        key: &'a IdempotencyKey,
        answer: &'a KeptAnswer,
    ) -> BoxFuture<'a, Result<Keeping>> {
        let _ = (context, key, answer);
        ready(Ok(Keeping::Kept)).boxed()
    }

    /// Keeps `answer`, now that what the request has done stays. By itself it does nothing, for a store that has kept it in
    /// [`keep`](Self::keep).
    fn committed(&self, key: IdempotencyKey, answer: KeptAnswer) {
        let _ = (key, answer);
    }
}

/// Whether an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It is.
    Kept,
    /// A request with the same key was faster, in another process: its answer counts, and what this one has done is to be undone.
    TooLate,
}

/// Answers in memory: of one process, and gone with it. The oldest are forgotten, before they expire, when there are more than fit.
///
/// # Examples
///
/// ```
/// use flagon::{MemoryAnswers, prelude::*};
///
/// let app = App::new("shop").idempotency_store(MemoryAnswers::new(64 * 1024 * 1024));
/// ```
pub struct MemoryAnswers {
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<IdempotencyKey, KeptAnswer>,
    /// The first kept first: since all are kept equally long, the first to expire too.
    order: VecDeque<IdempotencyKey>,
    bytes: usize,
}

impl MemoryAnswers {
    /// Keeps answers of `max_bytes` together, their fields included.
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, kept: Mutex::default() }
    }

    /// How many answers are kept, and how many bytes they have together.
    pub fn size(&self) -> (usize, usize) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.answers.len(), kept.bytes)
    }
}

impl IdempotencyStore for MemoryAnswers {
    fn find<'a>(
        &'a self,
        _: &'a Arc<Context>,
        key: &'a IdempotencyKey,
    ) -> BoxFuture<'a, Result<Option<KeptAnswer>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget_expired();
        ready(Ok(kept.answers.get(key).cloned())).boxed()
    }

    fn committed(&self, key: IdempotencyKey, answer: KeptAnswer) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget_expired();
        kept.bytes += answer.size();
        kept.order.push_back(key);
        if let Some(replaced) = kept.answers.insert(key, answer) {
            kept.bytes -= replaced.size();
        }
        while kept.bytes > self.max_bytes && kept.forget_first() {
            tracing::warn!(
                max = self.max_bytes,
                "an answer is forgotten before it expires: `idempotency.memory` is too small"
            );
        }
    }
}

impl Kept {
    fn forget_expired(&mut self) {
        let now = SystemTime::now();
        while self
            .order
            .front()
            .is_some_and(|key| self.answers.get(key).is_none_or(|answer| answer.expires <= now))
        {
            self.forget_first();
        }
    }

    /// Whether there was one.
    fn forget_first(&mut self) -> bool {
        let Some(key) = self.order.pop_front() else { return false };
        if let Some(answer) = self.answers.remove(&key) {
            self.bytes -= answer.size();
        }
        true
    }
}

impl fmt::Debug for MemoryAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answers, bytes) = self.size();
        f.debug_struct("MemoryAnswers")
            .field("answers", &answers)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}
