//! What debug mode keeps of a request: when each step of its work began, how long it took, and the statements it sent.
//!
//! In: steps as they end. Out: [`Recording`]s, of which [`Recordings`] keeps the last. Never: a value that was sent to a database, a
//! cookie, a form, or more than its bounds.

use std::{
    borrow::Cow,
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    time::{Duration, Instant, SystemTime},
};

#[cfg(feature = "sql")]
use flagon_sql::{LoggedStatement, StatementLog};
use http::StatusCode;

use crate::{
    config::masked,
    request::{Request, RequestId},
    stalls::Stall,
};

/// What is kept of one request.
pub(crate) struct Recording {
    pub(crate) id: RequestId,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The names of the query, with those values that are no secrets by their names.
    pub(crate) args: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) at: SystemTime,
    pub(crate) began: Instant,
    pub(crate) outcome: OnceLock<Outcome>,
    steps: Mutex<Vec<Step>>,
    stalls: Mutex<Vec<Stall>>,
    /// Lives as long as its context does.
    context: Weak<()>,
    #[cfg(feature = "sql")]
    pub(crate) statements: StatementLog,
}

/// A context's hold on its recording.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) recording: Arc<Recording>,
    #[expect(dead_code, reason = "kept for its end")]
    lives: Arc<()>,
}

/// How a request ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    pub(crate) endpoint: Option<String>,
}

/// A step of the work for a request.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    pub(crate) name: Cow<'static, str>,
    /// From the beginning of the request.
    pub(crate) began: Duration,
    pub(crate) took: Duration,
}

/// What kind of step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    BeforeHook,
    View,
    Template,
    ErrorHandler,
    AfterHook,
    Commit,
    Session,
    /// The view is run again.
    Again,
}

/// How many steps of one request are kept.
const MOST_STEPS: usize = 500;

/// How many stalls of one request are kept.
const MOST_STALLS: usize = 10;

/// How many bytes of a text that a client sent are kept.
const LONGEST: usize = 1000;

/// How many fields a client sent are kept.
const MOST_FIELDS: usize = 100;

fn kept(name: &str, value: &str) -> (String, String) {
    (cut(name), cut(&masked(name, value)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Recording {
    fn new(request: &Request, context: Weak<()>) -> Self {
        let args = request.args().iter().take(MOST_FIELDS).map(|(name, value)| kept(name, value));
        let headers = request.headers().iter().take(MOST_FIELDS);
        let headers = headers
            .map(|(name, value)| kept(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
            // The fields that may repeat what the query has, whose names do not tell.
            .map(|(name, value)| match name.as_str() {
                "referer" => (name, value.split(['?', '#']).next().unwrap_or_default().to_owned()),
                _ => (name, value),
            });
        Self {
            id: request.id(),
            method: cut(request.method().as_str()),
            path: cut(request.path()),
            args: args.collect(),
            headers: headers.collect(),
            at: SystemTime::now(),
            began: Instant::now(),
            outcome: OnceLock::new(),
            steps: Mutex::default(),
            stalls: Mutex::default(),
            context,
            #[cfg(feature = "sql")]
            statements: StatementLog::default(),
        }
    }

    /// Begins a step, which ends when this is dropped.
    pub(crate) fn step(self: &Arc<Self>, kind: StepKind, name: impl Into<Cow<'static, str>>) -> Timed {
        let name = name.into();
        Timed(Box::new(UnderWay { recording: Arc::clone(self), kind, name, began: Instant::now() }))
    }

    /// Keeps how it was answered.
    pub(crate) fn end(&self, status: StatusCode, endpoint: Option<&str>) {
        let endpoint = endpoint.map(str::to_owned);
        let _ = self.outcome.set(Outcome { status, took: self.began.elapsed(), endpoint });
    }

    /// Whether its context is still there.
    pub(crate) fn is_under_way(&self) -> bool {
        self.context.strong_count() > 0
    }

    /// The statements that the app sent, without commands such as `COMMIT`.
    #[cfg(feature = "sql")]
    pub(crate) fn queries(&self) -> Vec<LoggedStatement> {
        let mut statements = self.statements.statements();
        statements.retain(|statement| statement.value_count().is_some());
        statements
    }

    /// The steps that have ended, as they began.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner).clone();
        steps.sort_by_key(|step| step.began);
        steps
    }

    /// Keeps that it held its event loop.
    pub(crate) fn stalled(&self, stall: Stall) {
        let mut stalls = self.stalls.lock().unwrap_or_else(PoisonError::into_inner);
        if stalls.len() < MOST_STALLS {
            stalls.push(stall);
        }
    }

    /// The times in which it held its event loop.
    pub(crate) fn stalls(&self) -> Vec<Stall> {
        self.stalls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bytes it takes, about.
    fn size(&self) -> usize {
        let pairs = self.args.iter().chain(&self.headers);
        let texts: usize = pairs.map(|(name, value)| name.len() + value.len() + 48).sum();
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let steps: usize = steps.iter().map(|step| size_of::<Step>() + step.name.len()).sum();
        #[cfg(feature = "sql")]
        let statements = self.statements.size();
        #[cfg(not(feature = "sql"))]
        let statements = 0;
        size_of::<Self>() + self.path.len() + texts + steps + statements
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("id", &self.id).field("path", &self.path).finish_non_exhaustive()
    }
}

/// A step that is under way.
#[must_use]
pub(crate) struct Timed(#[expect(dead_code, reason = "kept for its end")] Box<UnderWay>);

struct UnderWay {
    recording: Arc<Recording>,
    kind: StepKind,
    name: Cow<'static, str>,
    began: Instant,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let step = Step {
            kind: self.kind,
            name: std::mem::take(&mut self.name),
            began: self.began.duration_since(self.recording.began),
            took: self.began.elapsed(),
        };
        let mut steps = self.recording.steps.lock().unwrap_or_else(PoisonError::into_inner);
        if steps.len() < MOST_STEPS {
            steps.push(step);
        }
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct Recordings(Mutex<VecDeque<Arc<Recording>>>);

impl Recordings {
    /// How many requests are kept at most.
    pub(crate) const MOST: usize = 100;

    /// How many bytes they may take together, about.
    const LARGEST: usize = 16 << 20;

    /// Begins to record `request`; the oldest make room.
    pub(crate) fn begin(&self, request: &Request) -> Recorded {
        let lives = Arc::new(());
        let recording = Arc::new(Recording::new(request, Arc::downgrade(&lives)));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Arc::clone(&recording));
        let mut size: usize = kept.iter().map(|recording| recording.size()).sum();
        while kept.len() > Self::MOST || (size > Self::LARGEST && kept.len() > 1) {
            size -= kept.pop_front().map_or(0, |oldest| oldest.size());
        }
        Recorded { recording, lives }
    }

    /// The requests, the last first.
    pub(crate) fn all(&self) -> Vec<Arc<Recording>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}
