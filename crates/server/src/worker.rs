//! What the connections of one thread share: clock, roster, spare buffers, settings.
//!
//! In: connections that enter. Out: for each a [`Place`] on the roster, which is woken when its time
//! is up or the server stops. One tick serves all: no connection and no request makes a timer.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    io,
    net::IpAddr,
    pin::pin,
    rc::Rc,
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use flagon_http::{h1, http_date::HttpDate};
use http::HeaderValue;
use tokio::sync::Notify;

use crate::{
    allowance::Allowance,
    config::{Limits, Timeouts},
    interim::Interim,
    metrics::{Counters, Metrics, Open},
    network::Network,
    queue::{Queue, Turn},
    seats::{Full, Seat, Seats},
};

/// What the connections of one thread share.
pub(crate) struct Worker {
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    trusted_proxies: Vec<Network>,
    metrics: Metrics,
    thread: usize,
    seats: Seats,
    /// How many connections are being refused over TLS.
    refusing: Rc<()>,
    queue: Queue,
    started: Instant,
    tick: Duration,
    /// Milliseconds since `started`, as of the last tick.
    now: Cell<u64>,
    date: Cell<HttpDate>,
    /// The same as a field value, made when it is asked for.
    date_value: RefCell<Option<HeaderValue>>,
    draining: Cell<bool>,
    roster: RefCell<Vec<Rc<Slot>>>,
    changed: Notify,
    spare: RefCell<Vec<BytesMut>>,
    interims: RefCell<Vec<Interim>>,
}

struct Slot {
    /// Where this slot stands on the roster.
    at: Cell<usize>,
    deadline: Cell<u64>,
    waker: RefCell<Waker>,
}

/// A connection that was let in, and counts until this is dropped.
pub(crate) struct Guest {
    worker: Rc<Worker>,
    _seat: Option<Seat>,
}

/// A request that is at work until this is dropped; then whoever waits longest has its turn.
pub(crate) struct AtWork<'a> {
    queue: &'a Queue,
    open: Option<Open<'a>>,
}

/// A connection's place on the roster, left by dropping it.
pub(crate) struct Place {
    worker: Rc<Worker>,
    slot: Rc<Slot>,
}

impl Worker {
    pub(crate) fn new(
        limits: Limits,
        timeouts: Timeouts,
        trusted_proxies: Vec<Network>,
        seats: Seats,
        metrics: Metrics,
        thread: usize,
    ) -> Rc<Self> {
        Rc::new(Self {
            tick: tick(&timeouts),
            limits,
            timeouts,
            trusted_proxies,
            metrics,
            thread,
            seats,
            refusing: Rc::default(),
            queue: Queue::default(),
            started: Instant::now(),
            now: Cell::new(0),
            date: Cell::new(HttpDate::now()),
            date_value: RefCell::default(),
            draining: Cell::new(false),
            roster: RefCell::default(),
            changed: Notify::new(),
            spare: RefCell::default(),
            interims: RefCell::default(),
        })
    }

    pub(crate) fn counters(&self) -> &Counters {
        self.metrics.of_thread(self.thread)
    }

    /// Lets a connection from `address` in, if there is room.
    pub(crate) fn admit(self: &Rc<Self>, address: IpAddr) -> Result<Guest, Full> {
        let Limits { connections, connections_per_address, .. } = self.limits;
        if self.metrics.connections() >= connections {
            return Err(Full::Server);
        }
        let is_counted = connections_per_address < connections && !self.trusts(address);
        let seat = is_counted.then(|| self.seats.take(address, connections_per_address)).transpose()?;
        self.counters().connection_opened();
        Ok(Guest { worker: Rc::clone(self), _seat: seat })
    }

    /// Lets a handshake begin for the sake of a refusal, which lasts until the value is dropped; `None` when enough are under way.
    pub(crate) fn refusing(&self) -> Option<Rc<()>> {
        (Rc::strong_count(&self.refusing) <= REFUSALS).then(|| Rc::clone(&self.refusing))
    }

