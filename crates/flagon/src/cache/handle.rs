//! `cache()`: values under names of one's own.

use std::{sync::Arc, time::Duration};

use super::sharing::{began, is_passed_by};
use crate::{
    cache_store::{Key, Made, Terms},
    context::Context,
    current_app::CurrentApp,
};

/// The cache of the current app, in this process.
///
/// # Panics
///
/// Where no app is current.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon::{cache::cache, prelude::*};
///
/// #[get("/visitors")]
/// async fn visitors() -> Result<String> {
///     let count: i64 = cache()
///         .entry("visitors")
///         .ttl(Duration::from_secs(60))
///         .tag("visits")
///         .get_or_try_insert_with(async { Ok::<i64, Error>(42) }) // rather a query
///         .await?;
///     Ok(count.to_string())
/// }
///
/// let client = App::new("docs").routes(routes![visitors]).test_client();
/// assert_eq!(client.get("/visitors").wait().text(), "42");
/// ```
#[track_caller]
pub fn cache() -> Cache {
    let Some(context) = Context::current() else { panic!("{WITHOUT_CONTEXT}") };
    Cache(Arc::clone(context.app()))
}

const WITHOUT_CONTEXT: &str = "the cache was asked for where no app is current.\n\nCall it from a view, a hook, a command or a job of the app, \
    or within app.app_context().scope(async { … }).";

/// Makes all values stale that have `tag`: when the transaction of this request or job is committed, and never if it is not; at once where
/// there is none. A value that somebody has begun to read before is not kept when it comes.
///
/// # Panics
///
/// Where no app is current.
///
/// # Examples
///
/// ```
/// use flagon::{cache::invalidate_tag, prelude::*};
///
/// #[post("/posts/<int:id>")]
/// async fn change(id: i64) -> Result<&'static str> {
///     db().execute("UPDATE post SET title = 'new' WHERE id = ?", (id,)).await?;
///     invalidate_tag(&format!("post:{id}"));
///     Ok("changed")
/// }
/// ```
#[track_caller]
pub fn invalidate_tag(tag: &str) {
    let Some(context) = Context::current() else { panic!("{WITHOUT_CONTEXT}") };
    let (app, tag) = (Arc::clone(context.app()), tag.to_owned());
    after_commit(&context, move || app.cache.stamps().invalidate(&tag));
}

/// Does `work` when what the context has written is committed.
fn after_commit(context: &Arc<Context>, work: impl FnOnce() + Send + 'static) {
    #[cfg(feature = "sql")]
    {
        use flagon_sql::Access;
        let db = context.db();
        let writing = db.current_transaction().filter(|transaction| {
            transaction.terms().access == Access::ReadWrite && !transaction.is_committed()
        });
        if let Some(transaction) = writing {
            return transaction.after_commit(Box::new(move || {
                work();
                Box::pin(async {})
            }));
        }
    }
    let _ = context;
    work();
}

/// The cache of an app: see [`cache()`].
#[derive(Debug, Clone)]
pub struct Cache(Arc<CurrentApp>);

impl Cache {
    /// What is kept under `key`.
    pub fn entry(&self, key: impl AsRef<str>) -> CacheEntry {
        CacheEntry {
            app: Arc::clone(&self.0),
            key: Key::from(format!("value {}", key.as_ref())),
            ttl: None,
            tags: Vec::new(),
            weight: None,
        }
    }

    /// The value under `key`, if there is one of this type.
    pub async fn get<T: Clone + Send + Sync + 'static>(&self, key: impl AsRef<str>) -> Option<T> {
        self.entry(key).get().await
    }

    /// Keeps `value` under `key`, as long as there is room.
    pub async fn set<T: Clone + Send + Sync + 'static>(&self, key: impl AsRef<str>, value: T) {
        self.entry(key).set(value).await;
    }

    /// The value under `key`, or else that of `work`, which is done once for all who ask at a time.
    pub async fn get_or_insert_with<T, W>(&self, key: impl AsRef<str>, work: W) -> T
    where
        T: Clone + Send + Sync + 'static,
        W: Future<Output = T> + Send,
    {
        self.entry(key).get_or_insert_with(work).await
    }

    /// Forgets the value under `key`.
    pub async fn remove(&self, key: impl AsRef<str>) {
        let key = self.entry(key).key;
        self.0.cache.remove(&key).await;
    }

    /// As [`invalidate_tag`], at once.
    pub fn invalidate_tag_now(&self, tag: &str) {
        self.0.cache.stamps().invalidate(tag);
    }
}

/// What is kept under a key, with what is said about it.
#[derive(Debug, Clone)]
#[must_use = "end it with get, set or get_or_insert_with"]
pub struct CacheEntry {
    app: Arc<CurrentApp>,
    key: Key,
    ttl: Option<Duration>,
    tags: Vec<String>,
    weight: Option<usize>,
}

impl CacheEntry {
    /// How long the value holds.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// With a tag, by which it can be made stale.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// How many bytes the value takes; what its type says, without.
    pub fn weight(mut self, bytes: usize) -> Self {
        self.weight = Some(bytes);
        self
    }

    /// The value, if there is one of this type. Nothing within a transaction that has written.
    pub async fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        if is_passed_by(Context::current().as_ref()) {
            return None;
        }
        self.app.cache.get(&self.key).await
    }

    /// Keeps `value`; within a transaction that has written, when that is committed.
    pub async fn set<T: Clone + Send + Sync + 'static>(self, value: T) {
        let weight = self.weight.unwrap_or(size_of::<T>());
        let context = Context::current();
        let terms = self.terms(context.as_ref());
        if let Some(context) = context.filter(|context| is_passed_by(Some(context))) {
            let set = move || {
                // moka only needs to be polled once where nobody else writes the same key.
                tokio::spawn(async move { self.app.cache.set(self.key, value, weight, terms).await });
            };
            return after_commit(&context, set);
        }
        self.app.cache.set(self.key, value, weight, terms).await;
    }

    fn terms(&self, context: Option<&Arc<Context>>) -> Terms {
        let stamps = self.app.cache.stamps();
        Terms {
            ttl: self.ttl,
            slots: stamps.slots(self.tags.iter().map(String::as_str)),
            began: began(context, stamps.now()),
        }
    }

    /// The value, or else that of `work`, which is done once for all who ask at a time. It should not depend on who asks: nobody looks whether
    /// it does.
    pub async fn get_or_insert_with<T, W>(self, work: W) -> T
    where
        T: Clone + Send + Sync + 'static,
        W: Future<Output = T> + Send,
    {
        let work = async { Ok::<T, std::convert::Infallible>(work.await) };
        match self.get_or_try_insert_with(work).await {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with), for work that may fail: errors are not kept.
    ///
    /// # Errors
    ///
    /// What `work` gives.
    pub async fn get_or_try_insert_with<T, E, W>(self, work: W) -> Result<T, E>
    where
        T: Clone + Send + Sync + 'static,
        W: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let context = Context::current();
        if is_passed_by(context.as_ref()) {
            return work.await;
        }
        let weight = self.weight.unwrap_or(size_of::<T>());
        let terms = self.terms(context.as_ref());
        let work = async { Ok(Made::Shared(work.await?, weight)) };
        self.app.cache.get_or_make(self.key, terms, work).await
    }
}
