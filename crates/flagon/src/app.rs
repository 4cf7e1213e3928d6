//! Setting an app up.
//!
//! In: a name, views, blueprints, hooks, state, configuration. Out: an [`Application`], which serves. Never: serves itself.

use std::{
    env, fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use flagon_routing::{Converter, Map, MapBuilder, StrictSlashes};
use flagon_upstream::Upstream;

#[cfg(feature = "jobs")]
use crate::job_registry::Jobs;
use crate::{
    application::Application,
    background::Background,
    blueprint::Blueprint,
    command::{Command, Commands},
    compression::Compression,
    config::Config,
    context_end::ContextEnd,
    cpu_threads::CpuThreads,
    csrf::Csrf,
    current_app::{CurrentApp, Nonces, State},
    debugger,
    error::{Error, Result},
    health::{self, Checks},
    https::Https,
    idempotency::{Idempotency, IdempotencyStore},
    login_settings::{LoginSettings, User},
    metrics::{Metrics, Requests},
    recording::Recordings,
    registration::Tables,
    rooms::Rooms,
    scaffold::{Registered, Scaffold},
    secret_keys::SecretKeys,
    served::{Endpoint, Scope, Served},
    sessions::{AppSessions, Sessions},
    shutdown::Shutdown,
    stalls::Watch,
    template_globals,
    templates::{Templates, Templating},
    upstream::{Counts, Passing},
    url_defaults::UrlDefaults,
    url_map::{EndpointInfo, SetupError, UrlMapBuilder},
    view_info::StateKey,
    view_threads::ViewThreads,
    violations::Violations,
};
#[cfg(feature = "sql")]
use crate::{
    shadow::{Shadow, ShadowStore, Shadowing, Store},
    shadow_page,
};

/// An app that is being set up: a value that a function can return, so that tests and `main` call the same one.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/hello/<name>")]
/// async fn hello(name: String) -> String {
///     format!("hello, {name}")
/// }
///
/// fn app() -> App {
///     App::new("hello").routes(routes![hello])
/// }
///
/// let app = app().build().unwrap();
/// assert_eq!(app.url_for("hello", &[("name", "ada".into())]).unwrap(), "/hello/ada");
/// ```
pub struct App {
    pub(crate) name: String,
    pub(crate) root_path: PathBuf,
    config: Config,
    pub(crate) changes: Vec<Change>,
    pub(crate) commands: Commands,
    pub(crate) version: Option<String>,
    #[cfg(feature = "sql")]
    migrations: Option<flagon_sql::Migrations>,
    state: State,
    registered: Registered,
    blueprints: Vec<Blueprint>,
    map: MapBuilder,
    sessions: Sessions,
    login: LoginSettings,
    context_end: ContextEnd,
    idempotency_store: Option<Box<dyn IdempotencyStore>>,
    upstream: Option<Upstream>,
    upstream_rules: Vec<(String, Vec<String>)>,
    checks: Checks,
    #[cfg(feature = "sql")]
    pub(crate) shadow: Option<Shadow>,
}

/// What [`App::configure`] keeps.
pub(crate) type Change = Box<dyn FnOnce(&mut Config) + Send>;

impl App {
    /// Begins an app. Its files are looked for where the program was started, see [`root_path`](Self::root_path).
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            root_path: PathBuf::from("."),
            config: Config::default(),
            changes: Vec::new(),
            commands: Commands::default(),
            version: None,
            #[cfg(feature = "sql")]
            migrations: None,
            state: State::default(),
            registered: Registered::default(),
            blueprints: Vec::new(),
            map: Map::builder(),
            sessions: Sessions::default(),
            login: LoginSettings::default(),
            context_end: ContextEnd::default(),
            idempotency_store: None,
            upstream: None,
            upstream_rules: Vec::new(),
            checks: Checks::default(),
            #[cfg(feature = "sql")]
            shadow: None,
        }
    }

    /// Sets the folder that `templates/` and `static/` are in: `env!("CARGO_MANIFEST_DIR")` finds them from wherever the
    /// program is started. Where that folder is not there, as on another machine, it is the one of the program's own file.
    #[must_use]
    pub fn root_path(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let beside = || Some(env::current_exe().ok()?.parent()?.to_path_buf());
        self.root_path = if folder.is_dir() { folder } else { beside().unwrap_or(folder) };
        self
    }

    /// Changes the configuration; what is set here wins over files and the environment, and only the command line
    /// wins over it. `change` runs when setting up ends, on what they have said; later ones see earlier ones' work.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("blog").configure(|config| config.server_name = Some("example.org".into()));
    /// ```
    #[must_use]
    pub fn configure(mut self, change: impl FnOnce(&mut Config) + Send + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// Begins with `config` instead of the defaults: what [`configure`](Self::configure) sets still wins.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Says which version of the app this is, mostly `env!("CARGO_PKG_VERSION")`: for `--version`.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Adds a command to the app's command line, as `app.cli.command` in Flask: `blog init-db`. It runs in an
    /// [app context](Application::app_context), so `current_app()` and `g()` work in it.
    ///
    /// # Panics
    ///
    /// When there is a command of that name already.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// async fn init_db() -> Result<()> {
    ///     println!("{} has its tables", current_app().name());
    ///     Ok(())
    /// }
    ///
    /// #[derive(clap::Args)]
    /// struct Greeting {
    ///     /// Whom to greet
    ///     name: String,
    /// }
    ///
    /// async fn greet(greeting: Greeting) {
    ///     println!("hello, {}", greeting.name);
    /// }
    ///
    /// let app = App::new("blog")
    ///     .cli("init-db", "Creates the tables", init_db)
    ///     .cli("greet", "Greets somebody", greet);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cli<Arguments>(
        mut self,
        name: &'static str,
        about: &'static str,
        command: impl Command<Arguments>,
    ) -> Self {
        let taken = ["run", "routes", "config", "completions", "db", "jobs"].contains(&name)
            || self.commands.find(name).is_some();
        assert!(!taken, "there is a command `{name}` already; give this one another name");
        self.commands.add(name, about, command);
        self
    }

    /// Gives the app the migrations of its database. What is pending is done before the first statement, by one program at a time, unless
    /// the setting `sql.migrate_at_start` says that somebody runs `db migrate`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{prelude::*, sql::{Migration, Migrations, Script}};
    ///
    /// // Mostly `migrations!("migrations")`, which builds in the SQL files of a folder.
    /// static MIGRATIONS: Migrations = Migrations::new(&[Migration {
    ///     number: 1,
    ///     name: "create_note",
    ///     up: Script::both("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"),
    ///     down: None,
    /// }]);
    ///
    /// #[get("/")]
    /// async fn index() -> Result<String> {
    ///     Ok(db().query_as::<i64>("SELECT count(*) FROM note", ()).one().await?.to_string())
    /// }
    ///
    /// let app = App::new("notes").migrations(MIGRATIONS).configure(|config| config.database = "sqlite::memory:".into());
    /// assert_eq!(app.routes(routes![index]).test_client().get("/").wait().text(), "0");
    /// ```
    #[cfg(feature = "sql")]
    #[must_use]
    pub fn migrations(mut self, migrations: flagon_sql::Migrations) -> Self {
        self.migrations = Some(migrations);
        self
    }

    /// Keeps `value` for all requests: `State<T>` as an argument, or `current_app().state::<T>()`, gives it.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Adds a converter that rules can name: `<slug:name>`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Converter, Route, prelude::*};
    ///
    /// #[derive(Debug)]
    /// struct Slug;
    ///
    /// impl Converter for Slug {
    ///     fn matches(&self, text: &str) -> bool {
    ///         text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    ///     }
    /// }
    ///
    /// let page = Route::new("page", "/<slug:name>", ["GET"], async || ());
    /// assert!(App::new("docs").converter("slug", Slug).routes([page]).build().is_ok());
    /// ```
    #[must_use]
    pub fn converter(mut self, name: &str, converter: impl Converter + 'static) -> Self {
        self.map = self.map.converter(name, converter);
        self
    }

    /// Lets `/users` answer as well as `/users/` where a rule ends in a slash, instead of redirecting to it.
    #[must_use]
    pub fn match_both_slashes(mut self) -> Self {
        self.map = self.map.strict_slashes(StrictSlashes::MatchBoth);
        self
    }

    /// Adds a blueprint.
    #[must_use]
    pub fn register_blueprint(mut self, blueprint: Blueprint) -> Self {
        self.blueprints.push(blueprint);
        self
    }

    /// Adds a function that runs when a context ends: that of a request after its
    /// [`teardown_request`](Scaffold::teardown_request) hooks, and one of [`app_context`](Application::app_context), of a command or
    /// of a test when nobody holds it any more. It is given what went wrong in the request and no handler answered.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// struct Connection;
    ///
    /// let app = App::new("shop").teardown_appcontext(|_| drop(g().take::<Connection>())).build().unwrap();
    /// app.app_context().run(|| g().set(Connection));
    /// ```
    #[must_use]
    pub fn teardown_appcontext(mut self, hook: impl Fn(Option<&Error>) + Send + Sync + 'static) -> Self {
        self.context_end.add(hook);
        self
    }

    /// Says where sessions are kept; without it, in [signed cookies](Sessions::signed).
    #[must_use]
    pub fn sessions(mut self, sessions: Sessions) -> Self {
        self.sessions = sessions;
        self
    }

    /// Keeps the answers of idempotent views in `store`, instead of in memory; see the guide's page on
    /// [idempotency](crate::guide::limits#idempotency-key).
    #[must_use]
    pub fn idempotency_store(mut self, store: impl IdempotencyStore) -> Self {
        self.idempotency_store = Some(Box::new(store));
        self
    }

    /// Passes everything that no rule of the app takes on to another HTTP server, mostly the app that this one takes the place of, route
    /// by route: a path that is not known here, and a method that a known path does not take. What comes back is sent as it is; see the
    /// guide's page on [moving an app](crate::guide::moving).
    ///
    /// # Panics
    ///
    /// When `upstream` is neither `http://host:port` nor `unix:/path`.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/posts/<int:id>")]
    /// async fn post(id: i64) -> String {
    ///     format!("post {id}, from the new app")
    /// }
    ///
    /// let app = App::new("blog").routes(routes![post]).upstream("http://127.0.0.1:8000");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn upstream<U>(mut self, upstream: U) -> Self
    where
        U: TryInto<Upstream>,
        U::Error: fmt::Display,
    {
        self.upstream = Some(upstream.try_into().unwrap_or_else(|error| panic!("no upstream: {error}")));
        self
    }

    /// Tells the app which rules the [upstream](Self::upstream) has, each with its methods, so that requests are counted by them. None of
    /// them changes where a request goes.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let rules = [("/posts/<int:id>", ["GET"].as_slice()), ("/login", &["GET", "POST"])];
    /// let app = App::new("blog").upstream("http://127.0.0.1:8000").upstream_rules(rules);
    /// assert!(app.build().is_ok());
    /// ```
    #[must_use]
    pub fn upstream_rules<'a>(mut self, rules: impl IntoIterator<Item = (&'a str, &'a [&'a str])>) -> Self {
        let owned = |(rule, methods): (&str, &[&str])| {
            (rule.to_owned(), methods.iter().map(|&method| method.to_owned()).collect())
        };
        self.upstream_rules.extend(rules.into_iter().map(owned));
        self
    }

    /// Compares the app with its [upstream](Self::upstream): for a share of the requests both are asked, one of them off the client's path. What
    /// differs is at `/_flagon/shadow` and told by the command `shadow report`; both switch routes over, or back, while the app runs. See the
    /// guide's page on [moving an app](crate::guide::moving#shadow).
    ///
    /// # Examples
    ///
    /// See [`Shadow`].
    #[cfg(feature = "sql")]
    #[must_use]
    pub fn shadow(mut self, shadow: Shadow) -> Self {
        self.shadow = Some(shadow);
        self
    }

    /// Says how a user is found by the id that the session keeps, and so lets users log in. `None` is a user who is no
    /// more.
    ///
    /// # Examples
    ///
    /// See [`current_user`](crate::current_user).
    #[must_use]
    pub fn user_loader<U, F, A>(mut self, load: F) -> Self
    where
        U: User,
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Option<U>>> + Send + 'static,
    {
        self.login.loader = Some(Box::new(move |id| {
            let work = load(id);
            Box::pin(async move { Ok(work.await?.map(|user| Arc::new(user) as Arc<dyn User>)) })
        }));
        self
    }

    /// Names the endpoint of the login page, where browsers are led to that ask for what needs a login: with the path they
    /// asked for as `next`. Without one, they get 401 as programs do.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("blog").login_view("auth.login");
    /// ```
    #[must_use]
    pub fn login_view(mut self, endpoint: impl Into<String>) -> Self {
        self.login.view = Some(endpoint.into());
        self
    }

    /// Lets the app be ready only while `check` finds nothing wrong, as `config.health.ready` answers: a database that has to be reachable,
    /// a cache that has to be warm. It runs at most once a second, and has 5 s; why it failed goes to the log.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// let app = App::new("shop").configure(|config| config.health.ready = Some("/readyz".into()));
    /// let client = app.ready_when("stock", async || Err(std::io::Error::other("not loaded yet").into())).test_client();
    /// let answer = client.get("/readyz").wait();
    /// assert_eq!((answer.status().as_u16(), answer.text()), (503, "not ready: stock\n"));
    /// ```
    #[must_use]
    pub fn ready_when<F>(
        mut self,
        name: impl Into<String>,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.checks.add(name.into(), check);
        self
    }

    /// Ends setting up.
    ///
    /// # Errors
    ///
    /// When a rule does not parse, an endpoint's name stands for two views, or a view takes a `State<T>` that the app
    /// was not given.
    #[expect(clippy::too_many_lines, reason = "every part of an app, once")]
    pub fn build(mut self) -> Result<Application, SetupError> {
        for change in std::mem::take(&mut self.changes) {
            change(&mut self.config);
        }
        #[cfg(feature = "sql")]
        let shadow = self.shadowing()?;
        self.registered.routes.extend(health::routes(&self.config, self.checks));
        let https = Https::new(&self.config)?;
        let csrf = Csrf::new(&self.config)?;
        let mut tables = Tables {
            url_map: UrlMapBuilder::new(self.map, &self.config),
            endpoints: Vec::new(),
            sessions: Vec::new(),
            scopes: Vec::new(),
            max_body: self.config.max_content_length,
            url_defaults: UrlDefaults::default(),
            templating: Templating::default(),
            idempotency: Arc::new(Idempotency::new(&self.config.idempotency, self.idempotency_store)),
            needed: Vec::new(),
            #[cfg(feature = "jobs")]
            jobs: Vec::new(),
        };
        tables.add_app(self.registered, self.blueprints)?;
        has_all(&self.state, tables.needed)?;
        tables.templating.set_up.insert(0, Box::new(template_globals::install));
        let templates =
            Templates::new(&self.root_path, &self.config, tables.templating, template_globals::nonce);
        let compression = Compression::new(&self.config.compression);
        #[cfg(feature = "sql")]
        let migrations = self.migrations.into_iter();
        #[cfg(feature = "jobs")]
        let migrations = migrations.chain((!tables.jobs.is_empty()).then_some(flagon_jobs::MIGRATIONS));
        #[cfg(feature = "sql")]
        let database = database(&self.config, &self.root_path, migrations.collect())?;
        let url_map = tables.url_map.build()?;
        let endpoints = url_map.endpoints().map(EndpointInfo::name);
        let sessions = AppSessions::new(self.sessions, tables.sessions, &self.config, endpoints);
        #[cfg(feature = "sql")]
        sessions.use_database(&database);
        let requests = self.config.metrics.is_on().then(|| Requests::new(url_map.routes()));
        #[cfg(feature = "jobs")]
        let queue = flagon_jobs::Queue::new(&database).with_patience(self.config.jobs.lost_after);
        let current = CurrentApp {
            #[cfg(feature = "cache")]
            cache: crate::cache_store::Store::new(self.config.cache.memory),
            #[cfg(feature = "jobs")]
            jobs: Jobs::new(tables.jobs, queue).map_err(SetupError::Job)?,
            #[cfg(feature = "sql")]
            database,
            #[cfg(feature = "sql")]
            migrations: self.migrations,
            secret_keys: SecretKeys::new(&self.config, &self.name, &self.root_path),
            sessions,
            login: self.login,
            recordings: self.config.debug.then(Recordings::default),
            view_threads: ViewThreads::new(&self.config.concurrency),
            cpu_threads: CpuThreads::new(self.config.concurrency.cpu_threads),
            background: Background::default(),
            watch: Watch::of(&self.config),
            name: self.name,
            root_path: self.root_path,
            config: self.config,
            url_map,
            url_defaults: tables.url_defaults,
            state: self.state,
            templates,
            context_end: self.context_end,
            nonces: nonces(&tables.endpoints, &tables.scopes),
            addresses: OnceLock::new(),
            shutdown: Shutdown::new(),
            metrics: Metrics::default(),
            rooms: Rooms::default(),
            requests,
            server: OnceLock::new(),
        };
        current.background.measure(&current.metrics);
        current.view_threads.measure(&current.metrics);
        let upstream = passing(self.upstream, &self.upstream_rules, tables.endpoints.len())?;
        let violations = tables.scopes[0].trust.headers.report_here().then(Violations::default);
        Ok(Application(Arc::new(Served {
            current: Arc::new(current),
            endpoints: tables.endpoints,
            scopes: tables.scopes,
            compression,
            // Some view has taken it.
            idempotency: (Arc::strong_count(&tables.idempotency) > 1).then_some(tables.idempotency),
            https,
            csrf,
            violations,
            upstream,
            #[cfg(feature = "sql")]
            shadow,
        })))
    }
}

