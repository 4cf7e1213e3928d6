//! Answers that send the client elsewhere.
//!
//! In: a location as a person or `url_for` writes it. Out: [`Redirect`], whose location is a header value that a
//! browser reads as the program meant it. Never: a location that ends the header or turns into another host.
//!
//! RFC 9110 §15.4 and §10.2.2.

use http::{HeaderValue, StatusCode, header, uri::Authority};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode_byte, utf8_percent_encode};

use crate::{
    error::{Error, ErrorKind, Result},
    response::{Html, IntoResponse, Response},
};

/// An answer that sends the client elsewhere, made by [`redirect`] or [`redirect_with`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    location: HeaderValue,
    status: StatusCode,
}

/// Sends the client to `location` with 302 Found, after which browsers ask with `GET`. To a view of the app it is
/// `redirect(url_for!(show, id)?)`.
///
/// What has no place in a URL is percent-encoded: spaces, control characters, what is not ASCII, and `\`, which browsers would
/// take for a slash. So no text can split the header, and `/\evil.example` stays a path of this host. A location that begins with
/// `//` or a scheme leads to other hosts, as it says: do not pass on one that a client sent.
///
/// # Errors
///
/// 500 when the host of `location` is none.
///
/// # Examples
///
/// ```
/// use flagon::{IntoResponse, redirect};
///
/// let response = redirect("/search?q=crème brûlée")?.into_response();
/// assert_eq!(response.status(), 302);
/// assert_eq!(response.headers()["location"], "/search?q=cr%C3%A8me%20br%C3%BBl%C3%A9e");
/// # Ok::<(), flagon::Error>(())
/// ```
#[track_caller]
pub fn redirect(location: impl AsRef<str>) -> Result<Redirect> {
    Redirect::new(location.as_ref(), StatusCode::FOUND)
}

/// Sends the client to `location` with `code`: 301, 302, 303, 307 or 308. After 303 clients ask with `GET`, after 307 and
/// 308 with the method and body of before; 301 and 308 are for good.
///
/// # Errors
///
/// 500 when `code` is another, or the host of `location` is none.
///
/// # Examples
///
/// ```
/// use flagon::{IntoResponse, redirect_with};
///
/// let response = redirect_with("/new-place", 308)?.into_response();
/// assert_eq!(response.status(), 308);
/// assert!(redirect_with("/", 200).is_err());
/// # Ok::<(), flagon::Error>(())
/// ```
#[track_caller]
pub fn redirect_with(location: impl AsRef<str>, code: u16) -> Result<Redirect> {
    match StatusCode::from_u16(code) {
        Ok(status) if matches!(code, 301 | 302 | 303 | 307 | 308) => Redirect::new(location.as_ref(), status),
        _ => Err(Error::new(ErrorKind::Failed)
            .with_source(format!("a redirect's status is 301, 302, 303, 307 or 308, not {code}"))),
    }
}

impl Redirect {
    #[track_caller]
    fn new(location: &str, status: StatusCode) -> Result<Self> {
        let location = encoded(location);
        if let Some(authority) = authority(&location)
            && authority.parse::<Authority>().is_err()
        {
            return Err(Error::new(ErrorKind::Failed).with_source(format!(
                "a redirect to {location}: `{authority}` is no host; one that is not ASCII is written `xn--…`"
            )));
        }
        let location = HeaderValue::try_from(location)?;
        Ok(Self { location, status })
    }

    /// Where it leads, as it is sent.
    pub fn location(&self) -> &str {
        self.location.to_str().unwrap_or_default() // it is ASCII
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        // RFC 9110 §15.4: a note with a link, for clients that do not follow.
        let link = self.location().replace('&', "&amp;").replace('\'', "&#39;");
        let page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<title>Redirecting</title>\n<h1>Redirecting</h1>\n\
             <p>This page is now at <a href='{link}'>{link}</a>.</p>\n"
        );
        let mut response = Html(page).into_response();
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::LOCATION, self.location);
        response
    }
}

/// What can't stand in a URI reference by itself (RFC 3986 §2); `%` is looked at apart.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Percent-encodes what can't stand in a URI; escapes that are there already stay.
pub(crate) fn encoded(location: &str) -> String {
    let mut encoded = String::with_capacity(location.len());
    let mut rest = location;
    while let Some((before, after)) = rest.split_once('%') {
        encoded.extend(utf8_percent_encode(before, ENCODED));
        let is_escape =
            matches!(after.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
        encoded.push_str(if is_escape { "%" } else { percent_encode_byte(b'%') });
        rest = after;
    }
    encoded.extend(utf8_percent_encode(rest, ENCODED));
    encoded
}

/// What stands between `//` and the path, if it is a location with a host.
fn authority(location: &str) -> Option<&str> {
    let after = if let Some(after) = location.strip_prefix("//") {
        after
    } else {
        let (scheme, after) = location.split_once("://")?;
        scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)).then_some(after)?
    };
    after.split(['/', '?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        for (location, expected) in [
            ("/a b", "/a%20b"),
            ("/ünï", "/%C3%BCn%C3%AF"),
            ("/a%20b%zz%", "/a%20b%25zz%25"),
            ("/x\r\nSet-Cookie: a=b", "/x%0D%0ASet-Cookie:%20a=b"),
            ("/\\evil.example", "/%5Cevil.example"),
            ("/\t/evil.example", "/%09/evil.example"),
            ("https://example.org/?a=1&b=[2]#c", "https://example.org/?a=1&b=[2]#c"),
            ("//example.org:81/", "//example.org:81/"),
            ("http://[::1]:8000/", "http://[::1]:8000/"),
            ("?page=2", "?page=2"),
            ("next?to=http://a b/", "next?to=http://a%20b/"),
            ("mailto:ada@example.org", "mailto:ada@example.org"),
            ("", ""),
        ] {
            assert_eq!(redirect(location).unwrap().location(), expected, "{location:?}");
        }
        for location in ["http://exa mple.org/", "//bücher.example/", "https:///x"] {
            assert!(redirect(location).is_err(), "{location:?}");
        }
    }

    #[test]
    fn the_note_does_not_let_the_location_out_of_its_quotes() {
        let body =
            redirect("/'onclick='x()'&amp;<b>").unwrap().into_response().into_body().into_full().unwrap();
        let page = std::str::from_utf8(&body).unwrap();
        assert!(page.contains("href='/&#39;onclick=&#39;x()&#39;&amp;amp;%3Cb%3E'"), "{page}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_one_line_of_ascii_or_refused(location in "\\PC{0,30}|[\r\n\t%\\\\/a:]{0,12}") {
            if let Ok(redirect) = redirect(&location) {
                assert!(redirect.location().bytes().all(|byte| byte.is_ascii_graphic()), "{redirect:?}");
            }
        }
    }
}
