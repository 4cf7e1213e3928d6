//! The thread that asks the other side and compares.
//!
//! In: jobs, by a bounded queue. Out: what was found, in the store, once a second; and from there whose routes are. Never: work on a thread
//! that serves clients.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
        mpsc as std_mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use flagon_shadow::{Answer, compare};
use flagon_upstream::Upstream;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use tokio::{runtime::Builder, sync::mpsc, task::JoinSet, time};

use super::{
    asking::{Asked, answer},
    settings::Shadow,
    store::Store,
    tally::{Place, Tally},
    tap::tap,
};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    request::Request,
    response::Response,
    upstream::{Side, UpstreamCount},
};

/// What compares.
pub(crate) struct Shadowing {
    settings: Shadow,
    store: Arc<Store>,
    upstream: Upstream,
    queue: OnceLock<mpsc::Sender<Job>>,
    /// Bytes of jobs that wait or are under way.
    held: AtomicUsize,
    dropped: AtomicU64,
    turn: AtomicU32,
    tally: Mutex<Tally>,
}

/// The app, as the thread sees it: gone when nobody serves it any more.
pub(crate) trait Watched: Send + Sync + 'static {
    /// Has the app's own view answer.
    fn ask(&self, request: Request) -> Option<BoxFuture<'static, Response>>;
    /// What was passed on so far; `None` when the app is gone.
    fn passed(&self) -> Option<Vec<UpstreamCount>>;
    /// Takes over whose routes are.
    fn switch(&self, sides: &HashMap<String, Side>);
}

/// A request to be asked a second time.
struct Job {
    place: Place,
    asked: Asked,
    whom: Whom,
    served: Answer,
    took: Duration,
    size: usize,
}

/// Who is asked the second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    App,
    Upstream,
    Scratch,
}

impl Shadowing {
    pub(crate) fn new(settings: Shadow, store: Arc<Store>, upstream: Upstream) -> Self {
        Self {
            settings,
            store,
            upstream,
            queue: OnceLock::new(),
            held: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            turn: AtomicU32::new(0),
            tally: Mutex::default(),
        }
    }

    /// Starts the thread with the first request, which waits until it is known whose routes are.
    pub(crate) fn start(self: &Arc<Self>, app: impl FnOnce() -> Arc<dyn Watched>) {
        self.queue.get_or_init(|| {
            let (queue, jobs) = mpsc::channel(self.settings.queue);
            let (ready, is_ready) = std_mpsc::channel();
            let (shadowing, app) = (Arc::clone(self), app());
            let started = thread::Builder::new()
                .name("flagon-shadow".to_owned())
                .spawn(move || shadowing.run(&app, jobs, &ready));
            match started {
                Ok(_) => drop(is_ready.recv_timeout(START)),
                Err(error) => {
                    tracing::error!(target: "flagon::shadow", %error, "nothing is compared: no thread for it");
                }
            }
            queue
        });
    }

    /// Keeps the answer of `side` to the request of `context`, begun at `started`, to be compared, if it is one of those that are.
    pub(crate) fn tap(
        self: &Arc<Self>,
        context: &Context,
        response: &mut Response,
        side: Side,
        started: Instant,
    ) {
        let took = started.elapsed();
        let request = context.request();
        let Some((whom, endpoint)) = self.whom(context, side).zip(context.endpoint()) else { return };
        if !is_comparable(request.headers(), response.status()) || !self.is_chosen() {
            return;
        }
        let body = if whom == Whom::Scratch { request.kept_body() } else { Some(bytes::Bytes::new()) };
        let Some(body) = body else { return };
        let asked = Asked::of(request, body);
        let place = (endpoint.to_owned(), request.method().to_string());
        let (status, headers) = (response.status(), response.headers().clone());
        let this = Arc::clone(self);
        let done = Box::new(move |body: Option<bytes::Bytes>| {
            let weight = asked.size() + body.as_ref().map_or(0, bytes::Bytes::len);
            this.put(Job {
                place,
                asked,
                whom,
                served: Answer { status, headers, body },
                took,
                size: weight,
            });
        });
        *response.body_mut() = tap(std::mem::take(response.body_mut()), done);
    }

    /// Who is asked too when `side` has answered.
    fn whom(&self, context: &Context, side: Side) -> Option<Whom> {
        let request = context.request();
        let is_own = context.endpoint().is_some_and(|endpoint| endpoint.starts_with(PAGES));
        if is_own || request.is_for_comparison() {
            return None;
        }
        match (request.method(), side) {
            (&(Method::GET | Method::HEAD), Side::Flagon) => Some(Whom::Upstream),
            (&(Method::GET | Method::HEAD), Side::Upstream) => Some(Whom::App),
            // What the old app did already, this one would do to the same data.
            (method, Side::Flagon) if !method.is_safe() && self.settings.scratch.is_some() => {
                Some(Whom::Scratch)
            }
            _ => None,
        }
    }

