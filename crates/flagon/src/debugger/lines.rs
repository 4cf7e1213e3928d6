//! What happened in a request, in the order in which it began: its steps, and among them its statements.

use std::{sync::Arc, time::Duration};

use crate::recording::{Recording, StepKind};

/// One line of a timeline.
pub(super) struct Line {
    pub(super) kind: &'static str,
    pub(super) class: &'static str,
    pub(super) name: String,
    pub(super) began: Duration,
    pub(super) took: Duration,
    /// The number of the statement, from 1 on.
    pub(super) statement: Option<usize>,
}

/// The timeline of `recording`.
pub(super) fn of(recording: &Arc<Recording>) -> Vec<Line> {
    let mut lines: Vec<_> = recording.steps().into_iter().map(step).collect();
    #[cfg(feature = "sql")]
    {
        let mut count = 0;
        lines.extend(recording.statements.statements().iter().map(|logged| {
            let is_query = logged.value_count().is_some();
            count += usize::from(is_query);
            Line {
                kind: if is_query { "query" } else { "command" },
                class: "query",
                name: logged.sql().split_whitespace().collect::<Vec<_>>().join(" "),
                began: logged.began().saturating_duration_since(recording.began),
                took: logged.took(),
                statement: is_query.then_some(count),
            }
        }));
    }
    lines.sort_by_key(|line| (line.began, std::cmp::Reverse(line.took)));
    lines
}

fn step(step: crate::recording::Step) -> Line {
    let (kind, class) = match step.kind {
        StepKind::BeforeHook => ("before", "hook"),
        StepKind::View => ("view", "view"),
        StepKind::Template => ("template", "template"),
        StepKind::ErrorHandler => ("error handler", "hook"),
        StepKind::AfterHook => ("after", "hook"),
        StepKind::Commit => ("commit", "commit"),
        StepKind::Session => ("session", "hook"),
        StepKind::Again => ("wait, then again", "commit"),
    };
    Line { kind, class, name: step.name.into_owned(), began: step.began, took: step.took, statement: None }
}