    /// Tells whether one more request can be begun, and nobody waits for that.
    pub(crate) fn has_turn(&self) -> bool {
        self.has_place() && self.queue.len() == 0
    }

    /// Begins a request, which is at work until the value is dropped.
    pub(crate) fn begin(&self) -> AtWork<'_> {
        AtWork { queue: &self.queue, open: Some(self.counters().request()) }
    }

    /// Waits until a request can be begun; gives `None` when the queue is full, or its time is up.
    pub(crate) async fn turn(&self) -> Option<AtWork<'_>> {
        if self.queue.len() >= self.limits.queue {
            return None;
        }
        let until = self.after(self.timeouts.queue);
        let turn = {
            let _waiting = self.counters().waiting();
            self.queue.wait(until, || self.has_place()).await
        };
        (turn == Turn::Come).then(|| self.begin())
    }

    fn has_place(&self) -> bool {
        self.counters().open_requests() < self.limits.requests
    }

    /// Gives the limits of a head in HTTP/1.
    pub(crate) fn head_limits(&self) -> h1::Limits {
        h1::Limits {
            head_bytes: self.limits.head,
            header_count: self.limits.headers,
            ..h1::Limits::default()
        }
    }

    /// Gives the time that the client of a body has.
    pub(crate) fn body_allowance(&self) -> Allowance {
        // The clock may be one tick behind: what is waited for may seem to have taken so much longer.
        Allowance::new(self.timeouts.body.saturating_add(self.tick), self.limits.body_rate)
    }

    /// Gives the time that the client of an answer has.
    pub(crate) fn answer_allowance(&self) -> Allowance {
        Allowance::new(self.timeouts.write.saturating_add(self.tick), self.limits.answer_rate)
    }

    /// Gives the milliseconds since the start, as of the last tick.
    pub(crate) fn now(&self) -> u64 {
        self.now.get()
    }

    /// Gives the first moment at which `time` has surely passed.
    pub(crate) fn after(&self, time: Duration) -> u64 {
        // The clock may be one tick behind: a deadline comes late, never early.
        self.now.get().saturating_add(millis(time)).saturating_add(millis(self.tick))
    }

    /// Gives the date, as of the last tick.
    pub(crate) fn date(&self) -> HttpDate {
        self.date.get()
    }

    /// Gives the date as a field value.
    pub(crate) fn date_value(&self) -> HeaderValue {
        let mut value = self.date_value.borrow_mut();
        let make = || HeaderValue::from_bytes(self.date.get().as_bytes()).expect("a date is ASCII text");
        value.get_or_insert_with(make).clone()
    }

    /// Tells whether a peer's word about its clients is believed.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }

    /// Tells whether the server is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.get()
    }

    /// Tells every connection that the server is about to stop.
    pub(crate) fn drain(&self) {
        self.draining.set(true);
        for slot in self.roster.borrow().iter() {
            slot.wake();
        }
    }

    /// Puts a connection on the roster.
    pub(crate) fn enter(self: &Rc<Self>) -> Place {
        let mut roster = self.roster.borrow_mut();
        if roster.is_empty() {
            self.read_clock(); // it stood still while no one was here
            self.changed.notify_one();
        }
        let slot = Rc::new(Slot {
            at: Cell::new(roster.len()),
            deadline: Cell::new(u64::MAX),
            waker: RefCell::new(Waker::noop().clone()),
        });
        roster.push(Rc::clone(&slot));
        Place { worker: Rc::clone(self), slot }
    }

    /// Gives the number of connections on the roster.
    pub(crate) fn open(&self) -> usize {
        self.roster.borrow().len()
    }

    /// Waits until no connection is left.
    pub(crate) async fn emptied(&self) {
        while !self.roster.borrow().is_empty() {
            self.changed.notified().await;
        }
    }

    /// Turns the clock and wakes whoever's time is up; ends never.
    pub(crate) async fn run_clock(&self) {
        loop {
            if self.roster.borrow().is_empty() {
                self.changed.notified().await;
            }
            tokio::time::sleep(self.tick).await;
            let now = self.read_clock();
            self.queue.expire(now);
            for slot in self.roster.borrow().iter().filter(|slot| slot.deadline.get() <= now) {
                slot.wake();
            }
        }
    }

    /// Takes an empty buffer, one that served before if there is.
    pub(crate) fn buffer(&self) -> BytesMut {
        self.spare.borrow_mut().pop().unwrap_or_else(|| BytesMut::with_capacity(BUFFER))
    }

    /// Gives a buffer back for others to use.
    pub(crate) fn give_back(&self, mut buffer: BytesMut) {
        let mut spare = self.spare.borrow_mut();
        // Too big, still lent to someone, or enough of them: the allocator's.
        if spare.len() < SPARES && buffer.capacity() <= 2 * BUFFER && buffer.try_reclaim(BUFFER) {
            buffer.clear();
            spare.push(buffer);
        }
    }

    /// Takes the way to the client before an answer, one that served before if there is.
    pub(crate) fn interim(&self) -> Interim {
        self.interims.borrow_mut().pop().unwrap_or_else(Interim::open)
    }

    /// Gives such a way back for others to use.
    pub(crate) fn give_interim_back(&self, interim: Interim) {
        let mut interims = self.interims.borrow_mut();
        if interims.len() < SPARES
            && let Some(interim) = interim.renew()
        {
            interims.push(interim);
        }
    }

    fn read_clock(&self) -> u64 {
        let now = millis(self.started.elapsed());
        self.now.set(now);
        let date = HttpDate::now();
        if self.date.replace(date) != date {
            *self.date_value.borrow_mut() = None;
        }
        now
    }
}

