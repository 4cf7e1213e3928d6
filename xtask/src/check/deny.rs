//! The dependencies: their licences, where they come from, which are there twice, and known holes.
//!
//! The rules, and every exception with its reason, are in `deny.toml`.

use std::time::Duration;

use crate::{failure::Result, program::Program, project::Project, setup::Tool, terminal::Live};

/// How long the database of advisories may take to arrive; it is a clone of a few megabytes.
const FETCH: Duration = Duration::from_mins(1);

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    let path = Tool::CARGO_DENY.install(project, live)?;
    let deny = |arguments: &[&str]| Program::new(project, &path, ["--workspace"]).and(arguments);
    deny(&["check", "bans", "licenses", "sources"]).watch(live)?;
    if !deny(&["fetch", "db"]).succeeds_within(FETCH) {
        return Ok("advisories NOT checked: their database could not be fetched".to_owned());
    }
    deny(&["check", "advisories"]).watch(live)?;
    Ok("advisories too".to_owned())
}
