//! A part of an app that is written by itself and registered as a whole.

use std::error::Error as StdError;

use serde::Serialize;

use crate::{
    error::Error,
    error_handlers::Statuses,
    hooks::BeforeAnswer,
    multi_dict::MultiDict,
    response::{IntoResult, Response},
    scaffold::{Registered, Scaffold},
    sessions::Sessions,
    url_defaults::UrlValues,
};

/// A part of an app: views, hooks and error handlers with a name and, mostly, a prefix.
///
/// The endpoints of its views are `name.view`; a blueprint within it adds its own name in between.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/users")]
/// async fn users() -> &'static str {
///     "all of them"
/// }
///
/// let admin = Blueprint::new("admin").url_prefix("/admin").routes(routes![users]);
/// let app = App::new("shop").register_blueprint(admin).build().unwrap();
/// assert_eq!(app.url_for("admin.users", &[]).unwrap(), "/admin/users");
/// ```
#[derive(Debug)]
pub struct Blueprint {
    pub(crate) name: String,
    pub(crate) url_prefix: String,
    pub(crate) subdomain: Option<String>,
    pub(crate) registered: Registered,
    pub(crate) for_app: Registered,
    pub(crate) sessions: Option<Sessions>,
    pub(crate) children: Vec<Blueprint>,
}

impl Blueprint {
    /// Makes an empty blueprint.
    ///
    /// # Panics
    ///
    /// When `name` is empty or has a dot, which parts the names of blueprints.
    #[track_caller]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(
            !name.is_empty() && !name.contains('.'),
            "a blueprint's name is neither empty nor dotted: {name:?}"
        );
        Self {
            name,
            url_prefix: String::new(),
            subdomain: None,
            registered: Registered::default(),
            for_app: Registered::default(),
            sessions: None,
            children: Vec::new(),
        }
    }

    /// Puts `prefix` before the rules of all views: it begins with a slash and may have variables.
    #[must_use]
    pub fn url_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.url_prefix = prefix.into();
        self
    }

    /// Keeps the sessions of its views, and of blueprints within it, elsewhere than those of the app: under a cookie of another
    /// name, so that a client can have both.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{MemoryStore, Sessions, prelude::*};
    ///
    /// let sessions = Sessions::stored(MemoryStore::new()).cookie_name("__Host-admin");
    /// let admin = Blueprint::new("admin").url_prefix("/admin").sessions(sessions);
    /// ```
    #[must_use]
    pub fn sessions(mut self, sessions: Sessions) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Gives it another name, so that one blueprint can be registered twice.
    ///
    /// # Panics
    ///
    /// When `name` is empty or has a dot.
    #[must_use]
    #[track_caller]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Self::new(name).name;
        self
    }

    /// Makes its views answer on `subdomain` of the app's `server_name`, or of the subdomain of the blueprint that it is within.
    #[must_use]
    pub fn subdomain(mut self, subdomain: impl Into<String>) -> Self {
        self.subdomain = Some(subdomain.into());
        self
    }

    /// Adds a before-hook for the whole app, see [`Scaffold::before_request`].
    #[must_use]
    pub fn before_app_request<F, A>(mut self, hook: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output: BeforeAnswer> + Send + 'static,
    {
        self.for_app.hooks.add_before(hook);
        self
    }

    /// Adds an after-hook for the whole app, see [`Scaffold::after_request`].
    ///
    /// # Panics
    ///
    /// As that does.
    #[must_use]
    #[track_caller]
    pub fn after_app_request<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(Response) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        self.for_app.hooks.add_after(hook);
        self
    }

    /// Adds a teardown hook for the whole app, see [`Scaffold::teardown_request`].
    #[must_use]
    pub fn teardown_app_request(mut self, hook: impl Fn(Option<&Error>) + Send + Sync + 'static) -> Self {
        self.for_app.hooks.add_teardown(hook);
        self
    }

    /// Adds an error handler for the whole app, see [`Scaffold::errorhandler`]: a blueprint's own are for errors of its views,
    /// so a path that no rule fits is only seen by the app's.
    ///
    /// # Panics
    ///
    /// As that does.
    #[must_use]
    #[track_caller]
    pub fn app_errorhandler<F, A>(mut self, statuses: impl Into<Statuses>, handler: F) -> Self
    where
        F: Fn(Error) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        self.for_app.errors.add(statuses.into(), handler);
        self
    }

    /// Adds an error handler for errors of a type for the whole app, see [`Scaffold::errorhandler_of`].
    #[must_use]
    pub fn app_errorhandler_of<E, F, A>(mut self, handler: F) -> Self
    where
        E: StdError + Send + Sync + 'static,
        F: Fn(E) -> A + Send + Sync + 'static,
        A: Future<Output: IntoResult> + Send + 'static,
    {
        self.for_app.errors.add_type(handler);
        self
    }

    /// Adds a function that sees the values of every rule's variables, see [`Scaffold::url_value_preprocessor`].
    #[must_use]
    pub fn app_url_value_preprocessor(
        mut self,
        hook: impl Fn(Option<&str>, &MultiDict) + Send + Sync + 'static,
    ) -> Self {
        self.for_app.hooks.add_url_values(hook);
        self
    }

    /// Adds a function that completes the values of every URL, see [`Scaffold::url_defaults`].
    #[must_use]
    pub fn app_url_defaults(mut self, defaults: impl Fn(&mut UrlValues<'_>) + Send + Sync + 'static) -> Self {
        self.for_app.url_defaults.add(defaults);
        self
    }

    /// Gives what `processor` makes to the templates of the whole app, see [`Scaffold::context_processor`]. Filters, tests and
    /// globals of a blueprint are for the whole app anyway.
    #[must_use]
    pub fn app_context_processor<V: Serialize>(
        mut self,
        processor: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        self.for_app.templating.add_processor(processor);
        self
    }

    /// Puts `blueprint` within this one: under its prefix, its name and its hooks.
    #[must_use]
    pub fn register_blueprint(mut self, blueprint: Self) -> Self {
        self.children.push(blueprint);
        self
    }
}

impl Scaffold for Blueprint {
    fn registered(&mut self) -> &mut Registered {
        &mut self.registered
    }
}
