//! What is compared, and how often.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use flagon_shadow::Rules;
use flagon_upstream::{AddressError, Upstream};

use crate::context::Context;

/// How an app and the one behind it ([`App::upstream`](crate::App::upstream)) are compared: the answer of one is served, and the other is
/// asked too, off the client's path.
///
/// # Examples
///
/// ```
/// use flagon::{Rules, Shadow, prelude::*};
///
/// #[get("/posts/<int:id>")]
/// async fn post(id: i64) -> Result<Json<i64>> {
///     Ok(Json(id))
/// }
///
/// let rules = Rules::default().ignore_json("/views").ignore_header("x-backend");
/// let shadow = Shadow::new().share(0.1).rules(rules);
/// let app = App::new("blog").routes(routes![post]).upstream("http://127.0.0.1:8000").shadow(shadow);
/// assert!(app.build().is_ok());
/// ```
pub struct Shadow {
    pub(crate) share: f64,
    pub(crate) rules: Rules,
    pub(crate) file: PathBuf,
    pub(crate) queue: usize,
    pub(crate) timeout: Duration,
    pub(crate) scratch: Option<Upstream>,
    pub(crate) allow: Option<Allow>,
}

/// Who may see the page and switch routes.
pub(crate) type Allow = Arc<dyn Fn(&Context) -> bool + Send + Sync>;

impl Default for Shadow {
    fn default() -> Self {
        Self {
            share: 1.0,
            rules: Rules::default(),
            file: "instance/shadow.db".into(),
            queue: 1000,
            timeout: Duration::from_secs(10),
            scratch: None,
            allow: None,
        }
    }
}

impl Shadow {
    /// Compares every `GET` and `HEAD` of routes that both apps have.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares this part of the requests only, from 0 to 1: evenly chosen. With 0 nothing is compared, and routes can be switched still.
    #[must_use]
    pub fn share(mut self, share: f64) -> Self {
        self.share = share.clamp(0.0, 1.0);
        self
    }

    /// What may differ.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Keeps what is found in this file of SQLite, instead of in `instance/shadow.db` within the app's folder. It holds parts of answers.
    #[must_use]
    pub fn file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = file.into();
        self
    }

    /// Lets at most `count` requests wait to be compared: 1000 without a word, and never more than 64 MiB of them. More are dropped.
    #[must_use]
    pub fn queue(mut self, count: usize) -> Self {
        self.queue = count.max(1);
        self
    }

    /// Waits this long for the answer that is compared: 10 s without a word.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Compares requests that are not safe too (`POST` and its like), which are **carried out a second time** by the app at `address`: it has
    /// to be a copy of the old one with a database that nobody minds.
    ///
    /// # Errors
    ///
    /// When `address` is neither `http://host:port` nor `unix:/path`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(flagon::Shadow::new().repeat_unsafe_requests_at("http://127.0.0.1:8001").is_ok());
    /// ```
    pub fn repeat_unsafe_requests_at(mut self, address: &str) -> Result<Self, AddressError> {
        self.scratch = Some(Upstream::at(address)?);
        Ok(self)
    }

    /// Says who may see the page at `/_flagon/shadow` and switch routes there. Without a word it is the developer: `debug` is on, and it is a
    /// browser on this machine.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::Shadow;
    ///
    /// // Whoever comes by the office's network.
    /// let shadow = Shadow::new().allow(|context| context.request().remote_addr().to_string().starts_with("10.1."));
    /// ```
    #[must_use]
    pub fn allow(mut self, allow: impl Fn(&Context) -> bool + Send + Sync + 'static) -> Self {
        self.allow = Some(Arc::new(allow));
        self
    }
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow").field("share", &self.share).field("file", &self.file).finish_non_exhaustive()
    }
}
