//! The rules of an application, made once, looked up for every request.
//!
//! In: a host, a decoded path, a method. Out: [`Found`]. Never: changes; a [`MapBuilder`](crate::MapBuilder)
//! makes it.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    Allowed, Found, Match, MergeSlashes, Redirect, Rule, RuleId, Value, Variable,
    compiled::{Compiled, RedirectPiece, RedirectTo},
    found::Target,
    methods::{MethodNames, MethodSet},
    percent::push_path,
    tree::{Outcome, Search, Tree},
};

/// What a rule's subdomain or host is compared with.
///
/// ```
/// use flagon_routing::{Found, Hosts, Map, Rule};
///
/// let map = Map::builder()
///     .hosts(Hosts::Subdomains("example.com".into()))
///     .rule(Rule::parse("/").unwrap().subdomain("<user>"))
///     .build()
///     .unwrap();
/// let Found::Rule(found) = map.find("ada.example.com", "/", "GET") else { panic!() };
/// assert_eq!(found.text(0, "ada.example.com", "/"), Some("ada"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hosts {
    /// Nothing: every host is served alike, as the map's default subdomain.
    #[default]
    Any,
    /// The part of the host in front of this name, which may carry a port. Other hosts find nothing.
    Subdomains(Box<str>),
    /// The whole host, with its port; each rule names its own.
    Whole,
}

/// Whether a path that another rule's defaults stand for is redirected to that rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedirectDefaults {
    /// Redirected, so that each page has one URL.
    #[default]
    Redirect,
    /// Both URLs serve the page; the rule with defaults is preferred for building.
    Keep,
}

/// An immutable table of rules.
///
/// ```
/// use flagon_routing::{Found, Map, Rule};
///
/// let map = Map::builder()
///     .rule(Rule::parse("/posts/<int:id>").unwrap().endpoint("show").methods(["GET"]))
///     .rule(Rule::parse("/posts/").unwrap().endpoint("list"))
///     .build()
///     .unwrap();
/// assert!(matches!(map.find("", "/posts/7", "GET"), Found::Rule(_)));
/// assert!(matches!(map.find("", "/posts", "GET"), Found::Redirect(_)));
/// assert!(matches!(map.find("", "/posts/7", "POST"), Found::MethodNotAllowed(_)));
/// assert!(matches!(map.find("", "/about", "GET"), Found::NotFound));
/// ```
#[derive(Debug)]
pub struct Map {
    pub(crate) tree: Tree,
    pub(crate) rules: Vec<Compiled>,
    /// The rules of each endpoint, the most suitable for building first.
    pub(crate) endpoints: HashMap<Box<str>, Vec<usize>>,
    pub(crate) methods: MethodNames,
    pub(crate) hosts: Hosts,
    pub(crate) default_subdomain: Box<str>,
    pub(crate) merges_slashes: bool,
    pub(crate) redirect_defaults: RedirectDefaults,
    pub(crate) sorts_query: bool,
}

impl Map {
    /// Finds what a request's URL leads to.
    ///
    /// The host is that of the request in lower case, without a port that is its scheme's own; it is not
    /// looked at unless the map distinguishes [`Hosts`]. The path is decoded ([`decode_path`](crate::decode_path)).
    #[inline]
    pub fn find(&self, host: &str, path: &str, method: &str) -> Found {
        self.find_for(host, path, self.methods.find(method))
    }

    /// The methods that the rules for a path take; empty when no rule matches it, or one takes all methods.
    pub fn allowed(&self, host: &str, path: &str) -> Allowed {
        match self.find_for(host, path, MethodSet::NONE) {
            Found::MethodNotAllowed(allowed) => allowed,
            _ => Allowed::default(),
        }
    }

