//! The session of a request, shared by everything that works for it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    changes::Changes,
    value::{SessionValue, Values},
};
use crate::{
    error::{Error, ErrorKind, Result},
    signing::base64_encode,
};

/// What is remembered of a client from request to request: names and values.
///
/// It is read when it is first looked at, and written after the view when it was changed. Cloning it gives another handle of
/// the same session.
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
    values: Arc<Values>,
    changes: Changes,
    is_modified: bool,
    is_accessed: bool,
    is_renewed: bool,
    origin: Origin,
    refusal: Option<&'static str>,
}

/// Where a session came from, for the one who saves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Origin {
    /// It is new, or what the client sent was not believed.
    #[default]
    Fresh,
    /// It was read from what the client sent.
    Kept,
    /// It lies in a store, under the key that the client's id has.
    Stored {
        /// The key in the store.
        key: [u8; 32],
        /// Whether it is time to note that it was used.
        is_due: bool,
    },
}

/// A session as it is after the view.
pub(crate) struct Opened {
    pub(crate) values: Arc<Values>,
    pub(crate) changes: Changes,
    pub(crate) is_modified: bool,
    pub(crate) is_renewed: bool,
    pub(crate) origin: Origin,
}

impl Session {
    /// Makes a session from what was kept; it counts as neither accessed nor modified.
    pub fn from_values(values: impl IntoIterator<Item = (String, SessionValue)>) -> Self {
        Self::opened(Arc::new(values.into_iter().collect()), Origin::Kept)
    }

    /// Makes the session that was found at `origin`.
    pub(crate) fn opened(values: Arc<Values>, origin: Origin) -> Self {
        Self(Arc::new(Mutex::new(Data { values, origin, ..Data::default() })))
    }

    /// An empty session that refuses every write with `why`.
    pub(crate) fn refusing(why: &'static str) -> Self {
        Self(Arc::new(Mutex::new(Data { refusal: Some(why), ..Data::default() })))
    }

    /// Refuses every write from now on, with `why`.
    pub(crate) fn refuse(&self, why: &'static str) {
        self.data().refusal = Some(why);
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
        if let Some(refusal) = data.refusal {
            return Err(Error::new(ErrorKind::Failed).with_source(refusal));
        }
        data.is_modified = true;
        Ok(data)
    }

