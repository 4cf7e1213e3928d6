//! The one context of a request, or of work outside one, and which is current.
//!
//! In: an app and, within a request, the request. Out: [`Context`], shared by everything that works for it.
//! Never: asks for the current context inside the framework; that is for `globals.rs` and the edges of
//! tasks and threads.

use std::{
    borrow::Cow,
    cell::RefCell,
    fmt,
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

#[cfg(feature = "sql")]
use flagon_sql::{Db, MixedEngines, Terms, Transaction};
use futures_util::future::BoxFuture;
use http::HeaderName;
#[cfg(all(feature = "sql", feature = "cache"))]
use std::sync::atomic::AtomicU64;
use tokio::time::Instant;

#[cfg(all(feature = "sql", feature = "cache"))]
use crate::cache_store::Stamp;
#[cfg(feature = "jobs")]
use crate::job_registry::RunningJob;
#[cfg(feature = "sql")]
use crate::url_map::ViewTransaction;
use crate::{
    current_app::CurrentApp,
    error::{Error, ErrorKind, Result},
    g::Globals,
    handed::Handed,
    multi_dict::MultiDict,
    panic_report::PanicReport,
    polled::Polled,
    recording::{Recorded, Recording, StepKind, Timed},
    request::{Request, RequestId},
    request_tasks::RequestTasks,
    response::Response,
    session::Session,
    sessions::SessionKeeper,
    stalls::{Stall, Step, Watched},
    url_map::{Found, Matched},
};

thread_local! {
    static CURRENT: RefCell<Option<Arc<Context>>> = const { RefCell::new(None) };
}

/// What a request's work knows: its app, the request, `g` and the session.
///
/// Outside a request (a command, a job, [`app_context`](crate::Application::app_context)) there is no
/// request, and the rest works the same.
pub struct Context {
    pub(crate) app: Arc<CurrentApp>,
    request: Option<Request>,
    pub(crate) g: Globals,
    pub(crate) matched: OnceLock<Matched>,
    pub(crate) session: OnceLock<Session>,
    after_this_request: Mutex<Vec<AfterThisRequest>>,
    handed: OnceLock<Box<Handed>>,
    panic: Mutex<Option<Box<PanicReport>>>,
    has_ended: AtomicBool,
    recording: OnceLock<Recorded>,
    tasks: OnceLock<Arc<RequestTasks>>,
    /// When the time of a view that runs on a thread is over.
    view_deadline: OnceLock<Instant>,
    #[cfg(feature = "jobs")]
    job: Option<Arc<RunningJob>>,
    #[cfg(feature = "sql")]
    transaction: OnceLock<Mutex<Option<Arc<Transaction>>>>,
    /// When the snapshot of the transaction began, by the clock of the cache.
    #[cfg(all(feature = "sql", feature = "cache"))]
    snapshot: AtomicU64,
    /// Whether the answer is ready, so that nothing can be committed any more.
    #[cfg(feature = "sql")]
    is_answered: AtomicBool,
}

/// What [`after_this_request`](crate::after_this_request) keeps.
pub(crate) type AfterThisRequest = Box<dyn FnOnce(Response) -> BoxFuture<'static, Result> + Send>;

impl Context {
    /// Opens the context of `request`.
    pub(crate) fn open(app: &Arc<CurrentApp>, request: Request) -> Arc<Self> {
        Self::with(app, Some(request))
    }

    /// Opens a context without a request.
    pub(crate) fn open_app(app: &Arc<CurrentApp>) -> Arc<Self> {
        Self::with(app, None)
    }

    /// Opens the context of a job.
    #[cfg(feature = "jobs")]
    pub(crate) fn open_job(app: &Arc<CurrentApp>, job: RunningJob) -> Arc<Self> {
        let mut context = Self::with(app, None);
        Arc::get_mut(&mut context).expect("it was made here").job = Some(Arc::new(job));
        context
    }

    fn with(app: &Arc<CurrentApp>, request: Option<Request>) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            request,
            g: Globals::default(),
            matched: OnceLock::new(),
            session: OnceLock::new(),
            after_this_request: Mutex::default(),
            handed: OnceLock::new(),
            panic: Mutex::default(),
            has_ended: AtomicBool::new(false),
            recording: OnceLock::new(),
            tasks: OnceLock::new(),
            view_deadline: OnceLock::new(),
            #[cfg(feature = "jobs")]
            job: None,
            #[cfg(feature = "sql")]
            transaction: OnceLock::new(),
            #[cfg(all(feature = "sql", feature = "cache"))]
            snapshot: AtomicU64::new(u64::MAX),
            #[cfg(feature = "sql")]
            is_answered: AtomicBool::new(false),
        })
    }

    /// The context that is current in this task or thread, if there is one.
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// The app.
    pub fn app(&self) -> &Arc<CurrentApp> {
        &self.app
    }

    /// The request, if the context is one's.
    pub fn try_request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// The request.
    ///
    /// # Panics
    ///
    /// When the context is not a request's.
    #[track_caller]
    pub fn request(&self) -> &Request {
        self.request.as_ref().expect(
            "this context has no request: it was opened by app_context(); \
             open one with test_request_context(), or call from a view",
        )
    }

    /// The job that is run, if the context is one's.
    #[cfg(feature = "jobs")]
    pub(crate) fn job(&self) -> Option<&Arc<RunningJob>> {
        self.job.as_ref()
    }

    /// Whether a panic within it becomes an error of whoever runs it.
    pub(crate) fn answers_panics(&self) -> bool {
        #[cfg(feature = "jobs")]
        let is_job = self.job.is_some();
        #[cfg(not(feature = "jobs"))]
        let is_job = false;
        self.request.is_some() || is_job
    }

    /// What this request keeps for itself.
    pub fn g(&self) -> &Globals {
        &self.g
    }

    /// The session of the client: read when it is asked for first.
    ///
    /// # Panics
    ///
    /// When the context is not a request's.
    #[track_caller]
    pub fn session(&self) -> &Session {
        let request = self.request();
        self.session.get_or_init(|| self.session_keeper().open(request, &self.app.secret_keys))
    }

    /// Lets the session only be read from here on: its answer is on its way.
    pub(crate) fn freeze_session(&self) {
        self.session().refuse(
            "the session was changed after its cookie was sent: a view of a WebSocket can only read it. Change it in \
             another request, or keep what the socket is to remember in the database",
        );
    }

    /// What opens and saves the session of this request.
    pub(crate) fn session_keeper(&self) -> &SessionKeeper {
        let sessions = &self.app.sessions;
        let matched = self.matched.get();
        matched.map_or_else(|| sessions.of_app(), |matched| sessions.of_endpoint(matched.endpoint()))
    }

    /// Finds what the request is for, and keeps it.
    pub(crate) fn route(&self) -> Result<Found> {
        let (found, matched) = self.app.url_map.find(self.request())?;
        if let Some(matched) = matched {
            let _ = self.matched.set(matched); // a context is routed once
        }
        Ok(found)
    }

    /// The value of the rule's variable `name`, percent-decoded, or its default.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.app.url_map.value(self.matched.get()?, self.request(), name)
    }

    /// The names and values of all variables of the rule, percent-decoded, and its defaults: Flask's `view_args`.
    pub fn view_args(&self) -> MultiDict {
        let matched = self.matched.get();
        matched.map(|matched| self.app.url_map.values(matched, self.request())).unwrap_or_default()
    }

    /// The name of the endpoint that the request was routed to.
    pub fn endpoint(&self) -> Option<&str> {
        let matched = self.matched.get()?;
        Some(self.app.url_map.endpoint(matched.endpoint()).name())
    }

    /// Says that the answer depends on the field `name` of the request; nothing where there is no request. See
    /// [`Request::vary_on`](crate::Request::vary_on).
    pub fn vary_on(&self, name: &HeaderName) {
        if let Some(request) = &self.request {
            request.vary_on(name);
        }
    }

    /// Whether this work may change anything that outlives it: yes outside a request, in a method that is not safe (RFC 9110
    /// §9.2.1), and in a view that says `writes`. The session and the log are aside.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Context, prelude::*};
    ///
    /// #[get("/")]
    /// async fn index() -> String {
    ///     Context::current().unwrap().may_write().to_string()
    /// }
    ///
    /// #[get("/visits", writes)]
    /// async fn visits() -> String {
    ///     Context::current().unwrap().may_write().to_string()
    /// }
    ///
    /// let client = App::new("docs").routes(routes![index, visits]).test_client();
    /// assert_eq!(client.get("/").wait().text(), "false");
    /// assert_eq!(client.get("/visits").wait().text(), "true");
    /// ```
    pub fn may_write(&self) -> bool {
        let Some(request) = &self.request else { return true };
        let view_writes = || {
            let matched = self.matched.get();
            matched.is_some_and(|matched| self.app.url_map.endpoint(matched.endpoint()).writes())
        };
        !request.method().is_safe() || view_writes()
    }

    /// Refuses a write where [`may_write`](Self::may_write) says no: for whatever keeps data.
    ///
    /// # Errors
    ///
    /// 500, with a cause that names the view and says what to do: it is the program's mistake, not the client's.
    #[track_caller]
    pub fn check_may_write(&self) -> Result<()> {
        if self.may_write() {
            return Ok(());
        }
        let (method, view) = (self.request().method(), self.endpoint().unwrap_or("a hook"));
        Err(Error::new(ErrorKind::Failed).with_source(format!(
            "`{view}` answers {method}, which is safe, and tried to write (RFC 9110 §9.2.1); answer POST, PUT, PATCH or \
             DELETE instead, or, where no client would mind the write, say so: `writes` among the view's options"
        )))
    }

    /// The dotted name of the blueprint that the endpoint belongs to.
    pub fn blueprint(&self) -> Option<&str> {
        Some(self.endpoint()?.rsplit_once('.')?.0)
    }

    /// Runs `future` with this context current at each of its polls.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let app = App::new("docs").build().unwrap();
    /// let name = app.app_context().scope(async { current_app().name().to_owned() }).await;
    /// assert_eq!(name, "docs");
    /// # });
    /// ```
    pub async fn scope<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        std::future::poll_fn(move |cx| {
            let _entered = self.enter();
            let _polled = Polled::enter();
            let _watched = self.watched();
            future.as_mut().poll(cx)
        })
        .await
    }

    /// Runs `work` with this context current: for closures on threads of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("docs").build().unwrap();
    /// let context = app.app_context();
    /// let name = std::thread::spawn(move || context.run(|| current_app().name().to_owned()));
    /// assert_eq!(name.join().unwrap(), "docs");
    /// ```
    pub fn run<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        work()
    }

    /// Has it watched whether this thread's step takes too long, where loops are watched.
    pub(crate) fn watched(self: &Arc<Self>) -> Option<Step<'_>> {
        let watch = self.app.watch.as_ref()?;
        watch.enter(Arc::clone(self) as Arc<dyn Watched>)
    }

    /// Makes this context current until the guard is dropped; contexts stack.
    pub(crate) fn enter(self: &Arc<Self>) -> Entered {
        Entered(CURRENT.replace(Some(Arc::clone(self))))
    }

    /// Whether the policy of this request's answer names a nonce.
    pub(crate) fn asks_for_nonce(&self) -> bool {
        let nonces = &self.app.nonces;
        self.matched.get().map_or(nonces.elsewhere, |matched| nonces.endpoints[matched.endpoint()])
    }

    /// What the page of this request is given; made when it is first asked for.
    pub(crate) fn handed(&self) -> &Handed {
        self.handed.get_or_init(Box::default)
    }

    /// What the page was given, if it asked for anything.
    pub(crate) fn was_handed(&self) -> Option<&Handed> {
        self.handed.get().map(|handed| &**handed)
    }

    /// Has its steps recorded from here on, if the app records any.
    pub(crate) fn record(&self) {
        if let (Some(recordings), Some(request)) = (&self.app.recordings, &self.request) {
            let _ = self.recording.set(recordings.begin(request));
        }
    }

    /// What is recorded of it.
    pub(crate) fn recording(&self) -> Option<&Arc<Recording>> {
        Some(&self.recording.get()?.recording)
    }

    /// Times a step until what it gives is dropped, if anybody wants to know.
    pub(crate) fn step(&self, kind: StepKind, name: impl FnOnce() -> Cow<'static, str>) -> Option<Timed> {
        self.recording().map(|recording| recording.step(kind, name()))
    }

    /// Keeps what is known of a panic, until [`take_panic`](Self::take_panic).
    pub(crate) fn keep_panic(&self, report: PanicReport) {
        *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(report));
    }

    /// Takes what is known of the last panic.
    pub(crate) fn take_panic(&self) -> Option<PanicReport> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner).take().map(|report| *report)
    }

    /// The tasks that were started for it.
    pub(crate) fn tasks(&self) -> &Arc<RequestTasks> {
        self.tasks.get_or_init(Arc::default)
    }

    /// Whether any were started for it.
    pub(crate) fn has_tasks(&self) -> bool {
        self.tasks.get().is_some()
    }

    /// Waits for the tasks that were started for it.
    pub(crate) async fn settle_tasks(&self) {
        if let Some(tasks) = self.tasks.get() {
            tasks.settle().await;
        }
    }

    /// Has the tasks that were started for it dropped; those that are started from here on go their own way.
    pub(crate) fn cancel_tasks(&self) {
        if let Some(tasks) = self.tasks.get() {
            tasks.cancel();
        }
    }

    /// Says when the time of a view that runs on a thread is over.
    pub(crate) fn set_view_deadline(&self, deadline: Option<Instant>) {
        if let Some(deadline) = deadline {
            let _ = self.view_deadline.set(deadline); // a context has one view
        }
    }

    pub(crate) fn view_deadline(&self) -> Option<Instant> {
        self.view_deadline.get().copied()
    }

    /// Keeps `hook` for the end of this request.
    pub(crate) fn after_this_request(&self, hook: AfterThisRequest) {
        self.after_this_request.lock().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    /// Whether anything is kept for the end of this request.
    #[cfg(feature = "cache")]
    pub(crate) fn has_after_this_request(&self) -> bool {
        !self.after_this_request.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Takes what [`after_this_request`](Self::after_this_request) kept.
    pub(crate) fn take_after_this_request(&self) -> Vec<AfterThisRequest> {
        std::mem::take(&mut *self.after_this_request.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(feature = "sql")]
impl Context {
    /// The database, for this context: see [`db()`](crate::db).
    pub fn db(&self) -> Db {
        let view =
            self.matched.get().map(|matched| self.app.url_map.endpoint(matched.endpoint()).transaction());
        let (isolation, mixed_engines) = match view {
            _ if (self.request.is_none() && !self.is_whole_job()) || crate::polled::is_background() => {
                return self.app.db();
            }
            Some(ViewTransaction::Own) => return self.app.db(),
            Some(ViewTransaction::One(isolation, mixed_engines)) => (isolation, mixed_engines),
            None => (None, MixedEngines::Refuse),
        };
        let mut transaction =
            self.transaction.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            if self.is_answered.load(Ordering::Relaxed) {
                return Transaction::over(&self.app.database);
            }
            let mut terms = if self.may_write() { Terms::default() } else { Terms::read_only() };
            (terms.isolation, terms.mixed_engines) = (isolation, mixed_engines);
            #[cfg(feature = "cache")]
            self.snapshot.store(self.app.cache.now().number(), Ordering::Relaxed);
            Transaction::new(&self.app.database, terms)
        };
        Db::within(transaction.get_or_insert_with(new))
    }

    /// When the snapshot that is read now began, if there is one.
    #[cfg(feature = "cache")]
    pub(crate) fn snapshot_began(&self) -> Option<Stamp> {
        Some(self.snapshot.load(Ordering::Relaxed)).filter(|&number| number != u64::MAX).map(Stamp::of_number)
    }

    /// Whether it is of a job that is one transaction.
    fn is_whole_job(&self) -> bool {
        #[cfg(feature = "jobs")]
        return self.job.as_ref().is_some_and(|job| !job.is_autocommit);
        #[cfg(not(feature = "jobs"))]
        false
    }

    /// The transaction of this request, if a view or a hook has asked for it.
    pub(crate) fn transaction(&self) -> Option<Arc<Transaction>> {
        self.transaction.get()?.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the next [`db`](Self::db) begin another transaction.
    pub(crate) fn end_transaction(&self) -> Option<Arc<Transaction>> {
        self.transaction.get()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// From here on statements only read: those of a body that is made while it is sent, and of tasks that go on.
    pub(crate) fn set_answered(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
        let slot = self.transaction.get().map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(mut slot) = slot
            && slot.as_ref().is_some_and(|transaction| !transaction.is_committed())
        {
            *slot = None; // it is rolled back
        }
    }

    /// A fresh context for the same request; `None` when its body was read and not kept.
    pub(crate) fn again(&self) -> Option<Arc<Self>> {
        let again = Self::open(&self.app, self.request.as_ref()?.again()?);
        if let Some(recording) = self.recording.get() {
            let _ = again.recording.set(recording.clone());
        }
        Some(again)
    }
}

impl Context {
    /// Rolls back what was neither committed nor rolled back.
    #[cfg_attr(not(feature = "sql"), expect(clippy::unused_self, reason = "there is no database"))]
    pub(crate) fn abandon_transaction(&self) {
        #[cfg(feature = "sql")]
        if let Some(transaction) = self.transaction() {
            transaction.abandon();
        }
    }

    /// Tells the app that this context ends, once.
    pub(crate) fn end(self: &Arc<Self>, error: Option<&Error>) {
        if !self.app.context_end.is_empty() && !self.has_ended.swap(true, Ordering::Relaxed) {
            self.run(|| self.app.context_end.run(error));
        }
    }
}

impl Watched for Context {
    fn name(&self) -> Option<&str> {
        self.endpoint()
    }

    fn id(&self) -> Option<RequestId> {
        self.request.as_ref().map(Request::id)
    }

    fn keep(&self, stall: &Stall) {
        if let Some(recording) = self.recording() {
            recording.stalled(stall.clone());
        }
    }
}

/// A context that is no request's ends when nobody holds it any more.
impl Drop for Context {
    fn drop(&mut self) {
        if self.app.context_end.is_empty() || *self.has_ended.get_mut() {
            return;
        }
        // The hooks are to find `g` as it was, so it lives on in a context of theirs.
        let last = Self {
            app: Arc::clone(&self.app),
            request: self.request.take(),
            g: std::mem::take(&mut self.g),
            matched: std::mem::take(&mut self.matched),
            session: std::mem::take(&mut self.session),
            after_this_request: Mutex::default(),
            handed: OnceLock::new(),
            panic: Mutex::default(),
            has_ended: AtomicBool::new(false),
            recording: std::mem::take(&mut self.recording),
            tasks: OnceLock::new(),
            view_deadline: OnceLock::new(),
            #[cfg(feature = "jobs")]
            job: self.job.take(),
            #[cfg(feature = "sql")]
            transaction: OnceLock::new(),
            #[cfg(all(feature = "sql", feature = "cache"))]
            snapshot: AtomicU64::new(u64::MAX),
            #[cfg(feature = "sql")]
            is_answered: AtomicBool::new(false),
        };
        Arc::new(last).end(None);
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("app", &self.app.name)
            .field("request", &self.request)
            .field("endpoint", &self.endpoint())
            .field("g", &self.g)
            .finish_non_exhaustive()
    }
}

/// Puts the context that was current before back when it is dropped, also by a panic.
#[must_use]
pub(crate) struct Entered(Option<Arc<Context>>);

impl Drop for Entered {
    fn drop(&mut self) {
        let left = CURRENT.replace(self.0.take());
        drop(left); // outside of the cell's borrow: dropping a context may run anything
    }
}
