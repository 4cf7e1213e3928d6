//! # Moving an app
//!
//! An app for Flask moves to Flagon one route at a time: Flagon stands in front, answers the routes that have moved, and passes everything
//! else on to the old app ([`App::upstream`](crate::App::upstream)).
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/posts/<int:id>")]
//! async fn post(id: i64) -> String {
//!     format!("post {id}, from the new app")
//! }
//!
//! fn app() -> App {
//!     App::new("blog").routes(routes![post]).upstream("http://127.0.0.1:8000")
//! }
//! # app().build().unwrap();
//! ```
//!
//! - **What there is.** `flagon port routes app:app -o src/views.rs` asks the Flask app for its URL map and writes a stub for each view, with its
//!   rules, methods, variables and docstring. No stub is registered until you say so, and until then the old app answers.
//! - **Links to pages that have not moved.** [`Route::build_only`](crate::Route::build_only) names them, so that `url_for` in a shared template
//!   makes their URLs.
//! - **How far it is.** Told the old app's rules by [`App::upstream_rules`](crate::App::upstream_rules), `cargo run -- routes --coverage` lists which
//!   of them have moved, which methods still go to the old app, and, where the app is [compared](#shadow), how often they did, in all processes
//!   and since the first; a running app tells its own counts by [`upstream_counts`](crate::Application::upstream_counts). `flagon routes --coverage` and
//!   `flagon shadow report` are the same, from anywhere.
//! - **One login, one set of templates, one database.** The [session](crate::guide::sessions#with-flask) is Flask's own cookie, and passwords keep
//!   their [hashes](crate::guide::login); as long as both halves check them,
//!   [`hash_password_for_werkzeug`](crate::hash_password_for_werkzeug) makes new ones that Flask can read.
//!
//! The example `flaskr` is a weblog that moves in five steps, each a test against real Flask.
//!
//! # What goes there
//!
//! - a path that no rule of the app fits, and a method that a known path does not take: a route may move by method. `Allow` then names the
//!   methods of both;
//! - a path that the app would only redirect to one with a slash: the old app may have it. Where it answers 404, the redirect is given;
//! - never `TRACE` and `OPTIONS *`.
//!
//! The host policy (`trusted_hosts`) and the redirect to HTTPS come before; hooks, CSRF, sessions, rate limits, compression and security headers
//! are not applied to what goes there, as the old app has its own: its answer is sent unchanged, but for `X-Request-Id` and HSTS where they are
//! missing. `view_timeout` counts, as does [`Upstream::timeout`](crate::Upstream::timeout).
//!
//! | what | how |
//! |---|---|
//! | bodies | stream both ways, framed anew; `max_content_length` is the old app's affair, `server.limits.body` counts |
//! | `Host` | the one that the client asked for, or [`Upstream::host`](crate::Upstream::host) |
//! | `X-Forwarded-For`, `-Proto`, `-Host`, `Forwarded` | one value each, what Flagon believes: Werkzeug's `ProxyFix` is right with its defaults, whatever proxies there are before Flagon. What a client sends of these is dropped; `X-Real-IP` and `X-Forwarded-Prefix` pass from a trusted proxy |
//! | names with `_` | are dropped: WSGI can't tell `X_Forwarded_For` from `X-Forwarded-For` |
//! | `Connection` and what it lists, `Upgrade`, `TE`, `Keep-Alive` | stay on their connection (RFC 9110 §7.6.1) |
//! | web sockets | pass, as `Upgrade: websocket`; `h2c` does not |
//! | `Expect: 100-continue` | the old app decides; a second later the body goes in any case |
//! | 103 and other 1xx, trailers | pass |
//! | both `Content-Length` and `Transfer-Encoding` in an answer, and whatever else two readers could take for different things | 502 |
//! | more than 100 answers before the answer, a head above 64 KiB or 200 fields | 502 |
//! | an old app that is not there | 502 with a page; it is asked again with the next request |
//! | one that is too slow | 504 |
//! | a connection that was closed meanwhile | another one, for requests that may be sent twice (RFC 9110 §9.2.2) |
//! | `https://` | its certificate has to name the host and be of a public authority, or of those that [`Upstream::trust`](crate::Upstream::trust) names; else 502 |
//! | connections | kept for each thread; at most [`Upstream::connections`](crate::Upstream::connections) at once |
//!
//! # One session
//!
//! With Flask's `SECRET_KEY` as `secret_key` both apps read and write one session cookie, with flashed messages; `login_user` and Flask-Login know
//! each other's logins. A form of either half may be sent to the other: with `csrf.tokens = "flask-wtf"` both make and take the same tokens.
//!
//! Templates are read from the folder `templates` in [`App::root_path`](crate::App::root_path), and files from
//! [`App::static_folder`](crate::Scaffold::static_folder): both may be the old app's own, where they are.
//!
//! # What is left
//!
//! [`Application::upstream_counts`](crate::Application::upstream_counts) tells what went to the old app and how often: by the rules that
//! [`App::upstream_rules`](crate::App::upstream_rules) names, else by the shape of paths. [`App::shadow`](crate::App::shadow) keeps these counts, even with
//! `Shadow::new().share(0.0)`, which compares nothing; `routes --coverage` and the page `/_flagon/shadow` show them.
//!
//! # Shadow
//!
//! Before a route is trusted, both apps can be asked: one answers the client, the other is asked too, off the client's path.
//!
//! ```
//! # #[cfg(feature = "sql")] {
//! use flagon::{Rules, Shadow, prelude::*};
//!
//! let rules = Rules::default().ignore_json("/posts/*/views").ignore_header("x-backend");
//! let app = App::new("blog").upstream("http://127.0.0.1:8000").shadow(Shadow::new().share(0.1).rules(rules));
//! # app.build().unwrap();
//! # }
//! ```
//!
//! What differs in status, headers and body (JSON by its values, HTML by its tree) is put into groups and kept in `instance/shadow.db`, with how long
//! each side takes. [`Rules`](crate::Rules) says what is passed over by itself. `blog shadow report` and the page `/_flagon/shadow` show it;
//! `blog shadow switch posts.index upstream` lets the old app answer a route again, and `… flagon` the new one, in every process within a
//! second and for good. The page is the developer's in debug mode; [`Shadow::allow`](crate::Shadow::allow) names others.
//!
//! Only `GET` and `HEAD` are asked twice, unless [`Shadow::repeat_unsafe_requests_at`](crate::Shadow::repeat_unsafe_requests_at) names a copy of the
//! old app whose data nobody minds. Requests with conditions or ranges are not compared, nor bodies over 1 MiB. At most 1000 requests and 64 MiB
//! wait to be compared; more are dropped and counted, so that a target that hangs slows no client.
