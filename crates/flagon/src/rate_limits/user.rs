//! Whom a limit counts by who is logged in.

use crate::{context::Context, request::Request, session::USER};

/// Counts by the user whom the session names, and by the address where it names nobody: `rate_limit_by = user_key`.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, user_key};
///
/// #[post("/comments", rate_limit = "5/minute", rate_limit_by = user_key)]
/// async fn comment() -> &'static str {
///     "said"
/// }
/// # let client = App::new("blog").routes(routes![comment]).test_client();
/// # assert_eq!(client.post("/comments").wait().header("ratelimit"), Some("\"comment\";r=4;t=12"));
/// ```
pub fn user_key(_: &Request) -> Option<String> {
    let user = Context::current()?.session().value(USER)?;
    Some(user.to_json())
}
