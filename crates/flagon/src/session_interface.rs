//! Where sessions are kept, by an app's own code.
//!
//! In: a request. Out: its [`Session`], and a cookie in its answer. The framework calls it; an app implements it when none of
//! [`Sessions`](crate::Sessions) fits.

use futures_util::future::BoxFuture;

use crate::{error::Result, request::Request, response::Response, session::Session};

/// Where sessions are kept, by an app's own code: Flask's `SessionInterface`.
///
/// [`open`](Self::open) is called before the first hook and [`save`](Self::save) after the last, of each request.
pub trait SessionInterface: Send + Sync + 'static {
    /// Gives the session that `request` belongs to, or a fresh one.
    ///
    /// # Errors
    ///
    /// When the store does not answer; the request ends with it.
    fn open<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Session>>;

    /// Keeps `session`, and tells the client by a cookie in `response`.
    ///
    /// # Errors
    ///
    /// When it can't be kept; the answer then is this error, since what it promised is not there.
    fn save<'a>(
        &'a self,
        request: &'a Request,
        session: &'a Session,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>>;
}
