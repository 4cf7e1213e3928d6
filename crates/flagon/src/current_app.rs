//! What a view may see of its app.
//!
//! Handlers and hooks are not here: they use contexts, and a context holds a [`CurrentApp`].

use std::{
    any::{Any, TypeId, type_name},
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use flagon_server::Address;

use crate::{
    background::{Background, BackgroundCounts},
    config::Config,
    context_end::ContextEnd,
    cpu_threads::CpuThreads,
    error::Result,
    login_settings::LoginSettings,
    metrics::{Metrics, Requests},
    recording::Recordings,
    rooms::Rooms,
    secret_keys::SecretKeys,
    sessions::{AppSessions, ServerSessions},
    shutdown::Shutdown,
    signing::Signer,
    stalls::{Stall, Watch},
    templates::Templates,
    url_defaults::UrlDefaults,
    url_map::UrlMap,
    view_threads::{ViewThreadCounts, ViewThreads},
};

/// An app as its views see it: what Flask calls `current_app`.
pub struct CurrentApp {
    pub(crate) name: String,
    pub(crate) root_path: PathBuf,
    pub(crate) config: Config,
    pub(crate) secret_keys: SecretKeys,
    pub(crate) sessions: AppSessions,
    pub(crate) login: LoginSettings,
    pub(crate) url_map: UrlMap,
    pub(crate) url_defaults: UrlDefaults,
    pub(crate) state: State,
    pub(crate) templates: Templates,
    pub(crate) context_end: ContextEnd,
    #[cfg(feature = "sql")]
    pub(crate) database: flagon_sql::Database,
    #[cfg(feature = "sql")]
    pub(crate) migrations: Option<flagon_sql::Migrations>,
    #[cfg(feature = "cache")]
    pub(crate) cache: crate::cache_store::Store,
    #[cfg(feature = "jobs")]
    pub(crate) jobs: crate::job_registry::Jobs,
    pub(crate) nonces: Nonces,
    /// In debug mode.
    pub(crate) recordings: Option<Recordings>,
    pub(crate) view_threads: ViewThreads,
    pub(crate) cpu_threads: CpuThreads,
    pub(crate) background: Background,
    /// Where event loops are watched.
    pub(crate) watch: Option<Arc<Watch>>,
    pub(crate) addresses: OnceLock<Vec<Address>>,
    pub(crate) shutdown: Shutdown,
    pub(crate) metrics: Metrics,
    pub(crate) rooms: Rooms,
    /// Where somebody reads it.
    pub(crate) requests: Option<Requests>,
    /// What the server counts, where one serves the app.
    pub(crate) server: OnceLock<flagon_server::Metrics>,
}

/// Whose policies name a nonce.
pub(crate) struct Nonces {
    /// Those of the endpoints, by their places.
    pub(crate) endpoints: Vec<bool>,
    /// That of what no rule fits.
    pub(crate) elsewhere: bool,
}

/// The values that [`App::state`](crate::App::state) keeps, one of each type.
#[derive(Default)]
pub(crate) struct State(Vec<(TypeId, &'static str, Arc<dyn Any + Send + Sync>)>);

impl State {
    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.0.iter().any(|(known, ..)| *known == id)
    }

    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.retain(|(id, ..)| *id != TypeId::of::<T>());
        self.0.push((TypeId::of::<T>(), type_name::<T>(), Arc::new(value)));
    }
}

impl CurrentApp {
    /// The name that the app was made with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder that templates and static files are found in.
    pub fn root_path(&self) -> &Path {
        &self.root_path
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Makes a signer of the app's keys, with itsdangerous' defaults; `salt` names what it is used for.
    ///
    /// # Errors
    ///
    /// 500 when the app has no secret key; the log gets what to type.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Secret, prelude::*};
    ///
    /// let app = App::new("docs").configure(|config| config.secret_key = Some(Secret::new("a long random text")));
    /// let signer = app.build().unwrap().current_app().signer("unsubscribe")?;
    /// assert_eq!(signer.unsign(&signer.sign("ada")), Ok("ada"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn signer(&self, salt: &str) -> Result<Signer> {
        Ok(Signer::new(self.secret_keys()?, salt))
    }

    /// The keys that the app signs with, the current one first: for [`Signer::with`] and keys of one's own.
    ///
    /// # Errors
    ///
    /// 500 when the app has none.
    pub fn secret_keys(&self) -> Result<Vec<&[u8]>> {
        self.secret_keys.all()
    }

    /// The sessions that the server keeps, to list and end them: the app's, or else those of the blueprint that has such; `None`
    /// where all are in cookies.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[post("/log-out-everywhere")]
    /// async fn log_out_everywhere() -> Result<String> {
    ///     let app = current_app();
    ///     let sessions = app.server_sessions().or_404()?;
    ///     Ok(format!("{} ended", sessions.revoke_all("ada").await?))
    /// }
    /// ```
    pub fn server_sessions(&self) -> Option<&ServerSessions> {
        self.sessions.stored()
    }

    /// Where the app is served, with the ports that the system chose: empty until it is, and in tests without sockets.
    pub fn addresses(&self) -> &[Address] {
        self.addresses.get().map_or(&[], Vec::as_slice)
    }

    /// How far the app is on its way to the end, and what has to be finished before.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// What the app counts and measures.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How many tasks of [`background`](crate::background) there are, and how they ended: for metrics.
    pub fn background_tasks(&self) -> BackgroundCounts {
        self.background.counts()
    }

    /// Waits until no task of [`background`](crate::background) runs: for tests, and for whoever serves an app without
    /// [`App::main`](crate::App::main).
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let app = App::new("docs").build().unwrap();
    /// app.app_context().run(|| flagon::background(async { println!("goes on") }));
    /// app.current_app().background_done().await;
    /// assert_eq!(app.current_app().background_tasks().ended, 1);
    /// # });
    /// ```
    pub async fn background_done(&self) {
        self.background.done().await;
    }

    /// The last 32 times in which a view held its event loop, the last first; empty where nobody watches: see
    /// [`ConcurrencyConfig::stall_watchdog`](crate::config::ConcurrencyConfig::stall_watchdog).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{thread::sleep, time::Duration};
    /// use flagon::prelude::*;
    ///
    /// #[get("/")]
    /// async fn wrong() {
    ///     sleep(Duration::from_millis(60)); // a plain `fn` may; an `async fn` keeps everybody on its loop waiting
    /// }
    ///
    /// let client = App::new("docs").configure(|config| config.debug = true).routes(routes![wrong]).test_client();
    /// client.get("/").wait();
    /// let stalls = client.app().current_app().stalls();
    /// assert_eq!(stalls[0].endpoint.as_deref(), Some("wrong"));
    /// assert!(stalls[0].held >= Duration::from_millis(50));
    /// ```
    pub fn stalls(&self) -> Vec<Stall> {
        self.watch.as_ref().map(|watch| watch.stalls()).unwrap_or_default()
    }

    /// How many plain `fn` views run, and how many wait for a thread: for metrics.
    pub fn view_threads(&self) -> ViewThreadCounts {
        self.view_threads.counts()
    }

    /// The database, each statement on its own and outside of a request's transaction: for what has to be kept even when the request fails.
    #[cfg(feature = "sql")]
    pub fn db(&self) -> flagon_sql::Db {
        self.database.db()
    }

    /// The queue of the app's jobs, to look at and to change.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/jobs/<int:id>")]
    /// async fn state(id: i64) -> Result<String> {
    ///     Ok(current_app().job_queue().find(id).await?.or_404()?.state.to_string())
    /// }
    /// ```
    #[cfg(feature = "jobs")]
    pub fn job_queue(&self) -> &flagon_jobs::Queue {
        &self.jobs.queue
    }

    /// The rules of the app.
    pub fn url_map(&self) -> &UrlMap {
        &self.url_map
    }

    /// The value of type `T` that was given to [`App::state`](crate::App::state).
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let (.., value) = self.state.0.iter().find(|(id, ..)| *id == TypeId::of::<T>())?;
        Arc::clone(value).downcast().ok()
    }
}

impl fmt::Debug for CurrentApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state: Vec<_> = self.state.0.iter().map(|(_, name, _)| *name).collect();
        f.debug_struct("CurrentApp").field("name", &self.name).field("state", &state).finish_non_exhaustive()
    }
}
