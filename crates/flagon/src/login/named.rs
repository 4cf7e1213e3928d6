//! Whom a session names, in Flask-Login's names, so that a cookie shared with it works.
//!
//! In: a user who logs in, or a session. Out: the names in the session; the user of an id; what a browser looked like.
//! Never: asks who is current.

use std::{fmt::Write as _, sync::Arc};

use http::{HeaderValue, header};

use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    login_settings::User,
    request::Request,
    session::{FRESH, REMEMBERED, Session, USER},
    signing::{Digest, base64_encode},
};

/// The session's name of Flask-Login for what the client's browser looked like.
pub(super) const BROWSER: &str = "_id";
/// What the user's logins stood on when this one began, see [`User::login_stamp`].
const STAMP: &str = "_stamp";
/// Where CSRF tokens have their secret: a new one for who is logged in.
const CSRF: &str = "csrf_token";

/// Who is logged in, kept for the rest of the request.
pub(super) struct Found(pub(super) Option<Arc<dyn User>>);

/// How a login began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// The user has shown a password, or what the app takes for one.
    ByPassword,
    /// The browser has remembered it.
    Remembered,
}

/// Has the session of `context` name `user`, under a fresh id.
pub(super) fn begin(context: &Arc<Context>, user: &Arc<dyn User>, begun: Begun) -> Result<()> {
    let session = context.session();
    session.renew_id()?;
    session.remove(CSRF)?;
    session.remove(REMEMBERED)?;
    session.insert(USER, user.id())?;
    session.insert(FRESH, begun == Begun::ByPassword)?;
    session.insert(BROWSER, browser(context.request()))?;
    match stamp(&**user) {
        Some(stamp) => session.insert(STAMP, stamp)?,
        None => drop(session.remove(STAMP)?),
    }
    context.g().set(Found(Some(Arc::clone(user))));
    Ok(())
}

/// Has `session` name nobody, under a fresh id. What is not a login's stays, as Flask-Login leaves it.
pub(super) fn end(session: &Session) -> Result<()> {
    session.renew_id()?;
    for name in [USER, FRESH, BROWSER, STAMP, REMEMBERED] {
        session.remove(name)?;
    }
    Ok(())
}

/// A digest of what the user's logins stand on; `None` when that is nothing.
pub(super) fn stamp(user: &dyn User) -> Option<String> {
    let stamp = user.login_stamp();
    let digest =
        || Digest::Sha256.hash(&[b"flagon: login stamp, 1\0", user.id().as_bytes(), b"\0", stamp.as_bytes()]);
    (!stamp.is_empty()).then(|| base64_encode(&digest()[..16]))
}

/// Whether the session is of a login that still stands. One that began elsewhere, such as at a Flask app with the same cookie, says
/// nothing of what it stands on.
pub(super) fn is_same_login(session: &Session, user: &dyn User) -> bool {
    session.get::<String>(STAMP).is_none_or(|known| stamp(user).is_some_and(|stamp| stamp == known))
}

/// The user of an id, unless they are gone or not active.
pub(super) async fn load(context: &Context, id: String) -> Result<Option<Arc<dyn User>>> {
    let Some(load) = &context.app.login.loader else {
        return Err(Error::new(ErrorKind::Failed)
            .with_source("nobody can be found by their id: give the app a App::user_loader"));
    };
    Ok(load(id).await?.filter(|user| user.is_active()))
}

/// What the client's browser looks like: Flask-Login's `_create_identifier`.
pub(super) fn browser(request: &Request) -> String {
    let agent = request.headers().get(header::USER_AGENT).map(HeaderValue::as_bytes);
    let address = repr(request.remote_addr().to_string().as_bytes());
    let text = format!("{address}|{}", agent.map_or_else(|| "None".to_owned(), repr));
    Digest::Sha512.hash(&[text.as_bytes()]).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes everything");
        text
    })
}

/// The bytes as Python shows them, which is what Flask-Login hashes: `b'…'`.
fn repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("b{quote}");
    for byte in bytes {
        match *byte {
            b'\t' => text.push_str("\\t"),
            b'\\' => text.push_str("\\\\"),
            b'\'' if quote == '\'' => text.push_str("\\'"),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => write!(text, "\\x{other:02x}").expect("text takes everything"),
        }
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use super::repr;

    /// Expected: Python 3.11.
    #[test]
    fn bytes_are_shown_as_python_does() {
        for (bytes, expected) in [
            (&b"Mozilla/5.0 (X11)"[..], "b'Mozilla/5.0 (X11)'"),
            (b"it's", "b\"it's\""),
            (b"\"it's\"", r#"b'"it\'s"'"#),
            (b"\t\\\xc3\xa9\x7f", r"b'\t\\\xc3\xa9\x7f'"),
        ] {
            assert_eq!(repr(bytes), expected);
        }
    }
}
