//! What was found since it was written down last.

use std::{collections::HashMap, time::Duration};

use flagon_shadow::Difference;

use super::histogram::bucket;
use crate::upstream::Side;

/// What was found since it was written down last.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) routes: HashMap<Place, Compared>,
    pub(crate) groups: HashMap<(Place, String), Group>,
    pub(crate) times: HashMap<(Place, &'static str, i64), i64>,
}

/// A route and a method.
pub(crate) type Place = (String, String);

/// How often a route was compared.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Compared {
    pub(crate) pairs: i64,
    pub(crate) same: i64,
    /// The other side gave no answer.
    pub(crate) failed: i64,
}

/// Differences of one kind; one of them as an example.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) count: i64,
    pub(crate) target: String,
    pub(crate) example: Difference,
}

impl Tally {
    /// Adds a pair of answers to a request for `target`.
    pub(crate) fn add(&mut self, place: &Place, target: &str, differences: Vec<Difference>) {
        let compared = self.routes.entry(place.clone()).or_default();
        compared.pairs += 1;
        compared.same += i64::from(differences.is_empty());
        let mut kinds = Vec::new();
        for difference in differences {
            let kind = difference.kind();
            // A page with many of them is one request that differs in this way.
            if kinds.contains(&kind) || self.groups.len() >= GROUPS_MAX {
                continue;
            }
            kinds.push(kind.clone());
            let group = self.groups.entry((place.clone(), kind)).or_insert_with(|| Group {
                count: 0,
                target: target.chars().take(TARGET_MAX).collect(),
                example: difference,
            });
            group.count += 1;
        }
    }

    pub(crate) fn failed(&mut self, place: &Place) {
        self.routes.entry(place.clone()).or_default().failed += 1;
    }

    pub(crate) fn took(&mut self, place: &Place, side: Side, time: Duration) {
        *self.times.entry((place.clone(), side.name(), bucket(time))).or_default() += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }
}

const GROUPS_MAX: usize = 1000;
const TARGET_MAX: usize = 500;
