//! Who is there: registering, logging in and out.

use flagon::{
    PasswordCheck, Route, WerkzeugHash, check_password, flash, hash_password, hash_password_for_werkzeug,
    login_attempt, prelude::*, sql,
};

/// A user, as views and templates see one.
#[derive(Debug, Clone, Serialize, Row)]
pub(crate) struct User {
    pub(crate) id: i64,
    username: String,
}

/// A state of the app: hashes of passwords are Flagon's own and older ones made anew, since nothing in Python reads them any more.
#[derive(Debug)]
pub(crate) struct RenewHashes;

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

pub(crate) fn blueprint() -> Blueprint {
    Blueprint::new("auth").url_prefix("/auth").routes(routes![
        register_form,
        register,
        login_form,
        login,
        logout
    ])
}

/// The names of the pages while they are the old app's.
pub(crate) fn elsewhere() -> Blueprint {
    let pages = ["register", "login", "logout"];
    Blueprint::new("auth").routes(pages.map(|page| Route::build_only(page, format!("/auth/{page}"))))
}

/// Who is logged in, as templates see it: nobody is `none`, as in Flask's `g.user = None`.
pub(crate) type CurrentUser = Option<User>;

/// Puts who is logged in where views and templates find it.
pub(crate) async fn load_user() -> Result<()> {
    let mut found = None;
    if let Some(id) = session().get::<i64>("user_id") {
        found = db().query_as("SELECT id, username FROM user WHERE id = ?", (id,)).optional().await?;
    }
    g().set::<CurrentUser>(found);
    Ok(())
}

/// Who is logged in.
pub(crate) fn user() -> CurrentUser {
    g().get::<CurrentUser>().and_then(|user| (*user).clone())
}

#[get("/register", endpoint = "register")]
async fn register_form() -> Result<Html> {
    render("auth/register.html", ())
}

#[post("/register", endpoint = "registered")]
async fn register(form: Form<Credentials>) -> Result<Response> {
    let problem = match (form.username.as_str(), form.password.as_str()) {
        ("", _) => Some("Username is required.".to_owned()),
        (_, "") => Some("Password is required.".to_owned()),
        (username, password) => {
            let hash = hashed(password).await?;
            match db().insert("INSERT INTO user (username, password) VALUES (?, ?)", (username, &hash)).await
            {
                Ok(_) => None,
                Err(error) if error.kind() == sql::ErrorKind::Unique => {
                    Some(format!("User {username} is already registered."))
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let Some(problem) = problem else { return Ok(redirect(url_for!(login_form)?)?.into_response()) };
    flash(problem)?;
    Ok(render("auth/register.html", ())?.into_response())
}

/// A hash that both halves of the app can read, as long as there are two.
async fn hashed(password: &str) -> Result<String> {
    if current_app().state::<RenewHashes>().is_some() {
        hash_password(password).await
    } else {
        hash_password_for_werkzeug(password, WerkzeugHash::Scrypt).await
    }
}

#[get("/login", endpoint = "login")]
async fn login_form() -> Result<Html> {
    render("auth/login.html", ())
}

#[post("/login", endpoint = "logged_in")]
async fn login(form: Form<Credentials>) -> Result<Response> {
    let attempt = login_attempt(&form.username)?; // 429 for who guesses
    let account: Option<(i64, String)> = db()
        .query_as("SELECT id, password FROM user WHERE username = ?", (&form.username,))
        .optional()
        .await?;
    let hash = account.as_ref().map(|(_, hash)| hash.as_str());
    let check = check_password(form.password.as_str(), hash).await?;
    let Some((id, _)) = account.filter(|_| check.is_right()) else {
        flash("Incorrect username or password.")?;
        return Ok(render("auth/login.html", ())?.into_response());
    };
    attempt.succeeded();
    if check == PasswordCheck::RightButOld && current_app().state::<RenewHashes>().is_some() {
        let hash = hashed(&form.password).await?;
        db().execute("UPDATE user SET password = ? WHERE id = ?", (&hash, id)).await?;
    }
    session().clear()?;
    session().insert("user_id", id)?;
    Ok(redirect("/")?.into_response())
}

#[get("/logout")]
async fn logout() -> Result<Redirect> {
    session().clear()?;
    redirect("/")
}
