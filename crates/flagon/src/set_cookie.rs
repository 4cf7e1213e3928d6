//! Cookies as a part of an answer.

use flagon_http::cookie::Cookie;
use http::header;

use crate::{
    error::Result,
    globals::is_over_tls,
    response::{Response, ResponsePart},
};

/// Puts `Set-Cookie` after those that are there: `("welcome", Cookie::new("seen", "1"))`. What was not said of the cookie is what is
/// safe: hidden from scripts, `SameSite=Lax`, and over HTTPS only where the request came over HTTPS.
impl ResponsePart for Cookie {
    fn apply(self, response: &mut Response) -> Result<()> {
        let cookie = if is_over_tls() { self.or_secure() } else { self };
        response.headers_mut().append(header::SET_COOKIE, cookie.or_protected().to_header_value()?);
        Ok(())
    }
}

/// Cookies on an answer that is there already: Flask's `set_cookie` and `delete_cookie`.
pub trait ResponseCookies {
    /// Adds a `Set-Cookie` field. What was not said of the cookie is what is safe: [`readable_by_scripts`](Cookie::readable_by_scripts),
    /// [`without_same_site`](Cookie::without_same_site) and [`insecure`](Cookie::insecure) say otherwise.
    ///
    /// # Errors
    ///
    /// 500 when browsers would drop the cookie: an invalid name, a prefix (`__Host-`) whose rules it breaks, or more than
    /// 4,096 bytes of name, value and attributes. The log gets its name and its size.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Cookie, IntoResponse, ResponseCookies};
    ///
    /// let mut response = "welcome".into_response();
    /// response.set_cookie(Cookie::new("theme", "dark"))?;
    /// response.delete_cookie("trial")?;
    /// assert_eq!(response.headers()["set-cookie"], "theme=dark; Path=/; HttpOnly; SameSite=Lax");
    /// # Ok::<(), flagon::Error>(())
    /// ```
    fn set_cookie(&mut self, cookie: Cookie) -> Result<()>;

    /// Adds a field that makes the client forget the cookie `name`, which was set with the path `/` and no domain; for another
    /// use `set_cookie` with [`Cookie::removal`].
    ///
    /// # Errors
    ///
    /// 500 when `name` is no name of a cookie.
    fn delete_cookie(&mut self, name: &str) -> Result<()> {
        self.set_cookie(Cookie::removal(name))
    }
}

impl ResponseCookies for Response {
    fn set_cookie(&mut self, cookie: Cookie) -> Result<()> {
        cookie.apply(self)
    }
}