#[cfg(feature = "sql")]
impl App {
    /// Adds the page, and makes what compares.
    fn shadowing(&mut self) -> Result<Option<Arc<Shadowing>>, SetupError> {
        let Some(shadow) = self.shadow.take() else { return Ok(None) };
        let Some(upstream) = self.upstream.clone() else {
            let problem = "compares two apps, and there is one: name the other by `.upstream(…)`";
            return Err(SetupError::Setting { key: "shadow", problem });
        };
        let store = Store::new(&shadow.file, &self.root_path).map_err(SetupError::Database)?;
        let store = Arc::new(store);
        self.state.insert(ShadowStore(Arc::clone(&store)));
        let told = Counts::by_rules(&self.upstream_rules)?.rules().cloned().collect();
        self.registered.routes.extend(shadow_page::routes(&store, told, shadow.allow.as_ref()));
        Ok(Some(Arc::new(Shadowing::new(shadow, store, upstream))))
    }
}

/// Refuses views that take a state which the app was not given.
fn has_all(known: &State, needed: Vec<(String, StateKey)>) -> Result<(), SetupError> {
    match needed.into_iter().find(|(_, state)| !known.has(state.id())) {
        Some((endpoint, state)) => Err(SetupError::NoState { endpoint, state: state.name() }),
        None => Ok(()),
    }
}

