//! What is known of a view before it runs.

use std::{
    any::{TypeId, type_name},
    borrow::Cow,
    fmt,
};

use flagon_routing::{StrictSlashes, Value};

use crate::{cors::Cors, security_headers::SecurityHeaders, view_limits::ViewLimits};

/// What is known of a view before it runs.
#[derive(Debug, Clone, Copy)]
pub struct ViewInfo {
    /// The endpoint's name: the function's, unless another was given.
    pub endpoint: &'static str,
    /// The module that the function is in.
    pub module: &'static str,
    /// The file that the function is in.
    pub file: &'static str,
    /// The line that the function starts at.
    pub line: u32,
    /// The first paragraph of its documentation.
    pub doc: &'static str,
    /// Where it answers.
    pub rules: &'static [ViewRule],
    /// How many bytes of body it takes, when that is not the app's `max_content_length`.
    pub max_body: Option<u64>,
    /// For how long its answers are kept, and by which tags: `#[cached]`.
    #[cfg(feature = "cache")]
    pub cached: Option<crate::cache_store::CachedView>,
    /// The `Cache-Control` of its answers: the option `cache_control`.
    pub cache_control: Option<&'static str>,
    /// How far its transaction is kept apart from others: the option `isolation`.
    #[cfg(feature = "sql")]
    pub isolation: Option<flagon_sql::Isolation>,
    /// How often it may be asked, and the like.
    pub limits: ViewLimits,
    /// The media types of the bodies that it reads: of the option `accepts`, or those of its `Json`, `Form` or `Patch`.
    pub media_types: &'static [&'static str],
    words: u32,
    /// Who may use it: the options `login_required` and `roles`.
    pub access: Access,
    /// What the check against forged requests asks of it: the option `csrf`.
    pub csrf: CsrfRule,
    /// Which other sites' pages may read its answers: the option `cors`.
    pub cors: Option<fn() -> Cors>,
    /// What becomes of the security headers of its app and blueprint: the option `security_headers`.
    pub security_headers: Option<fn(SecurityHeaders) -> SecurityHeaders>,
    /// Which state it needs the app to have.
    pub states: &'static [StateKey],
    /// The functions that need the app's secret key and that its text calls by their names: `session`, `flash`, …
    pub key_calls: &'static [&'static str],
}

/// What the check against forged requests (CSRF) asks of the requests of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CsrfRule {
    /// What the policy says: those that carry a login have to prove that they come from a page of the app.
    #[default]
    Checked,
    /// All have to prove it: `csrf = "required"`, for a login form, or a safe method that [writes](ViewWord::Writes).
    Required,
    /// What browsers say of where a request comes from holds, and who says nothing of it passes: `csrf = "browsers"`, for programs
    /// that keep a cookie and no token. A browser older than 2020 behind a proxy that drops `Origin` and `Referer` passes as well.
    Browsers,
    /// Nothing: `csrf = "exempt"`, for what other sites send and another secret proves, such as a webhook.
    Exempt,
}

