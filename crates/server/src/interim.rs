//! What goes to the client before the answer: `103 Early Hints` and pushes.
//!
//! In: fields and paths, from whatever thread works for a request. Out: the connection of that request, which sends them when
//! it sees to the request next. Never: more than a bounded number of them, or any once the answer has begun.
//!
//! RFC 8297 (103), RFC 9113 §8.4 (push).

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
};

use http::{HeaderMap, StatusCode, uri::PathAndQuery};

/// The way to the client before the answer of one request. Cloning it gives another handle of the same way.
///
/// What can't be sent is dropped without a word, as a hint may be: over HTTP/1.0, to a client that takes no pushes, over HTTP/1
/// at all in the case of a push, and once the answer has begun.
///
/// # Examples
///
/// ```
/// use flagon_server::Interim;
/// use http::{HeaderMap, HeaderValue, header::LINK};
///
/// let nowhere = Interim::default(); // as in a test without a connection
/// nowhere.hint(HeaderMap::from_iter([(LINK, HeaderValue::from_static("</app.css>; rel=preload; as=style"))]));
/// nowhere.push("/app.css".parse().unwrap(), HeaderMap::new());
/// ```
#[derive(Clone, Default)]
pub struct Interim(Option<Arc<Shared>>);

#[derive(Default)]
struct Shared {
    is_waiting: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: Vec<Early>,
    sent: usize,
    is_over: bool,
    connection: Option<Waker>,
}

/// What is to be sent before the answer.
pub(crate) enum Early {
    /// The status, one from 102 to 199, and the fields of an answer before the answer.
    Hint(StatusCode, HeaderMap),
    /// The request that a push answers.
    Push(PathAndQuery, HeaderMap),
}

impl Interim {
    /// Sends `103 Early Hints` with `fields`, mostly `Link`.
    pub fn hint(&self, fields: HeaderMap) {
        self.inform(StatusCode::EARLY_HINTS, fields);
    }

    /// Sends an answer before the answer, as a proxy passes on those that it gets (RFC 9110 §15.2). Only one with a status from 102 to 199
    /// can be sent so: 100 and 101 are the server's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::{HeaderMap, StatusCode};
    ///
    /// flagon_server::Interim::default().inform(StatusCode::PROCESSING, HeaderMap::new());
    /// ```
    pub fn inform(&self, status: StatusCode, fields: HeaderMap) {
        if (102..200).contains(&status.as_u16()) {
            self.add(Early::Hint(status, fields));
        }
    }

    /// Pushes the answer to a `GET` of `target` with `fields`, as if the client had asked for it.
    pub fn push(&self, target: PathAndQuery, fields: HeaderMap) {
        self.add(Early::Push(target, fields));
    }

    /// Opens the way for a request.
    pub(crate) fn open() -> Self {
        Self(Some(Arc::default()))
    }

    /// Tells whether something waits.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.is_waiting.load(Ordering::Acquire))
    }

    /// Takes what waits; `waker` is woken when there is more.
    pub(crate) fn take(&self, waker: &Waker) -> Vec<Early> {
        let Some(shared) = &self.0 else { return Vec::new() };
        let mut state = shared.lock();
        if !state.connection.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.connection = Some(waker.clone());
        }
        shared.is_waiting.store(false, Ordering::Release);
        std::mem::take(&mut state.queue)
    }

    /// Takes what waits as the answer begins; nothing follows.
    pub(crate) fn close(&self) -> Vec<Early> {
        match &self.0 {
            Some(shared) if shared.is_waiting.load(Ordering::Acquire) => {
                let mut state = shared.lock();
                state.is_over = true;
                std::mem::take(&mut state.queue)
            }
            _ => Vec::new(),
        }
    }

    /// Makes it as new for the next request, if nobody holds it any more.
    pub(crate) fn renew(mut self) -> Option<Self> {
        let shared = Arc::get_mut(self.0.as_mut()?)?;
        *shared.is_waiting.get_mut() = false;
        let state = shared.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.queue.clear();
        (state.sent, state.is_over, state.connection) = (0, false, None);
        Some(self)
    }

    fn add(&self, early: Early) {
        let Some(shared) = &self.0 else { return };
        let mut state = shared.lock();
        if state.is_over || state.sent == EACH_MAX {
            return;
        }
        state.sent += 1;
        state.queue.push(early);
        shared.is_waiting.store(true, Ordering::Release);
        if let Some(connection) = &state.connection {
            connection.wake_by_ref();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Interim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Interim(open)" } else { "Interim(nowhere)" })
    }
}

/// How many hints and pushes a request may cause.
const EACH_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_taken_once_and_not_after_the_end() {
        let interim = Interim::open();
        interim.hint(HeaderMap::new());
        interim.push("/a".parse().unwrap(), HeaderMap::new());
        assert_eq!(interim.take(Waker::noop()).len(), 2);
        assert!(interim.take(Waker::noop()).is_empty());
        interim.hint(HeaderMap::new());
        assert_eq!(interim.close().len(), 1);
        interim.hint(HeaderMap::new());
        assert!(interim.take(Waker::noop()).is_empty());
    }

    #[test]
    fn a_request_has_a_bounded_number_of_them() {
        let interim = Interim::open();
        (0..1000).for_each(|_| interim.hint(HeaderMap::new()));
        assert_eq!(interim.take(Waker::noop()).len(), EACH_MAX);
        interim.hint(HeaderMap::new());
        assert!(interim.take(Waker::noop()).is_empty());
    }

    #[test]
    fn it_serves_again_when_nobody_holds_it() {
        let interim = Interim::open();
        let held = interim.clone();
        assert!(interim.renew().is_none());
        (0..1000).for_each(|_| held.hint(HeaderMap::new()));
        let again = held.renew().unwrap();
        again.hint(HeaderMap::new());
        assert_eq!(again.take(Waker::noop()).len(), 1);
    }
}