    /// The value of `name`; `None` too when it is no `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.looked_at().values.get(name)?.get()
    }

    /// The value of `name` as it is kept, with the types that only Python tells apart.
    pub fn value(&self, name: &str) -> Option<SessionValue> {
        self.looked_at().values.get(name).cloned()
    }

    /// Whether there is a value of `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.looked_at().values.contains_key(name)
    }

    /// Keeps `value` under `name`. Of two requests that set the same name at once, the later one wins; those that set different
    /// names don't disturb each other, in a session that the server keeps. To count, use [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key, or `value` has no JSON form.
    #[track_caller]
    pub fn insert(&self, name: impl Into<String>, value: impl Serialize) -> Result<()> {
        self.insert_value(name, SessionValue::of(&value)?)
    }

    /// Keeps `value` under `name` as it is: for the types that only Python tells apart.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Session, SessionValue, Uuid};
    ///
    /// let session = Session::default();
    /// session.insert_value("cart", Uuid::nil().into())?;
    /// session.insert_value("greeting", SessionValue::Markup("<b>hello</b>".into()))?;
    /// # Ok::<(), flagon::Error>(())
    /// ```
    #[track_caller]
    pub fn insert_value(&self, name: impl Into<String>, value: SessionValue) -> Result<()> {
        let mut data = self.changed()?;
        let name = name.into();
        data.changes.insert(name.clone(), value.clone());
        Arc::make_mut(&mut data.values).insert(name, value);
        Ok(())
    }

    /// Makes the value of `name` from the one that is there. In a session that the server keeps, `change` is run again on what
    /// another request has put there meanwhile, so none is lost; it should do nothing else.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key, or what `change` gives has no JSON form.
    ///
    /// # Examples
    ///
    /// ```
    /// let session = flagon::Session::default();
    /// session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1)?;
    /// assert_eq!(session.get::<u64>("visits"), Some(1));
    /// # Ok::<(), flagon::Error>(())
    /// ```
    #[track_caller]
    pub fn update<T, U>(
        &self,
        name: impl Into<String>,
        change: impl Fn(Option<T>) -> U + Send + Sync + 'static,
    ) -> Result<()>
    where
        T: DeserializeOwned,
        U: Serialize,
    {
        let name = name.into();
        let mut data = loop {
            // `change` may look at the session itself, so it runs without the lock.
            let before = Arc::clone(&self.looked_at().values);
            let value = SessionValue::of(&change(before.get(&name).and_then(SessionValue::get)))?;
            let mut data = self.changed()?;
            if Arc::ptr_eq(&data.values, &before) {
                drop(before);
                Arc::make_mut(&mut data.values).insert(name.clone(), value);
                break data;
            }
        };
        let again = move |value: Option<&SessionValue>| {
            SessionValue::of(&change(value.and_then(SessionValue::get))).ok()
        };
        data.changes.update(name, Arc::new(again));
        Ok(())
    }

    /// [`update`](Self::update) of a value as it is kept, with the types that only Python tells apart.
    pub(crate) fn update_value(
        &self,
        name: &str,
        change: impl Fn(Option<&SessionValue>) -> SessionValue + Send + Sync + 'static,
    ) -> Result<()> {
        let mut data = self.changed()?;
        let value = change(data.values.get(name));
        Arc::make_mut(&mut data.values).insert(name.to_owned(), value);
        data.changes.update(name.to_owned(), Arc::new(move |value| Some(change(value))));
        Ok(())
    }

    /// Takes `name` out and gives its value, if it was there: Python's `pop`.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key.
    #[track_caller]
    pub fn remove(&self, name: &str) -> Result<Option<SessionValue>> {
        if !self.contains(name) {
            return Ok(None);
        }
        let mut data = self.changed()?;
        data.changes.remove(name);
        Ok(Arc::make_mut(&mut data.values).remove(name))
    }

    /// Forgets everything.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key.
    #[track_caller]
    pub fn clear(&self) -> Result<()> {
        let mut data = self.changed()?;
        data.changes.clear();
        data.values = Arc::default();
        Ok(())
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.looked_at().values.is_empty()
    }

    /// Lets the session outlive the browser's: it ends `permanent_session_lifetime` after it was last used. Flask's `session.permanent = True`.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key.
    #[track_caller]
    pub fn make_permanent(&self) -> Result<()> {
        self.insert(PERMANENT, true)
    }

    /// Lets the session end with the browser's, which is how each begins.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key.
    #[track_caller]
    pub fn make_temporary(&self) -> Result<()> {
        self.insert(PERMANENT, false)
    }

    /// Whether the session outlives the browser's.
    pub fn is_permanent(&self) -> bool {
        self.get(PERMANENT).unwrap_or(false)
    }

    /// Gives the session another id when it is saved, and makes the old one worthless: what has to be done whenever the client
    /// gains rights, so that nobody who knew the id before is in with it. logging in does it by itself. A
    /// session in a cookie has no id, and this does nothing.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key.
    #[track_caller]
    pub fn renew_id(&self) -> Result<()> {
        self.changed()?.is_renewed = true;
        Ok(())
    }

    /// A copy of all names and values, for a [`SessionInterface`](crate::SessionInterface): does not count as an access.
    pub fn to_values(&self) -> Vec<(String, SessionValue)> {
        self.data().values.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Whether it was written to since it was opened.
    pub fn is_modified(&self) -> bool {
        self.data().is_modified
    }

    /// Whether it was looked at since it was opened: the answer then depends on the client's cookie.
    pub fn is_accessed(&self) -> bool {
        self.data().is_accessed
    }

    /// What is to be saved. The values are lent no longer, so that a store can change them in place.
    pub(crate) fn take(&self) -> Opened {
        let mut data = self.data();
        Opened {
            values: std::mem::take(&mut data.values),
            changes: std::mem::take(&mut data.changes),
            is_modified: data.is_modified,
            is_renewed: data.is_renewed,
            origin: data.origin,
        }
    }

    /// Gives back what was saved: templates of streams and tasks may still look.
    pub(crate) fn put_back(&self, values: Arc<Values>) {
        self.data().values = values;
    }

    /// What names this session among those of its user, see [`ServerSessions::of_user`](crate::ServerSessions::of_user); `None` when it
    /// is in a cookie, or new.
    pub fn handle(&self) -> Option<String> {
        match self.data().origin {
            Origin::Stored { key, .. } => Some(base64_encode(key)),
            _ => None,
        }
    }
}

/// The name under which Flask keeps whether a session is permanent.
pub(crate) const PERMANENT: &str = "_permanent";
/// The names under which Flask-Login keeps who is logged in, and whether they have shown their password in this session.
pub(crate) const USER: &str = "_user_id";
pub(crate) const FRESH: &str = "_fresh";
/// The name under which a session of the server keeps that its user asked to be remembered.
pub(crate) const REMEMBERED: &str = "_remembered";

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
