//! What went wrong while a request was answered.
//!
//! In: the framework's refusals, [`abort`], and any error that a view passes on with `?`.
//! Out: [`Error`], whose [`ErrorKind`] decides the status. Never: a success.

use std::{
    any::Any,
    borrow::Cow,
    error::Error as StdError,
    fmt, io,
    panic::Location,
    sync::{Mutex, PoisonError},
};

use flagon_http::{Body, BodyError, BodyErrorKind, h1::reason};
use flagon_order::OrderError;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

/// What a view gives: an answer, or the [`Error`] that stands for one.
pub type Result<T = Response<Body>, E = Error> = std::result::Result<T, E>;

/// Why a request was not answered as its view meant to.
///
/// Like `anyhow::Error` it takes any error by `?`, which then is a 500 whose cause goes to the log and
/// never to the client; unlike it, it knows the status of its answer and what the client may read.
///
/// # Examples
///
/// ```
/// use flagon::{Error, ErrorKind};
///
/// let error = Error::from(std::io::Error::other("the disk is gone"));
/// assert_eq!(error.kind(), ErrorKind::Failed);
/// assert_eq!(error.status(), 500);
/// assert_eq!(error.public(), None); // what broke is no business of the client
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    public: Option<Cow<'static, str>>,
    problems: Vec<FieldProblem>,
    details: Option<Box<Details>>,
    headers: HeaderMap,
    source: Option<Box<dyn StdError + Send + Sync>>,
    response: Mutex<Option<Response<Body>>>, // a body may not be shared among threads, an error may
    place: &'static Location<'static>,
}

/// What a problem document says beside the usual (RFC 9457 §3).
#[derive(Debug, Default)]
pub(crate) struct Details {
    pub(crate) kind: Option<Cow<'static, str>>,
    pub(crate) instance: Option<Cow<'static, str>>,
    pub(crate) extensions: serde_json::Map<String, serde_json::Value>,
}

/// What happened. It decides the status, and there is none that means success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The view, a hook or a check ended the request with this status, by [`abort`] or the like.
    Aborted(ErrorStatus),
    /// The request is for a host that is not one of `trusted_hosts`: 400.
    UntrustedHost,
    /// Nothing says that the request is the user's own will, and not another site's: 403. The cause is a
    /// [`CsrfError`](crate::CsrfError).
    Forged,
    /// No rule of the URL map fits: 404.
    NotFound,
    /// The path exists, but not for this method: 405.
    MethodNotAllowed,
    /// An argument of the view could not be made from the request: the status says how.
    Argument(ErrorStatus),
    /// The request's body could not be read.
    Body(BodyErrorKind),
    /// What the app depends on, such as its database, does not answer or is overloaded: 503.
    Unavailable,
    /// There is no room for what has to be stored, such as an upload: 507.
    StorageFull,
    /// The view did not finish within its time: 504.
    DeadlineExceeded,
    /// A view or a hook panicked: 500.
    Panicked,
    /// An error that no one turned into an answer: 500.
    Failed,
}

impl ErrorKind {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Aborted(status) | Self::Argument(status) => status.0,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body(BodyErrorKind::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyErrorKind::TrailersTooLarge) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Body(BodyErrorKind::TimedOut) => StatusCode::REQUEST_TIMEOUT,
            Self::UntrustedHost | Self::Body(BodyErrorKind::Disconnected | BodyErrorKind::Malformed) => {
                StatusCode::BAD_REQUEST
            }
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Body(_) | Self::Panicked | Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A status code from 400 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorStatus(StatusCode);

impl ErrorStatus {
    /// Takes a status that stands for an error; `None` for any other.
    pub fn new(status: StatusCode) -> Option<Self> {
        (status.is_client_error() || status.is_server_error()).then_some(Self(status))
    }

    /// The status itself.
    pub fn get(self) -> StatusCode {
        self.0
    }
}

/// What is wrong with one field of the input: shown to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where the field is, such as `query`, `body`, `form`, `path`, `header`.
    pub place: &'static str,
    /// The field's name, or a JSON Pointer within a JSON body; empty for the whole.
    pub field: String,
    /// What was expected and what came, as a sentence without a full stop.
    pub problem: String,
}

