//! An app that is set up: what answers requests.
//!
//! [`App`](crate::App) sets up, [`Application`] serves; two types, so that nothing can be added once requests come.

#[cfg(feature = "sql")]
use std::{collections::HashMap, sync::Weak};
use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use flagon_routing::Value;
use flagon_server::{Answer, ConnectionInfo, Interim, Stopping};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;

use crate::{
    context::Context, current_app::CurrentApp, dispatch::dispatch, key_need::key_need, overload,
    request::Request, response::Response, served::Served, upstream::UpstreamCount, url_for::url_for,
    url_map::SetupError,
};
#[cfg(feature = "sql")]
use crate::{
    shadow::{ShadowStore, Store, Watched},
    upstream::Side,
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

    /// Starts the upstream by its [command](crate::Upstream::started_by), as `main` does; it runs until what this gives is dropped. `None` where
    /// there is no command.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Upstream, UpstreamCommand, prelude::*};
    ///
    /// let sleep = UpstreamCommand::new("sleep").args(["60"]); // mostly gunicorn
    /// let old = Upstream::at("http://127.0.0.1:8000").unwrap().started_by(sleep);
    /// let app = App::new("blog").upstream(old).build().unwrap();
    /// let running = app.start_upstream()?;
    /// assert!(running.is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start_upstream(&self) -> std::io::Result<Option<flagon_upstream::Supervisor>> {
        self.0.upstream.as_ref().map_or(Ok(None), |upstream| upstream.upstream.start())
    }

    /// Answers `message`, which came over `connection`, in the place of `answer`.
    async fn answer_in(
        &self,
        message: Box<http::Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
        answer: &mut Answer,
    ) {
        #[cfg(feature = "sql")]
        if let Some(shadow) = &self.0.shadow {
            shadow.start(|| Arc::new(Compared(Arc::downgrade(&self.0))));
        }
        let request = Request::new(message, Arc::clone(connection)).with_interim(interim.clone());
        dispatch(&self.0, request, answer).await;
    }

    /// Answers `message`, which came over `connection`.
    async fn respond(&self, message: Box<http::Request<Body>>, connection: &Arc<ConnectionInfo>) -> Response {
        let mut answer = Answer::default();
        self.answer_in(message, connection, &Interim::default(), &mut answer).await;
        answer.into_response()
    }
}

#[cfg(feature = "sql")]
impl Application {
    /// What was found by comparing the app with its upstream ([`App::shadow`](crate::App::shadow)), by all its processes up to a second ago.
    ///
    /// # Errors
    ///
    /// 404 when nothing is compared, 500 when the file can't be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Shadow, prelude::*};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let folder = tempfile::tempdir()?;
    /// let app = App::new("blog").root_path(folder.path()).upstream("http://127.0.0.1:8000").shadow(Shadow::new());
    /// assert!(app.build().unwrap().shadow_report().await?.routes.is_empty());
    /// # Ok::<_, Error>(()) }).unwrap();
    /// ```
    pub async fn shadow_report(&self) -> crate::Result<crate::ShadowReport> {
        let store = self.shadow_store()?;
        store.prepare().await?;
        store.report().await
    }

    /// Lets the upstream answer a route of the app, or the app again: at once in this process, within a second in others, and from then on.
    ///
    /// # Errors
    ///
    /// 404 when there is no such endpoint or nothing is compared, 500 when the file can't be written.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Application, Side};
    ///
    /// async fn back(app: &Application) -> flagon::Result<()> {
    ///     app.switch("posts.index", Side::Upstream).await
    /// }
    /// ```
    pub async fn switch(&self, endpoint: &str, side: Side) -> crate::Result<()> {
        let store = self.shadow_store()?;
        let place = self.0.current.url_map.endpoints().position(|known| known.name() == endpoint);
        let place =
            place.ok_or_else(|| crate::Error::aborted(404).with_public("There is no route of that name."))?;
        store.prepare().await?;
        store.switch(endpoint, side).await?;
        if let Some(upstream) = &self.0.upstream {
            upstream.switches.switch(place, side);
        }
        Ok(())
    }

    /// What went to the upstream by all processes, in this run and before: kept where the app is [compared](crate::App::shadow).
    ///
    /// # Errors
    ///
    /// 404 when nothing is compared, 500 when the file can't be read.
    ///
    /// # Examples
    ///
    /// See [`shadow_report`](Self::shadow_report).
    pub async fn upstream_counts_kept(&self) -> crate::Result<Vec<UpstreamCount>> {
        let store = self.shadow_store()?;
        store.prepare().await?;
        store.passed().await
    }

    fn shadow_store(&self) -> crate::Result<Arc<Store>> {
        let store = self.0.current.state::<ShadowStore>();
        let none = || {
            crate::Error::aborted(404).with_public("The app is not compared with another: see App::shadow.")
        };
        store.map(|store| Arc::clone(&store.0)).ok_or_else(none)
    }
}

/// The app, as what compares sees it.
#[cfg(feature = "sql")]
struct Compared(Weak<Served>);

#[cfg(feature = "sql")]
impl Watched for Compared {
    fn ask(&self, request: Request) -> Option<BoxFuture<'static, Response>> {
        let app = self.0.upgrade()?;
        Some(Box::pin(async move {
            let mut answer = Answer::default();
            dispatch(&app, request, &mut answer).await;
            answer.into_response()
        }))
    }

    fn passed(&self) -> Option<Vec<UpstreamCount>> {
        Some(Application(self.0.upgrade()?).upstream_counts())
    }

    fn switch(&self, sides: &HashMap<String, Side>) {
        let Some(app) = self.0.upgrade() else { return };
        let Some(upstream) = &app.upstream else { return };
        for (place, endpoint) in app.current.url_map.endpoints().enumerate() {
            upstream.switches.switch(place, sides.get(endpoint.name()).copied().unwrap_or(Side::Flagon));
        }
    }
}

impl flagon_server::Service for Application {
    async fn call(&self, message: Box<http::Request<Body>>, connection: &Arc<ConnectionInfo>) -> Response {
        self.respond(message, connection).await
    }

    async fn answer(
        &self,
        message: Box<http::Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
        answer: &mut Answer,
    ) {
        self.answer_in(message, connection, interim, answer).await;
    }

    fn stopping(&self, stage: Stopping) {
        self.0.current.shutdown.advance(stage);
    }

    async fn finish(&self, left: Duration) {
        self.0.current.shutdown.run(left).await;
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
        Box::pin(async move { Ok(app.respond(message, &connection).await) })
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
