//! The page with all requests that are kept.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::page::{Milliseconds, page};
use crate::{
    escaped::Escaped,
    recording::{Recording, Recordings},
};

/// The page of `recordings`, the last first.
pub(super) fn page_of(app: &str, recordings: &[Arc<Recording>]) -> String {
    let mut content = String::with_capacity(16 * 1024);
    write_list(&mut content, app, recordings).expect("text takes everything");
    page("Requests", &content)
}

fn write_list(out: &mut String, app: &str, recordings: &[Arc<Recording>]) -> fmt::Result {
    write!(out, "<header><p>{}</p>\n<h1>Requests</h1></header>\n<main>\n", Escaped(app))?;
    if recordings.is_empty() {
        out.push_str("<p>No request has come yet. <a href=\"/_flagon/\">Look again</a></p>\n</main>\n");
        return Ok(());
    }
    writeln!(
        out,
        "<p class=\"soft\">The last {}, the newest first; at most {} are kept. <a href=\"/_flagon/\">Look again</a></p>",
        recordings.len(),
        Recordings::MOST
    )?;
    out.push_str(
        "<table class=\"list\">\n<thead><tr><th scope=\"col\">Request</th><th scope=\"col\">Status</th><th scope=\"col\">Time</th>\
         <th scope=\"col\">Queries</th><th scope=\"col\">When (UTC)</th></tr></thead>\n<tbody>\n",
    );
    recordings.iter().try_for_each(|recording| row(out, recording))?;
    out.push_str("</tbody>\n</table>\n</main>\n");
    Ok(())
}

fn row(out: &mut String, recording: &Arc<Recording>) -> fmt::Result {
    let status = status(recording);
    write!(
        out,
        "<tr><th scope=\"row\"><a href=\"/_flagon/requests/{}\"><b>{}</b> {}</a></th><td data-is=\"status\"><span class=\"status {}\">\
         {}</span></td><td data-is=\"time\">",
        recording.id,
        Escaped(&recording.method),
        Escaped(&recording.path),
        status.class,
        status.text,
    )?;
    match recording.outcome.get() {
        Some(outcome) => write!(out, "{}", Milliseconds(outcome.took))?,
        None => out.push('–'),
    }
    if !recording.stalls().is_empty() {
        out.push_str(" <span class=\"warn\">held its loop</span>");
    }
    out.push_str("</td><td data-is=\"queries\">");
    queries(out, recording)?;
    writeln!(out, "</td><td data-is=\"when\">{}</td></tr>", clock(recording.at))
}

#[cfg(feature = "sql")]
fn queries(out: &mut String, recording: &Recording) -> fmt::Result {
    let statements = recording.queries();
    let (count, took) = (statements.len(), statements.iter().map(flagon_sql::LoggedStatement::took).sum());
    if count == 0 {
        out.push('–');
        return Ok(());
    }
    let more = if recording.statements.left_out() > 0 { "+" } else { "" };
    write!(out, "{count}{more} in {}", Milliseconds(took))?;
    if let Some(group) = super::groups::repeated(&statements).first() {
        write!(out, " <span class=\"warn\">N+1: {}×</span>", group.places.len())?;
    }
    Ok(())
}

#[cfg(not(feature = "sql"))]
fn queries(out: &mut String, _: &Recording) -> fmt::Result {
    out.write_char('–')
}

/// How a request ended, or that it has not.
pub(super) struct Status {
    pub(super) text: String,
    pub(super) class: &'static str,
}

pub(super) fn status(recording: &Arc<Recording>) -> Status {
    let Some(outcome) = recording.outcome.get() else {
        // The list, and whoever looks at it, hold it; so does the context of a request that is under way.
        let text = if recording.is_under_way() { "under way" } else { "client left" };
        return Status { text: text.to_owned(), class: "open" };
    };
    let class = match outcome.status.as_u16() {
        500.. => "bad",
        400.. => "warn",
        _ => "good",
    };
    Status { text: outcome.status.as_u16().to_string(), class }
}

/// The time of the day.
pub(super) fn clock(at: SystemTime) -> String {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