impl Error {
    /// Makes an error of `kind` with nothing more to say.
    #[track_caller]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            public: None,
            problems: Vec::new(),
            details: None,
            headers: HeaderMap::new(),
            source: None,
            response: Mutex::new(None),
            place: Location::caller(),
        }))
    }

    /// Makes the error of an argument that the request does not fill: `status` is 400, 413, 415 or 422.
    ///
    /// # Panics
    ///
    /// When `status` is not from 400 to 599.
    #[track_caller]
    pub fn argument(status: StatusCode, problems: Vec<FieldProblem>) -> Self {
        let status = ErrorStatus::new(status).expect("the status of an argument's error is 4xx or 5xx");
        let mut error = Self::new(ErrorKind::Argument(status));
        error.0.problems = problems;
        error
    }

    /// Makes the error that [`abort`] ends a request with, to say more of it.
    ///
    /// # Panics
    ///
    /// When `code` is not from 400 to 599.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Error, http::header::RETRY_AFTER};
    ///
    /// let busy = Error::aborted(503).with_header(RETRY_AFTER, 30.into()).with_public("Come back in half a minute.");
    /// assert_eq!(busy.status(), 503);
    /// ```
    #[track_caller]
    pub fn aborted(code: u16) -> Self {
        match StatusCode::from_u16(code).ok().and_then(ErrorStatus::new) {
            Some(status) => Self::new(ErrorKind::Aborted(status)),
            None => {
                panic!("abort({code}): only a status from 400 to 599 aborts; return an answer for any other")
            }
        }
    }

    /// Sets what the client may read, a sentence.
    #[must_use]
    pub fn with_public(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.0.public = Some(text.into());
        self
    }

    /// Sets the cause, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Sets the type of the problem, a URI that names it for programs: `type` of RFC 9457 §3.1.1. It says the same of every
    /// occurrence; best it leads to a page that explains it. Without it, the type is `about:blank`: the status says all.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Error, Route, prelude::*};
    ///
    /// async fn buy() -> Result<()> {
    ///     let error = Error::aborted(403).with_public("Your balance is 30, and this costs 50.");
    ///     let error = error.with_type("https://shop.example/problems/out-of-credit").with_instance("/account/12345/msgs/abc");
    ///     Err(error.with_extension("balance", 30))
    /// }
    ///
    /// let client = App::new("shop").routes([Route::new("buy", "/buy", ["POST"], buy)]).test_client();
    /// let problem: serde_json::Value = client.post("/buy").wait().json();
    /// assert_eq!(problem["type"], "https://shop.example/problems/out-of-credit");
    /// assert_eq!((&problem["title"], &problem["balance"]), (&"Forbidden".into(), &30.into()));
    /// ```
    #[must_use]
    pub fn with_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.details_mut().kind = Some(uri.into());
        self
    }

    /// Sets the URI of this very occurrence of the problem: `instance` of RFC 9457 §3.1.5. See [`with_type`](Self::with_type).
    #[must_use]
    pub fn with_instance(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.details_mut().instance = Some(uri.into());
        self
    }

    /// Adds a member to the problem document that programs may read (RFC 9457 §3.2). What is of the document already (`type`,
    /// `title`, `status`, `detail`, `instance`, `errors`) stays, and a value that is no JSON is left out. See
    /// [`with_type`](Self::with_type).
    #[must_use]
    pub fn with_extension(mut self, name: impl Into<String>, value: impl serde::Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.details_mut().extensions.insert(name.into(), value);
        }
        self
    }

    /// Adds a header to the answer, such as `Retry-After`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the answer, decided by the kind.
    pub fn status(&self) -> StatusCode {
        let response = self.0.response.lock().unwrap_or_else(PoisonError::into_inner);
        response.as_ref().map_or_else(|| self.0.kind.status(), Response::status)
    }

    /// What the client may read.
    pub fn public(&self) -> Option<&str> {
        self.0.public.as_deref()
    }

    /// What is wrong with each field of the input.
    pub fn problems(&self) -> &[FieldProblem] {
        &self.0.problems
    }

    /// The headers that the answer gets.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The cause, which the log gets.
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }

    /// The cause as an `E`, if it is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = flagon::Error::from(std::io::Error::other("gone"));
    /// assert!(error.downcast_ref::<std::io::Error>().is_some());
    /// ```
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// What happened in the database, if that is its cause.
    #[cfg(feature = "sql")]
    pub(crate) fn sql_kind(&self) -> Option<flagon_sql::ErrorKind> {
        #[cfg(feature = "sea-orm")]
        if let Some(error) = self.downcast_ref::<flagon_sql::sea_orm::DbErr>() {
            return flagon_sql::sea_orm_error_kind(error);
        }
        Some(self.downcast_ref::<flagon_sql::Error>()?.kind())
    }

    /// Where in the program it was made.
    pub fn place(&self) -> &'static Location<'static> {
        self.0.place
    }

    pub(crate) fn details(&self) -> Option<&Details> {
        self.0.details.as_deref()
    }

    fn details_mut(&mut self) -> &mut Details {
        self.0.details.get_or_insert_default()
    }

    /// Takes the cause out as an `E`, or gives the error back.
    pub(crate) fn downcast<E: StdError + 'static>(mut self) -> Result<E, Self> {
        match self.0.source.take().map(<dyn StdError + Send + Sync>::downcast::<E>) {
            Some(Ok(source)) => Ok(*source),
            Some(Err(source)) => {
                self.0.source = Some(source);
                Err(self)
            }
            None => Err(self),
        }
    }

    /// The whole answer that [`abort_with`] was given, to be added to.
    pub(crate) fn response_mut(&mut self) -> Option<&mut Response<Body>> {
        self.0.response.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut()
    }

    /// The whole answer that [`abort_with`] was given.
    pub(crate) fn take_response(&mut self) -> Option<Response<Body>> {
        self.0.response.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Every error of other crates comes in here, so that `?` works in a view.
impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    #[track_caller]
    fn from(source: E) -> Self {
        if let Some(order) = (&source as &dyn Any).downcast_ref::<OrderError>() {
            return of_order(order).with_source(source);
        }
        let kind = match (&source as &dyn Any).downcast_ref::<BodyError>() {
            Some(body) => ErrorKind::Body(body.kind()),
            None => of_disk(&source).or_else(|| of_database(&source)).unwrap_or(ErrorKind::Failed),
        };
        Self::new(kind).with_source(source)
    }
}

