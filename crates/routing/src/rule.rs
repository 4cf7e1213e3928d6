//! A URL rule: its text, taken apart, and its options.
//!
//! In: text like `/posts/<int:id>`. Out: a [`Rule`], which a [`Map`](crate::Map) can match and build.
//! Never: knows the application's own converters; the map checks those.

use std::{fmt, str::FromStr};

use crate::{
    Arguments, RuleError, Value,
    converter::{Sign, Spec},
    pattern::{Pattern, Variable},
};

/// A URL rule with its options.
///
/// ```
/// use flagon_routing::Rule;
///
/// let rule = Rule::parse("/posts/<int:id>/").unwrap().endpoint("post").methods(["GET"]);
/// assert_eq!(rule.to_string(), "/posts/<int:id>/");
/// assert_eq!(rule.allowed_methods().unwrap(), ["GET", "HEAD"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(crate) text: Box<str>,
    pub(crate) pattern: Pattern,
    pub(crate) endpoint: Box<str>,
    pub(crate) methods: Option<Vec<Box<str>>>,
    pub(crate) automatic_options: bool,
    pub(crate) defaults: Vec<(Box<str>, Value<'static>)>,
    pub(crate) subdomain: Option<Box<str>>,
    pub(crate) host: Option<Box<str>>,
    pub(crate) strict_slashes: Option<StrictSlashes>,
    pub(crate) merge_slashes: Option<MergeSlashes>,
    pub(crate) redirect_to: Option<Box<str>>,
    pub(crate) alias: bool,
    pub(crate) build_only: bool,
}

/// What happens when only the last slash differs between a path and a rule.
///
/// See [`Rule::strict_slashes`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StrictSlashes {
    /// A path without the rule's last slash is redirected to the one with it; one with a slash too many is not found.
    #[default]
    Redirect,
    /// Both forms match.
    MatchBoth,
}

/// What happens to a path with several slashes in a row.
///
/// See [`Rule::merge_slashes`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeSlashes {
    /// It is redirected to the path with single slashes, if that one matches.
    #[default]
    Redirect,
    /// It matches only a rule with as many slashes.
    Keep,
}

/// What a variable's converter takes, for the check of a view's arguments.
///
/// See [`Rule::variables`] for an example.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum VariableKind<'r> {
    /// Text without a slash.
    String,
    /// Digits, with a minus in front if signed.
    Int {
        /// Whether a minus can stand in front.
        signed: bool,
    },
    /// Digits with a point in between.
    Float {
        /// Whether a minus can stand in front.
        signed: bool,
    },
    /// Text with slashes.
    Path,
    /// One of several texts.
    Any,
    /// A UUID.
    Uuid,
    /// A converter of the application's own, with its arguments.
    Own(&'r str, &'r Arguments),
}

