//! Makes a [`Map`] out of rules, converters and options.
//!
//! In: what the application sets up. Out: a map, or the first mistake with its rule.

use std::{collections::HashMap, fmt, sync::Arc};

use crate::{
    Arguments, Converter, Hosts, Map, MergeSlashes, Reach, RedirectDefaults, Rule, RuleError, RuleErrorKind,
    RuleId, StrictSlashes,
    compiled::{CompileError, Compiled},
    converter::{BUILT_IN, Bound, foreign},
    methods::{MethodNames, MethodSet},
    nearest::nearest,
    pattern::{Pattern, Variable},
    tree::{Leaf, Tree},
};

type Factory = Box<dyn Fn(&Arguments) -> Result<Arc<dyn Converter>, String> + Send + Sync>;

/// Collects rules, converters and options for a [`Map`].
///
/// ```
/// use flagon_routing::{Map, Rule, StrictSlashes};
///
/// let mut builder = Map::builder().strict_slashes(StrictSlashes::MatchBoth);
/// let index = builder.add(Rule::parse("/").unwrap().endpoint("index"));
/// let map = builder.build().unwrap();
/// assert_eq!(map.rule(index).endpoint_name(), "index");
/// ```
#[derive(Default)]
pub struct MapBuilder {
    rules: Vec<Rule>,
    converters: HashMap<Box<str>, Factory>,
    hosts: Hosts,
    default_subdomain: Box<str>,
    strict_slashes: StrictSlashes,
    merge_slashes: MergeSlashes,
    redirect_defaults: RedirectDefaults,
    sorts_query: bool,
}

impl fmt::Debug for MapBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapBuilder")
            .field("rules", &self.rules)
            .field("converters", &self.converters.keys())
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

impl Map {
    /// Begins a map.
    pub fn builder() -> MapBuilder {
        MapBuilder::default()
    }
}