/// What a client wishes to order by is a part of its request, and wrong there: 400.
#[track_caller]
fn of_order(error: &OrderError) -> Error {
    let problem = FieldProblem { place: "order", field: error.field().to_owned(), problem: error.advice() };
    Error::argument(StatusCode::BAD_REQUEST, vec![problem])
}

/// What it means that the database failed: when it can't be reached, others may still be served, and this client later.
fn of_database(source: &dyn Any) -> Option<ErrorKind> {
    #[cfg(feature = "sql")]
    if let Some(kind) = sql_kind(source) {
        use flagon_sql::ErrorKind as Sql;
        let is_away = matches!(kind, Sql::Connect | Sql::Exhausted) || kind.is_transient();
        return is_away.then_some(ErrorKind::Unavailable);
    }
    let _ = source;
    None
}

/// What happened in the database, if that is what `source` tells of.
#[cfg(feature = "sql")]
fn sql_kind(source: &dyn Any) -> Option<flagon_sql::ErrorKind> {
    #[cfg(feature = "sea-orm")]
    if let Some(error) = source.downcast_ref::<flagon_sql::sea_orm::DbErr>() {
        return flagon_sql::sea_orm_error_kind(error);
    }
    Some(source.downcast_ref::<flagon_sql::Error>()?.kind())
}

/// What a full disk or quota is for the client (RFC 4918 §11.5), whoever met it.
fn of_disk(source: &(dyn Any + 'static)) -> Option<ErrorKind> {
    let kind = source.downcast_ref::<io::Error>()?.kind();
    matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        .then_some(ErrorKind::StorageFull)
}

/// For the libraries that want a standard error: the way out of the framework.
impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Standard(error))
    }
}

