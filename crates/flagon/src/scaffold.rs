//! What apps and blueprints have in common: routes, hooks, error handlers. Flask calls it `Scaffold`.

use std::{borrow::Cow, error::Error as StdError, fmt, path::PathBuf};

use minijinja::{
    functions::Function,
    value::{FunctionArgs, FunctionResult},
};
use serde::Serialize;

use crate::{
    cors::Cors,
    error::Error,
    error_handlers::{ErrorHandlers, Statuses},
    file::static_files,
    g::Globals,
    hooks::{BeforeAnswer, Hooks},
    multi_dict::MultiDict,
    response::{IntoResult, Response},
    security_headers::SecurityHeaders,
    template_values::value,
    templates::Templating,
    url_defaults::{UrlDefaults, UrlValues},
    view::Route,
    view_info::CsrfRule,
    view_limits::{Compress, Idempotent, RateLimit},
};

/// What was registered on an app or a blueprint.
#[derive(Debug, Default)]
pub struct Registered {
    pub(crate) routes: Vec<Route>,
    pub(crate) hooks: Hooks,
    pub(crate) errors: ErrorHandlers,
    pub(crate) url_defaults: UrlDefaults,
    pub(crate) templating: Templating,
    pub(crate) limits: ScopeLimits,
    pub(crate) security_headers: Vec<ChangeHeaders>,
    pub(crate) cors: Option<Cors>,
    pub(crate) csrf: CsrfRule,
    #[cfg(feature = "jobs")]
    pub(crate) jobs: Vec<crate::job_registry::JobEntry>,
}

/// The limits of a whole app or blueprint.
#[derive(Debug, Default)]
pub(crate) struct ScopeLimits {
    pub(crate) rates: Vec<RateLimit>,
    pub(crate) compress: Option<Compress>,
    pub(crate) idempotent: Option<Idempotent>,
}

/// What [`Scaffold::security_headers`] keeps.
pub(crate) struct ChangeHeaders(pub(crate) Box<dyn FnOnce(SecurityHeaders) -> SecurityHeaders + Send + Sync>);

impl fmt::Debug for ChangeHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangeHeaders")
    }
}

/// What an [`App`](crate::App) and a [`Blueprint`](crate::Blueprint) can both be given.
///
/// On a blueprint hooks and error handlers are for its own views; on the app they are for all.
pub trait Scaffold: Sized {
    /// What was registered so far.
    #[doc(hidden)]
    fn registered(&mut self) -> &mut Registered;

    /// Makes jobs known, so that they can be enqueued and workers find their functions: `.jobs(jobs![welcome, mail::digest])`.
    ///
    /// # Examples
    ///
    /// See [`Job`](crate::jobs::Job).
    #[cfg(feature = "jobs")]
    #[must_use]
    fn jobs(mut self, jobs: impl IntoIterator<Item = crate::job_registry::JobEntry>) -> Self {
        self.registered().jobs.extend(jobs);
        self
    }

    /// Adds views: `.routes(routes![index, show])`.
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
    /// let app = App::new("hello").routes(routes![index]);
    /// ```
    #[must_use]
    fn routes(mut self, routes: impl IntoIterator<Item = Route>) -> Self {
        self.registered().routes.extend(routes);
        self
    }

    /// Adds a function that runs before each view: it may answer in the view's place, by giving `Some`.
    ///
    /// Those of the app run first, then those of blueprints from the outermost in, each in the order of
    /// registration, also when no rule fits the path (then only the app's).
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// async fn closed() -> Option<(&'static str, u16)> {
    ///     request().path().starts_with("/admin").then_some(("closed today", 503))
    /// }
    ///
    /// let app = App::new("shop").before_request(closed);
    /// ```
    #[must_use]
    fn before_request<F, A>(mut self, hook: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output: BeforeAnswer> + Send + 'static,
    {
        self.registered().hooks.add_before(hook);
        self
    }

    /// Adds a function that is given each answer and gives it on, changed or not.
    ///
    /// Those of the innermost blueprint run first and those of the app last, each in the reverse order of
    /// registration. They see the answers of error handlers too.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// async fn no_store(response: Response) -> impl IntoResponse {
    ///     (response, [("cache-control", "no-store")])
    /// }
    ///
    /// let app = App::new("shop").after_request(no_store);
    /// ```
    ///
    /// # Panics
    ///
    /// When the function gives `()`, which would empty every answer.
    #[must_use]
    #[track_caller]
    fn after_request<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(Response) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        self.registered().hooks.add_after(hook);
        self
    }

