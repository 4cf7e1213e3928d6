//! What is remembered of a client from request to request.
//!
//! In: names and JSON values. Out: [`Session`]. Never: knows a store or a cookie.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

/// What is remembered of a client from request to request: names and JSON values.
///
/// Cloning it gives another handle of the same session.
///
/// # Examples
///
/// ```
/// let session = flagon::Session::default();
/// session.insert("user_id", 7)?;
/// assert_eq!(session.get::<i64>("user_id"), Some(7));
/// assert!(session.is_modified());
/// # Ok::<(), flagon::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Session(Arc<Mutex<Data>>);

#[derive(Default)]
struct Data {
    values: Map<String, Value>,
    is_modified: bool,
    is_accessed: bool,
    is_unavailable: bool,
}

impl Session {
    /// Makes a session from what was kept; it counts as neither accessed nor modified.
    pub fn from_values(values: Map<String, Value>) -> Self {
        Self(Arc::new(Mutex::new(Data { values, ..Data::default() })))
    }

    /// The session of an app without a [`SessionInterface`]: empty, and refusing every write.
    pub(crate) fn unavailable() -> Self {
        Self(Arc::new(Mutex::new(Data { is_unavailable: true, ..Data::default() })))
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn looked_at(&self) -> MutexGuard<'_, Data> {
        let mut data = self.data();
        data.is_accessed = true;
        data
    }

    #[track_caller]
    fn changed(&self) -> Result<MutexGuard<'_, Data>> {
        let mut data = self.looked_at();
        if data.is_unavailable {
            return Err(Error::new(ErrorKind::Failed).with_source(
                "the session can't be written: the app has no session interface; \
                 give it one with App::session_interface",
            ));
        }
        data.is_modified = true;
        Ok(data)
    }

    /// The value of `name`; `None` too when it is no `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.looked_at().values.get(name)?).ok()
    }

    /// Keeps `value` under `name`.
    ///
    /// # Errors
    ///
    /// 500 when the app has no session interface, or `value` has no JSON form.
    #[track_caller]
    pub fn insert(&self, name: impl Into<String>, value: impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value)?;
        self.changed()?.values.insert(name.into(), value);
        Ok(())
    }

    /// Takes `name` out and gives its value, if it was there.
    ///
    /// # Errors
    ///
    /// 500 when the app has no session interface.
    #[track_caller]
    pub fn remove(&self, name: &str) -> Result<Option<Value>> {
        Ok(self.changed()?.values.remove(name))
    }

    /// Forgets everything.
    ///
    /// # Errors
    ///
    /// 500 when the app has no session interface.
    #[track_caller]
    pub fn clear(&self) -> Result<()> {
        self.changed()?.values.clear();
        Ok(())
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.looked_at().values.is_empty()
    }

    /// A copy of all names and values, for a [`SessionInterface`](crate::SessionInterface): does not count as an access.
    pub fn to_values(&self) -> Map<String, Value> {
        self.data().values.clone()
    }

    /// Whether it was written to since it was opened.
    pub fn is_modified(&self) -> bool {
        self.data().is_modified
    }

    /// Whether it was looked at since it was opened: the answer then depends on the client's cookie.
    pub fn is_accessed(&self) -> bool {
        self.data().is_accessed
    }
}

/// Names without values: what is remembered of a client is not for logs.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.data();
        f.debug_struct("Session")
            .field("names", &data.values.keys())
            .field("is_modified", &data.is_modified)
            .finish_non_exhaustive()
    }
}
