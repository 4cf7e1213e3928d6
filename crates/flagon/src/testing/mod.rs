//! Requests to an app without a socket: Flask's `test_client`.
//!
//! In: an app, and requests as a test writes them. Out: [`TestResponse`], from the very `dispatch` that serves. Never: a
//! network; and no test that leaves a context or a task behind passes, see [`Client`].
//!
//! ```
//! use flagon::prelude::*;
//!
//! let app = App::new("docs").routes([flagon::Route::new("index", "/", ["GET"], async || "hello")]);
//! let client = app.test_client();
//! let response = client.get("/").wait();
//! assert_eq!((response.status().as_u16(), response.text()), (200, "hello"));
//! ```

mod base_url;
mod cookie_jar;
mod leaks;
mod multipart;
mod pairs;
mod response;
mod client;
mod request;

pub use client::Client;
pub use multipart::Multipart;
pub use request::RequestBuilder;
pub use response::TestResponse;