    /// All rules in the order they were added.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().zip(0..).map(|(compiled, index)| (RuleId(index), &compiled.rule))
    }

    /// A rule.
    ///
    /// # Panics
    ///
    /// If `id` comes from another, larger map.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.index()].rule
    }

    /// The variables of a rule, those of its subdomain or host first.
    ///
    /// # Panics
    ///
    /// If `id` comes from another, larger map.
    pub fn variables(&self, id: RuleId) -> impl Iterator<Item = &Variable> {
        let compiled = &self.rules[id.index()];
        compiled.domain.variables.iter().chain(compiled.rule.variables())
    }

    /// The names and texts of the variables of a match, the host's first, without `defaults`
    /// ([`Rule::default_values`]), which win where both have a name.
    ///
    /// See [`Match`] for an example.
    ///
    /// # Panics
    ///
    /// If `found` comes from another, larger map.
    pub fn values<'t>(
        &'t self,
        found: &'t Match,
        host: &'t str,
        path: &'t str,
    ) -> impl Iterator<Item = (&'t str, &'t str)> {
        let variables = self.variables(found.rule).enumerate();
        variables.filter_map(move |(index, variable)| Some((variable.name(), found.text(index, host, path)?)))
    }

    #[inline]
    fn find_for(&self, host: &str, path: &str, method: MethodSet) -> Found {
        // Values are kept as ranges of 32 bits.
        if path.len() >= u32::MAX as usize || host.len() >= u32::MAX as usize {
            return Found::NotFound;
        }
        let Some(domain) = self.domain(host) else { return Found::NotFound };
        let mut search = Search::new(&self.tree, method);
        match search.run(domain, path) {
            Outcome::Rule(rule) => self.settle(search, rule, host, path, method),
            Outcome::SlashRequired => match path.trim_start_matches('/') {
                // Never `//`, which would name a host.
                "" if path.is_empty() => redirect_to_path(&["/"]),
                "" => Found::NotFound,
                rest => redirect_to_path(&["/", rest, "/"]),
            },
            Outcome::Miss => self.find_merged(search.allowed, domain, path, method),
        }
    }

    /// The part of the host that rules are compared with; `None` when it is none of ours.
    pub(crate) fn domain<'h>(&'h self, host: &'h str) -> Option<&'h str> {
        match &self.hosts {
            Hosts::Any => Some(&self.default_subdomain),
            Hosts::Whole => Some(host),
            Hosts::Subdomains(server) if **server == *host => Some(""),
            Hosts::Subdomains(server) => host.strip_suffix(&**server)?.strip_suffix('.'),
        }
    }

    /// Looks again with slashes in a row made one.
    #[cold]
    fn find_merged(&self, mut allowed: MethodSet, domain: &str, path: &str, method: MethodSet) -> Found {
        let path = path.trim_start_matches('/');
        if self.merges_slashes && path.contains("//") {
            let merged = merge_slashes(&format!("/{path}"));
            let mut search = Search::new(&self.tree, method);
            match search.run(domain, &merged) {
                Outcome::Rule(rule) if self.rules[rule as usize].merge == MergeSlashes::Redirect => {
                    return redirect_to_path(&[&merged]);
                }
                Outcome::SlashRequired if merged != "/" => return redirect_to_path(&[&merged, "/"]),
                _ => allowed.add(search.allowed),
            }
        }
        self.miss(allowed)
    }

    #[cold]
    fn miss(&self, allowed: MethodSet) -> Found {
        if allowed == MethodSet::NONE {
            Found::NotFound
        } else {
            Found::MethodNotAllowed(self.methods.name(allowed))
        }
    }

    #[inline]
    fn settle(&self, search: Search<'_>, rule: u32, host: &str, path: &str, method: MethodSet) -> Found {
        let compiled = &self.rules[rule as usize];
        let allowed = search.allowed;
        let found = compiled.found(rule, search.spans, method);
        if compiled.is_plain {
            return Found::Rule(found);
        }
        self.inspect(compiled, found, host, path, allowed, method)
    }

    /// Checks the values of a match, and whether it is to be redirected.
    fn inspect(
        &self,
        compiled: &Compiled,
        found: Match,
        host: &str,
        path: &str,
        allowed: MethodSet,
        method: MethodSet,
    ) -> Found {
        if !compiled.passes_checks(|index| found.text(index, host, path)) {
            return self.miss(allowed);
        }
        let here = Here { compiled, found: &found, host, path };
        let redirect = self
            .alias_redirect(&here, method)
            .or_else(|| self.default_redirect(&here, method))
            .or_else(|| compiled.redirect_to.as_ref().map(|target| here.fill(target)));
        redirect.map_or(Found::Rule(found), |target| Found::Redirect(Redirect { target }))
    }

    /// Where an alias leads: to the endpoint's first rule for these values that is no alias.
    fn alias_redirect(&self, here: &Here<'_>, method: MethodSet) -> Option<Target> {
        if !here.compiled.rule.alias || self.redirect_defaults == RedirectDefaults::Keep {
            return None;
        }
        let values = here.values();
        let given = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        let canonical = self.endpoints[&here.compiled.rule.endpoint].iter().map(|index| &self.rules[*index]);
        canonical
            .filter(|rule| !rule.rule.alias && rule.methods.takes(method))
            .filter(|rule| rule.suits(given))
            .find_map(|rule| self.place(rule, given, here.host))
    }

    /// Where a rule leads whose defaults are these values.
    fn default_redirect(&self, here: &Here<'_>, method: MethodSet) -> Option<Target> {
        if here.compiled.overshadowed_by.is_empty() {
            return None;
        }
        let values = here.values();
        let given = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        let rules = here.compiled.overshadowed_by.iter().map(|index| &self.rules[*index]);
        rules
            .filter(|rule| rule.methods.takes(method) && rule.suits(given))
            .find_map(|rule| self.place(rule, given, here.host))
    }

    /// The place of a rule's URL as seen from `host`.
    fn place<'v>(
        &self,
        rule: &Compiled,
        value: impl Fn(&str) -> Option<&'v Value<'v>>,
        host: &str,
    ) -> Option<Target> {
        let (domain, path) = rule.write(value).ok()?;
        let elsewhere = self.domain(host) != Some(&*domain);
        let path = format!("/{}", path.trim_start_matches('/'));
        Some(Target::Canonical { host: elsewhere.then(|| self.host_of(&domain, host)), path })
    }

    /// The whole host of a rule's subdomain or host, as seen from `host`.
    pub(crate) fn host_of(&self, domain: &str, host: &str) -> String {
        let server = match &self.hosts {
            Hosts::Whole => return domain.to_owned(),
            Hosts::Any => host,
            Hosts::Subdomains(server) => server,
        };
        if domain.is_empty() { server.to_owned() } else { format!("{domain}.{server}") }
    }
}

