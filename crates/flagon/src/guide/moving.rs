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
//!   of them have moved, and which methods still go to the old app; how often those are asked, a running app tells by
//!   [`upstream_counts`](crate::Application::upstream_counts).
//! - **One login, one set of templates, one database.** The [session](crate::guide::sessions#with-flask) is Flask's own cookie, and passwords keep
//!   their [hashes](crate::guide::login).
//!
//! The example `flaskr` is a weblog that moves in five steps, each a test against real Flask.
