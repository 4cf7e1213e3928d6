//! What the view macros make of a function, and what an app registers.

use std::{any::TypeId, borrow::Cow, fmt, sync::Arc};

use futures_util::future::BoxFuture;

use crate::{
    context::Context,
    cors::Cors,
    error::Result,
    response::IntoResult,
    security_headers::SecurityHeaders,
    tasks::on_view_thread,
    view_info::{Access, CsrfRule, RouteRule, ViewInfo},
    view_limits::ViewLimits,
};

/// A function that answers requests, as `#[get("/…")]` and its like make it.
///
/// Beside a view `show` the macro puts a type `show` that implements this; `routes![show]` and
/// `url_for!(show, …)` find it by that name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no view",
    label = "not a view",
    note = "a view is a function with `#[get(\"/…\")]`, `#[post(\"/…\")]` or the like above it; `routes!` and `url_for!` take its name"
)]
pub trait View: 'static {
    /// What is known of the view before it runs.
    const INFO: ViewInfo;

    /// Makes the arguments from the context, calls the function and makes its answer.
    fn call(context: &Arc<Context>) -> BoxFuture<'_, Result>;
}

/// Makes an answer from a context.
pub(crate) type Handler = Arc<dyn for<'a> Fn(&'a Arc<Context>) -> BoxFuture<'a, Result> + Send + Sync>;

/// A view and its rules, ready to be registered: what [`routes!`](crate::routes) gives.
#[derive(Clone)]
pub struct Route {
    pub(crate) endpoint: Cow<'static, str>,
    pub(crate) rules: Vec<RouteRule>,
    pub(crate) max_body: Option<u64>,
    pub(crate) limits: ViewLimits,
    pub(crate) access: Access,
    pub(crate) csrf: CsrfRule,
    pub(crate) cors: Option<Cors>,
    pub(crate) security_headers: Option<fn(SecurityHeaders) -> SecurityHeaders>,
    pub(crate) view: Option<(TypeId, ViewInfo)>,
    pub(crate) handler: Handler,
}

impl Route {
    /// Takes the view `V`.
    pub fn of<V: View>() -> Self {
        let info = V::INFO;
        Self {
            endpoint: info.endpoint.into(),
            rules: info.rules.iter().map(RouteRule::from).collect(),
            max_body: info.max_body,
            limits: info.limits,
            access: info.access,
            csrf: info.csrf,
            cors: info.cors.map(|cors| cors()),
            security_headers: info.security_headers,
            view: Some((TypeId::of::<V>(), info)),
            handler: Arc::new(V::call),
        }
    }

    /// Makes a route of a closure, for rules that are only known at run time: Flask's `add_url_rule`. Its
    /// variables are in [`Context::variable`].
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Route, prelude::*};
    ///
    /// let page = Route::new("page", "/pages/<name>", ["GET"], async || request().path().to_owned());
    /// let app = App::new("pages").routes([page]);
    /// ```
    pub fn new<F, A>(
        endpoint: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        methods: impl IntoIterator<Item = &'static str>,
        view: F,
    ) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        Self::with_context(endpoint, rule, methods, move |_| {
            let work = view();
            Box::pin(async move { work.await.into_result() })
        })
    }

    /// Makes a route whose view is given its context.
    pub(crate) fn with_context(
        endpoint: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        methods: impl IntoIterator<Item = &'static str>,
        view: impl for<'a> Fn(&'a Arc<Context>) -> BoxFuture<'a, Result> + Send + Sync + 'static,
    ) -> Self {
        let methods = methods.into_iter().map(Cow::from).collect();
        Self {
            endpoint: endpoint.into(),
            rules: vec![RouteRule::new(rule.into(), methods)],
            max_body: None,
            limits: ViewLimits::new(),
            access: Access::Anyone,
            csrf: CsrfRule::default(),
            cors: None,
            security_headers: None,
            view: None,
            handler: Arc::new(view),
        }
    }

    /// Makes a route that sends clients from `rule` to `target`, in which `<name>` stands for the value of that
    /// variable: Werkzeug's `redirect_to`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Route, prelude::*};
    ///
    /// let moved = Route::redirect_to("old_post", "/post/<int:id>", "/posts/<id>");
    /// let app = App::new("blog").routes([moved]);
    /// ```
    pub fn redirect_to(
        endpoint: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        target: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut route = Self::new(endpoint, rule, [], async || http::StatusCode::NOT_FOUND);
        route.rules[0].redirect_to = Some(target.into());
        route
    }

    /// Names a rule that answers nothing here, so that `url_for` makes its URLs all the same: a page of the app's
    /// [upstream](crate::App::upstream) that has not moved yet. Werkzeug's `build_only`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Route, prelude::*};
    ///
    /// let auth = Blueprint::new("auth").url_prefix("/auth").routes([Route::build_only("login", "/login")]);
    /// let app = App::new("blog").register_blueprint(auth);
    /// let client = app.test_client();
    /// assert_eq!(client.app().url_for("auth.login", &[]).unwrap(), "/auth/login");
    /// assert_eq!(client.get("/auth/login").wait().status(), 404);
    /// ```
    pub fn build_only(endpoint: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        let mut route = Self::new(endpoint, rule, [], async || http::StatusCode::NOT_FOUND);
        route.rules[0].is_build_only = true;
        route
    }

    /// Says who may use it: what the options `login_required` and `roles` say of a view.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Access, Route};
    ///
    /// let stop = Route::new("stop", "/stop", ["POST"], async || "stopped").access(Access::Roles(&["admin"]));
    /// ```
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Sets its limits: what the options `rate_limit`, `compress`, `idempotent` and `health_check` say of a view.
    #[must_use]
    pub fn limits(mut self, limits: ViewLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Says what the check against forged requests asks of it, as the option `csrf` of a view does.
    #[must_use]
    pub fn csrf(mut self, rule: CsrfRule) -> Self {
        self.csrf = rule;
        self
    }

    /// Says which other sites' pages may read its answers, as the option `cors` of a view does.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    /// Changes the security headers of its answers, as the option `security_headers` of a view does.
    #[must_use]
    pub fn security_headers(mut self, change: fn(SecurityHeaders) -> SecurityHeaders) -> Self {
        self.security_headers = Some(change);
        self
    }

    /// The endpoint's name within its blueprint.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// What a view returned, as the answer or the error that stands for one.
///
/// # Errors
///
/// The view's; what is no [`Error`](crate::Error) yet is placed where this is called, at the view.
#[track_caller]
pub fn answer(returned: impl IntoResult) -> Result {
    returned.into_result()
}

/// Runs a plain `fn` view on the thread pool, with its context kept.
///
/// # Errors
///
/// The view's, or 503 when no thread came free in time.
pub fn answer_blocking<T: IntoResult>(
    view: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Result> + Send {
    on_view_thread(move || view().into_result())
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("endpoint", &self.endpoint)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
