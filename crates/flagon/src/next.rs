//! Back to where the user came from: the `next` of a log-in page.
//!
//! In: a location that the client sent. Out: a redirect to it within the app, else to a page that the program names. Never: a redirect
//! to another host, which would lend the app's good name to whoever made the link (open redirect, CWE-601).

use http::StatusCode;

use crate::{
    error::Result,
    globals::request,
    redirect::{Redirect, redirect_with},
    request::Request,
};

/// Sends the client to the `next` of its query, if that is a place of this app, else to `fallback`, with 303 See Other: after a form was
/// sent the next page is asked for with `GET`.
///
/// A place of this app is a path (`/account?tab=2`), or a URL of the very scheme, host and port that the request came to. Everything
/// else is refused, also what only some browser takes for another host: `//evil.example`, `/\evil.example`, `/%09/evil.example` with a
/// real tab, `javascript:…`, and anything with control characters or backslashes.
///
/// # Errors
///
/// 500 when `fallback` is no location.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, redirect_to_next};
///
/// #[post("/login")]
/// async fn login() -> Result<Redirect> {
///     redirect_to_next("/")
/// }
///
/// let client = App::new("shop").routes(routes![login]).test_client();
/// let sent_to = |next: &str| {
///     let response = client.post("/login").query(&[("next", next)]).wait();
///     (response.status().as_u16(), response.header("location").map(str::to_owned))
/// };
/// assert_eq!(sent_to("/account?tab=2"), (303, Some("/account?tab=2".into())));
/// assert_eq!(sent_to("https://evil.example/"), (303, Some("/".into())));
/// ```
#[track_caller]
pub fn redirect_to_next(fallback: impl AsRef<str>) -> Result<Redirect> {
    let request = request();
    redirect_within(request.args().get("next").unwrap_or_default(), fallback)
}

/// Sends the client to `location`, which it sent itself, if that is a place of this app, else to `fallback`: as [`redirect_to_next`], for
/// a `next` that came in a form.
///
/// # Errors
///
/// 500 when `fallback` is no location.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn redirect_within(location: impl AsRef<str>, fallback: impl AsRef<str>) -> Result<Redirect> {
    let request = request();
    let place = place_within(&request, location.as_ref()).unwrap_or(fallback.as_ref());
    redirect_with(place, StatusCode::SEE_OTHER.as_u16())
}

/// The path of `location`, if it is one of this app.
fn place_within<'l>(request: &Request, location: &'l str) -> Option<&'l str> {
    // Browsers drop tabs and line breaks, and take a backslash for a slash (URL Standard §4.4).
    if location.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    // Of `http://host/path` the slash before the path stays.
    let host_url = request.host_url();
    let path = location.strip_prefix(host_url.strip_suffix('/')?).unwrap_or(location);
    (path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

#[cfg(test)]
mod tests {
    use crate::{App, redirect_to_next};

    fn sent_to(next: &str) -> String {
        let app = App::new("t").build().unwrap();
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        let message = http::Request::get(format!("/?next={next}"))
            .header("host", "shop.example:8000")
            .body("")
            .unwrap();
        app.test_request_context(message).run(|| redirect_to_next("/home").unwrap().location().to_owned())
    }

    #[test]
    fn places_of_the_app() {
        for (next, expected) in [
            ("/", "/"),
            ("/a?b=c#d", "/a?b=c#d"),
            ("/a//b", "/a//b"),
            ("/ü", "/%C3%BC"),
            ("http://shop.example:8000/a", "/a"),
            ("http://shop.example:8000/", "/"),
        ] {
            assert_eq!(sent_to(next), expected, "{next}");
        }
    }

    #[test]
    fn places_elsewhere() {
        for next in [
            "",
            "a",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/\n/evil.example",
            "https://evil.example/",
            "https://shop.example:8000/", // another scheme
            "http://shop.example/",
            "http://shop.example:8000",
            "http://shop.example:8000.evil.example/",
            "http://shop.example:8000@evil.example/",
            "http://shop.example:8000//evil.example",
            "http:/evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/a\r\nset-cookie: a=b",
            "\u{a0}//evil.example",
            "@evil.example",
            "?next=/",
        ] {
            assert_eq!(sent_to(next), "/home", "{next:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_leads_to_another_host(next in "[/\\\\a:.@?#\t\r\n é]{0,12}|\\PC{0,12}") {
            let place = sent_to(&next);
            assert!(place.starts_with('/') && !place[1..].starts_with(['/', '\\']), "{next:?} {place}");
        }
    }
}
