//! What a view asks of its user, and what others get to see.

use std::sync::Arc;

use http::{HeaderValue, Method, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::session::find;
use crate::{
    context::Context,
    error::{Error, Result, abort_with},
    globals::request,
    redirect::redirect,
    response::IntoResponse,
    url_for::url_for,
    view_info::Access,
};

/// Lets only who is logged in pass: a before-hook for a whole blueprint or app; for one view there is the option `login_required`.
///
/// # Errors
///
/// 401 for programs; browsers are led to [`App::login_view`](crate::App::login_view).
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, require_login};
///
/// let admin = Blueprint::new("admin").before_request(require_login);
/// ```
#[track_caller]
pub fn require_login() -> impl Future<Output = Result<()>> + Send {
    let request = request();
    async move { check(request.context(), Access::LoggedIn).await }
}

/// Lets the request pass if its user may do what `access` says.
pub(crate) async fn check(context: &Arc<Context>, access: Access) -> Result<()> {
    let roles = match access {
        Access::Anyone => return Ok(()),
        Access::LoggedIn => &[][..],
        Access::Roles(roles) => roles,
    };
    let Some(user) = find(context).await? else { return unknown(context) };
    if roles.is_empty() || roles.iter().any(|role| user.has_role(role)) {
        return Ok(());
    }
    Err(Error::aborted(403).with_public("You are logged in, but may not do this."))
}

/// Leads a browser to the login page, and tells a program that it has to log in.
fn unknown(context: &Arc<Context>) -> Result<()> {
    if let Some(view) = &context.app.login.view
        && context.endpoint() != Some(view)
        && wants_a_page(context)
    {
        let login = context.run(|| url_for(view, &[]))?;
        let separator = if login.contains('?') { '&' } else { '?' };
        let next = next(context).map_or_else(String::new, |next| format!("{separator}next={next}"));
        return abort_with(redirect(format!("{login}{next}"))?.into_response());
    }
    // RFC 9110 §11.6.1 asks for a challenge; there is no registered scheme for logging in by form and cookie.
    let realm: String =
        context.app.name().chars().filter(|c| c.is_ascii_alphanumeric() || " -_.".contains(*c)).collect();
    let mut error = Error::aborted(401).with_public("Log in first.");
    if let Ok(challenge) = HeaderValue::try_from(format!("Cookie realm=\"{realm}\"")) {
        error = error.with_header(header::WWW_AUTHENTICATE, challenge);
    }
    Err(error)
}

/// Whether it is a person who looks at a page: a browser asks for HTML by name.
fn wants_a_page(context: &Context) -> bool {
    let request = context.request();
    request.vary_on(&header::ACCEPT);
    let accepts = request.headers().get_all(header::ACCEPT);
    let mut fields = accepts.iter().filter_map(|field| field.to_str().ok());
    fields.any(|field| field.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("text/html")))
}

/// Where to go on after logging in: the path and query of a request that can be repeated, never another host.
fn next(context: &Context) -> Option<String> {
    let request = context.request();
    let target = request.uri().path_and_query()?.as_str();
    let is_ours = target.starts_with('/') && !target.starts_with("//") && !target.contains('\\');
    let is_repeatable = matches!(*request.method(), Method::GET | Method::HEAD);
    (is_ours && is_repeatable).then(|| utf8_percent_encode(target, IN_QUERY).to_string())
}

/// What stays as it is in the value of a query.
const IN_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');
