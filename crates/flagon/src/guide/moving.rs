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
