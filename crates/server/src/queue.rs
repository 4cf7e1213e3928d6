//! Requests that wait until one that is at work has ended.
//!
//! In: a request for which the thread has no place, and the moment until which it can wait. Out: its turn, in the order in which
//! they came, or the word that it waited in vain. Never: a place that stays empty because the one whose turn it was has left.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// Requests that wait for their turn.
#[derive(Default)]
pub(crate) struct Queue(RefCell<VecDeque<Rc<Ticket>>>);

struct Ticket {
    until: u64,
    is_over: Cell<bool>,
    waker: RefCell<Waker>,
}

/// A request in the queue, which leaves it when this is dropped.
struct Waiting<'a> {
    queue: &'a Queue,
    ticket: Rc<Ticket>,
}

/// How waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// There is a place, and nobody who has waited for it longer.
    Come,
    /// The time is up.
    InVain,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Queues up until the moment `until`, or until one's turn has come.
    pub(crate) async fn wait(&self, until: u64, has_place: impl Fn() -> bool) -> Turn {
        let ticket =
            Rc::new(Ticket { until, is_over: Cell::new(false), waker: RefCell::new(Waker::noop().clone()) });
        self.0.borrow_mut().push_back(Rc::clone(&ticket));
        let waiting = Waiting { queue: self, ticket };
        poll_fn(|context| waiting.poll(context, &has_place)).await
    }

    /// Wakes whoever waits longest: there may be a place.
    pub(crate) fn wake_first(&self) {
        if let Some(first) = self.0.borrow().front() {
            first.waker.borrow().wake_by_ref();
        }
    }

    /// Sends those away whose time is up.
    pub(crate) fn expire(&self, now: u64) {
        let mut queue = self.0.borrow_mut();
        // All wait equally long: the first to come are the first to go.
        while let Some(ticket) = queue.pop_front_if(|ticket| ticket.until <= now) {
            ticket.is_over.set(true);
            ticket.waker.borrow().wake_by_ref();
        }
    }
}

impl Waiting<'_> {
    fn poll(&self, context: &mut Context<'_>, has_place: impl Fn() -> bool) -> Poll<Turn> {
        if self.ticket.is_over.get() {
            return Poll::Ready(Turn::InVain);
        }
        let is_first = self.queue.0.borrow().front().is_some_and(|first| Rc::ptr_eq(first, &self.ticket));
        if is_first && has_place() {
            return Poll::Ready(Turn::Come);
        }
        self.ticket.waker.borrow_mut().clone_from(context.waker());
        Poll::Pending
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.ticket.is_over.get() {
            return;
        }
        self.queue.0.borrow_mut().retain(|ticket| !Rc::ptr_eq(ticket, &self.ticket));
        // Two may have ended at once, or the one that was woken has left: the next one looks for itself.
        self.queue.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        task::Wake,
    };

    use super::*;

    struct Counting(Arc<AtomicUsize>);

    impl Wake for Counting {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// What polling once gives.
    macro_rules! poll {
        ($future:expr) => {
            $future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
    }

    #[test]
    fn turns_come_in_order() {
        let (queue, places) = (Queue::default(), Cell::new(0));
        let has_place = || places.get() > 0;
        let mut first = pin!(queue.wait(9, has_place));
        let mut second = pin!(queue.wait(9, has_place));
        assert!(poll!(first).is_pending() && poll!(second).is_pending());
        places.set(1);
        assert!(poll!(second).is_pending(), "the first has waited longer");
        assert_eq!(poll!(first), Poll::Ready(Turn::Come));
        assert_eq!(poll!(second), Poll::Ready(Turn::Come));
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn who_leaves_holds_nobody_up() {
        let queue = Queue::default();
        let mut first = Box::pin(queue.wait(9, || false));
        let mut second = pin!(queue.wait(9, || true));
        let woken = Arc::new(AtomicUsize::new(0));
        let waker = Waker::from(Arc::new(Counting(Arc::clone(&woken))));
        assert!(poll!(first).is_pending());
        assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(first);
        assert_eq!(woken.load(Relaxed), 1, "the next one is told to look");
        assert_eq!(poll!(second), Poll::Ready(Turn::Come));
    }

    #[test]
    fn the_time_is_up_for_those_who_came_first() {
        let queue = Queue::default();
        let mut early = pin!(queue.wait(5, || false));
        let mut late = pin!(queue.wait(6, || false));
        assert!(poll!(early).is_pending() && poll!(late).is_pending());
        queue.expire(5);
        assert_eq!(poll!(early), Poll::Ready(Turn::InVain));
        assert!(poll!(late).is_pending());
        assert_eq!(queue.len(), 1);
    }
}
