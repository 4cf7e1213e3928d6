//! The rules of an app, and where each leads.
//!
//! In: a request's host, path and method. Out: an endpoint with the values of its variables, or the answer that the
//! rules give by themselves (a redirect, `OPTIONS`), or a 404 or 405. The matching is `flagon-routing`'s.

use std::{any::TypeId, borrow::Cow, collections::HashMap, error::Error as StdError, fmt};

use flagon_http::{Body, method};
use flagon_routing::{
    Allowed, BuildOptions, Found as Routed, Hosts, Map, MapBuilder, MapError, Match, Rule, RuleError, Value,
    decode_path,
};
#[cfg(feature = "sql")]
use flagon_sql::MixedEngines;
use http::{HeaderValue, Method, StatusCode, header};

use crate::{
    allow::{accepted, allow},
    config::Config,
    error::{Error, ErrorKind, Result},
    multi_dict::MultiDict,
    request::Request,
    response::Response,
    view_info::{RouteRule, ViewInfo, ViewWord},
};

/// The rules of an app, and where each leads.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/users/<int:id>")]
/// async fn user(id: i64) -> String {
///     format!("user {id}")
/// }
///
/// let app = App::new("users").routes(routes![user]).build().unwrap();
/// let endpoint = app.current_app().url_map().endpoints().next().unwrap();
/// assert_eq!(endpoint.name(), "user");
/// ```
#[derive(Debug)]
pub struct UrlMap {
    map: Map,
    rules: Vec<RuleEntry>,
    endpoints: Vec<EndpointInfo>,
    by_view: HashMap<TypeId, Vec<usize>>,
    /// Methods of rules that are none of those that everyone knows.
    other_methods: Vec<Box<str>>,
    looks_at_host: bool,
}

/// A rule as dispatch reads it, by its number in the map.
#[derive(Debug)]
struct RuleEntry {
    endpoint: usize,
    names: Box<[Box<str>]>,
    defaults: Box<[(Box<str>, Box<str>)]>,
}

/// What is known of an endpoint.
#[derive(Debug)]
pub struct EndpointInfo {
    name: String,
    source: Option<Source>,
    writes: bool,
    #[cfg(feature = "sql")]
    transaction: ViewTransaction,
    media_types: &'static [&'static str],
}

/// How a view uses the database.
#[cfg(feature = "sql")]
#[derive(Debug, Clone, Copy)]
pub(crate) enum ViewTransaction {
    /// In a transaction of this isolation.
    One(Option<flagon_sql::Isolation>, MixedEngines),
    /// It manages that itself.
    Own,
}

#[cfg(feature = "sql")]
impl ViewTransaction {
    fn of(view: Option<&ViewInfo>) -> Self {
        let Some(info) = view else { return Self::One(None, MixedEngines::Refuse) };
        let mixed = if info.has(ViewWord::MixedEngines) { MixedEngines::Allow } else { MixedEngines::Refuse };
        if info.has(ViewWord::Autocommit) || info.has(ViewWord::WebSocket) {
            Self::Own
        } else {
            Self::One(info.isolation, mixed)
        }
    }
}

/// Where a view stands in the program.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// The file.
    pub file: &'static str,
    /// The line.
    pub line: u32,
    /// The module.
    pub module: &'static str,
    /// The first paragraph of the view's documentation.
    pub doc: &'static str,
}

impl EndpointInfo {
    /// The dotted name: blueprints, then the view's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether its view may write although its method is safe: the option `writes`.
    pub fn writes(&self) -> bool {
        self.writes
    }

    /// How its view uses the database.
    #[cfg(feature = "sql")]
    pub(crate) fn transaction(&self) -> ViewTransaction {
        self.transaction
    }

    /// The media types of the bodies that its view reads, as far as they are known: see [`ViewInfo::media_types`].
    pub fn media_types(&self) -> &'static [&'static str] {
        self.media_types
    }

    /// Where its view stands; `None` for a closure.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }
}

/// What a request was routed to.
#[derive(Debug)]
pub(crate) struct Matched {
    endpoint: usize,
    found: Match,
    decoded: Option<Box<str>>,
    host: Box<str>,
}

impl Matched {
    /// The endpoint's place in the tables of the app.
    pub(crate) fn endpoint(&self) -> usize {
        self.endpoint
    }
}

