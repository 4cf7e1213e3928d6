//! Whom a limit counts by who is logged in.

use crate::{context::Context, request::Request};

/// Counts by the user who is logged in, and by the address where nobody is: `rate_limit_by = user_key`.
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

/// Where Flask-Login keeps who is logged in, and so does this crate.
const USER: &str = "_user_id";
