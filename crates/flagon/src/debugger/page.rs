//! What all pages of the panel have in common: head, style and policy.

use std::{fmt, time::Duration};

use http::{HeaderValue, StatusCode, header};

use crate::{
    escaped::Escaped,
    response::{Response, typed},
};

const STYLE: &str = include_str!("panel.css");
/// What a Content-Security-Policy calls [`STYLE`].
pub(crate) const STYLE_HASH: &str = "sha256-yaLrwRG3lbAduS9lPDLE/SJtoW18DZS1GluGCSwjRaE=";

/// A page of the panel named `title` with `content`, which is HTML already.
pub(super) fn page(title: &str, content: &str) -> String {
    styled(&format!("{title} · debug panel"), content)
}

/// A page named `title` in the panel's style, with `content`, which is HTML already.
pub(crate) fn styled(title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         {content}</html>\n",
        title = Escaped(title),
    )
}

/// The page of what is not there any more.
pub(super) fn gone() -> String {
    let content = "<header><p><a href=\"/_flagon/\">Requests</a></p>\n<h1>Not here</h1></header>\n<main>\n<p>The panel keeps the last \
        requests since the app was started; this one is not among them.</p>\n</main>\n";
    page("Not here", content)
}

/// Where the forms of a page may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// It has none.
    Nowhere,
    /// To this server.
    #[cfg(feature = "sql")]
    Here,
}

/// The answer with `page`: it may load nothing and run nothing; its one style sheet is named by its hash (CSP Level 3 §6.7.2).
pub(crate) fn response(status: StatusCode, page: String, forms: Forms) -> Response {
    let mut response = typed(HeaderValue::from_static("text/html; charset=utf-8"), page);
    *response.status_mut() = status;
    let forms = match forms {
        Forms::Nowhere => "'none'",
        #[cfg(feature = "sql")]
        Forms::Here => "'self'",
    };
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).expect("a policy is visible ASCII");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A length of time in milliseconds, as precise as it is worth reading.
pub(crate) struct Milliseconds(pub(crate) Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_secs_f64() * 1e3;
        let decimals = if milliseconds < 10.0 { 2 } else { usize::from(milliseconds < 100.0) };
        write!(f, "{milliseconds:.decimals$} ms")
    }
}

/// A count with what is counted.
#[cfg(feature = "sql")]
pub(crate) struct Count(pub(crate) u64, pub(crate) &'static str);

#[cfg(feature = "sql")]
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, noun) = self;
        match (count, noun.strip_suffix('y')) {
            (1, _) => write!(f, "1 {noun}"),
            (_, Some(stem)) => write!(f, "{count} {stem}ies"),
            _ => write!(f, "{count} {noun}s"),
        }
    }
}
