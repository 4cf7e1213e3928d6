//! Testing an app without a socket.
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Login {
//!     name: String,
//! }
//!
//! #[post("/login")]
//! async fn login(form: Form<Login>) -> Result {
//!     let mut response = redirect("/")?.into_response();
//!     response.set_cookie(Cookie::new("name", form.name.as_str()))?;
//!     Ok(response)
//! }
//!
//! #[get("/")]
//! async fn index() -> String {
//!     format!("hello, {}", request().cookies().get("name").unwrap_or("stranger"))
//! }
//!
//! fn app() -> App {
//!     App::new("hello").routes(routes![index, login])
//! }
//!
//! // #[test]
//! fn one_who_logs_in_is_greeted() {
//!     let client = app().test_client();
//!     assert_eq!(client.get("/").wait().text(), "hello, stranger");
//!     let response = client.post("/login").form(&[("name", "ada")]).follow_redirects().wait();
//!     assert_eq!(response.text(), "hello, ada");
//! }
//! # one_who_logs_in_is_greeted();
//! ```
//!
//! - `wait()` is for plain tests, `send().await` for `#[tokio::test]`.
//! - Why an answer is a 500 is printed: `cargo test` shows it of tests that fail.
//! - The client reads neither `flagon.toml` nor the environment; see [`configuration`](super::configuration) for how a test sets
//!   what it needs.
//! - Sessions, logins and flashed messages need a key there too: `config.secret_key = Some(Secret::new("for tests"))`.
//! - A test whose task of [`flagon::background`](crate::background) still runs at its end fails: wait with `client.block_on(client.settle())`.
//! - A function that calls `request()` is tested by itself within
//!   [`test_request_context`](crate::Application::test_request_context).
