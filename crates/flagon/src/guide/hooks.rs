//! What runs before, after and around every view.
//!
//! ```
//! use flagon::prelude::*;
//!
//! struct User(String);
//!
//! /// Gives nothing to go on, or an answer in the view's place.
//! async fn load_user() -> Option<(&'static str, u16)> {
//!     match request().header("x-user") {
//!         Some(name) => g().set(User(name.to_owned())),
//!         None => return Some(("who are you?", 401)),
//!     };
//!     None
//! }
//!
//! async fn no_store(response: Response) -> impl IntoResponse {
//!     (response, [("cache-control", "no-store")])
//! }
//!
//! #[get("/me")]
//! async fn me() -> Result<String> {
//!     Ok(g().get::<User>().or_401()?.0.clone())
//! }
//!
//! let client = App::new("who").routes(routes![me]).before_request(load_user).after_request(no_store).test_client();
//! assert_eq!(client.get("/me").wait().status(), 401);
//! let response = client.get("/me").header("x-user", "ada").wait();
//! assert_eq!((response.text(), response.header("cache-control")), ("ada", Some("no-store")));
//! ```
//!
//! - On a [`Blueprint`](crate::Blueprint) hooks are for its own views, on the [`App`](crate::App) for all; the order is Flask's.
//! - [`teardown_request`](crate::Scaffold::teardown_request) runs however the request ends,
//!   [`after_this_request`](crate::after_this_request) for one request only.