/// Where a request goes.
pub(crate) enum Found {
    /// To a view, by the place of its endpoint.
    Endpoint(usize),
    /// Nowhere: the rules answer by themselves.
    Answer(Response),
}

impl UrlMap {
    /// Finds what `request` is for.
    ///
    /// # Errors
    ///
    /// 404 when no rule fits, 405 with `Allow` when none takes the method (RFC 9110 §15.5.6), 501 when no rule of the
    /// app could take it, as nobody knows it (§15.6.2).
    pub(crate) fn find(&self, request: &Request) -> Result<(Found, Option<Matched>)> {
        let path = decode_path(request.path());
        let host = self.host(request);
        match self.map.find(&host, &path, request.method().as_str()) {
            // §9.3.8: it would send credentials back to whoever made a browser send it. What is mounted takes every method.
            Routed::Rule(_) if *request.method() == Method::TRACE => {
                Err(not_allowed(&self.map.allowed(&host, &path)))
            }
            Routed::Rule(found) => {
                let options = found.is_automatic_options().then(|| self.options(&host, &path));
                let decoded = if let Cow::Owned(path) = path { Some(path.into()) } else { None };
                let endpoint = self.rules[found.rule().index()].endpoint;
                let matched = Matched { endpoint, found, decoded, host: host.into() };
                let found = match options {
                    Some(answer) => Found::Answer(answer),
                    None => Found::Endpoint(endpoint),
                };
                Ok((found, Some(matched)))
            }
            Routed::Redirect(to) => {
                let location = to.location("", request.query_string());
                Ok((Found::Answer(redirect(&location)?), None))
            }
            Routed::NotFound | Routed::MethodNotAllowed(_) if self.is_unknown(request.method()) => {
                Err(Error::aborted(501)
                    .with_public("No resource of this server knows the method of the request."))
            }
            Routed::NotFound if *request.method() == Method::OPTIONS && path == "*" => {
                Ok((Found::Answer(Response::new(Body::empty())), None)) // §9.3.7: a ping of the whole server
            }
            Routed::NotFound => Err(Error::new(ErrorKind::NotFound)),
            Routed::MethodNotAllowed(allowed) => Err(not_allowed(&allowed)),
        }
    }

    fn is_unknown(&self, method: &Method) -> bool {
        !method::is_known(method) && !self.other_methods.iter().any(|known| **known == *method.as_str())
    }

    /// The host as the rules want it: lower case; empty when none looks at it.
    fn host(&self, request: &Request) -> String {
        if self.looks_at_host { request.host().to_ascii_lowercase() } else { String::new() }
    }

    /// What `OPTIONS` is told where no view answers it (RFC 9110 §9.3.7).
    fn options(&self, host: &str, path: &str) -> Response {
        let mut response = Response::new(Body::empty());
        let allowed = self.map.allowed(host, path);
        response.headers_mut().insert(header::ALLOW, allow(&allowed));
        for method in allowed.iter().filter(|method| ["PATCH", "QUERY", "POST"].contains(method)) {
            if let Routed::Rule(found) = self.map.find(host, path, method) {
                let types = self.endpoints[self.rules[found.rule().index()].endpoint].media_types;
                response.headers_mut().extend(accepted(method, types));
            }
        }
        response
    }

    /// The media types of the bodies that the view of `matched` reads.
    pub(crate) fn media_types(&self, matched: &Matched) -> &'static [&'static str] {
        self.endpoints[matched.endpoint].media_types
    }

    /// The endpoint that a request of `method` for the path of `request` would lead to.
    pub(crate) fn endpoint_for(&self, request: &Request, method: &Method) -> Option<usize> {
        match self.map.find(&self.host(request), &decode_path(request.path()), method.as_str()) {
            Routed::Rule(found) if !found.is_automatic_options() => {
                Some(self.rules[found.rule().index()].endpoint)
            }
            _ => None,
        }
    }

    /// The methods that the path of `request` answers to, as `Allow` names them.
    pub(crate) fn allowed(&self, request: &Request) -> HeaderValue {
        allow(&self.map.allowed(&self.host(request), &decode_path(request.path())))
    }

    /// The value of the variable `name` in what `request` was routed to.
    pub(crate) fn value<'a>(
        &'a self,
        matched: &'a Matched,
        request: &'a Request,
        name: &str,
    ) -> Option<&'a str> {
        let rule = &self.rules[matched.found.rule().index()];
        if let Some((_, value)) = rule.defaults.iter().find(|(known, _)| **known == *name) {
            return Some(value);
        }
        let index = rule.names.iter().position(|known| **known == *name)?;
        let path = matched.decoded.as_deref().unwrap_or_else(|| request.path());
        matched.found.text(index, &matched.host, path)
    }
}

