//! Whether anybody still waits for what a thread does.
//!
//! In: the future that waits, which holds a [`Waiting`]. Out: [`is_cancelled`], and [`left`] for what can be dropped where it waits.
//! Never: stops a thread; only what it waits for.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

thread_local! {
    static CURRENT: RefCell<Option<Wanted>> = const { RefCell::new(None) };
}

/// The thread's half.
#[derive(Clone, Default)]
pub(crate) struct Wanted(Arc<Left>);

#[derive(Default)]
struct Left {
    is_left: AtomicBool,
    told: Notify,
}

/// The half of who waits: dropping it says that nobody does any more.
pub(crate) struct Waiting(Wanted);

impl Wanted {
    /// Both halves.
    pub(crate) fn pair() -> (Self, Waiting) {
        let wanted = Self::default();
        (wanted.clone(), Waiting(wanted))
    }

    pub(crate) fn is_left(&self) -> bool {
        self.0.is_left.load(Ordering::Acquire)
    }

    /// Does `work`, in which this is what [`is_cancelled`] and [`left`] ask.
    pub(crate) fn run<T>(self, work: impl FnOnce() -> T) -> T {
        struct Before(Option<Wanted>);

        impl Drop for Before {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }

        let _before = Before(CURRENT.replace(Some(self)));
        work()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let left = &self.0.0;
        left.is_left.store(true, Ordering::Release);
        left.told.notify_one();
    }
}

/// Tells whether nobody waits any more for what this thread does: the client has left, or the view's time is over. For long
/// loops in plain `fn` views, and in closures of [`blocking`](crate::blocking) and [`parallel`](crate::parallel()); elsewhere `false`.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/primes")]
/// fn primes() -> String {
///     let is_prime = |number: &u32| (2..*number).all(|divisor| number % divisor != 0);
///     let found = (2..2_000).take_while(|_| !flagon::is_cancelled()).filter(is_prime);
///     found.count().to_string()
/// }
///
/// assert_eq!(App::new("docs").routes(routes![primes]).test_client().get("/primes").wait().text(), "303");
/// ```
pub fn is_cancelled() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(Wanted::is_left))
}

/// Waits until nobody waits for what this thread does; for ever where nobody could leave.
#[cfg(feature = "sql")]
pub(crate) async fn left() {
    let Some(wanted) = CURRENT.with_borrow(Clone::clone) else { return std::future::pending().await };
    while !wanted.is_left() {
        wanted.0.told.notified().await;
    }
}
