//! Whether an app needs a secret key, as far as what is registered shows.
//!
//! In: an app that is set up. Out: the first thing that needs a key. Never: finds one in an app that signs nothing. What a function
//! does that a view calls is not seen; without a key it fails, at the request that does it.

use crate::{
    served::{Endpoint, Served},
    url_map::EndpointInfo,
    view_info::Access,
};

/// What needs a secret key, as a sentence begins; `None` when nothing does.
pub(crate) fn key_need(app: &Served) -> Option<String> {
    let mut endpoints = app.current.url_map.endpoints().zip(&app.endpoints).enumerate();
    let of_views = endpoints.find_map(|(place, (info, endpoint))| {
        of_view(info, endpoint, app.current.sessions.of_endpoint(place).needs_key())
    });
    of_views.or_else(|| of_sessions(app)).or_else(|| of_templates(app))
}

fn of_view(info: &EndpointInfo, endpoint: &Endpoint, is_in_cookie: bool) -> Option<String> {
    let needs = |name: &&&str| is_in_cookie || ALWAYS.contains(name);
    let what = match endpoint.key_calls.iter().find(needs) {
        Some(name) => format!("calls `{name}`"),
        None if endpoint.access != Access::Anyone && is_in_cookie => "asks for a login".to_owned(),
        None => return None,
    };
    let place = info.source().map(|source| format!(" ({}:{})", source.file, source.line)).unwrap_or_default();
    Some(format!("the view `{}`{place} {what}", info.name()))
}

fn of_sessions(app: &Served) -> Option<String> {
    let (sessions, login) = (&app.current.sessions, &app.current.login);
    if sessions.are_encrypted() {
        return Some("the app has encrypted sessions".to_owned());
    }
    let logs_in = login.loader.is_some() || login.view.is_some();
    (logs_in && sessions.stored().is_none()).then(|| "the app lets users log in".to_owned())
}

fn of_templates(app: &Served) -> Option<String> {
    let name = app.current.templates.with_any_of(&["csrf_field(", "csrf_token("])?;
    Some(format!("the template `{name}` has a token for its form"))
}

/// What needs a key wherever sessions are kept.
const ALWAYS: [&str; 3] = ["csrf_token", "signer", "secret_keys"];
