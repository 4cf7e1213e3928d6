//! Who is logged in, as the session says: with Flask-Login's names, so that a cookie shared with it works.

use std::{any::Any, fmt::Write as _, sync::Arc};

use http::{HeaderValue, header};

use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    globals::request,
    login_settings::User,
    request::Request,
    session::Session,
    signing::Digest,
};

/// The session's names of Flask-Login: the user's id, whether they have shown their password in this session, and what
/// their browser looked like.
const USER: &str = "_user_id";
const FRESH: &str = "_fresh";
const BROWSER: &str = "_id";
/// Where CSRF tokens have their secret: a new one for who is logged in.
const CSRF: &str = "csrf_token";

/// Who is logged in, kept for the rest of the request.
struct Found(Option<Arc<dyn User>>);

/// Logs `user` in. The session gets a fresh id, so that nobody who knew the old one is in as well, and keeps what it had.
///
/// # Errors
///
/// 403 when the user is not active, 500 when the app has no secret key for its session.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// See [`login_attempt`](crate::login_attempt).
#[track_caller]
pub fn login_user(user: impl User) -> Result<()> {
    log_in(user, Session::make_temporary)
}

/// Logs `user` in as [`login_user`] does, in a session that outlives the browser's: for "remember me". It is the session itself that
/// stays, for `permanent_session_lifetime` after its last use, so one that the server keeps can be ended like any other.
///
/// # Errors
///
/// As [`login_user`].
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn login_user_and_remember(user: impl User) -> Result<()> {
    log_in(user, Session::make_permanent)
}

#[track_caller]
fn log_in(user: impl User, keep: impl FnOnce(&Session) -> Result<()>) -> Result<()> {
    let request = request();
    let context = request.context();
    if !user.is_active() {
        return Err(Error::aborted(403).with_public("This account is not active."));
    }
    let session = context.session();
    session.renew_id()?;
    session.remove(CSRF)?;
    session.insert(USER, user.id())?;
    session.insert(FRESH, true)?;
    session.insert(BROWSER, browser(&request))?;
    keep(session)?;
    context.g().set(Found(Some(Arc::new(user))));
    Ok(())
}

/// Logs the user out. Nothing of the session stays: one that the server keeps can't be used again by anybody, while a
/// cookie that somebody has copied stays good until it ends, as in Flask.
///
/// # Errors
///
/// 500 when the app has no secret key for its session.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn logout_user() -> Result<()> {
    let request = request();
    let context = request.context();
    context.session().renew_id()?;
    context.session().clear()?;
    context.g().set(Found(None));
    Ok(())
}

/// Whether the user has shown their password in this session and from this browser: to be asked for before what matters
/// most, such as changing the password.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn is_login_fresh() -> bool {
    let request = request();
    let session = request.context().session();
    session.get(FRESH).unwrap_or(false) && session.get::<String>(BROWSER) == Some(browser(&request))
}

/// The user who is logged in, as [`App::user_loader`](crate::App::user_loader) finds them; asked for once in each request.
///
/// # Errors
///
/// What the loader fails with; 500 when there is none, or it finds users of another type.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use std::borrow::Cow;
/// use flagon::{User, current_user, prelude::*};
///
/// struct Account {
///     name: String,
/// }
///
/// impl User for Account {
///     fn id(&self) -> Cow<'_, str> {
///         Cow::Borrowed(&self.name)
///     }
/// }
///
/// #[get("/me")]
/// async fn me() -> Result<String> {
///     Ok(current_user::<Account>().await?.or_401()?.name.clone())
/// }
///
/// let app = App::new("blog")
///     .user_loader(async |id: String| Ok(Some(Account { name: id })))
///     .routes(routes![me]);
/// assert_eq!(app.test_client().get("/me").wait().status(), 401);
/// ```
#[track_caller]
pub fn current_user<U: User>() -> impl Future<Output = Result<Option<Arc<U>>>> + Send {
    let request = request();
    async move {
        let Some(user) = find(request.context()).await? else { return Ok(None) };
        let user: Arc<dyn Any + Send + Sync> = user;
        match user.downcast() {
            Ok(user) => Ok(Some(user)),
            Err(_) => Err(Error::new(ErrorKind::Failed).with_source(format!(
                "current_user::<{}>() asks for another type than App::user_loader gives",
                std::any::type_name::<U>()
            ))),
        }
    }
}

/// The user whom the session names, if they are still there and active.
pub(super) async fn find(context: &Arc<Context>) -> Result<Option<Arc<dyn User>>> {
    if let Some(found) = context.g().get::<Found>() {
        return Ok(found.0.clone());
    }
    let user = match context.session().get::<String>(USER) {
        Some(id) => load(context, id).await?.filter(|user| user.is_active()),
        None => None,
    };
    context.g().set(Found(user.clone()));
    Ok(user)
}

async fn load(context: &Context, id: String) -> Result<Option<Arc<dyn User>>> {
    match &context.app.login.loader {
        Some(load) => load(id).await,
        None => Err(Error::new(ErrorKind::Failed)
            .with_source("nobody can be found by their id: give the app a App::user_loader")),
    }
}

/// What the client's browser looks like: Flask-Login's `_create_identifier`.
fn browser(request: &Request) -> String {
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