/// What passes requests on.
fn passing(
    upstream: Option<Upstream>,
    rules: &[(String, Vec<String>)],
    endpoints: usize,
) -> Result<Option<Passing>, SetupError> {
    let Some(upstream) = upstream else { return Ok(None) };
    let counts = if rules.is_empty() { Counts::default() } else { Counts::by_rules(rules)? };
    Ok(Some(Passing::new(upstream, counts, endpoints)))
}

/// Which answers ask for a nonce.
fn nonces(endpoints: &[Endpoint], scopes: &[Scope]) -> Nonces {
    Nonces {
        endpoints: endpoints.iter().map(|endpoint| endpoint.guard.headers.asks_for_nonce()).collect(),
        elsewhere: scopes[0].guard.headers.asks_for_nonce(),
    }
}

/// The database of the configuration; nothing is opened yet.
#[cfg(feature = "sql")]
fn database(
    config: &Config,
    folder: &std::path::Path,
    mut migrations: Vec<flagon_sql::Migrations>,
) -> Result<flagon_sql::Database, SetupError> {
    let mut options =
        flagon_sql::Options::in_folder(config.database.first(), folder).map_err(SetupError::Database)?;
    options.connections = config.sql.connections;
    options.wait = config.sql.wait;
    let threads = config.server.threads.or_else(|| std::thread::available_parallelism().ok());
    if config.debug {
        options.observer = Some(Arc::new(debugger::ToRecording));
    }
    options.threads = threads.map_or(1, |threads| u32::try_from(threads.get()).unwrap_or(u32::MAX));
    migrations.retain(|_| config.sql.migrate_at_start);
    Ok(flagon_sql::Database::with_migrations(options, migrations))
}

impl Scaffold for App {
    fn registered(&mut self) -> &mut Registered {
        &mut self.registered
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", &self.name)
            .field("config", &self.config)
            .field("registered", &self.registered)
            .field("blueprints", &self.blueprints)
            .finish_non_exhaustive()
    }
}
