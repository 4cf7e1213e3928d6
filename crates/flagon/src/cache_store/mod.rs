//! Values in memory, with what makes them stale.
//!
//! In: a key, tags, how long it holds, and work that makes a value. Out: the value, of one computation for all who wait. Never: a value that
//! was begun to be read before one of its tags was invalidated; and no more weight than the configuration allows.

mod stamps;
mod store;

/// What `#[cached]` says of a view.
#[derive(Debug, Clone, Copy)]
pub struct CachedView {
    pub(crate) ttl_millis: Option<u64>,
    pub(crate) tags: &'static [&'static str],
}

impl CachedView {
    /// Answers that hold for so many milliseconds, with these tags.
    pub const fn new(ttl_millis: Option<u64>, tags: &'static [&'static str]) -> Self {
        Self { ttl_millis, tags }
    }
}

pub(crate) use stamps::Stamp;
pub(crate) use store::{Key, Made, Store, Terms};
