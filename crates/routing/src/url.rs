//! What a URL is built from beside its rule, what comes out, and why it may not.

use std::fmt;

/// From where a URL is built, and what it should be.
///
/// ```
/// use flagon_routing::{BuildOptions, Map, Rule};
///
/// let map = Map::builder().rule(Rule::parse("/posts/<int:id>").unwrap().endpoint("post")).build().unwrap();
/// let here = BuildOptions::new("example.com");
/// let values = [("id", 7.into()), ("page", 2.into())];
/// assert_eq!(map.build("post", &values, &here).unwrap().as_str(), "/posts/7?page=2");
/// let mail = here.scheme("https").external();
/// assert_eq!(map.build("post", &values, &mail).unwrap().as_str(), "https://example.com/posts/7?page=2");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions<'a> {
    pub(crate) host: &'a str,
    pub(crate) root: &'a str,
    pub(crate) scheme: &'a str,
    pub(crate) request_method: &'a str,
    pub(crate) method: Option<&'a str>,
    pub(crate) form: Form,
    pub(crate) unknown: Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Shortest,
    External,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    Append,
    Ignore,
}

impl<'a> BuildOptions<'a> {
    /// Starts from the host of the present request, in lower case, with its port unless that is the scheme's own.
    pub fn new(host: &'a str) -> Self {
        Self {
            host,
            root: "",
            scheme: "http",
            request_method: "GET",
            method: None,
            form: Form::Shortest,
            unknown: Unknown::Append,
        }
    }

    /// The path below which the application is mounted.
    #[must_use]
    pub fn root(mut self, root: &'a str) -> Self {
        self.root = root;
        self
    }

    /// The scheme of a URL with a host; an empty one leaves the scheme out (`//host/path`).
    #[must_use]
    pub fn scheme(mut self, scheme: &'a str) -> Self {
        self.scheme = scheme;
        self
    }

    /// The method of the present request, whose rules are tried first.
    #[must_use]
    pub fn request_method(mut self, method: &'a str) -> Self {
        self.request_method = method;
        self
    }

    /// The method that the rule must take.
    #[must_use]
    pub fn method(mut self, method: &'a str) -> Self {
        self.method = Some(method);
        self
    }

    /// Asks for a URL with a host, even for the present one.
    #[must_use]
    pub fn external(mut self) -> Self {
        self.form = Form::External;
        self
    }

    /// Leaves out values that are no variables, instead of making a query of them.
    #[must_use]
    pub fn ignore_unknown(mut self) -> Self {
        self.unknown = Unknown::Ignore;
        self
    }
}

/// A URL.
///
/// See [`BuildOptions`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    pub(crate) url: String,
    pub(crate) form: BuiltForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BuiltForm {
    Path,
    WithHost,
}

impl Built {
    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it names a host: because that was asked for, or because the rule is on another one.
    pub fn has_host(&self) -> bool {
        self.form == BuiltForm::WithHost
    }
}

impl From<Built> for String {
    fn from(built: Built) -> Self {
        built.url
    }
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// Why no URL could be built; the text says what to change.
///
/// ```
/// use flagon_routing::{BuildOptions, Map, Rule};
///
/// let map = Map::builder().rule(Rule::parse("/posts/<int:id>").unwrap().endpoint("post")).build().unwrap();
/// let error = map.build("psot", &[], &BuildOptions::new("example.com")).unwrap_err();
/// assert_eq!(error.to_string(), "no endpoint is named `psot`; did you mean `post`?");
/// let error = map.build("post", &[], &BuildOptions::new("example.com")).unwrap_err();
/// assert_eq!(error.to_string(), "the URL of `post` (`/posts/<int:id>`) needs a value for `id`; give it one");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    pub(crate) endpoint: Box<str>,
    pub(crate) kind: BuildErrorKind,
}

/// What kept a URL from being built.
///
/// See [`BuildError`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildErrorKind {
    /// No rule has this endpoint; the nearest that exists is given with it.
    UnknownEndpoint(Option<Box<str>>),
    /// No rule of the endpoint takes the method.
    Method {
        /// The method asked for.
        method: Box<str>,
        /// Those the endpoint's first rule takes.
        allowed: Vec<Box<str>>,
    },
    /// Values are missing.
    Missing {
        /// The rule that lacks the fewest.
        rule: Box<str>,
        /// The variables without a value.
        names: Vec<Box<str>>,
    },
    /// A value differs from the one that the endpoint's rule stands for.
    Default {
        /// The rule.
        rule: Box<str>,
        /// The variable.
        name: Box<str>,
        /// The value that it has in the rule.
        default: String,
    },
    /// A converter does not take a value.
    Value {
        /// The variable.
        name: Box<str>,
        /// The value, as text.
        value: String,
        /// What the converter takes.
        wanted: String,
    },
}

impl BuildError {
    /// The endpoint that was asked for.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What is wrong.
    pub fn kind(&self) -> &BuildErrorKind {
        &self.kind
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = &self.endpoint;
        match &self.kind {
            BuildErrorKind::UnknownEndpoint(Some(near)) => {
                write!(f, "no endpoint is named `{endpoint}`; did you mean `{near}`?")
            }
            BuildErrorKind::UnknownEndpoint(None) => {
                write!(f, "no endpoint is named `{endpoint}`; the command `routes` lists those that exist")
            }
            BuildErrorKind::Method { method, allowed } => {
                write!(f, "no rule of `{endpoint}` takes {method}; use one of {}", allowed.join(", "))
            }
            BuildErrorKind::Missing { rule, names } => {
                let (values, them) =
                    if names.len() == 1 { ("a value", "it one") } else { ("values", "them") };
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let names = names.join(", ");
                write!(f, "the URL of `{endpoint}` (`{rule}`) needs {values} for {names}; give {them}")
            }
            BuildErrorKind::Default { rule, name, default } => write!(
                f,
                "the rule `{rule}` of `{endpoint}` stands for {name} = {default}; leave `{name}` out or add a rule \
                 with it as a variable"
            ),
            BuildErrorKind::Value { name, value, wanted } => {
                write!(
                    f,
                    "`{}` cannot be `{name}` in the URL of `{endpoint}`; give {wanted}",
                    value.escape_debug()
                )
            }
        }
    }
}

impl std::error::Error for BuildError {}
