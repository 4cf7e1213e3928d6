//! Who held an event loop, for how long, and where it stood.
//!
//! In: the beginning and the end of each step of a request's work, where an app is watched. Out: [`Stall`]s, in the log, in the debug
//! panel and in [`CurrentApp::stalls`](crate::CurrentApp::stalls). Never: costs an app anything that is not watched, but for one
//! comparison each step.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fmt, fs, io,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    config::{Config, StallWatchdog},
    request::RequestId,
    standing::{Helper, StalledCall},
};

/// A time in which a view, or what else a request does on its event loop, kept all others on that loop waiting.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stall {
    /// The endpoint's name, where the request was for one.
    pub endpoint: Option<String>,
    /// The request's id.
    pub request: Option<RequestId>,
    /// How long it held its loop.
    pub held: Duration,
    /// When it ended.
    pub at: SystemTime,
    /// Where it stood when it had held the loop for too long, the innermost call first; empty where that is not known.
    pub calls: Vec<StalledCall>,
    /// Why the calls are not known, where they are not.
    pub unknown: Option<String>,
}

/// What is watched: a request's context.
pub(crate) trait Watched: Send + Sync {
    /// The endpoint's name.
    fn name(&self) -> Option<&str>;

    fn id(&self) -> Option<RequestId>;

    /// Keeps it with what else is recorded of the request.
    fn keep(&self, stall: &Stall);
}

/// The watch over an app's event loops.
pub(crate) struct Watch {
    after: Duration,
    base: Instant,
    /// Whether a thread looks; without one, stalls are told of when they have ended, without their calls.
    is_awake: AtomicBool,
    slots: Mutex<Vec<Arc<Slot>>>,
    kept: Mutex<VecDeque<Stall>>,
}

/// What one thread is at.
struct Slot {
    /// The system's number.
    thread: u32,
    /// Nanoseconds after the watch's base at which it began its step; 0 between steps.
    since: AtomicU64,
    at: Mutex<Option<Arc<dyn Watched>>>,
    /// Steps that took too long.
    ended: Mutex<Vec<Ended>>,
}

struct Ended {
    since: u64,
    held: Duration,
    at: SystemTime,
    work: Option<Arc<dyn Watched>>,
}

thread_local! {
    static SLOTS: RefCell<Vec<(Weak<Watch>, Arc<Slot>)>> = const { RefCell::new(Vec::new()) };
}

impl Watch {
    /// The watch that `config` asks for.
    pub(crate) fn of(config: &Config) -> Option<Arc<Self>> {
        let is_on = match config.concurrency.stall_watchdog {
            StallWatchdog::Debug => config.debug,
            StallWatchdog::Always => true,
            StallWatchdog::Never => false,
        };
        is_on.then(|| {
            Arc::new(Self {
                after: config.concurrency.stall_after,
                base: Instant::now(),
                is_awake: AtomicBool::new(false),
                slots: Mutex::default(),
                kept: Mutex::default(),
            })
        })
    }

    /// Has a thread look at the loops, which ends when the app is gone.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<()> {
        let watch = Arc::downgrade(self);
        let tick = (self.after / 4).max(SHORTEST_TICK);
        let body = move || {
            let mut looker = Looker { helper: Helper::start(), seen: Vec::new() };
            while let Some(watch) = watch.upgrade() {
                watch.is_awake.store(true, Ordering::Release);
                looker.look(&watch);
                drop(watch);
                thread::sleep(tick);
            }
        };
        thread::Builder::new().name("flagon-watchdog".to_owned()).spawn(body).map(drop)
    }

    /// Says that this thread is at `work` until what it gives is dropped.
    pub(crate) fn enter(self: &Arc<Self>, work: Arc<dyn Watched>) -> Option<Step<'_>> {
        let slot = self.slot();
        if slot.since.load(Ordering::Relaxed) != 0 {
            return None; // a step within a step
        }
        *lock(&slot.at) = Some(work);
        slot.since.store(self.now(), Ordering::Release);
        Some(Step { watch: self, slot })
    }

    /// The stalls that are kept, the last first.
    pub(crate) fn stalls(&self) -> Vec<Stall> {
        lock(&self.kept).iter().rev().cloned().collect()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }

    /// This thread's slot.
    fn slot(self: &Arc<Self>) -> Arc<Slot> {
        SLOTS.with_borrow_mut(|slots| {
            let own = Arc::as_ptr(self);
            if let Some((_, slot)) = slots.iter().find(|(watch, _)| watch.as_ptr() == own) {
                return Arc::clone(slot);
            }
            slots.retain(|(watch, _)| watch.strong_count() > 0);
            let slot = Arc::new(Slot {
                thread: number_of_this_thread(),
                since: AtomicU64::new(0),
                at: Mutex::default(),
                ended: Mutex::default(),
            });
            lock(&self.slots).push(Arc::clone(&slot));
            slots.push((Arc::downgrade(self), Arc::clone(&slot)));
            slot
        })
    }

    /// Tells of a stall that has ended.
    fn tell(&self, ended: Ended, calls: Vec<StalledCall>, unknown: Option<String>) {
        let Ended { held, at, work, .. } = ended;
        let (endpoint, request) = match &work {
            Some(work) => (work.name().map(str::to_owned), work.id()),
            None => (None, None),
        };
        let stall = Stall { endpoint, request, held, at, calls, unknown };
        stall.log(
            "a view held its event loop, and all that wait there: make it a plain `fn`, or use blocking or parallel",
        );
        if let Some(work) = work {
            work.keep(&stall);
        }
        let mut kept = lock(&self.kept);
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(stall);
    }
}

