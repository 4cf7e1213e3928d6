//! Logins that outlive the session: a cookie of their own that logs the user in again.
//!
//! In: a user who asked to be remembered; later, a request whose session names nobody. Out: a signed cookie, and the user whom it
//! names. Never: a login that counts as fresh, or a second cookie where the server keeps sessions: there the session stays.

use std::{fmt::Write as _, sync::Arc};

use super::{
    named::{Begun, begin, load, stamp},
    werkzeug::from_hex,
};
use crate::{
    config::RememberTokens,
    context::Context,
    error::Result,
    globals::request,
    login_settings::User,
    response::Response,
    session::REMEMBERED,
    sessions::Keep,
    signing::{Digest, Mac, UrlSafeTimedSerializer},
};

/// Has the login of this request remembered.
pub(super) fn remember(context: &Context, user: &dyn User) -> Result<()> {
    if context.session_keeper().stored().is_some() {
        return context.session().insert(REMEMBERED, true);
    }
    let token = written(context, user)?;
    after_this_request(context, move |response| {
        let request = request();
        let cookie = request.context().app.sessions.remembered();
        cookie.set(&request, response, token, Keep::For(cookie.lifetime))
    });
    Ok(())
}

/// Has the browser forget what it remembered.
pub(super) fn forget(context: &Context) {
    if context.app.sessions.remembered().is_in(context.request()) {
        after_this_request(context, |response| {
            let request = request();
            request.context().app.sessions.remembered().delete(&request, response)
        });
    }
}

/// The context is asked for again, as one that held itself would never end.
fn after_this_request(context: &Context, work: impl FnOnce(&mut Response) -> Result<()> + Send + 'static) {
    context.after_this_request(Box::new(|mut response| {
        Box::pin(async move {
            work(&mut response)?;
            Ok(response)
        })
    }));
}

/// The user whom the browser has remembered, whom the session names from now on.
pub(super) async fn restore(context: &Arc<Context>) -> Result<Option<Arc<dyn User>>> {
    let (request, cookie) = (context.request(), context.app.sessions.remembered());
    if !cookie.is_in(request) || context.session_keeper().stored().is_some() {
        return Ok(None);
    }
    for (id, known) in cookie.values(request).take(COOKIES_MAX).filter_map(|value| read(context, value)) {
        let user = load(context, id).await?.filter(|user| stamp(&**user).unwrap_or_default() == known);
        if let Some(user) = user {
            begin(context, &user, Begun::Remembered)?;
            return Ok(Some(user));
        }
    }
    Ok(None)
}

/// Signs the id, and what the user's logins stand on.
fn written(context: &Context, user: &dyn User) -> Result<String> {
    let id = user.id();
    Ok(match context.app.config.remember_cookie_tokens {
        RememberTokens::Timed => serializer(context)?.dumps(&(&id, stamp(user).unwrap_or_default()))?,
        RememberTokens::FlaskLogin => {
            let tag = mac(context.app.secret_keys()?[0]).tag(id.as_bytes());
            tag.iter().fold(format!("{id}|"), |mut text, byte| {
                write!(text, "{byte:02x}").expect("text takes everything");
                text
            })
        }
    })
}

/// The id that a cookie names, and what the user's logins stood on then.
fn read(context: &Context, cookie: &str) -> Option<(String, String)> {
    let timed = || serializer(context).ok()?.loads(cookie, context.app.sessions.remembered().lifetime).ok();
    match context.app.config.remember_cookie_tokens {
        RememberTokens::Timed => timed(),
        RememberTokens::FlaskLogin => timed().or_else(|| of_flask_login(context, cookie)),
    }
}

/// Flask-Login's `decode_cookie`: the id, and its HMAC-SHA-512 in hexadecimal.
fn of_flask_login(context: &Context, cookie: &str) -> Option<(String, String)> {
    let (id, tag) = cookie.rsplit_once('|')?;
    let tag = from_hex(tag)?;
    let is_signed = context.app.secret_keys().ok()?.iter().any(|key| mac(key).verifies(id.as_bytes(), &tag));
    is_signed.then(|| (id.to_owned(), String::new()))
}

fn mac(key: &[u8]) -> Mac {
    Mac::new(Digest::Sha512, key)
}

fn serializer(context: &Context) -> Result<UrlSafeTimedSerializer> {
    Ok(context.app.signer("flagon: remembered login, 1")?.into())
}

/// Of how many cookies of this name the user is looked for.
const COOKIES_MAX: usize = 4;
