//! Logging in, asking who one is, and logging out: the same views, whichever way sessions are kept.

use std::borrow::Cow;

use flagon::{
    Application, Secret, Sessions, User, Uuid, config::AccessLog, current_user, login_user, logout_user,
    prelude::*,
};
use serde::Deserialize;

/// Whoever says a name: this laboratory is about sessions, not passwords.
pub(super) struct Account(pub(super) String);

impl User for Account {
    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[post("/login")]
async fn login(form: Form<Name>) -> Result<String> {
    login_user(Account(form.name.clone()))?; // a fresh id, where sessions have one
    Ok(format!("welcome, {}", form.name))
}

#[get("/me", login_required)]
async fn me() -> Result<String> {
    Ok(format!("you are {}", current_user::<Account>().await?.or_401()?.0))
}

#[post("/logout")]
async fn logout() -> Result<&'static str> {
    logout_user()?;
    Ok("goodbye")
}

/// The app: `sessions` says where they are kept, and nothing else differs.
pub(super) fn app(sessions: Sessions) -> Result<Application> {
    let app = App::new("accounts")
        .sessions(sessions)
        .user_loader(async |name: String| Ok(Some(Account(name))))
        .routes(routes![login, me, logout])
        .configure(|config| {
            config.secret_key = Some(Secret::new(Uuid::new_v4().to_string()));
            config.log.access = AccessLog::Off;
        });
    Ok(app.build()?)
}
