//! Logging in and out, and who is logged in: as the session says, or else what the browser has remembered.

use std::{any::Any, sync::Arc};

use super::{
    named::{BROWSER, Begun, Found, begin, browser, end, is_same_login, load},
    remember,
};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    globals::request,
    login_settings::User,
    session::{FRESH, USER},
};

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
    log_in(user, Begun::ByPassword)?;
    remember::forget(request().context());
    Ok(())
}

/// Logs `user` in as [`login_user`] does, and remembers that for `remember_cookie_duration` beyond the end of the session: for
/// "remember me". The login that comes back then is not [fresh](is_login_fresh).
///
/// With sessions in cookies the browser gets a second cookie, Flask-Login's `remember_token`, which begins a session when there is
/// none. A session that the server keeps is itself what stays, so it is listed and ended like any other.
///
/// # Errors
///
/// As [`login_user`].
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use std::borrow::Cow;
/// use flagon::{Secret, User, is_login_fresh, login_user_and_remember, prelude::*};
///
/// struct Account(String);
///
/// impl User for Account {
///     fn id(&self) -> Cow<'_, str> {
///         Cow::Borrowed(&self.0)
///     }
/// }
///
/// #[post("/login")]
/// async fn login() -> Result<()> {
///     login_user_and_remember(Account("ada".into())) // once the password was seen to be right
/// }
///
/// #[get("/me", login_required)]
/// async fn me() -> &'static str {
///     if is_login_fresh() { "just logged in" } else { "remembered" }
/// }
///
/// let app = App::new("blog").user_loader(async |id: String| Ok(Some(Account(id)))).routes(routes![login, me]);
/// let client = app.configure(|config| config.secret_key = Some(Secret::new("long and random"))).test_client();
/// client.post("/login").wait();
/// assert_eq!(client.get("/me").wait().text(), "just logged in");
/// client.end_browser_session();
/// assert_eq!(client.get("/me").wait().text(), "remembered");
/// ```
#[track_caller]
pub fn login_user_and_remember(user: impl User) -> Result<()> {
    let user = log_in(user, Begun::ByPassword)?;
    remember::remember(request().context(), &*user)
}

#[track_caller]
fn log_in(user: impl User, begun: Begun) -> Result<Arc<dyn User>> {
    if !user.is_active() {
        return Err(Error::aborted(403).with_public("This account is not active."));
    }
    let (request, user): (_, Arc<dyn User>) = (request(), Arc::new(user));
    begin(request.context(), &user, begun)?;
    Ok(user)
}

/// Logs the user out, and forgets that they wanted to be remembered. As with Flask-Login, the rest of the session stays (a cart, a language,
/// the token of forms); what is the user's own is for the app to remove, or all of it: `session().clear()`.
///
/// The session gets a fresh id. What the server keeps under the old one can't be used again by anybody, while a cookie that somebody has
/// copied stays good until it ends, as in Flask.
///
/// # Errors
///
/// 500 when the app has no secret key for its session.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use flagon::{logout_user, prelude::*};
///
/// #[post("/logout")]
/// async fn logout() -> Result<Redirect> {
///     logout_user()?;
///     session().remove("address")?; // was the user's, where a cart may be the browser's
///     redirect("/")
/// }
/// # App::new("shop").routes(routes![logout]).build().unwrap();
/// ```
#[track_caller]
pub fn logout_user() -> Result<()> {
    let request = request();
    let context = request.context();
    end(context.session())?;
    remember::forget(context);
    context.g().set(Found(None));
    Ok(())
}

/// Whether the user has shown their password in this session and from this browser, rather than being remembered: to be asked for
/// before what matters most, such as changing the password.
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

/// The user whom the session names, if they are still there and active; else the one whom the browser has remembered.
pub(super) async fn find(context: &Arc<Context>) -> Result<Option<Arc<dyn User>>> {
    if let Some(found) = context.g().get::<Found>() {
        return Ok(found.0.clone());
    }
    let user = match context.session().get::<String>(USER) {
        Some(id) => load(context, id).await?.filter(|user| is_same_login(context.session(), &**user)),
        None => remember::restore(context).await?,
    };
    context.g().set(Found(user.clone()));
    Ok(user)
}

/// Begins the session of a user whom the browser has remembered, where there is none.
pub(crate) async fn restore_remembered(context: &Arc<Context>) -> Result<()> {
    if context.app.sessions.remembered().is_in(context.request()) && context.app.login.loader.is_some() {
        find(context).await?;
    }
    Ok(())
}