impl UrlMap {
    /// Every endpoint, in the order of registration.
    pub fn endpoints(&self) -> impl Iterator<Item = &EndpointInfo> {
        self.endpoints.iter()
    }

    /// The first rule of every endpoint, by which metrics call it.
    pub(crate) fn routes(&self) -> Vec<String> {
        let first = |endpoint: &EndpointInfo| self.rules().find(|(known, _)| std::ptr::eq(*known, endpoint));
        let name = |endpoint: &EndpointInfo| {
            first(endpoint).map_or_else(|| endpoint.name.clone(), |(_, rule)| rule.to_string())
        };
        self.endpoints.iter().map(name).collect()
    }

    /// Every rule with the place of its endpoint, in the order of registration.
    pub fn rules(&self) -> impl Iterator<Item = (&EndpointInfo, &Rule)> {
        self.map.rules().zip(&self.rules).map(|((_, rule), entry)| (&self.endpoints[entry.endpoint], rule))
    }

    /// Whether a rule of `endpoint` has the variable `name`: Werkzeug's `is_endpoint_expecting`.
    pub fn is_endpoint_expecting(&self, endpoint: &str, name: &str) -> bool {
        let of_endpoint = self.rules.iter().filter(|rule| self.endpoints[rule.endpoint].name == endpoint);
        of_endpoint.flat_map(|rule| &rule.names).any(|known| **known == *name)
    }

    /// The names and values of the variables and defaults of what `request` was routed to.
    pub(crate) fn values(&self, matched: &Matched, request: &Request) -> MultiDict {
        let rule = &self.rules[matched.found.rule().index()];
        let defaults = rule.defaults.iter().map(|(name, _)| &**name);
        let names = rule
            .names
            .iter()
            .map(|name| &**name)
            .filter(|name| !defaults.clone().any(|known| known == *name));
        let value = |name: &str| Some((name.to_owned(), self.value(matched, request, name)?.to_owned()));
        names.chain(defaults.clone()).filter_map(value).collect()
    }

    /// The rule that `matched` matched.
    pub(crate) fn rule(&self, matched: &Matched) -> &Rule {
        self.map.rule(matched.found.rule())
    }

    pub(crate) fn endpoint(&self, endpoint: usize) -> &EndpointInfo {
        &self.endpoints[endpoint]
    }

    /// The name of the endpoint that a view leads to: of the one in `blueprint`, where there are several.
    pub(crate) fn endpoint_of_view(&self, view: TypeId, blueprint: Option<&str>) -> Option<&str> {
        let endpoints = self.by_view.get(&view)?;
        let names = || endpoints.iter().map(|&endpoint| self.endpoints[endpoint].name());
        let of_blueprint = |name: &&str| name.rsplit_once('.').map(|(blueprint, _)| blueprint) == blueprint;
        names().find(of_blueprint).or_else(|| names().next())
    }

