//! What `#[cached]` makes of a function.

use std::{convert::Infallible, time::Duration};

use serde::Serialize;

use super::sharing::{Looked, began, is_passed_by};
use crate::{
    cache_store::{Key, Made, Terms},
    context::Context,
};

/// A call of a cached function: what the macro knows of it.
#[derive(Debug)]
pub struct CachedCall {
    /// `None` when the arguments can't be a key.
    pub key: Option<String>,
    /// In milliseconds.
    pub ttl: Option<u64>,
    /// By which it can be made stale.
    pub tags: Vec<String>,
}

/// The key of a call of `function` with `arguments`.
pub fn key(function: &str, arguments: &impl Serialize) -> Option<String> {
    Some(format!("function {function} {}", serde_json::to_string(arguments).ok()?))
}

/// What a cached function gives that can't fail.
pub async fn cached_function<T, W>(call: CachedCall, weight: fn(&T) -> usize, work: W) -> T
where
    T: Clone + Send + Sync + 'static,
    W: Future<Output = T> + Send,
{
    let work = async { Ok::<T, Infallible>(work.await) };
    match cached_result(call, weight, work).await {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// What a cached function gives that can fail: errors are not kept.
///
/// # Errors
///
/// What the function gives.
pub async fn cached_result<T, E, W>(call: CachedCall, weight: fn(&T) -> usize, work: W) -> Result<T, E>
where
    T: Clone + Send + Sync + 'static,
    W: Future<Output = Result<T, E>> + Send,
    E: Send,
{
    // Each future on the way holds what it hands on by value, more than once.
    let work = Box::pin(work);
    // Where no app is current there is no cache: the function does its work.
    let (Some(context), Some(key)) = (Context::current(), call.key) else { return work.await };
    if is_passed_by(Some(&context)) {
        return work.await;
    }
    let stamps = context.app().cache.stamps();
    let terms = Terms {
        ttl: call.ttl.map(Duration::from_millis),
        slots: stamps.slots(call.tags.iter().map(String::as_str)),
        began: began(Some(&context), stamps.now()),
    };
    let work = async {
        let looked = Looked::from_here(Some(&context));
        let value = work.await?;
        if looked.is_at_client() || is_passed_by(Some(&context)) {
            tracing::debug!(target: "flagon::cache", endpoint = context.endpoint(), "a cached function looked at its client, or wrote: what it gives is for nobody else");
            return Ok(Made::Own(value));
        }
        let weight = weight(&value);
        Ok(Made::Shared(value, weight))
    };
    context.app().cache.get_or_make(Key::from(key), terms, work).await
}
