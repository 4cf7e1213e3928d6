//! Makes a [`Map`] out of rules, converters and options.
//!
//! In: what the application sets up. Out: a map, or the first mistake with its rule.

use std::{collections::HashMap, fmt, sync::Arc};

use crate::{
    Arguments, Converter, Hosts, Map, MapError, MapErrorKind, MergeSlashes, Reach, RedirectDefaults, Rule,
    RuleError, RuleErrorKind, RuleId, StrictSlashes,
    bound::Bound,
    compiled::Compiled,
    converter::{BUILT_IN, foreign},
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
