//! The ways to keep sessions, as an app chooses one.

use std::fmt;

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
pub struct Sessions(pub(super) Kind);

#[derive(Default)]
pub(super) enum Kind {
    #[default]
    Signed,
    Custom(Box<dyn SessionInterface>),
}

impl Sessions {
    /// In a cookie that the client can read and not change, in Flask's own format: the default. It takes no room at the server,
    /// and nobody can take it back before it ends.
    pub fn signed() -> Self {
        Self(Kind::Signed)
    }

    /// As code of the app's own says.
    pub fn custom(interface: impl SessionInterface) -> Self {
        Self(Kind::Custom(Box::new(interface)))
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Signed => "Sessions::signed()",
            Kind::Custom(_) => "Sessions::custom(…)",
        })
    }
}
