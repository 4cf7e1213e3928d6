//! The choice among representations that a client leaves to the server, and what to say when there is none.
//!
//! In: what can be offered. Out: the offer that the client likes best, or the error that stands for a 406. Never: refuses
//! a language, since a text in another one is better than none (RFC 9110 §12.5.4).
//!
//! RFC 9110 §12.1 (proactive negotiation).

use crate::{
    error::{Error, Result},
    request::Request,
};

impl Request {
    /// Which of the media types in `offers` the client likes best (RFC 9110 §12.5.1), the first where it likes all the same.
    /// The answer's `Vary` names `Accept`.
    ///
    /// # Errors
    ///
    /// 406, whose text lists the offers (§15.5.7), when the client takes none of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/report")]
    /// async fn report() -> Result {
    ///     match request().negotiate(&["text/html", "application/json"])? {
    ///         "text/html" => Ok(Html("<p>7</p>").into_response()),
    ///         _ => Ok(Json(7).into_response()),
    ///     }
    /// }
    ///
    /// let client = App::new("docs").routes(routes![report]).test_client();
    /// let answer = |accept: &str| client.get("/report").header("accept", accept).wait();
    /// assert_eq!(answer("application/*, text/html;q=0.5").text(), "7");
    /// assert_eq!(answer("image/png, */*;q=0").status(), 406);
    /// assert_eq!(client.get("/report").wait().header("vary"), Some("accept"));
    /// ```
    #[track_caller]
    pub fn negotiate<'o>(&self, offers: &[&'o str]) -> Result<&'o str> {
        match self.best_media_type(offers) {
            Some(best) => Ok(best),
            None => Err(Error::aborted(406).with_public(format!("This is there as {}.", offers.join(", ")))),
        }
    }
}