    /// Adds a function that runs when the request is over: after an error, after a panic, and when the client
    /// left before the answer. It is given what went wrong and no handler answered; a 404 and
    /// its like, or an `abort`, are answers and nothing went wrong.
    ///
    /// It can't wait, since a request whose client left is dropped at once; what must be released is
    /// better released by `Drop`.
    #[must_use]
    fn teardown_request(mut self, hook: impl Fn(Option<&Error>) + Send + Sync + 'static) -> Self {
        self.registered().hooks.add_teardown(hook);
        self
    }

    /// Adds a function that is given the endpoint's name and the values of the rule's variables before any
    /// before-hook: for a value that many views need, such as a language in the prefix of a blueprint.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Route, prelude::*};
    ///
    /// struct Lang(String);
    ///
    /// let page = Route::new("page", "/about", ["GET"], async || g().get::<Lang>().unwrap().0.clone());
    /// let site = Blueprint::new("site").url_prefix("/<lang>").routes([page]).url_value_preprocessor(|_, values| {
    ///     g().set(Lang(values.get("lang").unwrap_or("en").to_owned()));
    /// });
    /// ```
    #[must_use]
    fn url_value_preprocessor(
        mut self,
        hook: impl Fn(Option<&str>, &MultiDict) + Send + Sync + 'static,
    ) -> Self {
        self.registered().hooks.add_url_values(hook);
        self
    }

    /// Adds a function that completes the values that URLs are made of, see [`UrlValues`]. A blueprint's is for its own
    /// endpoints.
    #[must_use]
    fn url_defaults(mut self, defaults: impl Fn(&mut UrlValues<'_>) + Send + Sync + 'static) -> Self {
        self.registered().url_defaults.add(defaults);
        self
    }

    /// Adds a function that answers errors of a status, or a range of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Error, prelude::*};
    ///
    /// async fn not_found(error: Error) -> (String, u16) {
    ///     (format!("nothing at {}: {error}", request().path()), 404)
    /// }
    ///
    /// let app = App::new("shop").errorhandler(404, not_found);
    /// ```
    ///
    /// # Panics
    ///
    /// When a status is not from 400 to 599: others are no errors.
    #[must_use]
    #[track_caller]
    fn errorhandler<F, A>(mut self, statuses: impl Into<Statuses>, handler: F) -> Self
    where
        F: Fn(Error) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        self.registered().errors.add(statuses.into(), handler);
        self
    }

