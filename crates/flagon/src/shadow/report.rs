//! What was found, to be read.

use std::{fmt, time::Duration};

use serde::Serialize;

/// What was found by comparing.
///
/// # Examples
///
/// See [`Application::shadow_report`](crate::Application::shadow_report).
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ShadowReport {
    /// The routes that were compared.
    pub routes: Vec<ComparedRoute>,
    /// What differs, the most frequent first.
    pub differences: Vec<DifferenceGroup>,
    /// How many requests were not compared, as the queue was full.
    pub dropped: u64,
}

/// A route of the app, and how it fared.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ComparedRoute {
    /// The name of the endpoint.
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// Who answers now: `flagon` or `upstream`.
    pub side: String,
    /// How many pairs of answers were compared.
    pub compared: u64,
    /// How many of them were the same.
    pub same: u64,
    /// How often the side that was asked too gave no answer.
    pub failed: u64,
    /// How long the app took: half of all, and 95 of 100.
    pub flagon: [Option<Duration>; 2],
    /// How long the upstream took.
    pub upstream: [Option<Duration>; 2],
}

/// Differences of one kind.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct DifferenceGroup {
    /// The name of the endpoint.
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// Where they are, such as `json /posts/*/views`.
    pub kind: String,
    /// How many requests differed so.
    pub count: u64,
    /// The target of one of them.
    pub target: String,
    /// What the app had there.
    pub flagon: Option<String>,
    /// What the upstream had.
    pub upstream: Option<String>,
}

impl fmt::Display for ShadowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.routes.is_empty() {
            f.write_str("nothing was compared yet\n")?;
        }
        for route in &self.routes {
            let ComparedRoute { endpoint, method, side, compared, same, failed, .. } = route;
            writeln!(
                f,
                "{method} {endpoint} (answered by {side}): {compared} compared, {same} the same, {failed} without an answer"
            )?;
            for (name, [half, most]) in [("flagon", route.flagon), ("upstream", route.upstream)] {
                if let (Some(half), Some(most)) = (half, most) {
                    writeln!(f, "    {name:<8} half within {half:.1?}, 95 % within {most:.1?}")?;
                }
            }
            for group in
                self.differences.iter().filter(|group| group.endpoint == *endpoint && group.method == *method)
            {
                let shown = |text: &Option<String>| {
                    text.as_ref().map_or_else(|| "nothing".to_owned(), |text| format!("{text:?}"))
                };
                writeln!(
                    f,
                    "    {} × {}: flagon {}, upstream {} ({})",
                    group.count,
                    group.kind,
                    shown(&group.flagon),
                    shown(&group.upstream),
                    group.target
                )?;
            }
        }
        if self.dropped > 0 {
            writeln!(f, "{} requests were not compared: too many waited", self.dropped)?;
        }
        Ok(())
    }
}
