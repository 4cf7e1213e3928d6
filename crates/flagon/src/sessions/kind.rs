//! The ways to keep sessions, as an app chooses one.

use std::fmt;

use super::stored::ServerSessions;
use crate::session_interface::SessionInterface;

/// Where an app keeps its sessions, see [`App::sessions`](crate::App::sessions).
///
/// # Examples
///
/// ```
/// use flagon::{Sessions, prelude::*};
///
/// let app = App::new("blog").sessions(Sessions::signed());
/// ```
#[derive(Default)]
pub struct Sessions {
    pub(super) kind: Kind,
    pub(super) cookie_name: Option<String>,
}

#[derive(Default)]
pub(super) enum Kind {
    #[default]
    Signed,
    Encrypted,
    Stored(Box<ServerSessions>),
    Custom(Box<dyn SessionInterface>),
}

impl Sessions {
    /// In a cookie that the client can read and not change, in Flask's own format: the default. It takes no room at the server,
    /// and nobody can take it back before it ends.
    pub fn signed() -> Self {
        Self { kind: Kind::Signed, cookie_name: None }
    }

    /// In a cookie that the client can neither read nor change. As with [`signed`](Self::signed) ones, nobody can take it back before
    /// it ends; other programs can't read it either.
    pub fn encrypted() -> Self {
        Self { kind: Kind::Encrypted, cookie_name: None }
    }

    /// With the server, in a [`SessionStore`](crate::SessionStore) or as [`ServerSessions`] say; the client has but an id. They
    /// can be listed and ended, and hold more than a cookie.
    pub fn stored(sessions: impl Into<ServerSessions>) -> Self {
        Self { kind: Kind::Stored(Box::new(sessions.into())), cookie_name: None }
    }

    /// Names the cookie, instead of `session_cookie_name`: for the sessions of a [blueprint](crate::Blueprint::sessions).
    #[must_use]
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = Some(name.into());
        self
    }

    /// As code of the app's own says.
    pub fn custom(interface: impl SessionInterface) -> Self {
        Self { kind: Kind::Custom(Box::new(interface)), cookie_name: None }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Signed => "Sessions::signed()",
            Kind::Encrypted => "Sessions::encrypted()",
            Kind::Stored(_) => "Sessions::stored(…)",
            Kind::Custom(_) => "Sessions::custom(…)",
        })
    }
}