impl ViewInfo {
    /// Begins the facts of a view that stands at `line` of `file`; the view macros go on from there.
    #[doc(hidden)]
    pub const fn new(endpoint: &'static str, module: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            endpoint,
            module,
            file,
            line,
            doc: "",
            rules: &[],
            max_body: None,
            #[cfg(feature = "cache")]
            cached: None,
            cache_control: None,
            #[cfg(feature = "sql")]
            isolation: None,
            limits: ViewLimits::new(),
            media_types: &[],
            words: 0,
            access: Access::Anyone,
            csrf: CsrfRule::Checked,
            cors: None,
            security_headers: None,
            states: &[],
            key_calls: &[],
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn rules(mut self, rules: &'static [ViewRule]) -> Self {
        self.rules = rules;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Whether the option `word` was given.
    pub const fn has(&self, word: ViewWord) -> bool {
        self.words & (1 << word as u32) != 0
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn word(mut self, word: ViewWord) -> Self {
        self.words |= 1 << word as u32;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn media_types(mut self, types: &'static [&'static str]) -> Self {
        self.media_types = types;
        self
    }

    /// With answers that are kept.
    #[cfg(feature = "cache")]
    #[must_use]
    pub const fn cached(mut self, cached: crate::cache_store::CachedView) -> Self {
        self.cached = Some(cached);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn cache_control(mut self, value: &'static str) -> Self {
        self.cache_control = Some(value);
        self
    }

    #[cfg(feature = "sql")]
    #[doc(hidden)]
    #[must_use]
    pub const fn isolation(mut self, isolation: flagon_sql::Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn limits(mut self, limits: ViewLimits) -> Self {
        self.limits = limits;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn csrf(mut self, rule: CsrfRule) -> Self {
        self.csrf = rule;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn cors(mut self, cors: fn() -> Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn security_headers(mut self, change: fn(SecurityHeaders) -> SecurityHeaders) -> Self {
        self.security_headers = Some(change);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn states(mut self, states: &'static [StateKey]) -> Self {
        self.states = states;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn key_calls(mut self, names: &'static [&'static str]) -> Self {
        self.key_calls = names;
        self
    }
}

/// Who may use a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Everybody.
    #[default]
    Anyone,
    /// Who is logged in: the option `login_required`.
    LoggedIn,
    /// Who is logged in and has one of these roles: the option `roles`.
    Roles(&'static [&'static str]),
}

/// An option of a view that is a word alone.
///
/// # Examples
///
/// ```
/// use flagon::{View, ViewWord, prelude::*};
///
/// #[get("/visits", writes)]
/// async fn visits() {}
///
/// assert!(<visits as View>::INFO.has(ViewWord::Writes));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ViewWord {
    /// `writes`: it may write although its method is safe.
    Writes,
    /// `require_match`: a request has to name the state that it changes.
    RequireMatch,
    /// `etag`: its answers are named by a hash of their bodies.
    Etag,
    /// `ranges`: parts of its answers can be asked for.
    Ranges,
    /// `autocommit`: each of its statements is on its own, since it manages transactions itself.
    Autocommit,
    /// `mixed_engines`: it may write to tables that can't roll back.
    MixedEngines,
    /// `accepts(…)`: bodies of other media types are refused.
    Accepts,
    /// It takes a [`WebSocket`](crate::WebSocket).
    WebSocket,
    /// It is a plain `fn`, which runs on a thread and may block.
    Blocking,
}

/// Which state a view needs: made for each argument [`State<T>`](crate::State), and looked for at start.
#[derive(Clone, Copy)]
pub struct StateKey {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl StateKey {
    /// The key of `T`.
    pub const fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>, name: type_name::<T> }
    }

    /// The type's identity.
    pub fn id(&self) -> TypeId {
        (self.id)()
    }

    /// The type's name.
    pub fn name(&self) -> &'static str {
        (self.name)()
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One of the rules of a view.
#[derive(Debug, Clone, Copy)]
pub struct ViewRule {
    /// In Werkzeug's syntax: `/users/<int:id>`.
    pub rule: &'static str,
    /// In capitals.
    pub methods: &'static [&'static str],
    /// Values of variables that the rule does not have.
    pub defaults: &'static [(&'static str, DefaultValue)],
    /// Whether `/users/` and `/users` are two things; `None` as the app says.
    pub strict_slashes: Option<StrictSlashes>,
    /// The subdomain it answers on.
    pub subdomain: Option<&'static str>,
    /// The host it answers on.
    pub host: Option<&'static str>,
}

impl ViewRule {
    /// Begins a rule; the view macros go on from there.
    #[doc(hidden)]
    pub const fn new(rule: &'static str, methods: &'static [&'static str]) -> Self {
        Self { rule, methods, defaults: &[], strict_slashes: None, subdomain: None, host: None }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn defaults(mut self, defaults: &'static [(&'static str, DefaultValue)]) -> Self {
        self.defaults = defaults;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn strict_slashes(mut self, strict: StrictSlashes) -> Self {
        self.strict_slashes = Some(strict);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn subdomain(mut self, subdomain: &'static str) -> Self {
        self.subdomain = Some(subdomain);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn host(mut self, host: &'static str) -> Self {
        self.host = Some(host);
        self
    }
}

/// The value of a default: numbers compare as numbers when a URL is built, as in Werkzeug.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultValue {
    /// An integer.
    Int(i128),
    /// A floating point number.
    Float(f64),
    /// Anything else, as its text.
    Text(&'static str),
}

impl From<DefaultValue> for Value<'static> {
    fn from(value: DefaultValue) -> Self {
        match value {
            DefaultValue::Int(number) => number.into(),
            DefaultValue::Float(number) => number.into(),
            DefaultValue::Text(text) => text.into(),
        }
    }
}

/// One of the rules of a route; see [`ViewRule`] for the fields.
#[derive(Debug, Clone)]
pub(crate) struct RouteRule {
    pub(crate) rule: Cow<'static, str>,
    pub(crate) methods: Vec<Cow<'static, str>>,
    pub(crate) defaults: Vec<(&'static str, DefaultValue)>,
    pub(crate) strict_slashes: Option<StrictSlashes>,
    pub(crate) subdomain: Option<Cow<'static, str>>,
    pub(crate) host: Option<Cow<'static, str>>,
    pub(crate) redirect_to: Option<Cow<'static, str>>,
    pub(crate) is_build_only: bool,
}

impl RouteRule {
    pub(crate) fn new(rule: Cow<'static, str>, methods: Vec<Cow<'static, str>>) -> Self {
        Self {
            rule,
            methods,
            defaults: Vec::new(),
            strict_slashes: None,
            subdomain: None,
            host: None,
            redirect_to: None,
            is_build_only: false,
        }
    }
}

impl From<&ViewRule> for RouteRule {
    fn from(rule: &ViewRule) -> Self {
        Self {
            rule: rule.rule.into(),
            methods: rule.methods.iter().copied().map(Cow::from).collect(),
            defaults: rule.defaults.to_vec(),
            strict_slashes: rule.strict_slashes,
            subdomain: rule.subdomain.map(Cow::from),
            host: rule.host.map(Cow::from),
            redirect_to: None,
            is_build_only: false,
        }
    }
}
