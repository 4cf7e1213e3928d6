//! How far an app has moved, as a table.

use std::collections::HashSet;

use serde_json::json;

use super::{arguments::RoutesListing, failure::Failure, settings::columns};
use crate::{application::Application, coverage::Coverage, upstream::UpstreamCount};

/// What was counted of what went to the upstream, where that is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    counts: Vec<UpstreamCount>,
    /// The endpoints that were switched over to the upstream.
    away: HashSet<String>,
}

impl Kept {
    /// Reads what `app` keeps; `None` where it keeps nothing.
    #[cfg(feature = "sql")]
    pub(super) async fn of(app: &Application) -> crate::Result<Option<Self>> {
        use crate::shadow::ShadowStore;
        let Some(store) = app.current_app().state::<ShadowStore>() else { return Ok(None) };
        store.0.prepare().await?;
        let away = store.0.away().await?;
        Ok(Some(Self { counts: store.0.passed().await?, away }))
    }
}

/// Lists the rules of the upstream of `app`, with how often they were asked there, if that is `kept`.
pub(super) fn table(
    app: &Application,
    listing: RoutesListing,
    kept: Option<&Kept>,
) -> Result<String, Failure> {
    let nothing = Kept::default();
    let known = kept.unwrap_or(&nothing);
    let told = app.upstream_rules();
    if told.is_empty() {
        return Err(Failure::new(
            "the app was not told which rules its upstream has; say them by `App::upstream_rules`: `flagon port routes` lists those of a Flask app",
        ));
    }
    let coverage = Coverage::of(app.current_app().url_map(), told, &known.counts, &known.away);
    Ok(match (listing.json, kept) {
        (true, _) => as_json(&coverage),
        (false, Some(_)) => with_counts(&coverage),
        (false, None) => without_counts(&coverage),
    })
}

fn without_counts(coverage: &Coverage) -> String {
    let mut cells = vec![["Rule", "Here", "Upstream"].map(str::to_owned).to_vec()];
    let rows = coverage.rows.iter();
    cells.extend(rows.map(|row| vec![row.rule.clone(), row.here.join(", "), row.there.join(", ")]));
    format!(
        "{}\n{}\nHow often the upstream was asked is kept where `App::shadow` is used, if only with `Shadow::new().share(0.0)`\n",
        columns(&cells),
        coverage.summary()
    )
}

fn with_counts(coverage: &Coverage) -> String {
    let head = ["Rule", "Here", "Upstream", "Requests there", "Failed"];
    let mut cells = vec![head.map(str::to_owned).to_vec()];
    cells.extend(coverage.rows.iter().map(|row| {
        let (requests, failures) = (row.asked.requests.to_string(), row.asked.failures.to_string());
        vec![row.rule.clone(), row.here.join(", "), row.there.join(", "), requests, failures]
    }));
    let mut text = format!("{}\n{}\n", columns(&cells), coverage.summary());
    if !coverage.others.is_empty() {
        let mut cells = vec![["Besides", "Method", "Requests there", "Failed"].map(str::to_owned).to_vec()];
        cells.extend(coverage.others.iter().map(|count| {
            let (requests, failures) = (count.requests.to_string(), count.failures.to_string());
            vec![count.rule.clone(), count.method.clone(), requests, failures]
        }));
        text.push('\n');
        text += &columns(&cells);
    }
    text
}

fn as_json(coverage: &Coverage) -> String {
    let rows = coverage.rows.iter().map(|row| {
        let crate::coverage::Row { rule, here, there, asked } = row;
        json!({ "rule": rule, "here": here, "upstream": there, "requests": asked.requests, "failures": asked.failures })
    });
    format!("{:#}\n", json!({ "rules": rows.collect::<Vec<_>>(), "besides": coverage.others }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Route, prelude::*};

    fn app() -> Application {
        let old: [(&str, &[&str]); 2] = [("/", &["GET"]), ("/posts/<int:id>", &["GET", "POST"])];
        let routes = [Route::new("index", "/", ["GET"], async || "")];
        App::new("t").routes(routes).upstream("http://127.0.0.1:9").upstream_rules(old).build().unwrap()
    }

    fn count(method: &str, rule: &str, is_known: bool) -> UpstreamCount {
        let (method, rule) = (method.to_owned(), rule.to_owned());
        UpstreamCount { method, rule, is_known, requests: 12, failures: 1, time: Duration::ZERO }
    }

    #[test]
    fn rules_are_listed_with_how_often_they_still_go_upstream() {
        let listing = |json| RoutesListing {
            sort: super::super::arguments::RoutesOrder::Endpoint,
            json,
            coverage: true,
        };
        let counts = vec![count("GET", "/posts/<int:id>", true), count("GET", "/favicon.ico", false)];
        let kept = Kept { counts, away: HashSet::new() };
        let expected = "\
Rule             Here  Upstream   Requests there  Failed
---------------  ----  ---------  --------------  ------
/                GET              0               0
/posts/<int:id>        GET, POST  12              1

1 of 2 rules have moved (50 %)

Besides       Method  Requests there  Failed
------------  ------  --------------  ------
/favicon.ico  GET     12              1
";
        assert_eq!(table(&app(), listing(false), Some(&kept)).unwrap(), expected);
        let json: serde_json::Value =
            serde_json::from_str(&table(&app(), listing(true), Some(&kept)).unwrap()).unwrap();
        assert_eq!(json["rules"][1]["requests"], 12);
        assert_eq!(json["besides"][0]["rule"], "/favicon.ico");
        let without = table(&app(), listing(false), None).unwrap();
        assert!(
            without.contains("/posts/<int:id>        GET, POST\n") && without.contains("App::shadow"),
            "{without}"
        );
    }
}