    /// Builds the URL of `endpoint`.
    pub(crate) fn build(
        &self,
        endpoint: &str,
        values: &[(&str, Value<'_>)],
        options: &BuildOptions<'_>,
    ) -> Result<String> {
        Ok(self.map.build(endpoint, values, options)?.as_str().to_owned())
    }
}

/// Rules as they are added.
pub(crate) struct UrlMapBuilder {
    map: MapBuilder,
    rules: Vec<RuleEntry>,
    endpoints: Vec<EndpointInfo>,
    by_view: HashMap<TypeId, Vec<usize>>,
    other_methods: Vec<Box<str>>,
    server_name: Option<String>,
    hosts: Hosts,
}

impl UrlMapBuilder {
    /// Begins with the converters and options of `map`.
    pub(crate) fn new(map: MapBuilder, config: &Config) -> Self {
        Self {
            map,
            rules: Vec::new(),
            endpoints: Vec::new(),
            by_view: HashMap::new(),
            other_methods: Vec::new(),
            server_name: config.server_name.clone(),
            hosts: Hosts::Any,
        }
    }

    /// Adds an endpoint and gives its place.
    pub(crate) fn add_endpoint(
        &mut self,
        name: String,
        view: Option<&(TypeId, ViewInfo)>,
    ) -> Result<usize, SetupError> {
        let place = self.endpoints.len();
        let source = view.map(|(_, info)| Source::from(*info));
        if let Some(known) = self.endpoints.iter().find(|known| known.name == name) {
            return Err(SetupError::SameEndpoint { name, sources: Box::new([known.source, source]) });
        }
        if let Some((id, _)) = view {
            self.by_view.entry(*id).or_default().push(place);
        }
        let writes =
            view.is_some_and(|(_, info)| info.has(ViewWord::Writes) || info.has(ViewWord::WebSocket));
        let media_types = view.map_or(&[][..], |(_, info)| info.media_types);
        #[cfg(feature = "sql")]
        let transaction = ViewTransaction::of(view.map(|(_, info)| info));
        self.endpoints.push(EndpointInfo {
            name,
            source,
            writes,
            #[cfg(feature = "sql")]
            transaction,
            media_types,
        });
        Ok(place)
    }

    /// Adds a rule that leads to `endpoint`.
    pub(crate) fn add_rule(&mut self, endpoint: usize, route: &RouteRule) -> Result<(), SetupError> {
        let name = &self.endpoints[endpoint].name;
        let bad = |error: RuleError| SetupError::Rule {
            endpoint: name.clone(),
            rule: route.rule.to_string(),
            error,
        };
        let mut rule = Rule::parse(&route.rule).map_err(bad)?.endpoint(name.as_str());
        let is_other = |name: &&Cow<'_, str>| {
            Method::from_bytes(name.as_bytes()).is_ok_and(|method| !method::is_known(&method))
        };
        self.other_methods.extend(route.methods.iter().filter(is_other).map(|name| name.as_ref().into()));
        if !route.methods.is_empty() {
            rule = rule.methods(&route.methods).automatic_options();
        }
        for (variable, value) in &route.defaults {
            rule = rule.default(variable, *value);
        }
        if let Some(strict) = route.strict_slashes {
            rule = rule.strict_slashes(strict);
        }
        if let Some(subdomain) = &route.subdomain {
            let server = self
                .server_name
                .as_deref()
                .ok_or_else(|| SetupError::NoServerName { endpoint: name.clone() })?;
            self.hosts = Hosts::Subdomains(server.to_ascii_lowercase().into());
            rule = rule.subdomain(subdomain.as_ref());
        }
        if let Some(target) = &route.redirect_to {
            rule = rule.redirect_to(target.as_ref());
        }
        if route.is_build_only {
            rule = rule.build_only();
        }
        if let Some(host) = &route.host {
            self.hosts = Hosts::Whole;
            rule = rule.host(host.as_ref());
        }
        // A match counts the variables of the host first.
        let domain = route.host.as_ref().or(route.subdomain.as_ref());
        let domain = domain.map(|domain| Rule::parse(&format!("/{domain}")).map_err(bad)).transpose()?;
        let in_host = domain.iter().flat_map(Rule::variables);
        let names = in_host.chain(rule.variables()).map(|variable| variable.name().into()).collect();
        let defaults = route
            .defaults
            .iter()
            .map(|&(name, value)| (name.into(), Value::from(value).to_string().into()))
            .collect();
        self.rules.push(RuleEntry { endpoint, names, defaults });
        self.map.add(rule);
        Ok(())
    }

    pub(crate) fn build(self) -> Result<UrlMap, SetupError> {
        let looks_at_host = self.hosts != Hosts::Any;
        let map = self.map.hosts(self.hosts).build().map_err(SetupError::Map)?;
        let Self { rules, endpoints, by_view, other_methods, .. } = self;
        Ok(UrlMap { map, rules, endpoints, by_view, other_methods, looks_at_host })
    }
}

fn not_allowed(allowed: &Allowed) -> Error {
    Error::new(ErrorKind::MethodNotAllowed).with_header(header::ALLOW, allow(allowed))
}

/// Sends the client to `location`, with its method and body kept (RFC 9110 §15.4.9).
fn redirect(location: &str) -> Result {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, location.try_into()?);
    Ok(response)
}

