//! Statements of one request that differ in values alone: where a loop asks for one row at a time what a single query would give (N+1).

use std::collections::HashMap;

use flagon_sql::{LoggedStatement, first_word};

/// Statements with one digest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) digest: String,
    /// Their places among the statements, from 0 on.
    pub(super) places: Vec<usize>,
}

/// From so many on, queries of one digest are told of.
const MANY: usize = 4;

/// The groups of queries that are `MANY` or more, the largest first.
pub(super) fn repeated(statements: &[LoggedStatement]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known = HashMap::new();
    for (place, statement) in statements.iter().enumerate() {
        let reads = statement.value_count().is_some()
            && matches!(&*first_word(statement.dialect(), statement.sql()), "SELECT" | "WITH");
        if !reads {
            continue;
        }
        let digest = statement.digest();
        let group = *known.entry(digest.clone()).or_insert_with(|| {
            groups.push(Group { digest, places: Vec::new() });
            groups.len() - 1
        });
        groups[group].places.push(place);
    }
    groups.retain(|group| group.places.len() >= MANY);
    groups.sort_by_key(|group| std::cmp::Reverse(group.places.len()));
    groups
}
