//! Cookies, as a server reads and sets them and as a client keeps them.
//!
//! In: the values of `Cookie` and `Set-Cookie`. Out: names and values as text; a checked `Set-Cookie` value.
//! Never: signatures, jars, a cookie that browsers would drop in silence.
//!
//! RFC 6265 and its revision (draft-ietf-httpbis-rfc6265bis, "6265bis" below). Quoting is Werkzeug's, so that
//! Flask reads what we set and the other way round.

mod quote;
mod write;
mod read;
mod received;

pub use read::{Arrived, Cookies, is_believable, parse};
pub use received::SetCookie;
pub use write::{Cookie, CookieError, CookieProblem, SameSite};
