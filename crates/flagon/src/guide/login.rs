//! Users: passwords, logging in and out, what views ask of a user.
//!
//! An app says how a user is found by the id that the session keeps; views say who may use them.
//!
//! ```
//! use std::borrow::Cow;
//! use flagon::{
//!     MemoryStore, PasswordCheck, Sessions, User, check_password, current_user, hash_password, login_attempt,
//!     login_user, logout_user, prelude::*,
//! };
//!
//! #[derive(Clone)]
//! struct Account {
//!     name: String,
//!     password: String, // its hash
//! }
//!
//! impl User for Account {
//!     fn id(&self) -> Cow<'_, str> {
//!         Cow::Borrowed(&self.name)
//!     }
//!
//!     fn has_role(&self, role: &str) -> bool {
//!         role == "admin" && self.name == "ada"
//!     }
//! }
//!
//! #[derive(Deserialize)]
//! struct Credentials {
//!     name: String,
//!     password: String,
//! }
//!
//! #[post("/login")]
//! async fn login(form: Form<Credentials>, accounts: State<Vec<Account>>) -> Result<Redirect> {
//!     let attempt = login_attempt(&form.name)?; // 429 for who guesses
//!     let account = accounts.iter().find(|account| account.name == form.name).cloned();
//!     let hash = account.as_ref().map(|account| account.password.as_str());
//!     match check_password(form.password.as_str(), hash).await? {
//!         PasswordCheck::Wrong => return abort_because(401, "The name or the password is wrong."),
//!         PasswordCheck::Right => (),
//!         PasswordCheck::RightButOld => (), // keep hash_password(…) in its place
//!     }
//!     attempt.succeeded();
//!     login_user(account.or_401()?)?;
//!     redirect("/me")
//! }
//!
//! #[get("/me", login_required)]
//! async fn me() -> Result<String> {
//!     Ok(current_user::<Account>().await?.or_401()?.name.clone())
//! }
//!
//! #[get("/admin", roles = "admin")]
//! async fn admin() -> &'static str {
//!     "for ada"
//! }
//!
//! #[post("/logout")]
//! async fn logout() -> Result<Redirect> {
//!     logout_user()?;
//!     redirect("/")
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let ada = Account { name: "ada".into(), password: hash_password("lovelace").await? };
//! let app = App::new("blog")
//!     .sessions(Sessions::stored(MemoryStore::new()))
//!     .user_loader(async |id: String| {
//!         let accounts = current_app().state::<Vec<Account>>().or_404()?;
//!         Ok(accounts.iter().find(|account| account.name == id).cloned())
//!     })
//!     .state(vec![ada])
//!     .routes(routes![login, me, admin, logout]);
//! let client = app.test_client();
//! assert_eq!(client.get("/me").send().await.status(), 401);
//! client.post("/login").form(&[("name", "ada"), ("password", "lovelace")]).send().await;
//! assert_eq!(client.get("/me").send().await.text(), "ada");
//! assert_eq!(client.get("/admin").send().await.text(), "for ada");
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! - **The loader** gets the id as the session keeps it, a text; one of a database is `id.parse::<i64>()?`.
//! - **Passwords.** [`hash_password`](crate::hash_password) is argon2id with OWASP's parameters, on the thread pool. [`check_password`](crate::check_password) takes the
//!   hashes that Werkzeug made as well (`scrypt:…`, `pbkdf2:…`), so users of a Flask app keep their passwords, and says when
//!   one should be made anew. While that app still checks passwords too, [`hash_password_for_werkzeug`](crate::hash_password_for_werkzeug) makes hashes
//!   that it can read. Where there is no such account, pass `None`: it takes as long.
//! - **Logging in** gives the session a fresh id, so that nobody who knew it before is in as well. Logging out does
//!   so too, and takes what is of the login out of the session; the rest stays, as with Flask-Login, so an app that keeps more of the user's there
//!   removes it, or calls `session().clear()`. With sessions [in a cookie](crate::Sessions::signed) a copy stays good until it ends; keep them with the server where that matters.
//! - **Who may.** `login_required` and `roles` of a view, or [`require_login`](crate::require_login) before all views of a blueprint. A program gets
//!   401, a browser is led to [`App::login_view`](crate::App::login_view) with the path that it asked for as `next`; that path is one of this host, and it is
//!   for the login view to see to it again. Who lacks a role gets 403.
//! - **"Remember me"** is [`login_user_and_remember`](crate::login_user_and_remember): for `remember_cookie_duration` (31 days) the login comes back when the
//!   session is over. With sessions in cookies that is a second cookie, `remember_token`; a session that the server keeps itself
//!   stays, so it is listed and ended like any other.
//! - **What matters most**, such as a new password, asks [`is_login_fresh`](crate::is_login_fresh) first: no for a login that came back, and for
//!   one that is used from another browser.
//! - **A changed password** ends every login that was begun with the old one, wherever it is kept, if the user says what logins
//!   stand on: [`User::login_stamp`](crate::User::login_stamp).
//! - **A user's sessions** are listed and ended by [`ServerSessions`](crate::ServerSessions).
//!
//! # With Flask-Login
//!
//! The session has Flask-Login's names (`_user_id`, `_fresh`, `_id`), so an app that still has that and one that has this share
//! a login by sharing the cookie and the key: who logs in, or out, at one is in, or out, at the other. Where the Flask half
//! remembers users too, `remember_cookie_tokens = "flask-login"` writes and reads its cookie. That one names the user and nothing
//! else: it neither ends with time nor with the password, so drop the setting when the Flask half is gone; Flagon's own kind is
//! always read.
