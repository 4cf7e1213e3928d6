//! The distinct statements of the requests that are kept, for programs: how often, how long, and where.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flagon_sql::LoggedStatement;
use http::HeaderValue;
use serde_json::json;

use crate::{
    recording::Recording,
    response::{Response, typed},
};

#[derive(Default)]
struct Seen {
    sql: String,
    places: Vec<String>,
    count: u64,
    rows: u64,
    took: Duration,
    /// How often in the one request that has it most.
    most: u64,
}

/// The answer: an array of statements, those that took longest first.
pub(super) fn json(recordings: &[Arc<Recording>]) -> Response {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for recording in recordings {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for statement in recording.statements.statements() {
            if statement.value_count().is_none() {
                continue; // a command of our own
            }
            let digest = statement.digest();
            *counts.entry(digest.clone()).or_default() += 1;
            add(seen.entry(digest).or_default(), &statement);
        }
        for (digest, count) in counts {
            let seen = seen.entry(digest).or_default();
            seen.most = seen.most.max(count);
        }
    }
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.took));
    let statements: Vec<_> = seen
        .into_iter()
        .map(|(digest, seen)| {
            json!({
                "digest": digest,
                "sql": seen.sql,
                "places": seen.places,
                "count": seen.count,
                "most_in_one_request": seen.most,
                "rows": seen.rows,
                "milliseconds": seen.took.as_secs_f64() * 1e3,
            })
        })
        .collect();
    let text = serde_json::Value::from(statements).to_string();
    typed(HeaderValue::from_static("application/json"), text)
}

fn add(seen: &mut Seen, statement: &LoggedStatement) {
    statement.sql().clone_into(&mut seen.sql);
    seen.count += 1;
    seen.rows += statement.rows();
    seen.took += statement.took();
    let place = statement.place().map(|place| format!("{}:{}", place.file(), place.line()));
    seen.places.extend(place.filter(|place| !seen.places.contains(place)));
}