impl Stall {
    fn log(&self, what: &str) {
        tracing::warn!(
            target: "flagon::stall",
            endpoint = self.endpoint,
            request = self.request.map(tracing::field::display),
            held_ms = u64::try_from(self.held.as_millis()).unwrap_or(u64::MAX),
            "{what}{self}"
        );
    }
}

/// Where it stood, a call a line; nothing where that is not known.
impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for call in self.calls.iter().take(MOST_LOGGED) {
            write!(f, "\n  {}", call.function)?;
            if let (Some(file), Some(line)) = (&call.file, call.line) {
                write!(f, " at {file}:{line}")?;
            }
        }
        match &self.unknown {
            Some(why) => write!(f, "\n  where it stood is not known: {why}"),
            None => Ok(()),
        }
    }
}

/// A step that a thread is at.
#[must_use]
pub(crate) struct Step<'a> {
    watch: &'a Arc<Watch>,
    slot: Arc<Slot>,
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        let (watch, slot) = (self.watch, &self.slot);
        let since = slot.since.swap(0, Ordering::AcqRel);
        let work = lock(&slot.at).take();
        let held = Duration::from_nanos(watch.now().saturating_sub(since));
        if held < watch.after {
            return;
        }
        let ended = Ended { since, held, at: SystemTime::now(), work };
        if watch.is_awake.load(Ordering::Acquire) {
            lock(&slot.ended).push(ended);
        } else {
            watch.tell(ended, Vec::new(), Some("the app is not served by App::main".to_owned()));
        }
    }
}

/// What looks at the loops.
struct Looker {
    helper: io::Result<Helper>,
    seen: Vec<Seen>,
}

/// A step that takes too long, and where it stood.
struct Seen {
    thread: u32,
    since: u64,
    calls: Result<Vec<StalledCall>, String>,
    /// The log has it before its end, which may never come.
    is_told: bool,
}

impl Seen {
    fn tell(&self, slot: &Slot, held: Duration) {
        let work = lock(&slot.at).clone();
        let (calls, unknown) = match self.calls.clone() {
            Ok(calls) => (calls, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let stall = Stall {
            endpoint: work.as_ref().and_then(|work| work.name().map(str::to_owned)),
            request: work.as_ref().and_then(|work| work.id()),
            held,
            at: SystemTime::now(),
            calls,
            unknown,
        };
        stall.log("a view goes on holding its event loop, and all that wait there");
    }
}

impl Looker {
    fn look(&mut self, watch: &Arc<Watch>) {
        let slots: Vec<_> = lock(&watch.slots).clone();
        for slot in &slots {
            self.look_at(watch, slot);
        }
        for slot in slots {
            for ended in std::mem::take(&mut *lock(&slot.ended)) {
                let of_it = |seen: &Seen| (seen.thread, seen.since) == (slot.thread, ended.since);
                match self.seen.iter().position(of_it).map(|at| self.seen.swap_remove(at).calls) {
                    Some(Ok(calls)) => watch.tell(ended, calls, None),
                    Some(Err(why)) => watch.tell(ended, Vec::new(), Some(why)),
                    None => watch.tell(ended, Vec::new(), Some("it ended before one could look".to_owned())),
                }
            }
        }
    }

    /// Looks where the thread of `slot` stands if its step takes too long, once.
    fn look_at(&mut self, watch: &Watch, slot: &Slot) {
        let since = slot.since.load(Ordering::Acquire);
        let held = Duration::from_nanos(watch.now().saturating_sub(since));
        if since == 0 || held < watch.after {
            return;
        }
        let seen = self.seen.iter_mut().find(|seen| (seen.thread, seen.since) == (slot.thread, since));
        if let Some(seen) = seen {
            if held >= watch.after * MUCH_TOO_LONG && !std::mem::replace(&mut seen.is_told, true) {
                seen.tell(slot, held);
            }
            return;
        }
        let calls = match &mut self.helper {
            Ok(helper) => helper.ask(slot.thread).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let calls = calls.map(without_runtime);
        self.seen.push(Seen { thread: slot.thread, since, calls, is_told: false });
    }
}

/// The calls down to where the framework polls the request: those below are the runtime's, the same for all.
fn without_runtime(mut calls: Vec<StalledCall>) -> Vec<StalledCall> {
    let polls =
        |call: &StalledCall| call.function.contains("flagon::context::") && call.function.contains("scope");
    if let Some(at) = calls.iter().position(polls) {
        calls.truncate(at);
    }
    calls
}

/// The system's number of this thread, by which others find it; 0 where it has none.
fn number_of_this_thread() -> u32 {
    let link = fs::read_link(Path::new("/proc/thread-self")).unwrap_or_default();
    link.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("after", &self.after).finish_non_exhaustive()
    }
}

/// How often the loops are looked at, at the most.
const SHORTEST_TICK: Duration = Duration::from_millis(5);

/// How many times the limit a stall lasts before it is told of although it goes on.
const MUCH_TOO_LONG: u32 = 20;

/// How many stalls are kept.
const MOST_KEPT: usize = 32;

/// How many calls of a stall are logged.
const MOST_LOGGED: usize = 24;