/// A match with the texts it was found in.
struct Here<'h> {
    compiled: &'h Compiled,
    found: &'h Match,
    host: &'h str,
    path: &'h str,
}

impl Here<'_> {
    /// The values of the variables and the defaults, which win.
    fn values(&self) -> Vec<(&str, Value<'_>)> {
        let variables = self.compiled.variables.iter().enumerate();
        let matched = variables.filter_map(|(index, variable)| {
            let text = self.found.text(index, self.host, self.path)?;
            let value = self.compiled.default(&variable.name).cloned();
            Some((&*variable.name, value.unwrap_or_else(|| variable.value(text))))
        });
        let defaults = self.compiled.rule.defaults.iter().map(|(name, value)| (&**name, value.clone()));
        matched.chain(defaults).collect()
    }

    /// Puts the values into the target of `redirect_to`.
    fn fill(&self, target: &RedirectTo) -> Target {
        let mut url = String::new();
        for piece in &target.pieces {
            match piece {
                RedirectPiece::Text(text) => url.push_str(text),
                RedirectPiece::Variable(index) => {
                    let variable = &self.compiled.variables[*index];
                    let text = self.found.text(*index, self.host, self.path).unwrap_or_default();
                    let default = self.compiled.default(&variable.name).cloned();
                    let value = default.unwrap_or_else(|| variable.value(text));
                    let written = variable.write(&value).map_or(Cow::Borrowed(text), Cow::Owned);
                    push_path(&mut url, &written);
                }
            }
        }
        target.target(url)
    }
}

fn redirect_to_path(parts: &[&str]) -> Found {
    let mut path = String::new();
    for part in parts {
        push_path(&mut path, part);
    }
    Found::Redirect(Redirect { target: Target::Canonical { host: None, path } })
}

fn merge_slashes(path: &str) -> String {
    let mut merged = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !merged.ends_with('/') {
            merged.push(character);
        }
    }
    merged
}
