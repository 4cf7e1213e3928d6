//! Cookies as a part of an answer.

use flagon_http::cookie::Cookie;
use http::header;

use crate::{
    error::Result,
    response::{Response, ResponsePart},
};

/// Puts `Set-Cookie` after those that are there: `("welcome", Cookie::new("seen", "1"))`.
impl ResponsePart for Cookie {
    fn apply(self, response: &mut Response) -> Result<()> {
        response.headers_mut().append(header::SET_COOKIE, self.to_header_value()?);
        Ok(())
    }
}

/// Cookies on an answer that is there already: Flask's `set_cookie` and `delete_cookie`.
pub trait ResponseCookies {
    /// Adds a `Set-Cookie` field.
    ///
    /// # Errors
    ///
    /// 500 when browsers would drop the cookie: an invalid name, or a prefix (`__Host-`) whose rules it breaks.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{Cookie, IntoResponse, ResponseCookies};
    ///
    /// let mut response = "welcome".into_response();
    /// response.set_cookie(Cookie::new("theme", "dark"))?;
    /// response.delete_cookie("trial")?;
    /// assert_eq!(response.headers()["set-cookie"], "theme=dark; Path=/");
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
        let mut cookie = Cookie::removal(name);
        if name.starts_with("__Host-") || name.starts_with("__Secure-") {
            cookie = cookie.secure(); // else it would be dropped, and the old one stay
        }
        self.set_cookie(cookie)
    }
}

impl ResponseCookies for Response {
    fn set_cookie(&mut self, cookie: Cookie) -> Result<()> {
        cookie.apply(self)
    }
}
