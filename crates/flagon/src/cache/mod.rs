//! A cache in the process: values and answers that are made once for many requests.
//!
//! In: `#[cached]` functions and views, and [`cache()`]. Out: what they gave before, while it holds. Never: what one user's session, cookies
//! or credentials were looked at for, what was read in a transaction that has written, or what a commit has made stale.

mod sharing;
mod handle;
mod function;
mod view;

#[doc(hidden)]
pub mod call {
    //! What `#[cached]` writes calls of; no one else may.

    pub use super::function::{CachedCall, cached_function, cached_result, key};
}

pub use handle::{Cache, CacheEntry, cache, invalidate_tag};
pub(crate) use view::around;
