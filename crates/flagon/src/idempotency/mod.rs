//! Requests that may be repeated: the first answer is kept, and given again.
//!
//! In: a request with an `Idempotency-Key`. Out: what its view answers, once; that answer again to a repetition; 409 while the first
//! one is at work, 422 to another request with the same key, 400 without a key where one is required. Never: an answer that is kept
//! although what it tells of was undone.
//!
//! draft-ietf-httpapi-idempotency-key-header-07.

mod key;
mod answer;
mod running;
mod store;
#[cfg(feature = "sql")]
mod sql;

use std::{
    fmt,
    sync::{Arc, PoisonError},
};

use http::{Method, header};

#[cfg(feature = "sql")]
pub use self::sql::SqlAnswers;
pub use self::{
    answer::KeptAnswer,
    key::IdempotencyKey,
    store::{IdempotencyStore, Keeping, MemoryAnswers},
};

use self::{
    key::Fingerprint,
    running::{Claim, Running},
};
use crate::{
    config::IdempotencyConfig,
    context::Context,
    error::{Error, Result},
    login,
    view::Handler,
    view_limits::Idempotent,
};

/// What the idempotent views of an app share.
pub(crate) struct Idempotency {
    config: IdempotencyConfig,
    store: Box<dyn IdempotencyStore>,
    running: Running,
}

impl Idempotency {
    pub(crate) fn new(config: &IdempotencyConfig, store: Option<Box<dyn IdempotencyStore>>) -> Self {
        let store = store.unwrap_or_else(|| Box::new(MemoryAnswers::new(config.memory)));
        Self { config: config.clone(), store, running: Running::default() }
    }

    /// The handler that answers repetitions itself, and has `handler` answer the rest.
    pub(crate) fn around(self: &Arc<Self>, idempotent: Idempotent, handler: Handler) -> Handler {
        let idempotency = Arc::clone(self);
        Arc::new(move |context| {
            let (idempotency, handler) = (Arc::clone(&idempotency), Arc::clone(&handler));
            Box::pin(async move { idempotency.answer(context, idempotent, &handler).await })
        })
    }

    async fn answer(&self, context: &Arc<Context>, idempotent: Idempotent, handler: &Handler) -> Result {
        // RFC 9110 §9.2.2: the other methods may be repeated anyway.
        if !matches!(*context.request().method(), Method::POST | Method::PATCH) {
            return handler(context).await;
        }
        login::restore_remembered(context).await?; // a key is its user's
        let Some(key) = IdempotencyKey::of(context)? else {
            return match idempotent {
                Idempotent::Honoured => handler(context).await,
                Idempotent::Required => {
                    Err(problem(400, "This request has to be repeatable: send an Idempotency-Key with it."))
                }
            };
        };
        let request = Fingerprint::of(context).await?;
        let claim = self.claim(context, key, request)?;
        if let Some(kept) = self.store.find(context, &key).await? {
            return replay(kept, request);
        }
        context.g().set(claim); // until the work is committed, or the context is gone
        let response = handler(context).await?;
        if response.status().is_server_error() {
            return Ok(response); // what it did is undone, so that it can be tried again
        }
        let (max, keep_for) = (self.config.max_answer, self.config.expires);
        let (kept, response) = KeptAnswer::of(request, response, max, keep_for).await?;
        if self.store.keep(context, &key, &kept).await? == Keeping::TooLate {
            release(context);
            let kept = self.store.find(context, &key).await?.ok_or_else(at_work)?;
            return replay(kept, request);
        }
        if let Some(claim) = context.g().get::<Claim>() {
            *claim.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        Ok(response)
    }

    /// Makes the key this request's, or tells why it can't be.
    fn claim(&self, context: &Context, key: IdempotencyKey, request: Fingerprint) -> Result<Claim> {
        release(context); // another try of the same request begins anew
        match self.running.claim(key, request) {
            Ok(claim) => Ok(claim),
            Err(other) if other == request => Err(at_work()),
            Err(_) => Err(other_request()),
        }
    }

    /// Keeps the answer of the request of `context`, now that what it has done stays.
    pub(crate) fn committed(&self, context: &Context) {
        let Some(claim) = context.g().take::<Claim>() else { return };
        if let Some(kept) = claim.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.store.committed(claim.key, kept);
        }
    }
}

/// Gives the key of the request of `context` back, if it has one.
pub(crate) fn release(context: &Context) {
    drop(context.g().take::<Claim>());
}

fn replay(kept: KeptAnswer, request: Fingerprint) -> Result {
    if kept.request == request.0 { Ok(kept.into_response()) } else { Err(other_request()) }
}

fn at_work() -> Error {
    let text = "A request with this Idempotency-Key is at work; repeat it when it is done.";
    problem(409, text).with_header(header::RETRY_AFTER, 1.into())
}

fn other_request() -> Error {
    problem(422, "This Idempotency-Key was sent with another request; a new request needs a new key.")
}

fn problem(code: u16, text: &'static str) -> Error {
    Error::aborted(code).with_public(text)
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}
