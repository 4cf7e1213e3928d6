//! How often which rule of the old app was asked.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use flagon_routing::{Found, Map, Rule, decode_path};
use http::{Method, StatusCode};

use super::shape::shape;
use crate::url_map::SetupError;

/// How often one rule of the app behind this one was asked by one method.
///
/// # Examples
///
/// See [`Application::upstream_counts`](crate::Application::upstream_counts).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct UpstreamCount {
    /// The method.
    pub method: String,
    /// The rule, as the app was told it by [`upstream_rules`](crate::App::upstream_rules); else the shape of the path, such as
    /// `/posts/<int>`.
    pub rule: String,
    /// Whether it is a rule that the app was told.
    pub is_known: bool,
    /// How many requests went to it.
    pub requests: u64,
    /// How many of them were answered by 5xx, or not at all.
    pub failures: u64,
    /// How long all answers took together to begin.
    #[serde(skip)]
    pub time: Duration,
}

#[cfg(feature = "sql")]
impl UpstreamCount {
    /// What it is a count of.
    pub(crate) fn key(&self) -> (String, String) {
        (self.method.clone(), self.rule.clone())
    }

    /// What came after `before`; `None` for nothing.
    pub(crate) fn since(&self, before: Option<&Self>) -> Option<Self> {
        let Some(before) = before else { return Some(self.clone()) };
        let new = Self {
            requests: self.requests - before.requests,
            failures: self.failures - before.failures,
            time: self.time.saturating_sub(before.time),
            ..self.clone()
        };
        (new.requests > 0).then_some(new)
    }
}

/// The counts of a process.
#[derive(Default)]
pub(crate) struct Counts {
    rules: Option<Map>,
    counted: Mutex<HashMap<(Method, Place), Count>>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    /// A rule, by its number.
    Rule(usize),
    /// A path of this shape.
    Shape(String),
    /// More shapes than are told apart.
    Other,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    requests: u64,
    failures: u64,
    time: Duration,
}

impl Counts {
    /// Counts by `rules`, each with its methods, none for any.
    ///
    /// # Errors
    ///
    /// When a rule does not parse.
    pub(crate) fn by_rules(rules: &[(String, Vec<String>)]) -> Result<Self, SetupError> {
        let mut map = Map::builder();
        for (text, methods) in rules {
            let mut rule = Rule::parse(text).map_err(|error| {
                SetupError::UpstreamRule(format!("the rule `{text}` of the upstream does not parse: {error}"))
            })?;
            if !methods.is_empty() {
                rule = rule.methods(methods).automatic_options();
            }
            map.add(rule.endpoint(text.as_str()));
        }
        Ok(Self { rules: Some(map.build().map_err(SetupError::Map)?), ..Self::default() })
    }

    /// Counts a request that was answered with `status` after `time`; `None` when it was not.
    pub(crate) fn add(&self, method: &Method, path: &str, status: Option<StatusCode>, time: Duration) {
        let place = self.place(method, path);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = counted.len() >= PLACES_MAX;
        let mut key = (method.clone(), place);
        if is_full && !counted.contains_key(&key) {
            key = (Method::GET, Place::Other);
        }
        let count = counted.entry(key).or_default();
        count.requests += 1;
        count.failures += u64::from(status.is_none_or(|status| status.is_server_error()));
        count.time += time;
    }

    fn place(&self, method: &Method, path: &str) -> Place {
        let found = self.rules.as_ref().map(|map| map.find("", &decode_path(path), method.as_str()));
        match found {
            Some(Found::Rule(found)) => Place::Rule(found.rule().index()),
            _ => Place::Shape(shape(path)),
        }
    }

    /// The rules that the app was told.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().flat_map(Map::rules).map(|(_, rule)| rule)
    }

    /// Everything that was counted, the most frequent first.
    pub(crate) fn all(&self) -> Vec<UpstreamCount> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rules: Vec<_> =
            self.rules.iter().flat_map(Map::rules).map(|(_, rule)| rule.to_string()).collect();
        let mut all: Vec<_> = counted
            .into_iter()
            .map(|((method, place), count)| {
                let (rule, is_known) = match place {
                    Place::Rule(index) => (rules[index].clone(), true),
                    Place::Shape(shape) => (shape, false),
                    Place::Other => ("<other>".to_owned(), false),
                };
                let Count { requests, failures, time } = count;
                UpstreamCount { method: method.to_string(), rule, is_known, requests, failures, time }
            })
            .collect();
        all.sort_by(|a, b| (b.requests, &a.rule, &a.method).cmp(&(a.requests, &b.rule, &b.method)));
        all
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counts")
    }
}

/// How many pairs of method and place are told apart: clients choose paths, memory is ours.
const PLACES_MAX: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_rule_where_there_is_one() {
        let rules = [("/posts/<int:id>".to_owned(), vec!["GET".to_owned()])];
        let counts = Counts::by_rules(&rules).unwrap();
        let add = |method: &Method, path: &str, status: u16| {
            counts.add(method, path, StatusCode::from_u16(status).ok(), Duration::from_millis(1));
        };
        for id in 0..5 {
            add(&Method::GET, &format!("/posts/{id}"), if id == 0 { 500 } else { 200 });
        }
        add(&Method::POST, "/posts/1", 302);
        let all = counts.all();
        let said: Vec<_> =
            all.iter().map(|count| (&*count.method, &*count.rule, count.requests, count.failures)).collect();
        assert_eq!(said, [("GET", "/posts/<int:id>", 5, 1), ("POST", "/posts/<int>", 1, 0)]);
        assert_eq!((all[0].is_known, all[1].is_known), (true, false));
        assert_eq!(all[0].time, Duration::from_millis(5));
    }

    #[test]
    fn a_client_can_not_make_them_grow_without_end() {
        let counts = Counts::default();
        for at in 0..10_000 {
            counts.add(&Method::GET, &format!("/a{at}"), None, Duration::ZERO);
        }
        assert!(counts.all().len() <= PLACES_MAX + 1);
        assert_eq!(counts.all().iter().map(|count| count.requests).sum::<u64>(), 10_000);
    }
}
