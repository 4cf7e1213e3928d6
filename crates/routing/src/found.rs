//! What a path leads to.

use crate::{Allowed, spans::Spans};

/// The answer to [`Map::find`](crate::Map::find).
///
/// See there for an example.
#[derive(Clone, Debug)]
pub enum Found {
    /// A rule, with the values of its variables.
    Rule(Match),
    /// The resource has another URL; Werkzeug answers 308 (Permanent Redirect, RFC 9110 §15.4.9).
    Redirect(Redirect),
    /// No rule (404).
    NotFound,
    /// Rules, but not for this method (405); these are the methods they take, for `Allow`.
    MethodNotAllowed(Allowed),
}

/// The number of a rule in its map: how many rules were added before it.
///
/// ```
/// use flagon_routing::{Found, Map, Rule};
///
/// let handlers = ["the index", "a post"];
/// let map = Map::builder()
///     .rule(Rule::parse("/").unwrap())
///     .rule(Rule::parse("/<int:id>").unwrap())
///     .build()
///     .unwrap();
/// let Found::Rule(found) = map.find("", "/7", "GET") else { panic!() };
/// assert_eq!(handlers[found.rule().index()], "a post");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u32);

impl RuleId {
    /// The number, to index a table of the caller's own.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A rule that matches, and where its variables' values lie in the host and path that were looked up.
///
/// It holds no text; give it the same host and path to read the values.
///
/// ```
/// use flagon_routing::{Found, Map, Rule};
///
/// let map = Map::builder().rule(Rule::parse("/<lang>/<int:id>").unwrap()).build().unwrap();
/// let Found::Rule(found) = map.find("", "/en/7", "GET") else { panic!() };
/// assert_eq!(found.text(1, "", "/en/7"), Some("7"));
/// let values: Vec<_> = map.values(&found, "", "/en/7").collect();
/// assert_eq!(values, [("lang", "en"), ("id", "7")]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub(crate) rule: RuleId,
    pub(crate) spans: Spans,
    /// How many of the values lie in the host; they come first.
    pub(crate) in_host: usize,
    pub(crate) automatic_options: bool,
}

impl Match {
    /// The rule.
    pub fn rule(&self) -> RuleId {
        self.rule
    }

    /// How many variables have a value: those of the host, then those of the path.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether the rule has no variables.
    pub fn is_empty(&self) -> bool {
        self.spans.len() == 0
    }

    /// How many of the variables belong to the host; they come first.
    pub fn host_variables(&self) -> usize {
        self.in_host
    }

    /// Whether this is an `OPTIONS` that the rule takes only because of
    /// [`Rule::automatic_options`](crate::Rule::automatic_options): the caller answers it.
    pub fn is_automatic_options(&self) -> bool {
        self.automatic_options
    }

    /// The text of the variable `index`, given the host and the path that were looked up.
    ///
    /// `None` when there is no such variable, or the texts are not those.
    #[inline]
    pub fn text<'t>(&self, index: usize, host: &'t str, path: &'t str) -> Option<&'t str> {
        let source = if index < self.in_host { host } else { path };
        source.get(self.spans.range(index)?)
    }
}

/// Where a resource really is.
///
/// ```
/// use flagon_routing::{Found, Map, Rule};
///
/// let map = Map::builder().rule(Rule::parse("/posts/").unwrap()).build().unwrap();
/// let Found::Redirect(redirect) = map.find("", "/posts", "GET") else { panic!() };
/// assert_eq!(redirect.location("/blog", "page=2"), "/blog/posts/?page=2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    pub(crate) target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The same resource: another path, perhaps on another host. The query goes along.
    Canonical { host: Option<String>, path: String },
    /// The target of `redirect_to`, below the application's root.
    Below(String),
    /// The target of `redirect_to`, which names a path of the host or a whole URL.
    Absolute(String),
}

impl Redirect {
    /// The text of the `Location` header (RFC 9110 §10.2.2): a path, or `//host/path` when it is on another host.
    ///
    /// Takes the path below which the application is mounted (`""` for none) and the request's query, without
    /// `?`, which is kept except by [`Rule::redirect_to`](crate::Rule::redirect_to).
    pub fn location(&self, root: &str, query: &str) -> String {
        let root = root.trim_end_matches('/');
        match &self.target {
            Target::Absolute(url) => url.clone(),
            Target::Below(path) => format!("{root}/{path}"),
            Target::Canonical { host, path } => {
                let mut url = String::new();
                if let Some(host) = host {
                    url.push_str("//");
                    url.push_str(host);
                }
                url.push_str(root);
                url.push_str(path);
                if !query.is_empty() {
                    url.push('?');
                    url.push_str(query);
                }
                url
            }
        }
    }
}
