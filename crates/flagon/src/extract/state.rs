//! What the app keeps for all requests, as an argument.

use std::{any::type_name, fmt, ops::Deref, sync::Arc};

use super::argument::{Argument, FromRequest};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
};

/// The `T` that [`App::state`](crate::App::state) was given.
///
/// A view that takes a `State<T>` of which the app has none keeps the app from starting.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use flagon::prelude::*;
///
/// #[get("/")]
/// async fn count(visits: State<AtomicU64>) -> String {
///     visits.fetch_add(1, Ordering::Relaxed).to_string()
/// }
///
/// let app = App::new("counter").state(AtomicU64::new(0)).routes(routes![count]);
/// ```
pub struct State<T>(Arc<T>);

impl<T> State<T> {
    /// The value, to be kept longer than the request.
    pub fn into_inner(self) -> Arc<T> {
        self.0
    }
}

impl<T: Send + Sync + 'static> FromRequest for State<T> {
    async fn from_request(context: &Context, argument: Argument) -> Result<Self> {
        let found = Self::from_request_if_present(context, argument).await?;
        found.ok_or_else(|| {
            let (name, ty) = (argument.name(), type_name::<T>());
            Error::new(ErrorKind::Failed).with_source(format!(
                "the view's argument `{name}: State<{ty}>` has no value: give the app one with `.state(…)`"
            ))
        })
    }

    async fn from_request_if_present(context: &Context, _: Argument) -> Result<Option<Self>> {
        Ok(context.app().state::<T>().map(Self))
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("State").field(&self.0).finish()
    }
}
