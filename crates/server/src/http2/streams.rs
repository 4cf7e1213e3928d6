//! The futures of one connection's streams, in slots that are used again.
//!
//! In: a future per stream. Out: each is polled when it was woken, and dropped when it is done.
//! Never: an allocation for a stream while a slot is free.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

/// The futures of one connection's streams.
pub(super) struct Streams<F> {
    slots: Vec<Slot<F>>,
    free: Vec<usize>,
    woken: Arc<Woken>,
    /// The list that is being worked off.
    round: Vec<usize>,
}

struct Slot<F> {
    future: Pin<Box<Option<F>>>,
    flag: Arc<Flag>,
    waker: Waker,
}

/// Who is to be polled.
struct Woken {
    list: Mutex<Vec<usize>>,
    connection: Waker,
}

struct Flag {
    at: usize,
    is_listed: AtomicBool,
    woken: Arc<Woken>,
}

impl<F: Future<Output = ()>> Streams<F> {
    /// Makes an empty set; whoever is woken wakes `connection`.
    pub(super) fn new(connection: Waker) -> Self {
        let woken = Arc::new(Woken { list: Mutex::default(), connection });
        Self { slots: Vec::new(), free: Vec::new(), woken, round: Vec::new() }
    }

    /// Gives the number of futures that are not done.
    pub(super) fn open(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Polls the future that `begin` makes and keeps it unless it is done.
    pub(super) fn add(&mut self, begin: impl FnOnce() -> F) {
        let at = self.free.pop().unwrap_or_else(|| self.new_slot());
        // Made where it stays: it is large, and moving it costs.
        self.slots[at].future.set(Some(begin()));
        self.poll(at);
    }

    /// Tells whether someone was woken since.
    pub(super) fn has_woken(&self) -> bool {
        !self.woken.lock().is_empty()
    }

    /// Polls everyone who was woken.
    pub(super) fn poll_woken(&mut self) {
        std::mem::swap(&mut *self.woken.lock(), &mut self.round);
        let mut round = std::mem::take(&mut self.round);
        for at in round.drain(..) {
            self.poll(at);
        }
        self.round = round;
    }

    /// Has everyone polled, to look at the clock.
    pub(super) fn wake_all(&self) {
        for slot in self.slots.iter().filter(|slot| slot.future.is_some()) {
            slot.waker.wake_by_ref();
        }
    }

    /// Gives the memory of free slots back.
    pub(super) fn shrink(&mut self) {
        if self.open() == 0 {
            (self.slots, self.free) = (Vec::new(), Vec::new());
            *self.woken.lock() = Vec::new();
        }
    }

    fn new_slot(&mut self) -> usize {
        let at = self.slots.len();
        let flag = Arc::new(Flag { at, is_listed: AtomicBool::new(false), woken: Arc::clone(&self.woken) });
        let waker = Waker::from(Arc::clone(&flag));
        self.slots.push(Slot { future: Box::pin(None), flag, waker });
        at
    }

    fn poll(&mut self, at: usize) {
        // A waker may outlive its stream and even its slot.
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.flag.is_listed.store(false, Ordering::Release);
        let Some(future) = slot.future.as_mut().as_pin_mut() else { return };
        if future.poll(&mut Context::from_waker(&slot.waker)).is_ready() {
            slot.future.set(None);
            self.free.push(at);
        }
    }
}

impl Woken {
    fn lock(&self) -> MutexGuard<'_, Vec<usize>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_listed.swap(true, Ordering::AcqRel) {
            self.woken.lock().push(self.at);
            self.woken.connection.wake_by_ref();
        }
    }
}
