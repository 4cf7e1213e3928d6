//! The endpoint that browsers report violations of the Content-Security-Policy to.
//!
//! In: reports, of whoever sends them. Out: a line of the log for each, as long as there are not too many. Never: believes
//! them, keeps them, or lets one look like another line of the log.
//!
//! Reporting API §3 (`application/reports+json`); CSP Level 3 §5.5 (`application/csp-report`).

use std::{fmt, num::NonZeroU32};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{Method, StatusCode, header};
use serde_json::Value;

use crate::{
    context::Context,
    error::{Error, Result},
    request::Request,
    response::IntoResponse,
    security_headers::REPORT_PATH,
};

/// The longest body: 64 KiB. Browsers send several reports at once.
const LONGEST: u64 = 64 * 1024;
/// How many reports of one body are read.
const MOST: usize = 20;
/// How many reports are logged a minute.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");
/// How much of each value is logged, in characters.
const SHOWN: usize = 200;

/// Takes reports, and writes them down.
pub(crate) struct Violations {
    limit: DefaultDirectRateLimiter,
}

impl Default for Violations {
    fn default() -> Self {
        Self { limit: RateLimiter::direct(Quota::per_minute(A_MINUTE)) }
    }
}

impl Violations {
    /// Whether `request` sends reports. They are no business of the URL map: its rules may be for some hosts only, and a
    /// page of any may have something to report.
    pub(crate) fn are_in(request: &Request) -> bool {
        request.path() == REPORT_PATH && request.method() == Method::POST
    }

    /// Answers the request of `context`, which sends reports. Browsers send them with cookies, from wherever they like;
    /// nothing is done in anyone's name, so nobody has to prove anything.
    pub(crate) async fn take(&self, context: &Context) -> Result {
        context.request().limit_body(LONGEST);
        take(context, &self.limit).await
    }
}

async fn take(context: &Context, limit: &DefaultDirectRateLimiter) -> Result {
    let media_type = context.request().mimetype();
    let is_report = ["application/csp-report", "application/reports+json", "application/json"];
    if !is_report.contains(&media_type.as_str()) {
        return Err(Error::aborted(415)
            .with_public("expected a report: application/reports+json or application/csp-report"));
    }
    let body = context.request().data().await?;
    let Ok(reports) = serde_json::from_slice(&body) else {
        return Err(Error::aborted(400).with_public("the report is no JSON"));
    };
    let reports = match reports {
        Value::Array(reports) => reports,
        one => vec![one],
    };
    for report in reports.iter().take(MOST) {
        if limit.check().is_err() {
            return Err(Error::aborted(429)
                .with_header(header::RETRY_AFTER, 60.into())
                .with_public("there are too many reports"));
        }
        log(context, report);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Writes one report down: which directive stopped what, and where it stood in the page.
fn log(context: &Context, report: &Value) {
    let body = report.get("csp-report").or_else(|| report.get("body")).unwrap_or(report);
    let field = |names: [&str; 2]| names.iter().find_map(|name| body.get(name));
    let text = |names| field(names).map(shown);
    let url = |names| field(names).map(|value| without_query(&shown(value)).to_owned());
    tracing::warn!(
        target: "flagon::csp",
        kind = report.get("type").map(shown),
        directive = text(["effectiveDirective", "effective-directive"]).or_else(|| text(["violated-directive", "violatedDirective"])),
        blocked = url(["blockedURL", "blocked-uri"]),
        page = url(["documentURL", "document-uri"]),
        source = url(["sourceFile", "source-file"]),
        line = text(["lineNumber", "line-number"]),
        sample = text(["sample", "script-sample"]),
        disposition = text(["disposition", "disposition"]),
        client = %context.request().remote_addr(),
        "a page broke its Content-Security-Policy"
    );
}

/// A value as far as it is logged: short, and on one line.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}

/// A URL without what may be secret in it.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

impl fmt::Debug for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violations").finish_non_exhaustive()
    }
}
