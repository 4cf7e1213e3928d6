//! Why a request was taken for a forged one.

use std::{error::Error as StdError, fmt};

use crate::{origin::Origin, signing::SignatureError};

/// Why a request was refused as one that another site may have sent: the cause of the 403, for
/// [`errorhandler_of`](crate::Scaffold::errorhandler_of) and the log.
///
/// Its text says which check failed, and what to do.
///
/// # Examples
///
/// ```
/// use flagon::{CsrfError, prelude::*};
///
/// async fn refused(error: CsrfError) -> (String, u16) {
///     (format!("Please reload the form and send it again. ({:?})", error.check()), 403)
/// }
///
/// let app = App::new("shop").errorhandler_of(refused);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrfError {
    pub(super) check: CsrfCheck,
    pub(super) found: Found,
}

/// Which check a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CsrfCheck {
    /// `Sec-Fetch-Site`: the browser says that another site's page sent it.
    SecFetchSite,
    /// `Origin`: it names another origin.
    Origin,
    /// `Referer`: it names another origin.
    Referer,
    /// The token: there is none, or it is not this session's.
    Token,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Another site, as the header said, and its origin if that was told.
    Site(&'static str, Option<Origin>),
    /// Another origin than the app's own.
    Other { page: Origin, own: Option<Origin> },
    /// No token where it is looked for.
    NoToken,
    /// A token, and no session to which it could belong.
    NoSession,
    /// A token that the app did not sign, or too long ago.
    Signature(SignatureError),
    /// A token of another session.
    OtherSession,
}

impl CsrfError {
    pub(super) fn new(check: CsrfCheck, found: Found) -> Self {
        Self { check, found }
    }

    /// Which check failed.
    pub fn check(&self) -> CsrfCheck {
        self.check
    }
}

impl fmt::Display for CsrfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TRUST: &str = "if its pages may send requests for the user, add it to `csrf.trusted_origins`";
        const FORM: &str =
            "put {{ csrf_field() }} into the form, first of its fields, or send csrf_token() in X-CSRF-Token";
        match &self.found {
            Found::Site(site, Some(origin)) => write!(
                f,
                "the check of Sec-Fetch-Site failed: the browser says `{site}`, and {origin} is not trusted; {TRUST}"
            ),
            Found::Site(site, None) => write!(
                f,
                "the check of Sec-Fetch-Site failed: the browser says `{site}`, and not which site; a view that \
                 other sites may send to says `csrf = \"exempt\"`"
            ),
            Found::Other { page, own } => {
                let header = if self.check == CsrfCheck::Origin { "Origin" } else { "Referer" };
                let own = own.as_ref().map(|own| format!(", the app answers at {own}")).unwrap_or_default();
                write!(
                    f,
                    "the check of {header} failed: the request is from {page}{own}; {TRUST}, and if it is the app's own, \
                     behind a proxy, set `server.trusted_proxies`"
                )
            }
            Found::NoToken => write!(
                f,
                "the check of the token failed: no header says where the request is from, and it has no token; {FORM}; \
                 a view that takes no cookie for an answer says `csrf = \"exempt\"`"
            ),
            Found::NoSession => f.write_str(
                "the check of the token failed: the session that the form was made in is over; load the form again",
            ),
            Found::Signature(SignatureError::Expired) => {
                f.write_str("the check of the token failed: it is older than `csrf.time_limit`; load the form again")
            }
            Found::Signature(error) => {
                write!(f, "the check of the token failed: {error}; {FORM}")
            }
            Found::OtherSession => f.write_str(
                "the check of the token failed: it is of another session, as after a login in another tab; load the \
                 form again",
            ),
        }
    }
}

impl StdError for CsrfError {}