    /// Chooses evenly: a golden part of the circle for each request comes everywhere.
    fn is_chosen(&self) -> bool {
        let at = self.turn.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN);
        f64::from(at) < self.settings.share * f64::from(u32::MAX)
    }

    /// Lets `job` wait for its turn, unless too many do.
    fn put(&self, job: Job) {
        let size = job.size;
        let held = self.held.fetch_add(size, Ordering::Relaxed);
        let queue = self.queue.get().filter(|_| held + size <= HELD_MAX);
        if queue.is_none_or(|queue| queue.try_send(job).is_err()) {
            self.held.fetch_sub(size, Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn run(
        self: Arc<Self>,
        app: &Arc<dyn Watched>,
        mut jobs: mpsc::Receiver<Job>,
        ready: &std_mpsc::Sender<()>,
    ) {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            if let Err(error) = self.begin(app).await {
                tracing::error!(target: "flagon::shadow", %error, cause = error.source().map(tracing::field::display), "the file of what is compared can't be used");
            }
            let _ = ready.send(()); // whoever waited may have gone on
            let (mut under_way, mut tick) = (JoinSet::new(), time::interval(EACH));
            let mut written = HashMap::new();
            loop {
                tokio::select! {
                    _ = tick.tick() => {
                        let passed = app.passed();
                        let is_over = passed.is_none();
                        self.write(app, passed.unwrap_or_default(), &mut written).await;
                        if is_over {
                            return;
                        }
                    }
                    Some(job) = jobs.recv(), if under_way.len() < AT_ONCE => {
                        let (this, app) = (Arc::clone(&self), Arc::clone(app));
                        under_way.spawn(async move { this.ask(app, job).await });
                    }
                    Some(_) = under_way.join_next() => (),
                }
            }
        });
    }

    async fn begin(&self, app: &Arc<dyn Watched>) -> Result<()> {
        self.store.prepare().await?;
        app.switch(&self.store.switches().await?);
        Ok(())
    }

    /// Asks the other side and compares.
    async fn ask(&self, app: Arc<dyn Watched>, job: Job) {
        let Job { place, asked, whom, served, took, size } = job;
        let target = asked.uri.to_string();
        let started = Instant::now();
        let work = async {
            match whom {
                Whom::App => match app.ask(asked.into_request()) {
                    Some(work) => answer(work.await).await,
                    None => Err(Error::new(ErrorKind::Unavailable)),
                },
                Whom::Upstream => asked.upstream(&self.upstream).await,
                Whom::Scratch => {
                    asked.upstream(self.settings.scratch.as_ref().unwrap_or(&self.upstream)).await
                }
            }
        };
        let given = time::timeout(self.settings.timeout, work).await;
        self.held.fetch_sub(size, Ordering::Relaxed);
        let given = given.unwrap_or_else(|_| Err(Error::new(ErrorKind::DeadlineExceeded)));
        let found = given.map(|(other, at)| {
            let differences = match whom {
                Whom::App => compare(&other, &served, &self.settings.rules),
                _ => compare(&served, &other, &self.settings.rules),
            };
            (differences, at.duration_since(started))
        });
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let (of_served, of_other) = match whom {
            Whom::App => (Side::Upstream, Side::Flagon),
            _ => (Side::Flagon, Side::Upstream),
        };
        match found {
            Ok((differences, other_took)) => {
                tally.add(&place, &target, differences);
                tally.took(&place, of_served, took);
                tally.took(&place, of_other, other_took);
            }
            Err(_) => tally.failed(&place),
        }
    }

    /// Writes down what is new, and reads whose routes are.
    async fn write(
        &self,
        app: &Arc<dyn Watched>,
        passed: Vec<UpstreamCount>,
        written: &mut HashMap<(String, String), UpstreamCount>,
    ) {
        let tally = std::mem::take(&mut *self.tally.lock().unwrap_or_else(PoisonError::into_inner));
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let new: Vec<_> = passed.iter().filter_map(|count| count.since(written.get(&count.key()))).collect();
        if !tally.is_empty() || dropped > 0 || !new.is_empty() {
            match self.store.add(&tally, &new, dropped).await {
                Ok(()) => written.extend(passed.into_iter().map(|count| (count.key(), count))),
                Err(error) => {
                    tracing::error!(target: "flagon::shadow", %error, cause = error.source().map(tracing::field::display), "what was compared is lost");
                }
            }
        }
        if let Ok(sides) = self.store.switches().await {
            app.switch(&sides);
        }
    }
}

/// Whether an answer says the same to everyone: not a part of it, nor that the client has it.
fn is_comparable(headers: &HeaderMap, status: StatusCode) -> bool {
    const OF_CLIENT: [HeaderName; 6] = [
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_MATCH,
        header::IF_UNMODIFIED_SINCE,
        header::RANGE,
        header::UPGRADE,
    ];
    !status.is_informational() && !OF_CLIENT.iter().any(|name| headers.contains_key(name))
}

impl fmt::Debug for Shadowing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadowing").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What the names of the page's own endpoints begin with.
pub(crate) const PAGES: &str = "flagon_shadow";
const START: Duration = Duration::from_secs(2);
const EACH: Duration = Duration::from_secs(1);
const AT_ONCE: usize = 16;
const HELD_MAX: usize = 64 * 1024 * 1024;
const GOLDEN: u32 = 0x9E37_79B9;
