//! What is known of a view before it runs.

use std::borrow::Cow;

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
}

/// One of the rules of a view.
#[derive(Debug, Clone, Copy)]
pub struct ViewRule {
    /// In Werkzeug's syntax: `/users/<int:id>`.
    pub rule: &'static str,
    /// In capitals.
    pub methods: &'static [&'static str],
    /// Values of variables that the rule does not have.
    pub defaults: &'static [(&'static str, &'static str)],
    /// Whether `/users/` and `/users` are two things; `None` as the app says.
    pub strict_slashes: Option<bool>,
    /// The subdomain it answers on.
    pub subdomain: Option<&'static str>,
    /// The host it answers on.
    pub host: Option<&'static str>,
}

/// One of the rules of a route; see [`ViewRule`] for the fields.
#[derive(Debug, Clone)]
pub(crate) struct RouteRule {
    pub(crate) rule: Cow<'static, str>,
    pub(crate) methods: Vec<Cow<'static, str>>,
    pub(crate) defaults: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(crate) strict_slashes: Option<bool>,
    pub(crate) subdomain: Option<Cow<'static, str>>,
    pub(crate) host: Option<Cow<'static, str>>,
    pub(crate) redirect_to: Option<Cow<'static, str>>,
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
        }
    }
}

impl From<&ViewRule> for RouteRule {
    fn from(rule: &ViewRule) -> Self {
        Self {
            rule: rule.rule.into(),
            methods: rule.methods.iter().copied().map(Cow::from).collect(),
            defaults: rule.defaults.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            strict_slashes: rule.strict_slashes,
            subdomain: rule.subdomain.map(Cow::from),
            host: rule.host.map(Cow::from),
            redirect_to: None,
        }
    }
}
