//! The session in a cookie, the session of the server, and a login on the latter.
//!
//! Clients here are programs that replay a cookie without what a browser sends, so views that write say `csrf = "browsers"`:
//! other sites' pages are refused, and who says nothing of where it comes from is let through. An app for people has no need of that.

use std::borrow::Cow;

use flagon::{
    MemoryStore, PasswordCheck, Sessions, User, check_password, current_user, hash_password, login_attempt,
    login_user, logout_user, prelude::*,
};
use tokio::sync::OnceCell;

#[derive(Deserialize)]
struct Pair {
    k: String,
    v: String,
}

#[derive(Deserialize)]
struct Name {
    k: String,
}

#[get("/set")]
async fn set(pair: Query<Pair>) -> Result<String> {
    session().insert(pair.k.as_str(), &pair.v)?;
    Ok(pair.v.clone())
}

#[get("/get")]
async fn get_value(name: Query<Name>) -> Result<String> {
    session().get(&name.k).or_404()
}

#[post("/clear", csrf = "browsers")]
async fn clear() -> Result<&'static str> {
    session().clear()?;
    Ok("cleared")
}

/// Adds one to what many requests count at once.
#[post("/count", csrf = "browsers")]
async fn count() -> Result<String> {
    session().update("count", |count: Option<u64>| count.unwrap_or(0) + 1)?;
    Ok(session().get::<u64>("count").unwrap_or(0).to_string())
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

struct Account {
    name: &'static str,
}

impl User for Account {
    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.name)
    }
}

const ADA: &str = "ada";

fn find(name: &str) -> Option<Account> {
    (name == ADA).then_some(Account { name: ADA })
}

async fn hash_of_ada() -> Result<&'static str> {
    static HASH: OnceCell<String> = OnceCell::const_new();
    Ok(HASH.get_or_try_init(|| hash_password("lovelace")).await?)
}

#[post("/login", csrf = "browsers")]
async fn login(form: Form<Credentials>) -> Result<String> {
    let attempt = login_attempt(&form.user)?;
    let account = find(&form.user);
    let hash = if account.is_some() { Some(hash_of_ada().await?) } else { None };
    if check_password(form.password.as_str(), hash).await? == PasswordCheck::Wrong {
        return abort_because(401, "The user or the password is wrong.");
    }
    attempt.succeeded();
    login_user(account.or_401()?)?;
    Ok(format!("welcome, {}", form.user))
}

#[get("/me", login_required)]
async fn me() -> Result<&'static str> {
    Ok(current_user::<Account>().await?.or_401()?.name)
}

#[post("/logout", csrf = "browsers")]
async fn logout() -> Result<&'static str> {
    logout_user()?;
    Ok("bye")
}

/// The user of an id that a session keeps.
pub(crate) async fn load_user(id: String) -> Result<Option<impl User>> {
    Ok(find(&id))
}

/// `/session/*`.
pub(crate) fn signed() -> Blueprint {
    Blueprint::new("session").url_prefix("/session").routes(routes![set, get_value, clear, count])
}

/// `/server-session/*`, and the login, which has the same store.
pub(crate) fn stored() -> Blueprint {
    let on_server = Blueprint::new("on_server")
        .url_prefix("/server-session")
        .routes(routes![set, get_value, clear, count]);
    Blueprint::new("stored")
        .sessions(Sessions::stored(MemoryStore::new()).cookie_name("server-session"))
        .register_blueprint(on_server)
        .routes(routes![login, me, logout])
}
