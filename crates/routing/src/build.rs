//! Builds the URL of an endpoint.
//!
//! In: an endpoint's name and values. Out: [`Built`] or a [`BuildError`]. Never: checks that the URL would
//! match: values are the application's own. Only what no converter could write is refused.

use crate::{
    BuildError, BuildErrorKind, BuildOptions, Built, Hosts, Map, Value,
    compiled::{Compiled, Unwritable},
    nearest::nearest,
    percent::push_query,
    url::{BuiltForm, Form, Unknown},
};

impl Map {
    /// Builds the URL of `endpoint`.
    ///
    /// Among the endpoint's rules, the one is taken that the values suffice for, with the most variables and
    /// defaults; values that are no variables become the query, in their order.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when no rule suits: its text names the nearest endpoint, or what is missing.
    ///
    /// See [`BuildOptions`] for an example.
    pub fn build(
        &self,
        endpoint: &str,
        values: &[(&str, Value<'_>)],
        options: &BuildOptions<'_>,
    ) -> Result<Built, BuildError> {
        let error = |kind| BuildError { endpoint: endpoint.into(), kind };
        let Some(rules) = self.endpoints.get(endpoint) else {
            let near = nearest(endpoint, self.endpoints.keys().map(|name| &**name));
            return Err(error(BuildErrorKind::UnknownEndpoint(near.map(Into::into))));
        };
        let draft = Draft { map: self, rules, values, options };
        let (rule, domain, path) = match options.method {
            Some(method) => draft.choose(Some(method)),
            None => match draft.choose(Some(options.request_method)) {
                Ok(chosen) => Ok(chosen),
                Err(BuildErrorKind::Value { name, value, wanted }) => {
                    Err(BuildErrorKind::Value { name, value, wanted })
                }
                Err(_) => draft.choose(None),
            },
        }
        .map_err(error)?;
        let mut built = self.assemble(&domain, &path, options);
        if options.unknown == Unknown::Append {
            self.push_unknown(&mut built.url, rule, values);
        }
        Ok(built)
    }

    fn assemble(&self, domain: &str, path: &str, options: &BuildOptions<'_>) -> Built {
        let root = options.root.trim_end_matches('/');
        let path = path.trim_start_matches('/');
        if options.form == Form::Shortest && self.domain(options.host) == Some(domain) {
            return Built { url: format!("{root}/{path}"), form: BuiltForm::Path };
        }
        let host = self.host_of(domain, options.host);
        let scheme = match options.scheme {
            "" => "",
            "https" | "wss" => "https:",
            _ => "http:",
        };
        Built { url: format!("{scheme}//{host}{root}/{path}"), form: BuiltForm::WithHost }
    }

    fn push_unknown(&self, url: &mut String, rule: &Compiled, values: &[(&str, Value<'_>)]) {
        let mut pairs = Vec::new();
        for (name, value) in values.iter().filter(|(name, _)| !rule.has_argument(name)) {
            match value {
                Value::List(values) => {
                    let given = values.iter().filter(|value| !value.is_none());
                    pairs.extend(given.map(|value| (*name, value.to_string())));
                }
                Value::None => (),
                value => pairs.push((*name, value.to_string())),
            }
        }
        if self.sorts_query {
            pairs.sort();
        }
        for (index, (name, value)) in pairs.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            push_query(url, name);
            url.push('=');
            push_query(url, value);
        }
    }
}

/// One URL in the making.
struct Draft<'d> {
    map: &'d Map,
    rules: &'d [usize],
    values: &'d [(&'d str, Value<'d>)],
    options: &'d BuildOptions<'d>,
}

impl<'d> Draft<'d> {
    fn rules(&self) -> impl Iterator<Item = &'d Compiled> {
        self.rules.iter().map(|index| &self.map.rules[*index])
    }

    fn value(&self, name: &str) -> Option<&'d Value<'d>> {
        let given = self.values.iter().find(|(known, value)| *known == name && !value.is_none());
        given.map(|(_, value)| value)
    }

    /// The first rule that suits, preferably on the present host, with its domain and path.
    fn choose(&self, method: Option<&str>) -> Result<(&'d Compiled, String, String), BuildErrorKind> {
        let mut elsewhere = None;
        let takes =
            |rule: &Compiled| method.is_none_or(|name| rule.methods.takes(self.map.methods.find(name)));
        for rule in self.rules().filter(|rule| takes(rule) && rule.suits(|name| self.value(name))) {
            match rule.write(|name| self.value(name)) {
                // Not the next rule: a value of the wrong kind is a mistake, and Werkzeug's converters raise then.
                Err(Unwritable { name, value, wanted }) => {
                    return Err(BuildErrorKind::Value { name, value, wanted });
                }
                Ok((domain, path)) if self.map.hosts != Hosts::Whole || domain == self.options.host => {
                    return Ok((rule, domain, path));
                }
                Ok((domain, path)) => elsewhere = elsewhere.or(Some((rule, domain, path))),
            }
        }
        elsewhere.ok_or_else(|| self.explain(method))
    }

    /// Why no rule suits: told of the rule that comes nearest.
    fn explain(&self, method: Option<&str>) -> BuildErrorKind {
        let missing = |rule: &Compiled| -> Vec<Box<str>> {
            let needed = rule.arguments().filter(|name| rule.default(name).is_none());
            needed.filter(|name| self.value(name).is_none()).map(Into::into).collect()
        };
        let takes =
            |rule: &&Compiled| method.is_none_or(|name| rule.methods.takes(self.map.methods.find(name)));
        let Some(rule) = self.rules().filter(takes).min_by_key(|rule| missing(rule).len()) else {
            let allowed = self.rules().find_map(|rule| rule.rule.allowed_methods()).unwrap_or_default();
            return BuildErrorKind::Method {
                method: method.unwrap_or_default().into(),
                allowed: allowed.into_iter().map(Into::into).collect(),
            };
        };
        let names = missing(rule);
        let text = rule.rule.to_string().into_boxed_str();
        let differing = rule
            .rule
            .defaults
            .iter()
            .find(|(name, default)| self.value(name).is_some_and(|value| value != default));
        match differing {
            Some((name, default)) if names.is_empty() => {
                BuildErrorKind::Default { rule: text, name: name.clone(), default: default.to_string() }
            }
            _ => BuildErrorKind::Missing { rule: text, names },
        }
    }
}
