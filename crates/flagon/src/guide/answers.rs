//! What a view may return.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Serialize)]
//! struct User {
//!     name: &'static str,
//! }
//!
//! #[get("/text")]
//! async fn text() -> &'static str {
//!     "plain text"
//! }
//!
//! #[get("/json")]
//! async fn json() -> Json<User> {
//!     Json(User { name: "ada" })
//! }
//!
//! #[get("/tuple")]
//! async fn tuple() -> (Html<&'static str>, u16, [(&'static str, &'static str); 1]) {
//!     (Html("<p>made</p>"), 201, [("x-made-by", "hand")])
//! }
//!
//! #[post("/login")]
//! async fn login() -> Result {
//!     if request().args().get("password") != Some("secret") {
//!         return Ok(("try again", 422).into_response());
//!     }
//!     let mut response = redirect(url_for!(text)?)?.into_response();
//!     response.set_cookie(Cookie::new("seen", "1"))?;
//!     Ok(response)
//! }
//!
//! let client = App::new("answers").routes(routes![text, json, tuple, login]).test_client();
//! assert_eq!(client.get("/json").wait().text(), r#"{"name":"ada"}"#);
//! assert_eq!(client.get("/tuple").wait().header("x-made-by"), Some("hand"));
//! assert_eq!(client.post("/login").wait().status(), 422);
//! assert_eq!(client.post("/login?password=secret").wait().status(), 302);
//! ```
//!
//! - A view that returns one kind of answer says which: `Result<Html>`, `Result<Json<User>>`, `String`. One that returns
//!   several, as `login` does, says `Result` and ends each with [`into_response`](crate::IntoResponse::into_response).
//! - `?` works in a view that returns a `Result`; see [`errors`](super::errors).
//! - Files are [`send_file`](crate::send_file) and [`send_from_directory`](crate::send_from_directory), both with `.await`;
//!   answers that are made while they are sent are [`stream`](crate::stream()).
//! - A view is `async fn`, or a plain `fn`, which may block: it runs on a thread of its own.