impl MapBuilder {
    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.add(rule);
        self
    }

    /// Adds a rule and tells its number.
    ///
    /// # Panics
    ///
    /// At 2³² rules.
    pub fn add(&mut self, rule: Rule) -> RuleId {
        let id = u32::try_from(self.rules.len()).expect("fewer than 2^32 rules fit into memory");
        self.rules.push(rule);
        RuleId(id)
    }

    /// Registers a converter without arguments; a built-in name cannot be given again.
    ///
    /// See [`Converter`] for an example.
    #[must_use]
    pub fn converter(self, name: &str, converter: impl Converter + 'static) -> Self {
        let converter: Arc<dyn Converter> = Arc::new(converter);
        self.register(
            name,
            Box::new(move |arguments| {
                if arguments.is_empty() {
                    Ok(Arc::clone(&converter))
                } else {
                    Err("this converter takes no arguments".to_owned())
                }
            }),
        )
    }

    /// Registers a converter that is made from its arguments in each rule.
    ///
    /// The text of an error is shown with the rule.
    ///
    /// ```
    /// use flagon_routing::{Arguments, Converter, Found, Map, Rule};
    ///
    /// #[derive(Debug)]
    /// struct Digits(usize);
    ///
    /// impl Converter for Digits {
    ///     fn matches(&self, text: &str) -> bool {
    ///         text.len() == self.0 && text.bytes().all(|byte| byte.is_ascii_digit())
    ///     }
    /// }
    ///
    /// let digits = |arguments: &Arguments| {
    ///     let count = arguments.get(0, "count").and_then(|text| text.parse().ok());
    ///     Ok(Digits(count.ok_or("say how many, as in `<digits(4):year>`")?))
    /// };
    /// let map = Map::builder()
    ///     .converter_with("digits", digits)
    ///     .rule(Rule::parse("/<digits(4):year>").unwrap())
    ///     .build()
    ///     .unwrap();
    /// assert!(matches!(map.find("", "/2026", "GET"), Found::Rule(_)));
    /// ```
    #[must_use]
    pub fn converter_with<C: Converter + 'static>(
        self,
        name: &str,
        make: impl Fn(&Arguments) -> Result<C, String> + Send + Sync + 'static,
    ) -> Self {
        self.register(name, Box::new(move |arguments| Ok(Arc::new(make(arguments)?))))
    }

    fn register(mut self, name: &str, factory: Factory) -> Self {
        self.converters.insert(name.into(), factory);
        self
    }

    /// Decides what rules' subdomains and hosts are compared with.
    #[must_use]
    pub fn hosts(mut self, hosts: Hosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// The subdomain of rules that name none.
    #[must_use]
    pub fn default_subdomain(mut self, subdomain: &str) -> Self {
        self.default_subdomain = subdomain.into();
        self
    }

    /// Decides about the last slash for rules that do not.
    #[must_use]
    pub fn strict_slashes(mut self, strict: StrictSlashes) -> Self {
        self.strict_slashes = strict;
        self
    }

    /// Decides about slashes in a row for rules that do not.
    #[must_use]
    pub fn merge_slashes(mut self, merge: MergeSlashes) -> Self {
        self.merge_slashes = merge;
        self
    }

    /// Decides about URLs that another rule's defaults stand for, and about aliases.
    #[must_use]
    pub fn redirect_defaults(mut self, redirect: RedirectDefaults) -> Self {
        self.redirect_defaults = redirect;
        self
    }

    /// Sorts the query of built URLs by name.
    #[must_use]
    pub fn sort_query(mut self) -> Self {
        self.sorts_query = true;
        self
    }

    /// Makes the map.
    ///
    /// # Errors
    ///
    /// [`MapError`] for the first rule that is wrong: an unknown converter, a bad host, a default that its
    /// variable cannot have, an alias of nothing.
    pub fn build(mut self) -> Result<Map, MapError> {
        if let Some(name) =
            self.converters.keys().find(|name| BUILT_IN.contains(&&***name) || foreign(name).is_some())
        {
            return Err(MapError { rule: "".into(), kind: MapErrorKind::ConverterName(name.clone()) });
        }
        let mut methods = MethodNames::default();
        let mut rules = Vec::with_capacity(self.rules.len());
        let mut endpoints: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (index, rule) in std::mem::take(&mut self.rules).into_iter().enumerate() {
            let text = rule.text.clone();
            endpoints.entry(rule.endpoint.clone()).or_default().push(index);
            rules.push(self.compile(rule, &mut methods).map_err(|kind| MapError { rule: text, kind })?);
        }
        for endpoint in endpoints.values_mut() {
            endpoint.sort_by_key(|index| rules[*index].build_order());
            self.relate(&mut rules, endpoint)?;
        }
        Ok(Map {
            tree: self.plant(&rules),
            rules,
            endpoints,
            methods,
            hosts: self.hosts,
            default_subdomain: self.default_subdomain,
            merges_slashes: self.merge_slashes == MergeSlashes::Redirect,
            redirect_defaults: self.redirect_defaults,
            sorts_query: self.sorts_query,
        })
    }

    fn plant(&self, rules: &[Compiled]) -> Tree {
        let mut tree = Tree::new();
        for (compiled, rule) in rules.iter().zip(0..).filter(|(compiled, _)| !compiled.rule.build_only) {
            let strict = compiled.rule.strict_slashes.unwrap_or(self.strict_slashes);
            let strict = strict == StrictSlashes::Redirect;
            tree.add(&compiled.steps(), Leaf { rule, methods: compiled.methods, strict });
        }
        tree.sort();
        tree
    }

    fn compile(&self, rule: Rule, methods: &mut MethodNames) -> Result<Compiled, MapErrorKind> {
        let domain = match &self.hosts {
            Hosts::Whole => rule.host.as_deref().ok_or(MapErrorKind::NoHost)?,
            _ => rule.subdomain.as_deref().unwrap_or(&self.default_subdomain),
        };
        let in_domain = |error| MapErrorKind::Domain(domain.into(), error);
        let pattern = Pattern::domain(domain).map_err(in_domain)?;
        let mut variables = Vec::new();
        for variable in &pattern.variables {
            let bound = self.bind(variable).map_err(in_domain)?;
            if bound.shape.reach() == Reach::Slashes {
                return Err(in_domain(RuleError::new(variable.at(), RuleErrorKind::SlashInHost)));
            }
            variables.push(bound);
        }
        for variable in rule.variables() {
            let bound = self.bind(variable).map_err(MapErrorKind::Rule)?;
            if variables.iter().any(|known| known.name == bound.name) {
                let kind = RuleErrorKind::Duplicate(bound.name);
                return Err(MapErrorKind::Rule(RuleError::new(variable.at(), kind)));
            }
            variables.push(bound);
        }
        let mut set = MethodSet::ALL;
        if let Some(names) = rule.allowed_methods() {
            set = MethodSet::NONE;
            for name in names {
                set.add(methods.add(name).ok_or(MapErrorKind::TooManyMethods)?);
            }
        }
        let merge = rule.merge_slashes.unwrap_or(self.merge_slashes);
        Compiled::new(rule, pattern, variables, set, merge).map_err(MapErrorKind::from)
    }

    /// Completes a variable with its converter.
    fn bind(&self, variable: &Variable) -> Result<Bound, RuleError> {
        Bound::new(variable.name(), &variable.spec, |name, arguments, at| {
            let Some(factory) = self.converters.get(name) else {
                let known = BUILT_IN.into_iter().chain(self.converters.keys().map(|name| &**name));
                let near = nearest(name, known).map(Into::into);
                return Err(RuleError::new(at, RuleErrorKind::UnknownConverter(name.into(), near)));
            };
            factory(arguments).map_err(|message| RuleError::argument(at, message))
        })
    }

    /// Notes which rules of one endpoint lead to others.
    fn relate(&self, rules: &mut [Compiled], endpoint: &[usize]) -> Result<(), MapError> {
        let canonical = endpoint.iter().any(|index| !rules[*index].rule.alias);
        if let (false, Some(alias)) = (canonical, endpoint.first()) {
            let rule = rules[*alias].rule.text.clone();
            return Err(MapError { rule, kind: MapErrorKind::AliasOfNothing });
        }
        if self.redirect_defaults == RedirectDefaults::Keep {
            return Ok(());
        }
        for (place, index) in endpoint.iter().enumerate() {
            let before = endpoint[..place].iter().copied();
            let overshadowed_by: Vec<usize> =
                before.filter(|other| rules[*other].provides_defaults_for(&rules[*index])).collect();
            let rule = &mut rules[*index];
            rule.is_plain &= overshadowed_by.is_empty();
            rule.overshadowed_by = overshadowed_by;
        }
        Ok(())
    }
}