impl Rule {
    /// Parses a rule.
    ///
    /// A converter that is not built in is taken for one of the application's own, and looked up when
    /// the map is built, unless its name is a known mistake (`integer`, `str`).
    ///
    /// # Errors
    ///
    /// [`RuleError`] with the byte at which the mistake begins.
    ///
    /// ```
    /// # use flagon_routing::Rule;
    /// let error = Rule::parse("/users/<user-id>").unwrap_err();
    /// assert_eq!(error.at(), 12);
    /// ```
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        Ok(Self {
            text: text.into(),
            pattern: Pattern::path(text)?,
            endpoint: Box::default(),
            methods: None,
            automatic_options: false,
            defaults: Vec::new(),
            subdomain: None,
            host: None,
            strict_slashes: None,
            merge_slashes: None,
            redirect_to: None,
            alias: false,
            build_only: false,
        })
    }

    /// Names what the rule leads to; several rules may share an endpoint, which `build` is given.
    #[must_use]
    pub fn endpoint(mut self, name: impl Into<Box<str>>) -> Self {
        self.endpoint = name.into();
        self
    }

    /// Limits the rule to these methods, written in capitals; `HEAD` comes with `GET`. Without it, all match.
    #[must_use]
    pub fn methods<M: AsRef<str>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
        let mut all: Vec<Box<str>> = Vec::new();
        for method in methods {
            let method = method.as_ref().to_ascii_uppercase().into_boxed_str();
            if !all.contains(&method) {
                all.push(method);
            }
        }
        if let Some(get) = all.iter().position(|method| &**method == "GET")
            && !all.iter().any(|method| &**method == "HEAD")
        {
            all.insert(get + 1, "HEAD".into());
        }
        self.methods = Some(all);
        self
    }

    /// Lets the rule match `OPTIONS` too, which the caller then answers by itself
    /// ([`Match::is_automatic_options`](crate::Match::is_automatic_options)).
    /// Nothing changes for a rule that names `OPTIONS` among its methods, or has none.
    #[must_use]
    pub fn automatic_options(mut self) -> Self {
        self.automatic_options = true;
        self
    }

    /// Gives a variable a value: one that the rule does not have, or one for which another rule of the endpoint
    /// redirects to this one.
    ///
    /// ```
    /// use flagon_routing::{Found, Map, Rule};
    ///
    /// let map = Map::builder()
    ///     .rule(Rule::parse("/all/").unwrap().endpoint("all").default("page", 1))
    ///     .rule(Rule::parse("/all/page/<int:page>").unwrap().endpoint("all"))
    ///     .build()
    ///     .unwrap();
    /// let Found::Redirect(redirect) = map.find("", "/all/page/1", "GET") else { panic!() };
    /// assert_eq!(redirect.location("", ""), "/all/");
    /// ```
    #[must_use]
    pub fn default(mut self, name: &str, value: impl Into<Value<'static>>) -> Self {
        self.defaults.retain(|(known, _)| **known != *name);
        self.defaults.push((name.into(), value.into()));
        self
    }

    /// Gives several variables a value; see [`default`](Self::default).
    #[must_use]
    pub fn defaults<N: AsRef<str>, V: Into<Value<'static>>>(
        self,
        values: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        values.into_iter().fold(self, |rule, (name, value)| rule.default(name.as_ref(), value))
    }

    /// Limits the rule to a subdomain, which may hold variables.
    #[must_use]
    pub fn subdomain(mut self, rule: impl Into<Box<str>>) -> Self {
        self.subdomain = Some(rule.into());
        self
    }

    /// Limits the rule to a host, which may hold variables; the map must match whole hosts.
    #[must_use]
    pub fn host(mut self, rule: impl Into<Box<str>>) -> Self {
        self.host = Some(rule.into());
        self
    }

    /// Decides about the last slash for this rule alone.
    ///
    /// ```
    /// use flagon_routing::{Found, Map, Rule, StrictSlashes};
    ///
    /// let both = Rule::parse("/both/").unwrap().strict_slashes(StrictSlashes::MatchBoth);
    /// let map = Map::builder().rule(both).rule(Rule::parse("/strict/").unwrap()).build().unwrap();
    /// assert!(matches!(map.find("", "/both", "GET"), Found::Rule(_)));
    /// assert!(matches!(map.find("", "/strict", "GET"), Found::Redirect(_)));
    /// ```
    #[must_use]
    pub fn strict_slashes(mut self, strict: StrictSlashes) -> Self {
        self.strict_slashes = Some(strict);
        self
    }

    /// Decides about slashes in a row for this rule alone.
    ///
    /// ```
    /// use flagon_routing::{Found, Map, MergeSlashes, Rule};
    ///
    /// let kept = Rule::parse("/kept//x").unwrap().merge_slashes(MergeSlashes::Keep);
    /// let map = Map::builder().rule(kept).rule(Rule::parse("/a/b").unwrap()).build().unwrap();
    /// assert!(matches!(map.find("", "/kept//x", "GET"), Found::Rule(_)));
    /// assert!(matches!(map.find("", "/a//b", "GET"), Found::Redirect(_)));
    /// ```
    #[must_use]
    pub fn merge_slashes(mut self, merge: MergeSlashes) -> Self {
        self.merge_slashes = Some(merge);
        self
    }

    /// Redirects what matches to another URL, in which `<name>` stands for the value of that variable.
    ///
    /// A target without a leading slash or a scheme is taken from the application's root, whatever the values.
    #[must_use]
    pub fn redirect_to(mut self, target: impl Into<Box<str>>) -> Self {
        self.redirect_to = Some(target.into());
        self
    }

    /// Makes the rule another way to an endpoint: it redirects to the endpoint's first rule that is no alias.
    #[must_use]
    pub fn alias(mut self) -> Self {
        self.alias = true;
        self
    }

    /// Makes the rule one that is built, and never matches.
    #[must_use]
    pub fn build_only(mut self) -> Self {
        self.build_only = true;
        self
    }

    /// The endpoint's name; empty when none was given.
    pub fn endpoint_name(&self) -> &str {
        &self.endpoint
    }

    /// The methods the rule is limited to, with the `HEAD` and `OPTIONS` that come by themselves; `None` when it takes all.
    pub fn allowed_methods(&self) -> Option<Vec<&str>> {
        let mut methods: Vec<&str> = self.methods.as_ref()?.iter().map(|method| &**method).collect();
        if self.answers_options() {
            methods.push("OPTIONS");
        }
        Some(methods)
    }

    /// Whether `OPTIONS` matches only because of [`automatic_options`](Self::automatic_options).
    pub fn answers_options(&self) -> bool {
        let named = |methods: &Vec<Box<str>>| methods.iter().any(|method| &**method == "OPTIONS");
        self.automatic_options && self.methods.as_ref().is_some_and(|methods| !named(methods))
    }

    /// The values that stand in for variables.
    pub fn default_values(&self) -> impl Iterator<Item = (&str, &Value<'static>)> {
        self.defaults.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether the rule is only built.
    pub fn is_build_only(&self) -> bool {
        self.build_only
    }

    /// The subdomain or host the rule is limited to, as written.
    pub fn domain(&self) -> Option<&str> {
        self.host.as_deref().or(self.subdomain.as_deref())
    }

    /// The variables of the path, in order, each with its converter and its place.
    ///
    /// ```
    /// use flagon_routing::{Rule, VariableKind};
    ///
    /// let rule = Rule::parse("/<lang>/<int(signed=True):id>").unwrap();
    /// let variables = rule.variables();
    /// assert_eq!((variables[0].name(), variables[0].kind()), ("lang", VariableKind::String));
    /// assert_eq!(variables[1].kind(), VariableKind::Int { signed: true });
    /// assert_eq!(variables[1].at(), 8);
    /// ```
    pub fn variables(&self) -> &[Variable] {
        &self.pattern.variables
    }
}

impl Variable {
    /// What the variable's converter takes.
    pub fn kind(&self) -> VariableKind<'_> {
        match &self.spec {
            Spec::String(_) => VariableKind::String,
            Spec::Int { sign, .. } => VariableKind::Int { signed: *sign == Sign::Signed },
            Spec::Float { sign, .. } => VariableKind::Float { signed: *sign == Sign::Signed },
            Spec::Path => VariableKind::Path,
            Spec::Any(_) => VariableKind::Any,
            Spec::Uuid => VariableKind::Uuid,
            Spec::Own { name, arguments, .. } => VariableKind::Own(name, arguments),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Self::parse(text)
    }
}
