//! A value in every place that HTML has for one, and rich text through the sanitizer.
//!
//! The pages are plain templates; `templates/xss/comment.html` is one that Flagon refuses to load.

use flagon::{SecurityHeaders, http::StatusCode, prelude::*, template};

#[derive(Deserialize)]
pub(crate) struct Payload {
    #[serde(default)]
    payload: String,
}

/// The payload where `context` says; 501 with the reason where no value can be safe.
///
/// Its pages have no Content-Security-Policy, so that nothing but the escaping keeps a payload from running.
#[get("/xss/<context>", security_headers = without_policy)]
pub(crate) async fn xss(context: String, query: Query<Payload>) -> Result<Response> {
    if !CONTEXTS.contains(&context.as_str()) {
        return abort(404);
    }
    match render(&format!("xss/{context}.html"), context! { payload => query.payload }) {
        Ok(page) => Ok(page.into_response()),
        Err(error) => match error.downcast_ref::<template::Error>() {
            Some(refused) if refused.kind() == template::ErrorKind::Unsafe => {
                Ok((refused.to_string(), StatusCode::NOT_IMPLEMENTED).into_response())
            }
            _ => Err(error),
        },
    }
}

fn without_policy(headers: SecurityHeaders) -> SecurityHeaders {
    headers.without_csp()
}

#[derive(Deserialize)]
pub(crate) struct Rich {
    #[serde(default)]
    html: String,
}

/// Markup from anyone, of which stays what the default policy allows.
#[get("/rich", security_headers = without_policy)]
pub(crate) async fn rich(query: Query<Rich>) -> Result<Html> {
    render("rich.html", context! { html => query.html })
}

/// Each is a file in `templates/xss`.
const CONTEXTS: [&str; 17] = [
    "text",
    "rcdata",
    "attr_dq",
    "attr_sq",
    "attr_unq",
    "href",
    "src",
    "js_value",
    "js_str_dq",
    "js_str_sq",
    "js_tmpl",
    "style",
    "style_attr",
    "comment",
    "srcdoc",
    "event_str",
    "event_val",
];