    /// Adds a function that answers errors of a type which views pass on with `?`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// async fn unreadable(error: std::num::ParseIntError) -> (String, u16) {
    ///     (error.to_string(), 422)
    /// }
    ///
    /// let app = App::new("shop").errorhandler_of(unreadable);
    /// ```
    #[must_use]
    fn errorhandler_of<E, F, A>(mut self, handler: F) -> Self
    where
        E: StdError + Send + Sync + 'static,
        F: Fn(E) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        self.registered().errors.add_type(handler);
        self
    }

    /// Limits how often each client may ask, all views together: on the app also where no rule fits the path, on a blueprint its
    /// own. A view has a limit of its own by the option `rate_limit`, and each of them has to let a request through: else it is
    /// answered 429 with `Retry-After`. See the guide's page on [rate limits](crate::guide::limits#rate-limits).
    ///
    /// # Panics
    ///
    /// When a text is no rate, see [`RateLimit::parse`].
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("shop").rate_limit("600/minute").rate_limit("20/second");
    /// ```
    #[must_use]
    #[track_caller]
    fn rate_limit(mut self, limit: impl Into<RateLimit>) -> Self {
        self.registered().limits.rates.push(limit.into());
        self
    }

    /// Says whether answers are compressed, where a view does not say otherwise by the option `compress`.
    #[must_use]
    fn compress(mut self, compress: Compress) -> Self {
        self.registered().limits.compress = Some(compress);
        self
    }

    /// Gives repeated requests the first one's answer, by their `Idempotency-Key`, for `POST` and `PATCH` of views that do not say
    /// otherwise by the option `idempotent`. See the guide's page on [idempotency](crate::guide::limits#idempotency-key).
    #[must_use]
    fn idempotent(mut self, idempotent: Idempotent) -> Self {
        self.registered().limits.idempotent = Some(idempotent);
        self
    }

    /// Looks for templates in `folder` too, after the app's own `templates`; a relative one is below the app's `root_path`.
    #[must_use]
    fn template_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.registered().templating.folders.push(folder.into());
        self
    }

    /// Adds a template that is part of the program, for when no folder has one of this name:
    /// `.template("index.html", include_str!("../templates/index.html"))`.
    #[must_use]
    fn template(mut self, name: impl Into<Cow<'static, str>>, source: impl Into<Cow<'static, str>>) -> Self {
        self.registered().templating.sources.push((name.into(), source.into()));
        self
    }

    /// Gives what `processor` makes to every template: on a blueprint to those that its own views render.
    ///
    /// The values that a view gives win over it, and those of an inner blueprint over the outer's and the app's. What the closure
    /// itself makes is copied out of it by `context! { … }.to_value()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{prelude::*, render_string};
    ///
    /// let app = App::new("shop").context_processor(|| context! { year => 2026 }).build().unwrap();
    /// app.app_context().run(|| assert_eq!(render_string("{{ year }}", context! {}).unwrap().0, "2026"));
    /// ```
    #[must_use]
    fn context_processor<V: Serialize>(mut self, processor: impl Fn() -> V + Send + Sync + 'static) -> Self {
        self.registered().templating.add_processor(processor);
        self
    }

    /// Adds a filter to all templates: `{{ price|euros }}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{prelude::*, render_string};
    ///
    /// let app = App::new("shop").template_filter("euros", |cents: i64| format!("{}.{:02} €", cents / 100, cents % 100));
    /// let app = app.build().unwrap();
    /// app.app_context().run(|| assert_eq!(render_string("{{ 1250|euros }}", context! {}).unwrap().0, "12.50 €"));
    /// ```
    #[must_use]
    fn template_filter<F, R, A>(mut self, name: &'static str, filter: F) -> Self
    where
        F: Function<R, A>,
        R: FunctionResult,
        A: for<'a> FunctionArgs<'a>,
    {
        self.registered()
            .templating
            .set_up
            .push(Box::new(move |templates| templates.add_filter(name, filter)));
        self
    }

    /// Adds a test to all templates: `{% if n is prime %}`.
    #[must_use]
    fn template_test<F, R, A>(mut self, name: &'static str, test: F) -> Self
    where
        F: Function<R, A>,
        R: FunctionResult,
        A: for<'a> FunctionArgs<'a>,
    {
        self.registered().templating.set_up.push(Box::new(move |templates| templates.add_test(name, test)));
        self
    }

    /// Adds a function to all templates: `{{ asset("app.css") }}`.
    #[must_use]
    fn template_global<F, R, A>(mut self, name: &'static str, function: F) -> Self
    where
        F: Function<R, A>,
        R: FunctionResult,
        A: for<'a> FunctionArgs<'a>,
    {
        let set_up = Box::new(move |templates: &mut minijinja::Environment<'static>| {
            templates.add_function(name, function);
        });
        self.registered().templating.set_up.push(set_up);
        self
    }

    /// Adds a policy for rich text from people: `{{ text|sanitize("comments") }}`. The one called `"default"` is that of
    /// `{{ text|sanitize }}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Policy, prelude::*, render_string};
    ///
    /// let app = App::new("blog").sanitizer_policy("comments", Policy::none().tags(["b", "i"])).build().unwrap();
    /// app.app_context().run(|| {
    ///     let page = render_string("{{ text|sanitize('comments') }}", context! { text => "<b onclick=f()>a</b><p>" }).unwrap();
    ///     assert_eq!(page.0, "<b>a</b>");
    /// });
    /// ```
    #[must_use]
    fn sanitizer_policy(mut self, name: &'static str, policy: flagon_template::Policy) -> Self {
        self.registered().templating.policies.push((name, policy));
        self
    }

    /// Shows templates the `T` that [`g`](crate::g()) keeps, as `g.name`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{prelude::*, render_string};
    ///
    /// #[derive(Serialize)]
    /// struct User { name: &'static str }
    ///
    /// let app = App::new("shop").template_g::<User>("user").build().unwrap();
    /// app.app_context().run(|| {
    ///     g().set(User { name: "ada" });
    ///     assert_eq!(render_string("{{ g.user.name }}", context! {}).unwrap().0, "ada");
    /// });
    /// ```
    #[must_use]
    fn template_g<T: Serialize + Send + Sync + 'static>(mut self, name: &'static str) -> Self {
        let find = |g: &Globals| g.get::<T>().map(|of_g| value(&*of_g));
        self.registered().templating.of_g.push((name, find));
        self
    }

    /// Changes the headers that tell browsers what a page may do, see [`SecurityHeaders`]: of the app for all its answers, of a
    /// blueprint for those of its views.
    #[must_use]
    fn security_headers(
        mut self,
        change: impl FnOnce(SecurityHeaders) -> SecurityHeaders + Send + Sync + 'static,
    ) -> Self {
        self.registered().security_headers.push(ChangeHeaders(Box::new(change)));
        self
    }

    /// Says which other sites' pages may read answers, see [`Cors`]: none, without it. On a blueprint that is for its own
    /// views, in the place of what the app says.
    #[must_use]
    fn cors(mut self, cors: Cors) -> Self {
        self.registered().cors = Some(cors);
        self
    }

    /// Says what the check against forged requests (CSRF) asks of all views here that say nothing of it themselves:
    /// [`CsrfRule::Exempt`] for a blueprint of webhooks, as Flask-WTF's `csrf.exempt`.
    #[must_use]
    fn csrf(mut self, rule: CsrfRule) -> Self {
        self.registered().csrf = rule;
        self
    }

    /// Serves the files of `folder` at `/static/…`, with the endpoint `static`; a relative folder is below the app's
    /// `root_path`. On a blueprint that is `/its-prefix/static/…` and `its-name.static`.
    ///
    /// Beside what [`send_from_directory`](crate::send_from_directory) does, a packed `app.css.br` or `app.css.gz` is sent in
    /// the place of `app.css` to clients that take it, unless it is older.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("shop").static_folder("static").build().unwrap();
    /// assert_eq!(app.url_for("static", &[("filename", "app.css".into())]).unwrap(), "/static/app.css");
    /// ```
    #[must_use]
    fn static_folder(self, folder: impl Into<PathBuf>) -> Self {
        self.static_folder_at("/static", folder)
    }

    /// [`static_folder`](Self::static_folder) at another path than `/static`: Flask's `static_url_path`.
    #[must_use]
    fn static_folder_at(mut self, url_path: &str, folder: impl Into<PathBuf>) -> Self {
        self.registered().routes.push(static_files(url_path, folder.into()));
        self
    }
}
