//! The rules of an app as a table.

use serde_json::json;

use super::{
    arguments::{RoutesListing, RoutesOrder},
    settings::columns,
};
use crate::url_map::{UrlMap, listed_methods};

struct Row {
    endpoint: String,
    methods: Vec<String>,
    rule: String,
    domain: Option<String>,
    place: Option<String>,
}

/// Lists the rules of `map`.
pub(super) fn table(map: &UrlMap, listing: RoutesListing) -> String {
    let mut rows = rows(map);
    match listing.sort {
        RoutesOrder::Endpoint => rows.sort_by(|a, b| (&a.endpoint, &a.rule).cmp(&(&b.endpoint, &b.rule))),
        RoutesOrder::Methods => {
            rows.sort_by(|a, b| (&a.methods, &a.endpoint).cmp(&(&b.methods, &b.endpoint)));
        }
        RoutesOrder::Rule => rows.sort_by(|a, b| (&a.rule, &a.endpoint).cmp(&(&b.rule, &b.endpoint))),
        RoutesOrder::Match => (),
    }
    if listing.json { as_json(&rows) } else { as_text(&rows) }
}

fn rows(map: &UrlMap) -> Vec<Row> {
    let row = |(endpoint, rule): (&crate::EndpointInfo, &flagon_routing::Rule)| Row {
        endpoint: endpoint.name().to_owned(),
        methods: listed_methods(rule),
        rule: rule.to_string(),
        domain: rule.domain().map(str::to_owned),
        place: endpoint.source().map(|source| format!("{}:{}", source.file, source.line)),
    };
    map.rules().filter(|(_, rule)| !rule.is_build_only()).map(row).collect()
}

fn as_text(rows: &[Row]) -> String {
    let has_domains = rows.iter().any(|row| row.domain.is_some());
    let mut cells = vec![vec!["Endpoint".to_owned(), "Methods".to_owned(), "Rule".to_owned()]];
    if has_domains {
        cells[0].insert(2, "Host".to_owned());
    }
    for row in rows {
        let mut line = vec![row.endpoint.clone(), row.methods.join(", "), row.rule.clone()];
        if has_domains {
            line.insert(2, row.domain.clone().unwrap_or_default());
        }
        cells.push(line);
    }
    columns(&cells)
}

fn as_json(rows: &[Row]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "endpoint": row.endpoint,
                "methods": row.methods,
                "rule": row.rule,
                "host": row.domain,
                "place": row.place,
            })
        })
        .collect();
    format!("{:#}\n", json!(rows))
}
