//! An error for programs: `application/problem+json` (RFC 9457).

use serde_json::{Value, json};

use super::{debug::Facts, explanation::title};
use crate::{
    context::Context,
    error::{Details, Error},
};

/// Describes `error`. `errors` names each field, `request_id` is for the one who reads the log, and `debug` holds
/// what the debug page shows.
pub(super) fn problem(context: &Context, error: &Error, facts: Option<&Facts>) -> Value {
    let status = error.status();
    let details = error.details();
    let kind = details.and_then(|details| details.kind.as_deref()).unwrap_or("about:blank");
    let mut problem = json!({ "type": kind, "title": title(status), "status": status.as_u16() });
    if let Some(public) = error.public() {
        problem["detail"] = public.into();
    }
    if !error.problems().is_empty() {
        let fields = error.problems().iter();
        problem["errors"] = fields
            .map(|problem| json!({ "in": problem.place, "field": problem.field, "detail": problem.problem }))
            .collect();
    }
    if status.is_server_error() {
        problem["request_id"] = context.request().id().to_string().into();
    }
    if let Some(details) = details {
        add_details(&mut problem, details);
    }
    if let Some(facts) = facts {
        problem["debug"] = facts.to_json();
    }
    problem
}

fn add_details(problem: &mut Value, details: &Details) {
    if let Some(instance) = &details.instance {
        problem["instance"] = (**instance).into();
    }
    let Some(members) = problem.as_object_mut() else { return };
    for (name, value) in &details.extensions {
        members.entry(name).or_insert_with(|| value.clone());
    }
}