impl From<ViewInfo> for Source {
    fn from(info: ViewInfo) -> Self {
        Self { file: info.file, line: info.line, module: info.module, doc: info.doc }
    }
}

/// Why an app can't be set up: a mistake in the program, found before it serves.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// A rule does not parse.
    Rule {
        /// The endpoint it leads to.
        endpoint: String,
        /// The whole rule, with the prefixes of blueprints.
        rule: String,
        /// What is wrong, and where.
        error: RuleError,
    },
    /// Two views have the same endpoint name.
    SameEndpoint {
        /// The name.
        name: String,
        /// Where the two stand, if they are functions.
        sources: Box<[Option<Source>; 2]>,
    },
    /// A view answers on a subdomain, and no one said of which server.
    NoServerName {
        /// The endpoint.
        endpoint: String,
    },
    /// A view takes a `State<T>`, and the app has no `T`.
    NoState {
        /// The endpoint.
        endpoint: String,
        /// The type.
        state: &'static str,
    },
    /// The app signs something, and has no secret key: see [`Application::check_secret_key`](crate::Application::check_secret_key).
    NoSecretKey {
        /// What signs, as a sentence begins.
        need: String,
        /// Why there is none, and what to type.
        why: String,
    },
    /// A setting makes no sense, or not with another one.
    Setting {
        /// Its path.
        key: &'static str,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// The setting `database` is none.
    #[cfg(feature = "sql")]
    Database(flagon_sql::Error),
    /// Two jobs have the same name, or a schedule is none.
    #[cfg(feature = "jobs")]
    Job(String),
    /// A rule of the upstream does not parse.
    UpstreamRule(String),
    /// The rules do not fit together.
    Map(MapError),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { endpoint, rule, .. } => {
                write!(f, "the rule `{rule}` of the endpoint `{endpoint}` does not parse")
            }
            Self::SameEndpoint { name, sources } => {
                write!(f, "two views have the endpoint `{name}`")?;
                let mut join = " (";
                for source in sources.iter().flatten() {
                    write!(f, "{join}{}:{}", source.file, source.line)?;
                    join = " and ";
                }
                let end = if join == " (" { "" } else { ")" };
                write!(
                    f,
                    "{end}; put them into blueprints of different names, or give one another name with `endpoint = \"…\"`"
                )
            }
            Self::NoServerName { endpoint } => {
                write!(
                    f,
                    "the endpoint `{endpoint}` answers on a subdomain: set `server_name` to the name it is a part of"
                )
            }
            Self::NoState { endpoint, state } => {
                write!(
                    f,
                    "the view of `{endpoint}` takes a `State<{state}>`: give the app one with `.state(…)`"
                )
            }
            Self::NoSecretKey { need, why } => write!(f, "{need}, and {why}"),
            Self::Setting { key, problem } => write!(f, "`{key}` {problem}"),
            #[cfg(feature = "sql")]
            Self::Database(_) => f.write_str("the setting `database` can't be used"),
            #[cfg(feature = "jobs")]
            Self::Job(problem) => f.write_str(problem),
            Self::UpstreamRule(problem) => f.write_str(problem),
            Self::Map(_) => f.write_str("the rules do not fit together"),
        }
    }
}

impl StdError for SetupError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Rule { error, .. } => Some(error),
            #[cfg(feature = "sql")]
            Self::Database(error) => Some(error),
            Self::Map(error) => Some(error),
            _ => None,
        }
    }
}
/// The methods of `rule` in alphabetical order, without those that come by themselves, as `flask routes` lists them.
pub(crate) fn listed_methods(rule: &Rule) -> Vec<String> {
    let Some(allowed) = rule.allowed_methods() else { return vec!["ANY".to_owned()] };
    let comes_by_itself = |method: &&str| {
        *method == "HEAD" && allowed.contains(&"GET") || *method == "OPTIONS" && rule.answers_options()
    };
    let mut methods: Vec<_> =
        allowed.iter().copied().filter(|method| !comes_by_itself(method)).map(str::to_owned).collect();
    methods.sort();
    methods
}
