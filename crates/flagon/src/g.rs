//! What a request keeps for itself while it runs: Flask's `g`, by type.

use std::{
    any::{Any, TypeId, type_name},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// The storage behind [`g`](crate::g): at most one value of each type.
#[derive(Default)]
pub struct Globals(Mutex<Vec<Entry>>);

struct Entry {
    id: TypeId,
    name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

impl Globals {
    /// Keeps `value`, and gives back the one of its type that was kept before.
    ///
    /// # Examples
    ///
    /// ```
    /// let g = flagon::Globals::default();
    /// g.set(5_u8);
    /// assert_eq!(*g.get::<u8>().unwrap(), 5);
    /// assert_eq!(g.get::<u16>(), None);
    /// ```
    pub fn set<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value: Arc<dyn Any + Send + Sync> = Arc::new(value);
        if let Some(entry) = entries.iter_mut().find(|entry| entry.id == TypeId::of::<T>()) {
            return std::mem::replace(&mut entry.value, value).downcast().ok();
        }
        entries.push(Entry { id: TypeId::of::<T>(), name: type_name::<T>(), value });
        None
    }

    /// The value of type `T`, if one is kept.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.iter().find(|entry| entry.id == TypeId::of::<T>())?;
        Arc::clone(&entry.value).downcast().ok()
    }

    /// The value of type `T`; made by `make` when none is kept yet.
    ///
    /// Two tasks of one request that come at the same time may both make one: the first kept wins.
    pub fn get_or_insert_with<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(value) = self.get() {
            return value;
        }
        let fresh = Arc::new(make()); // outside the lock: `make` may use `g` itself
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = entries.iter().find(|entry| entry.id == TypeId::of::<T>());
        if let Some(kept) = kept.and_then(|entry| Arc::clone(&entry.value).downcast().ok()) {
            return kept;
        }
        let value: Arc<dyn Any + Send + Sync> = Arc::clone(&fresh) as _;
        entries.push(Entry { id: TypeId::of::<T>(), name: type_name::<T>(), value });
        fresh
    }

    /// Takes the value of type `T` out, as Flask's `g.pop`.
    pub fn take<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = entries.iter().position(|entry| entry.id == TypeId::of::<T>())?;
        entries.swap_remove(at).value.downcast().ok()
    }

    /// The names of the types that are kept, for a person to read.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|entry| entry.name).collect()
    }
}

impl fmt::Debug for Globals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