#[derive(Debug)]
struct Standard(Error);

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Standard {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.public, self.0.problems.first()) {
            (Some(public), _) => f.write_str(public),
            (None, Some(first)) => write!(f, "{} `{}`: {}", first.place, first.field, first.problem),
            (None, None) => f.write_str(match self.0.kind {
                ErrorKind::Aborted(status) => reason(status.0).unwrap_or("the request was aborted"),
                ErrorKind::UntrustedHost => "the host is not trusted",
                ErrorKind::Forged => "the request may be forged",
                ErrorKind::NotFound => "no rule fits the path",
                ErrorKind::MethodNotAllowed => "the path exists, but not for this method",
                ErrorKind::Argument(_) => "an argument could not be made from the request",
                ErrorKind::Body(_) => "the body could not be read",
                ErrorKind::Unavailable => "what the app depends on does not answer",
                ErrorKind::StorageFull => "there is no room left on the disk",
                ErrorKind::DeadlineExceeded => "the view did not finish in time",
                ErrorKind::Panicked => "the view panicked",
                ErrorKind::Failed => "the view failed",
            }),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("public", &self.0.public)
            .field("problems", &self.0.problems)
            .field("source", &self.0.source)
            .field("place", &format_args!("{}", self.0.place))
            .finish_non_exhaustive()
    }
}

/// Ends the request with `code`, as Flask's `abort` does: `abort(404)?` or `return abort(404)`.
///
/// # Errors
///
/// Always, that is its purpose: the error's status is `code`.
///
/// # Panics
///
/// When `code` is not from 400 to 599: what succeeds is returned, not aborted.
///
/// # Examples
///
/// ```
/// let error = flagon::abort::<()>(404).unwrap_err();
/// assert_eq!(error.status(), 404);
/// ```
#[track_caller]
pub fn abort<T>(code: u16) -> Result<T> {
    Err(Error::aborted(code))
}

/// Ends the request with `code` and a sentence that the client may read.
///
/// # Errors
///
/// Always: the error's status is `code`.
///
/// # Panics
///
/// When `code` is not from 400 to 599.
///
/// # Examples
///
/// ```
/// let error = flagon::abort_because::<()>(409, "the title is taken").unwrap_err();
/// assert_eq!(error.public(), Some("the title is taken"));
/// ```
#[track_caller]
pub fn abort_because<T>(code: u16, why: impl Into<Cow<'static, str>>) -> Result<T> {
    Err(Error::aborted(code).with_public(why))
}

/// Ends the request with a whole answer, of any status; after-hooks still see it.
///
/// # Errors
///
/// Always: the error stands for `response`.
///
/// # Examples
///
/// ```
/// use flagon::IntoResponse;
///
/// let error = flagon::abort_with::<()>("I am what you get".into_response()).unwrap_err();
/// assert_eq!(error.status(), 200);
/// ```
#[track_caller]
pub fn abort_with<T>(response: Response<Body>) -> Result<T> {
    let status =
        ErrorStatus::new(response.status()).unwrap_or(ErrorStatus(StatusCode::INTERNAL_SERVER_ERROR));
    let mut error = Error::new(ErrorKind::Aborted(status));
    error.0.response = Mutex::new(Some(response));
    Err(error)
}

/// `None` as an answer: `find(id).await?.or_404()?`.
pub trait OrAbort<T>: Sized {
    /// The value, or the end of the request with `code`.
    ///
    /// # Errors
    ///
    /// With status `code` when there is no value.
    ///
    /// # Panics
    ///
    /// When there is no value and `code` is not from 400 to 599.
    fn or_abort(self, code: u16) -> Result<T>;

    /// The value, or 404 Not Found.
    ///
    /// # Errors
    ///
    /// 404 when there is no value.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// assert_eq!(Some(3).or_404().unwrap(), 3);
    /// assert_eq!(None::<i32>.or_404().unwrap_err().status(), 404);
    /// ```
    #[track_caller]
    fn or_404(self) -> Result<T> {
        self.or_abort(404)
    }

    /// The value, or 401 Unauthorized.
    ///
    /// # Errors
    ///
    /// 401 when there is no value.
    #[track_caller]
    fn or_401(self) -> Result<T> {
        self.or_abort(401)
    }

    /// The value, or 403 Forbidden.
    ///
    /// # Errors
    ///
    /// 403 when there is no value.
    #[track_caller]
    fn or_403(self) -> Result<T> {
        self.or_abort(403)
    }

    /// The value, or 400 Bad Request.
    ///
    /// # Errors
    ///
    /// 400 when there is no value.
    #[track_caller]
    fn or_400(self) -> Result<T> {
        self.or_abort(400)
    }
}

impl<T> OrAbort<T> for Option<T> {
    #[track_caller]
    fn or_abort(self, code: u16) -> Result<T> {
        match self {
            Some(value) => Ok(value),
            None => Err(Error::aborted(code)),
        }
    }
}
