//! The store: moka, with stamps.

use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use moka::{Expiry, future::Cache};

use super::stamps::{Slots, Stamp, Stamps};

/// What a value is found by: what it is of, and which.
pub(crate) type Key = Arc<str>;

/// What is said about a value.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// How long it holds; until it has to make room, without.
    pub(crate) ttl: Option<Duration>,
    pub(crate) slots: Slots,
    /// When the reading for it began.
    pub(crate) began: Stamp,
}

/// What work has made.
pub(crate) enum Made<T> {
    /// A value for all, of this weight in bytes.
    Shared(T, usize),
    /// A value for the one who asked.
    Own(T),
}

#[derive(Clone)]
struct Entry {
    /// `None` where it was found that values of this key are not for all.
    value: Option<Arc<dyn Any + Send + Sync>>,
    terms: Terms,
    weight: u32,
}

/// Values in memory. Nothing is there before the first one.
pub(crate) struct Store {
    stamps: OnceLock<Stamps>,
    cache: OnceLock<Cache<Key, Entry>>,
    memory: u64,
}

/// What an entry weighs beside its value, in bytes.
const OVERHEAD: usize = 200;

/// How long it is remembered that values of a key are not for all.
const NOT_SHARED: Duration = Duration::from_mins(1);

struct OwnTime;

impl Expiry<Key, Entry> for OwnTime {
    fn expire_after_create(&self, _: &Key, entry: &Entry, _: Instant) -> Option<Duration> {
        entry.terms.ttl
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        entry.terms.ttl
    }
}

impl Store {
    /// A store of at most so many bytes.
    pub(crate) fn new(memory: usize) -> Self {
        Self {
            stamps: OnceLock::new(),
            cache: OnceLock::new(),
            memory: u64::try_from(memory).unwrap_or(u64::MAX),
        }
    }

    /// Now by the clock, which stands at its beginning until somebody uses it.
    #[cfg(feature = "sql")]
    pub(crate) fn now(&self) -> Stamp {
        self.stamps.get().map_or(Stamp::BEGINNING, Stamps::now)
    }

    /// The clock.
    pub(crate) fn stamps(&self) -> &Stamps {
        self.stamps.get_or_init(Stamps::new)
    }

    fn cache(&self) -> &Cache<Key, Entry> {
        self.cache.get_or_init(|| {
            Cache::builder()
                .max_capacity(self.memory)
                .weigher(|_, entry: &Entry| entry.weight)
                .expire_after(OwnTime)
                .build()
        })
    }

    fn is_fresh(&self, entry: &Entry) -> bool {
        self.stamps().is_fresh(entry.terms.began, &entry.terms.slots)
    }

    /// The value of `key`, if there is a fresh one of this type.
    pub(crate) async fn get<T: Clone + Send + Sync + 'static>(&self, key: &Key) -> Option<T> {
        let entry = Box::pin(self.cache().get(key)).await.filter(|entry| self.is_fresh(entry))?;
        entry.value?.downcast_ref::<T>().cloned()
    }

    /// Keeps `value`.
    pub(crate) async fn set<T: Send + Sync + 'static>(
        &self,
        key: Key,
        value: T,
        weight: usize,
        terms: Terms,
    ) {
        let entry = entry_of(&key, Some(Arc::new(value)), weight, terms);
        Box::pin(self.cache().insert(key, entry)).await;
    }

    /// Forgets the value of `key`.
    pub(crate) async fn remove(&self, key: &Key) {
        Box::pin(self.cache().invalidate(key)).await;
    }

    /// The value of `key`, or what `work` makes: once for all who ask at a time, except for errors and for what is not for all.
    pub(crate) async fn get_or_make<T, E, W>(&self, key: Key, terms: Terms, work: W) -> Result<T, E>
    where
        T: Clone + Send + Sync + 'static,
        W: Future<Output = Result<Made<T>, E>> + Send,
        E: Send,
    {
        let mut work = Some(work);
        loop {
            // In boxes: moka holds what it is given several times by value, and whoever awaits this would be as large.
            if let Some(entry) = Box::pin(self.cache().get(&key)).await {
                if self.is_fresh(&entry) {
                    match entry.value.as_ref().and_then(|value| value.downcast_ref::<T>()) {
                        Some(value) => return Ok(value.clone()),
                        // Not for all, or of another type: everybody makes their own.
                        None => return own(work.take()).await,
                    }
                }
                Box::pin(self.cache().invalidate(&key)).await;
            }
            let mut mine = None;
            let make = async {
                let Some(work) = work.take() else { return Err(Unmade) };
                let made = match work.await {
                    Ok(made) => made,
                    Err(error) => {
                        mine = Some(Err(error));
                        return Err(Unmade);
                    }
                };
                let (value, any, weight, ttl) = match made {
                    Made::Shared(value, weight) => {
                        let any: Arc<dyn Any + Send + Sync> = Arc::new(value.clone());
                        (value, Some(any), weight, terms.ttl)
                    }
                    Made::Own(value) => (value, None, 0, Some(NOT_SHARED)),
                };
                mine = Some(Ok(value));
                Ok(entry_of(&key, any, weight, Terms { ttl, ..terms.clone() }))
            };
            let make: BoxFuture<'_, Result<Entry, Unmade>> = Box::pin(make);
            let outcome = Box::pin(self.cache().try_get_with(Arc::clone(&key), make)).await;
            match (outcome, mine) {
                (_, Some(mine)) => return mine,
                (Err(_), None) => return own(work.take()).await, // who made it for all has failed
                (Ok(_), None) => (),                             // it is looked at as any other
            }
        }
    }
}

/// That there is nothing for all.
#[derive(Debug)]
struct Unmade;

async fn own<T, E, W: Future<Output = Result<Made<T>, E>>>(work: Option<W>) -> Result<T, E> {
    match work.expect("it is done once").await? {
        Made::Shared(value, _) | Made::Own(value) => Ok(value),
    }
}

fn entry_of(key: &Key, value: Option<Arc<dyn Any + Send + Sync>>, weight: usize, terms: Terms) -> Entry {
    let weight = weight.saturating_add(key.len()).saturating_add(OVERHEAD);
    Entry { value, terms, weight: u32::try_from(weight).unwrap_or(u32::MAX) }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.cache.get().map_or(0, Cache::entry_count);
        f.debug_struct("Store")
            .field("entries", &entries)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}
