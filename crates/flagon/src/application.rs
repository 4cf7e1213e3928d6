//! An app that is set up: what answers requests.
//!
//! [`App`](crate::App) sets up, [`Application`] serves; two types, so that nothing can be added once requests come.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    task::Poll,
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use flagon_routing::Value;
use flagon_server::{ConnectionInfo, Interim};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;

use crate::{
    context::Context, current_app::CurrentApp, dispatch::dispatch, key_need::key_need, overload,
    request::Request, response::Response, served::Served, upstream::UpstreamCount, url_for::url_for,
    url_map::SetupError,
};

/// The address of a peer that no socket told.
pub(crate) const UNKNOWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// An app that is set up, and answers requests. Cloning it gives another handle of the same app.
///
/// It is a [`tower_service::Service`], so it can be nested in other frameworks of the tower family.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// let app = App::new("docs").build().unwrap();
/// assert_eq!(app.current_app().name(), "docs");
/// ```
#[derive(Clone)]
pub struct Application(pub(crate) Arc<Served>);

impl Application {
    /// What views see of the app.
    pub fn current_app(&self) -> &Arc<CurrentApp> {
        &self.0.current
    }

    /// The database, each statement on its own: for tests and start-up. See [`CurrentApp::db`].
    #[cfg(feature = "sql")]
    pub fn db(&self) -> flagon_sql::Db {
        self.0.current.db()
    }

    /// Opens a context without a request, for commands, jobs and tests: Flask's `app_context`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("docs").build().unwrap();
    /// app.app_context().run(|| assert_eq!(current_app().name(), "docs"));
    /// ```
    pub fn app_context(&self) -> Arc<Context> {
        Context::open_app(&self.0.current)
    }

    /// Opens a context for `message` without answering it, for tests: Flask's `test_request_context`. The
    /// message is routed, so that `endpoint` and the variables are there; no hook runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("docs").build().unwrap();
    /// let message = http::Request::get("/?page=2").body("").unwrap();
    /// app.test_request_context(message).run(|| assert_eq!(request().args().get("page"), Some("2")));
    /// ```
    pub fn test_request_context(&self, message: http::Request<impl Into<Body>>) -> Arc<Context> {
        let request =
            Request::new(Box::new(message.map(Into::into)), Arc::new(ConnectionInfo::new(UNKNOWN, UNKNOWN)));
        let context = Context::open(&self.0.current, request);
        let _ = context.route(); // a test may well ask for a path that no rule fits
        context
    }

    /// The URL of `endpoint`, as seen from outside of a request; see [`url_for`](crate::url_for()).
    ///
    /// # Errors
    ///
    /// 500 when there is no such endpoint or a variable has no value.
    pub fn url_for(&self, endpoint: &str, values: &[(&str, Value<'_>)]) -> crate::Result<String> {
        self.app_context().run(|| url_for(endpoint, values))
    }

    /// What went to the app behind this one ([`App::upstream`](crate::App::upstream)) since the process began, the most frequent first;
    /// empty where there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("blog").upstream("http://127.0.0.1:1"); // where nobody listens
    /// let client = app.test_client();
    /// assert_eq!(client.get("/posts/7").wait().status(), 502);
    ///
    /// let counts = client.app().upstream_counts();
    /// assert_eq!((&*counts[0].rule, counts[0].requests, counts[0].failures), ("/posts/<int>", 1, 1));
    /// ```
    pub fn upstream_counts(&self) -> Vec<UpstreamCount> {
        self.0.upstream.as_ref().map(|upstream| upstream.counts.all()).unwrap_or_default()
    }

    /// The rules of the upstream that the app was told by [`upstream_rules`](crate::App::upstream_rules).
    pub(crate) fn upstream_rules(&self) -> Vec<&flagon_routing::Rule> {
        self.0.upstream.iter().flat_map(|upstream| upstream.counts.rules()).collect()
    }

    /// Sees to it that the app has a secret key if anything that is registered needs one: a view that calls `session()`, `flash(…)`,
    /// `login_user(…)`, `csrf_token()` or `current_app().signer(…)`, or asks for a login; users who log in; encrypted sessions; a
    /// template with `csrf_field()`. Sessions that the server keeps need none.
    ///
    /// [`App::main`](crate::App::main) refuses to serve without one; call this where an app is served otherwise. In debug mode the
    /// key is made here.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoSecretKey`], with the line to type.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// #[get("/visits")]
    /// async fn visits() -> Result<String> {
    ///     session().update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?;
    ///     Ok(session().get::<u32>("visits").unwrap_or(0).to_string())
    /// }
    ///
    /// assert!(App::new("docs").routes(routes![index]).build().unwrap().check_secret_key().is_ok());
    /// let error = App::new("docs").routes(routes![visits]).build().unwrap().check_secret_key().unwrap_err();
    /// assert!(error.to_string().contains("export FLAGON_SECRET_KEY="));
    /// ```
    pub fn check_secret_key(&self) -> Result<(), SetupError> {
        let Some(need) = key_need(&self.0) else { return Ok(()) };
        let keys = self.0.current.secret_keys.all().map(drop);
        keys.map_err(|error| {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            SetupError::NoSecretKey { need, why }
        })
    }

    /// Answers `message`, which came over `connection`.
    pub(crate) async fn answer(
        &self,
        message: Box<http::Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
    ) -> Response {
        let request = Request::new(message, Arc::clone(connection)).with_interim(interim.clone());
        dispatch(&self.0, request).await
    }
}

impl flagon_server::Service for Application {
    async fn call(&self, message: Box<http::Request<Body>>, connection: &Arc<ConnectionInfo>) -> Response {
        self.answer(message, connection, &Interim::default()).await
    }

    async fn call_with_interim(
        &self,
        message: Box<http::Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
    ) -> Response {
        self.answer(message, connection, interim).await
    }

    fn shed(&self, message: &http::Request<Body>, connection: &Arc<ConnectionInfo>) -> Option<Response> {
        overload::answer(&self.0, message, connection)
    }
}

/// A service in a tower: the peer is taken from a `SocketAddr` or [`ConnectionInfo`] in the message's extensions, or else unknown
/// (`0.0.0.0:0`).
impl<B> tower_service::Service<http::Request<B>> for Application
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, message: http::Request<B>) -> Self::Future {
        let app = self.clone();
        let connection = message.extensions().get::<Arc<ConnectionInfo>>().cloned().unwrap_or_else(|| {
            let peer = message.extensions().get::<SocketAddr>().copied();
            Arc::new(ConnectionInfo::new(peer.unwrap_or(UNKNOWN), UNKNOWN))
        });
        let message = Box::new(message.map(|body| Body::stream(body.map_err(body_error))));
        Box::pin(async move { Ok(app.answer(message, &connection, &Interim::default()).await) })
    }
}

/// What went wrong with the body of another service's message; an error of ours that passed through keeps its kind.
fn body_error(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BodyError {
    error.into().downcast().map_or_else(BodyError::failed, |error| *error)
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Application").field(&self.0.current).finish()
    }
}
