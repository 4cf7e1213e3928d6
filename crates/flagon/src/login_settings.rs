//! What an app says of logging in: how a user is found, and where the login page is.

use std::{
    any::Any,
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Instant,
};

use futures_util::future::BoxFuture;

use crate::error::Result;

/// A user of an app, as [`App::user_loader`](crate::App::user_loader) finds one.
///
/// # Examples
///
/// ```
/// use std::borrow::Cow;
/// use flagon::User;
///
/// struct Account {
///     id: i64,
///     is_admin: bool,
/// }
///
/// impl User for Account {
///     fn id(&self) -> Cow<'_, str> {
///         self.id.to_string().into()
///     }
///
///     fn has_role(&self, role: &str) -> bool {
///         role == "admin" && self.is_admin
///     }
/// }
/// ```
pub trait User: Any + Send + Sync {
    /// What names the user, as the session keeps it: Flask-Login's `get_id`.
    fn id(&self) -> Cow<'_, str>;

    /// Whether the user may log in and be logged in.
    fn is_active(&self) -> bool {
        true
    }

    /// What all logins of the user stand on, such as the hash of their password: when it is another one, every session and every
    /// remembered login that was begun before is over, wherever it is kept. Only a digest of it leaves the app. Empty for nothing.
    ///
    /// Who has just changed the password is logged in anew by [`login_user`](crate::login_user).
    fn login_stamp(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// Whether the user has `role`, as views ask with `roles = "…"`.
    fn has_role(&self, role: &str) -> bool {
        let _ = role;
        false
    }
}

/// Finds the user of an id.
pub(crate) type Loader =
    Box<dyn Fn(String) -> BoxFuture<'static, Result<Option<Arc<dyn User>>>> + Send + Sync>;

/// What an app says of logging in.
#[derive(Default)]
pub(crate) struct LoginSettings {
    pub(crate) loader: Option<Loader>,
    /// The endpoint of the login page.
    pub(crate) view: Option<String>,
    /// The attempts of accounts and addresses.
    pub(crate) attempts: Mutex<Attempts>,
}

/// What is known of failed attempts, by a hash of the account or address.
pub(crate) type Attempts = HashMap<[u8; 32], Failures>;

/// The failed attempts of one account or address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    pub(crate) last: Instant,
    pub(crate) blocked_until: Instant,
}

impl fmt::Debug for LoginSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginSettings")
            .field("has_loader", &self.loader.is_some())
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}
