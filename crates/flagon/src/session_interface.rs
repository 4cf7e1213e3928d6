//! Where sessions are kept.
//!
//! In: the context of a request. Out: its [`Session`], and a cookie in its answer. The framework calls it; a store
//! implements it.

use futures_util::future::BoxFuture;

use crate::{context::Context, error::Result, response::Response, session::Session};

/// Where sessions are kept: Flask's `SessionInterface`.
///
/// [`open`](Self::open) is called before the first hook and [`save`](Self::save) after the last, both with the
/// context of the request.
pub trait SessionInterface: Send + Sync + 'static {
    /// Gives the session that the request belongs to, or a fresh one.
    ///
    /// # Errors
    ///
    /// When the store does not answer; the request ends with it.
    fn open<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Session>>;

    /// Keeps `session`, and tells the client by a cookie in `response`.
    ///
    /// # Errors
    ///
    /// When it can't be kept; the answer then is this error, since what it promised is not there.
    fn save<'a>(
        &'a self,
        context: &'a Context,
        session: &'a Session,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>>;
}
