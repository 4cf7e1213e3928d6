//! How far an app has moved: the rules of its upstream, who answers each of them, and how often the upstream is still asked.
//!
//! In: the app's rules, those of the upstream that it was told, and what was counted. Out: a row for each rule. Never: a guess about a rule
//! that nobody told of; what went there besides is listed by the shape of its path.

use std::collections::HashSet;

use flagon_routing::Rule;

use crate::{
    upstream::UpstreamCount,
    url_map::{UrlMap, listed_methods},
};

/// How far an app has moved.
#[derive(Debug)]
pub(crate) struct Coverage {
    /// The rules of the upstream.
    pub(crate) rows: Vec<Row>,
    /// What went to it besides.
    pub(crate) others: Vec<UpstreamCount>,
}

/// A rule of the upstream.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) rule: String,
    /// The methods that the app answers itself.
    pub(crate) here: Vec<String>,
    /// Those that still go to the upstream.
    pub(crate) there: Vec<String>,
    /// What was counted of it, by all methods.
    pub(crate) asked: Asked,
}

/// How often a rule was asked of the upstream.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) requests: u64,
    pub(crate) failures: u64,
}

impl Coverage {
    /// Sees which of `told`, the rules of the upstream, `own` answers; `away` are the endpoints that were switched over to the upstream.
    pub(crate) fn of<'a>(
        own: &UrlMap,
        told: impl IntoIterator<Item = &'a Rule>,
        counts: &[UpstreamCount],
        away: &HashSet<String>,
    ) -> Self {
        let own: Vec<(String, Vec<String>)> = own
            .rules()
            .filter(|(endpoint, rule)| !rule.is_build_only() && !away.contains(endpoint.name()))
            .map(|(_, rule)| (without_names(rule), listed_methods(rule)))
            .collect();
        let row = |rule: &Rule| {
            let shape = without_names(rule);
            let answers = |method: &String| {
                own.iter().any(|(known, methods)| {
                    *known == shape && methods.iter().any(|known| known == method || known == "ANY")
                })
            };
            let (here, there) = listed_methods(rule).into_iter().partition(answers);
            let rule = rule.to_string();
            let asked = Asked::sum(counts.iter().filter(|count| count.is_known && count.rule == rule));
            Row { rule, here, there, asked }
        };
        let others = counts.iter().filter(|count| !count.is_known).cloned().collect();
        Self { rows: told.into_iter().map(row).collect(), others }
    }

    /// How many rules have moved with all their methods.
    pub(crate) fn moved(&self) -> usize {
        self.rows.iter().filter(|row| row.there.is_empty()).count()
    }

    /// That as a sentence.
    pub(crate) fn summary(&self) -> String {
        let (moved, all) = (self.moved(), self.rows.len());
        format!("{moved} of {all} rules have moved ({} %)", moved * 100 / all.max(1))
    }
}

impl Asked {
    fn sum<'a>(counts: impl Iterator<Item = &'a UpstreamCount>) -> Self {
        counts.fold(Self::default(), |sum, count| Self {
            requests: sum.requests + count.requests,
            failures: sum.failures + count.failures,
        })
    }
}

/// The text of `rule` without the names of its variables: `/<int:id>` and `/<int:post>` answer the same paths.
fn without_names(rule: &Rule) -> String {
    let text = rule.to_string();
    let mut shape = String::with_capacity(text.len());
    let mut at = 0;
    for variable in rule.variables() {
        let end = format!("{}>", variable.name());
        let Some(length) = text.get(variable.at()..).and_then(|rest| rest.find(&end)) else { continue };
        let converter = text[variable.at() + 1..variable.at() + length].trim_end_matches(':');
        shape.push_str(&text[at..=variable.at()]);
        shape.push_str(if matches!(converter, "default" | "string") { "" } else { converter });
        shape.push('>');
        at = variable.at() + length + end.len();
    }
    shape + &text[at..]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Route, prelude::*};

    fn count(method: &str, rule: &str, is_known: bool, requests: u64) -> UpstreamCount {
        let (method, rule) = (method.to_owned(), rule.to_owned());
        UpstreamCount { method, rule, is_known, requests, failures: 1, time: Duration::ZERO }
    }

    #[test]
    fn a_rule_has_moved_when_all_its_methods_have() {
        let routes = [
            Route::new("index", "/", ["GET"], async || ""),
            Route::new("post", "/<int:number>", ["GET"], async || ""),
            Route::build_only("login", "/login"),
            Route::new("user", "/user/<name>", ["GET"], async || ""),
        ];
        let old: [(&str, &[&str]); 5] = [
            ("/", &["GET"]),
            ("/<int:id>", &["GET", "POST"]),
            ("/login", &["GET"]),
            ("/user/<string:who>", &["GET"]),
            ("/<float:id>", &["GET"]),
        ];
        let app = App::new("t").routes(routes).upstream("http://127.0.0.1:9").upstream_rules(old);
        let app = app.build().unwrap();
        let counts = [
            count("POST", "/<int:id>", true, 7),
            count("HEAD", "/<int:id>", true, 2),
            count("GET", "/login", false, 3),
        ];
        let of = |away: &[&str]| {
            let away = away.iter().map(|&name| name.to_owned()).collect();
            Coverage::of(app.current_app().url_map(), app.upstream_rules(), &counts, &away)
        };
        let coverage = of(&[]);
        let said: Vec<_> = coverage
            .rows
            .iter()
            .map(|row| (row.rule.as_str(), row.here.join(" "), row.there.join(" "), row.asked.requests))
            .collect();
        let row = |rule, here: &str, there: &str, asked| (rule, here.to_owned(), there.to_owned(), asked);
        let expected = [
            row("/", "GET", "", 0),
            row("/<int:id>", "GET", "POST", 9),
            row("/login", "", "GET", 0),
            row("/user/<string:who>", "GET", "", 0),
            row("/<float:id>", "", "GET", 0),
        ];
        assert_eq!(said, expected);
        assert_eq!(coverage.rows[1].asked, Asked { requests: 9, failures: 2 });
        assert_eq!(coverage.others, [count("GET", "/login", false, 3)], "a path that fits no rule");
        assert_eq!(coverage.summary(), "2 of 5 rules have moved (40 %)");
        assert_eq!(of(&["index"]).summary(), "1 of 5 rules have moved (20 %)", "switched back");
    }
}
