//! The client.

use std::{
    error::Error as _,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use flagon_http::{Body, cookie::Cookie};
use flagon_server::{Answer, ConnectionInfo, Forwarded};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tokio::runtime::{Builder, Handle, Runtime};
use tracing::instrument::WithSubscriber;

use super::{
    base_url::BaseUrl, cookie_jar::CookieJar, leaks::Opened, request::RequestBuilder, response::TestResponse,
};
use crate::{
    App, application::Application, context::Context, dispatch::dispatch_in, log::of_test, request::Request,
    response::Response, session::Session,
};

/// A client that calls an app without a socket: Flask's `test_client`.
///
/// It keeps cookies as a browser does. `send().await` is for async tests, `wait()` for plain ones. When it is dropped it
/// panics, and so fails its test, if a request has left a context or a task of [`flagon::background`](crate::background)
/// behind; it says which. [`settle`](Self::settle) waits for tasks that are meant to outlive their requests.
///
/// Why a request was answered with 500 is logged, as it is while serving; where a test has no `tracing` subscriber of its
/// own it is printed, so `cargo test` shows it of tests that fail.
///
/// A request whose method is not safe says `Sec-Fetch-Site: same-origin`, as a browser does of what a page of the app sends, unless it is
/// given that header, `Origin` or `Referer`: `.header("sec-fetch-site", "cross-site")` is what another site's page sends,
/// and with `""` the browser is one that does not say, so that the form needs its token.
///
/// It has the configuration that the app was given in code, so that a test is the same on every machine: `flagon.toml` and the
/// environment are read by [`App::main`] only. A test that needs a setting gives it, by
/// [`configure`](App::configure) and [`set_app`](crate::Config::set_app), or reads the file, by
/// [`with_config`](App::with_config) and [`Config::load`](crate::Config::load).
///
/// # Examples
///
/// ```
/// use flagon::{Cookie, ResponseCookies, Route, prelude::*};
///
/// async fn visit() -> Result<Response> {
///     let visits = request().cookies().get_as::<u32>("visits").unwrap_or(0) + 1;
///     let mut response = format!("visit {visits}").into_response();
///     response.set_cookie(Cookie::new("visits", visits.to_string()))?;
///     Ok(response)
/// }
///
/// let client = App::new("docs").routes([Route::new("visit", "/", ["GET"], visit)]).test_client();
/// client.get("/").wait();
/// assert_eq!(client.get("/").wait().text(), "visit 2");
/// assert_eq!(client.cookie("visits").as_deref(), Some("2"));
/// ```
pub struct Client {
    app: Application,
    base: BaseUrl,
    peer: SocketAddr,
    headers: HeaderMap,
    jar: Mutex<CookieJar>,
    opened: Opened,
    runtime: OnceLock<Runtime>,
}

impl App {
    /// Sets the app up and gives a client for tests.
    ///
    /// # Panics
    ///
    /// When the app can't be set up; see [`build`](Self::build).
    #[track_caller]
    pub fn test_client(self) -> Client {
        match self.build() {
            Ok(app) => Client::new(app),
            Err(error) => match error.source() {
                Some(cause) => panic!("the app can't be set up: {error}\n  because {cause}"),
                None => panic!("the app can't be set up: {error}"),
            },
        }
    }
}

impl Client {
    /// A client of `app`, at `http://localhost` and from 127.0.0.1.
    pub fn new(app: Application) -> Self {
        Self {
            app,
            base: BaseUrl::localhost(),
            peer: ([127, 0, 0, 1], 50_000).into(),
            headers: HeaderMap::new(),
            jar: Mutex::default(),
            opened: Opened::default(),
            runtime: OnceLock::new(),
        }
    }

    /// Sets scheme and host of what is asked for: `https://shop.example:8443`. Without it, it is `http://localhost`.
    ///
    /// # Panics
    ///
    /// When `url` has no scheme or host.
    #[must_use]
    #[track_caller]
    pub fn base_url(mut self, url: &str) -> Self {
        self.base = BaseUrl::parse(url);
        self
    }

    /// Sets the address that requests come from.
    #[must_use]
    pub fn remote_addr(mut self, address: impl Into<IpAddr>) -> Self {
        self.peer.set_ip(address.into());
        self
    }

    /// Sends a header with every request that does not set it itself.
    ///
    /// # Panics
    ///
    /// When it can't be a header.
    #[must_use]
    #[track_caller]
    pub fn default_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name is a token");
        self.headers
            .insert(name, HeaderValue::try_from(value).expect("a header's value has no control characters"));
        self
    }

    /// The app.
    pub fn app(&self) -> &Application {
        &self.app
    }

    /// Begins a `GET` of `target`: a path with a query, or a whole URL.
    pub fn get(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::GET, target)
    }

    /// Begins a `HEAD`.
    pub fn head(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::HEAD, target)
    }

    /// Begins a `POST`.
    pub fn post(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::POST, target)
    }

    /// Begins a `PUT`.
    pub fn put(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::PUT, target)
    }

    /// Begins a `PATCH`.
    pub fn patch(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::PATCH, target)
    }

    /// Begins a `DELETE`.
    pub fn delete(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::DELETE, target)
    }

    /// Begins an `OPTIONS`.
    pub fn options(&self, target: &str) -> RequestBuilder<'_> {
        self.request(Method::OPTIONS, target)
    }

    /// Begins a request with any method.
    #[track_caller]
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder<'_> {
        let (base, path) = self.base.join("/", target);
        RequestBuilder::new(self, method, base, path)
    }

    /// The value of a cookie that a request for `/` would carry.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().value(&self.base, "/", name)
    }

    /// Puts a cookie into the client, as if an answer for `/` had set it.
    ///
    /// # Panics
    ///
    /// When browsers would drop it.
    #[track_caller]
    pub fn set_cookie(&self, cookie: &Cookie) {
        let mut headers = HeaderMap::new();
        headers.insert(header::SET_COOKIE, cookie.to_header_value().expect("browsers keep the cookie"));
        self.jar().store(&self.base, "/", &headers);
    }

    /// Forgets all cookies.
    pub fn clear_cookies(&self) {
        *self.jar() = CookieJar::default();
    }

    /// Forgets the cookies that have no time of their own, as a browser does when it is closed.
    pub fn end_browser_session(&self) {
        self.jar().end_session();
    }

    /// Reads and changes the session outside of a request, and keeps it, as the app does; the session's
    /// cookie goes into this client. For a plain test: `client.block_on(client.session_transaction(…))`.
    ///
    /// # Panics
    ///
    /// When the session can't be opened or saved.
    pub async fn session_transaction<T>(&self, work: impl FnOnce(&Session) -> T) -> T {
        let context = self.open(self.message(Method::GET, &self.base, "/"), &self.base);
        let change = async {
            let current = context.app();
            let (sessions, request) = (context.session_keeper(), context.request());
            if sessions.is_asked_before(request) {
                let _ = context.session.set(sessions.ask(request).await.expect("the session opens"));
            }
            let given = work(context.session());
            let mut response = Response::new(Body::empty());
            let saved = sessions.save(request, context.session(), &mut response, &current.secret_keys).await;
            saved.expect("the session is saved");
            self.jar().store(&self.base, "/", response.headers());
            given
        };
        Arc::clone(&context).scope(change).await
    }

    /// Waits until all tasks of earlier requests have ended and all contexts are closed, but no longer than 5 seconds.
    pub async fn settle(&self) {
        let closed = async {
            while !self.opened.are_closed() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(5), closed).await; // what is left is told at the drop
    }

    /// Runs `work` on the runtime of this client, for plain tests; tasks that requests have started go on meanwhile.
    ///
    /// # Panics
    ///
    /// Within an async test: there, `.await`.
    #[track_caller]
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        assert!(
            Handle::try_current().is_err(),
            "wait() and block_on() are for plain tests: in an async one write `.send().await`"
        );
        let runtime = self.runtime.get_or_init(|| {
            Builder::new_current_thread().enable_all().build().expect("a runtime can be made for the test")
        });
        runtime.block_on(work)
    }

    pub(super) fn base_host(&self) -> &str {
        self.base.host()
    }

    pub(super) fn jar(&self) -> std::sync::MutexGuard<'_, CookieJar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message without a body, with the headers that the client sends by itself.
    pub(super) fn message(&self, method: Method, base: &BaseUrl, path: &str) -> http::Request<Body> {
        let mut message = http::Request::new(Body::empty());
        *message.method_mut() = method;
        *message.uri_mut() =
            path.parse().unwrap_or_else(|error| panic!("{path:?} can't be asked for: {error}"));
        *message.headers_mut() = self.headers.clone();
        let host = HeaderValue::from_str(base.authority.as_str()).expect("an authority is visible ASCII");
        message.headers_mut().insert(header::HOST, host);
        if let Some(cookies) = self.jar().field(base, path) {
            message.headers_mut().insert(header::COOKIE, cookies);
        }
        message
    }

    /// Sends `message` and reads the answer.
    pub(super) async fn exchange(&self, message: http::Request<Body>, base: &BaseUrl) -> TestResponse {
        let target = message.uri().to_string();
        let context = self.open(message, base);
        let mut answer = Answer::default();
        dispatch_in(&self.app.0, context, &mut answer).with_subscriber(of_test()).await;
        let response = answer.into_response();
        self.jar().store(base, &target, response.headers());
        TestResponse::read(response, format!("{}://{}{target}", base.scheme, base.authority)).await
    }

    fn open(&self, message: http::Request<Body>, base: &BaseUrl) -> Arc<Context> {
        let port = base.authority.port_u16().unwrap_or(if base.is_secure() { 443 } else { 80 });
        let mut connection = ConnectionInfo::new(self.peer, ([127, 0, 0, 1], port).into());
        if base.is_secure() {
            // As behind a proxy that speaks TLS: there is no handshake to tell of.
            connection.forwarded =
                Some(Box::new(Forwarded { scheme: Some(base.scheme.clone()), ..Forwarded::default() }));
        }
        let context =
            Context::open(&self.app.0.current, Request::new(Box::new(message), Arc::new(connection)));
        self.opened.watch(&context);
        context
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Some(report) = self.opened.report()
        {
            panic!("{report}");
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("app", &self.app).field("base", &self.base).finish_non_exhaustive()
    }
}