impl Place {
    pub(crate) fn worker(&self) -> &Rc<Worker> {
        &self.worker
    }

    /// Registers the connection's task, which is woken from now on. Once is enough: a task keeps its waker.
    pub(crate) async fn register(&self) {
        poll_fn(|context| {
            self.slot.waker.borrow_mut().clone_from(context.waker());
            Poll::Ready(())
        })
        .await;
    }

    /// Gives the waker of the connection's task.
    pub(crate) fn waker(&self) -> Waker {
        self.slot.waker.borrow().clone()
    }

    /// Asks to be woken when `time` has passed; replaces the last such wish.
    pub(crate) fn expire_after(&self, time: Duration) {
        self.slot.deadline.set(self.worker.after(time));
    }

    /// Takes the wish back.
    pub(crate) fn never_expire(&self) {
        self.slot.deadline.set(u64::MAX);
    }

    /// Does `work`, unless the time asked for passes or the server stops before it is done.
    pub(crate) async fn before_deadline<T>(
        &self,
        work: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            // Who has not even said hello has no request that could be lost.
            Poll::Pending if self.is_expired() || self.worker.is_draining() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            polled => polled,
        })
        .await
    }

    /// Tells whether the time asked for has passed.
    pub(crate) fn is_expired(&self) -> bool {
        self.slot.deadline.get() <= self.worker.now.get()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.worker.counters().connection_closed();
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        drop(self.open.take());
        self.queue.wake_first();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut roster = self.worker.roster.borrow_mut();
        let at = self.slot.at.get();
        roster.swap_remove(at);
        if let Some(moved) = roster.get(at) {
            moved.at.set(at);
        }
        if roster.is_empty() {
            self.worker.changed.notify_waiters();
        }
    }
}

impl Slot {
    fn wake(&self) {
        self.waker.borrow().wake_by_ref();
    }
}

/// How often the clock is read: an eighth of the shortest time, at most 4 times a second.
fn tick(timeouts: &Timeouts) -> Duration {
    let Timeouts { handshake, head, body, queue, idle, write, unready: _, shutdown: _ } = *timeouts;
    let shortest = handshake.min(head).min(body).min(queue).min(idle).min(write);
    (shortest / 8).clamp(Duration::from_millis(5), Duration::from_millis(250))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

const BUFFER: usize = 8 * 1024; // a small request's head many times over
const SPARES: usize = 64;
/// Connections that are refused over TLS at once.
const REFUSALS: usize = 32;
