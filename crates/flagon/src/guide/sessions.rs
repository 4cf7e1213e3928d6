//! Cookies and sessions: what is remembered of a client, where, and for how long.
//!
//! # Cookies
//!
//! A cookie that a view sets is hidden from scripts, not sent along from other sites, and for HTTPS only where it was
//! set over HTTPS, unless it says otherwise.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/")]
//! async fn index() -> impl IntoResponse {
//!     ("welcome", Cookie::new("__Host-seen", "1"))
//! }
//!
//! let answer = App::new("docs").routes(routes![index]).test_client().get("/").wait();
//! assert_eq!(answer.headers()["set-cookie"], "__Host-seen=1; Path=/; Secure; HttpOnly; SameSite=Lax");
//! ```
//!
//! [`readable_by_scripts`](crate::Cookie::readable_by_scripts), [`without_same_site`](crate::Cookie::without_same_site) and
//! [`insecure`](crate::Cookie::insecure) are the words for the contrary. A cookie that browsers would drop in silence, since a prefix's rules are broken
//! or it is longer than 4,096 bytes, is an error that names it. `__Host-` and `__Secure-` are held to when reading as well: over
//! HTTP no browser sends such a name, so it is not in `request().cookies()`.
//!
//! # The session
//!
//! [`session()`](crate::session()) keeps names and values of one client. It needs a key, [`secret_key`](crate::Config::secret_key), which
//! debug mode makes by itself; in production, `export FLAGON_SECRET_KEY=$(head -c 32 /dev/urandom | base64)` and keep it. An app
//! that can be seen to need one does not start without it, see
//! [`check_secret_key`](crate::Application::check_secret_key); one that signs nothing does.
//!
//! ```
//! use flagon::{Secret, prelude::*};
//!
//! #[get("/visits")]
//! async fn visits() -> Result<String> {
//!     session().update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?;
//!     Ok(session().get::<u32>("visits").unwrap_or(0).to_string())
//! }
//!
//! let app = App::new("docs").configure(|config| config.secret_key = Some(Secret::new("long and random")));
//! let client = app.routes(routes![visits]).test_client();
//! client.get("/visits").wait();
//! assert_eq!(client.get("/visits").wait().text(), "2");
//! ```
//!
//! It is read when a view first looks at it, and written after the view when it was changed; requests that don't touch it pay
//! nothing. An answer that looked at it has `Vary: Cookie`, one that changes it keeps its cookie out of shared caches.
//!
//! | [`Sessions`](crate::Sessions) | where | the client | ends |
//! |---|---|---|---|
//! | [`signed()`](crate::Sessions::signed), the default | in the cookie, in Flask's format | reads it, can't change it | with the browser, or after `permanent_session_lifetime` |
//! | [`encrypted()`](crate::Sessions::encrypted) | in the cookie | sees bytes | the same |
//! | [`stored(…)`](crate::Sessions::stored) | with the server | has an id of 256 random bits | without use, in any case, or when revoked |
//!
//! What is in a cookie can be copied, and the copy is good until it ends, whatever the app does. Where that matters, as it does for
//! logins, let the server keep it:
//!
//! ```
//! use std::time::Duration;
//! use flagon::{MemoryStore, ServerSessions, Sessions, prelude::*};
//!
//! #[get("/sessions")]
//! async fn mine() -> Result<String> {
//!     let app = current_app();
//!     let listed = app.server_sessions().or_404()?.of_user("ada").await?;
//!     Ok(listed.iter().map(|info| format!("{} {}\n", info.handle, info.agent)).collect())
//! }
//!
//! let sessions = ServerSessions::new(MemoryStore::new()).idle(Duration::from_mins(30));
//! let app = App::new("bank").sessions(Sessions::stored(sessions)).routes(routes![mine]);
//! assert_eq!(app.test_client().get("/sessions").wait().text(), "");
//! ```
//!
//! The store has but the hash of the id. Changes are kept by name: two requests at once that set different names don't disturb
//! each other, and what [`update`](crate::Session::update) makes of a value is made again of what another request has put there meanwhile. In
//! the app's database is `SqlStore`, for several processes and restarts; other stores implement [`SessionStore`](crate::SessionStore). A blueprint may have [sessions of its own](crate::Blueprint::sessions).
//!
//! # With Flask
//!
//! A Flask app with the same key reads and changes the default session, and the other way round: `SECRET_KEY` is `secret_key`,
//! `SECRET_KEY_FALLBACKS` is `secret_key_fallbacks`, `SESSION_COOKIE_…` are the settings of those names in lower case. Three defaults are
//! stricter: `SameSite=Lax`, `Secure` over HTTPS, and a session that is too large for a cookie is an error. And a permanent
//! session begins anew when it is looked at, not with each picture of the page.
//!
//! [`SessionValue`](crate::SessionValue) has the types that only Python tells apart. [`signing`](crate::signing) has itsdangerous' signers for links and
//! tokens of one's own.