/// Why rules make no map.
///
/// ```
/// use flagon_routing::{Map, Rule};
///
/// let error = Map::builder().rule(Rule::parse("/<slgu:name>").unwrap()).build().unwrap_err();
/// assert_eq!(error.rule(), "/<slgu:name>");
/// assert!(error.to_string().starts_with("rule `/<slgu:name>`, byte 2: unknown converter `slgu`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapError {
    rule: Box<str>,
    kind: MapErrorKind,
}

/// What is wrong with a rule in its map.
///
/// See [`MapError`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapErrorKind {
    /// The rule's text, for example an unknown converter.
    Rule(RuleError),
    /// The rule's subdomain or host.
    Domain(Box<str>, RuleError),
    /// The map matches whole hosts, and the rule names none, so it could never match.
    NoHost,
    /// A default is no value of its variable.
    Default {
        /// The variable.
        name: Box<str>,
        /// What its converter takes.
        wanted: String,
    },
    /// `redirect_to` names a variable that the rule does not have.
    RedirectVariable(Box<str>),
    /// The endpoint of an alias has no rule that is not an alias.
    AliasOfNothing,
    /// A converter was registered under a name that is taken.
    ConverterName(Box<str>),
    /// The rules name more than 63 methods.
    TooManyMethods,
}

impl MapError {
    /// The text of the rule; empty when the mistake is in no rule.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What is wrong.
    pub fn kind(&self) -> &MapErrorKind {
        &self.kind
    }
}

impl From<CompileError> for MapErrorKind {
    fn from(error: CompileError) -> Self {
        match error {
            CompileError::Default(unwritable) => {
                MapErrorKind::Default { name: unwritable.name, wanted: unwritable.wanted }
            }
            CompileError::RedirectVariable(name) => MapErrorKind::RedirectVariable(name),
        }
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.rule;
        match &self.kind {
            MapErrorKind::Rule(error) => write!(f, "rule `{rule}`, byte {}: {error}", error.at()),
            MapErrorKind::Domain(domain, error) => {
                write!(f, "rule `{rule}`, its host `{domain}`, byte {}: {error}", error.at())
            }
            MapErrorKind::NoHost => {
                write!(
                    f,
                    "rule `{rule}` has no host, but the map matches whole hosts; give it one with `host`"
                )
            }
            MapErrorKind::Default { name, wanted } => {
                write!(f, "rule `{rule}`: the default of `{name}` must be {wanted}")
            }
            MapErrorKind::RedirectVariable(name) => {
                write!(f, "rule `{rule}`: redirect_to names `<{name}>`, which is no variable of the rule")
            }
            MapErrorKind::AliasOfNothing => {
                write!(f, "rule `{rule}` is an alias, but its endpoint has no other rule to lead to")
            }
            MapErrorKind::ConverterName(name) => {
                write!(f, "the converter name `{name}` is taken or easily mistaken; choose another one")
            }
            MapErrorKind::TooManyMethods => {
                write!(f, "rule `{rule}`: a map has at most 63 different methods")
            }
        }
    }
}

impl std::error::Error for MapError {}
