//! How an argument that is no variable of the rule is made.

use std::{error::Error as StdError, fmt, sync::Arc};

use crate::{
    context::Context,
    error::{Error, ErrorKind, FieldProblem, Result},
};

/// A type that a view can take as an argument, made from the request.
///
/// Flagon's own: [`Query`](super::Query), [`Form`](super::Form), [`Json`](super::Json),
/// [`Header`](super::Header), [`State`](super::State), [`BodyStream`](super::BodyStream), `Bytes`, `String`
/// (the body as text), `HeaderMap`, `Method`, `Uri`, `Arc<Context>`. `Option` of one is `None` where the
/// request has nothing of the kind, and `Result<_, Error>` gives the refusal to the view.
///
/// # Examples
///
/// ```
/// use flagon::{Argument, Context, FromRequest, prelude::*};
///
/// /// Who sends the request.
/// struct User(String);
///
/// impl FromRequest for User {
///     async fn from_request(context: &Context, _: Argument) -> Result<Self> {
///         let key = context.request().header(http::header::AUTHORIZATION).or_401()?;
///         Ok(User(key.to_owned()))
///     }
/// }
///
/// #[get("/me")]
/// async fn me(user: User) -> String {
///     user.0
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a view",
    label = "not made from a request",
    note = "to take a variable of the rule, name the argument as the rule does: `<name>` goes with `name: {Self}`",
    note = "to take input, write `Query<{Self}>`, `Form<{Self}>` or `Json<{Self}>`; for what `App::state` keeps, `State<{Self}>`",
    note = "or implement `flagon::FromRequest` for `{Self}`"
)]
pub trait FromRequest: Sized + Send {
    /// Makes the argument.
    ///
    /// # Errors
    ///
    /// When the request does not have what is needed; the error decides the answer.
    fn from_request(context: &Context, argument: Argument) -> impl Future<Output = Result<Self>> + Send;

    /// Makes an `Option` of it: `None` when the request has nothing of the kind, which by default is never.
    ///
    /// # Errors
    ///
    /// When there is something, and it is wrong.
    fn from_request_if_present(
        context: &Context,
        argument: Argument,
    ) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move { Self::from_request(context, argument).await.map(Some) }
    }
}

/// Which argument of the view is being made.
///
/// See [`FromRequest`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    name: &'static str,
}

impl Argument {
    /// Makes one for tests of a [`FromRequest`].
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// The argument's name, as the view calls it.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// Makes the argument `name` of a view. An error learns which argument it was about, for the log.
///
/// # Errors
///
/// The refusal of [`FromRequest::from_request`].
pub async fn argument<T: FromRequest>(context: &Context, name: &'static str) -> Result<T> {
    let made = T::from_request(context, Argument { name }).await;
    made.map_err(|error| match (error.kind(), error.source()) {
        (ErrorKind::Argument(_), None) => error.with_source(Refused { name, ty: std::any::type_name::<T>() }),
        _ => error,
    })
}

/// Which argument a request did not fill.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) name: &'static str,
    pub(super) ty: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request does not fill the view's argument `{}: {}`", self.name, self.ty)
    }
}

impl StdError for Refused {}

/// One field's refusal.
pub(super) fn refuse(
    status: u16,
    place: &'static str,
    field: impl Into<String>,
    problem: impl Into<String>,
) -> Error {
    let status = http::StatusCode::from_u16(status).expect("the statuses in this folder are valid");
    Error::argument(status, vec![FieldProblem { place, field: field.into(), problem: problem.into() }])
}

/// What came, for a message: at most 40 characters, escaped, and not of a field whose name says that it is secret.
pub(super) fn shown(field: &str, value: &str) -> String {
    const LONGEST: usize = 40;
    let field = field.to_ascii_lowercase();
    if ["pass", "pwd", "secret", "token", "pin", "key", "card", "cvv", "cvc"]
        .iter()
        .any(|word| field.contains(word))
    {
        return "another value".to_owned();
    }
    if value.is_empty() {
        return "an empty value".to_owned();
    }
    let mut text: String = value.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if value.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

impl<T: FromRequest> FromRequest for Option<T> {
    async fn from_request(context: &Context, argument: Argument) -> Result<Self> {
        T::from_request_if_present(context, argument).await
    }
}

impl<T: FromRequest> FromRequest for Result<T, Error> {
    async fn from_request(context: &Context, argument: Argument) -> Result<Self> {
        Ok(T::from_request(context, argument).await)
    }
}

impl FromRequest for Arc<Context> {
    async fn from_request(_: &Context, _: Argument) -> Result<Self> {
        Ok(Context::current().expect("arguments are made while their context is current"))
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_came_is_short_escaped_and_never_a_secret() {
        assert_eq!(shown("page", "x\n"), "`x\\n`");
        assert_eq!(shown("page", &"é".repeat(50)), format!("`{}…`", "é".repeat(40)));
        assert_eq!(shown("page", ""), "an empty value");
        assert_eq!(shown("new_Password", "hunter2"), "another value");
    }
}
