//! Who the client is: passwords, logging in and out, what views ask of a user.
//!
//! In: a password and its hash; a user, whom the session then names. Out: the user of a request, or a refusal. Never: keeps
//! a password, or tells by time or words whether an account exists.

mod werkzeug;
mod password;
mod throttle;
mod named;
mod remember;
mod session;
mod require;

pub use password::{PasswordCheck, check_password, hash_password, hash_password_for_werkzeug};
pub use require::require_login;
pub use session::{current_user, is_login_fresh, login_user, login_user_and_remember, logout_user};
pub use throttle::{LoginAttempt, login_attempt};
pub use werkzeug::WerkzeugHash;

pub(crate) use require::check;
pub(crate) use session::restore_remembered;
