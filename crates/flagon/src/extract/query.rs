//! The query string as a type.

use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;

use super::{
    argument::{Argument, FromRequest, refuse},
    pairs::from_pairs,
    urlencoded::{self, Refusal},
};
use crate::{context::Context, error::Result};

/// How many names a query may have.
const FIELDS: usize = 1000;

/// The query string, read into a `T`.
///
/// A name given several times fills a `Vec`, and is refused where one value is meant. Numbers, booleans and
/// enums are read from their text; an `Option` is `None` when the name is missing or its value empty. A `Vec`
/// that may be missing needs `#[serde(default)]`. Names that `T` does not have are ignored.
/// `Option<Query<T>>` is `None` when there is no query string.
///
/// It refuses with 400 what is not UTF-8, and with 422 what `T` can't hold, naming the field.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Search {
///     q: String,
///     #[serde(default)]
///     tag: Vec<String>,
///     page: Option<u32>,
/// }
///
/// #[get("/search")] // /search?q=rust&tag=web&tag=sql
/// async fn search(search: Query<Search>) -> String {
///     format!("{} {:?} {:?}", search.q, search.tag, search.page)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest for Query<T> {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        let pairs = urlencoded::parse(context.request().query_string().as_bytes(), FIELDS);
        let pairs = pairs.map_err(|refusal| match refusal {
            Refusal::TooMany(limit) => refuse(400, "query", "", format!("expected at most {limit} names")),
            Refusal::Field(error) => refuse(400, "query", error.field, error.problem),
        })?;
        from_pairs(pairs, usize::MAX)
            .map(Self)
            .map_err(|error| refuse(422, "query", error.field, error.problem))
    }

    async fn from_request_if_present(context: &Context, argument: Argument) -> Result<Option<Self>> {
        if context.request().query_string().is_empty() {
            return Ok(None);
        }
        Self::from_request(context, argument).await.map(Some)
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Query<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
