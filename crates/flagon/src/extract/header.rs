//! What the head of a request says, as arguments.

use std::{ops::Deref, str::FromStr};

use http::{HeaderMap, HeaderName, Method, Uri, Version};

use super::argument::{Argument, FromRequest, refuse, shown};
use crate::{context::Context, error::Result};

/// The header that the argument is named for, read into a `T`: `user_agent: Header<String>` is `User-Agent`.
///
/// A field that stands on several lines is joined with commas (RFC 9110 §5.3). `Option<Header<T>>` is
/// `None` when it is missing. It refuses with 400 what is missing or no `T`.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/")]
/// async fn index(user_agent: Header<String>, max_forwards: Option<Header<u32>>) -> String {
///     format!("{} {}", *user_agent, max_forwards.map_or(0, |hops| *hops))
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<T>(pub T);

impl<T: FromStr + Send> FromRequest for Header<T> {
    async fn from_request(context: &Context, argument: Argument) -> Result<Self> {
        let name = header_name(argument);
        let found = Self::from_request_if_present(context, argument).await?;
        found.ok_or_else(|| refuse(400, "header", name, "missing"))
    }

    async fn from_request_if_present(context: &Context, argument: Argument) -> Result<Option<Self>> {
        let name = header_name(argument);
        let Ok(field) = HeaderName::try_from(name.as_str()) else {
            return Ok(None); // an argument may have a name that no field can
        };
        context.request().vary.looked_at(&field);
        let mut lines = Vec::new();
        for line in context.request().headers().get_all(field) {
            let text = std::str::from_utf8(line.as_bytes());
            lines.push(text.map_err(|_| refuse(400, "header", name.as_str(), "the value is not UTF-8"))?);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let text = lines.join(", ");
        text.parse().map(|value| Some(Self(value))).map_err(|_| {
            let ty = std::any::type_name::<T>();
            let ty = ty.rsplit("::").next().unwrap_or(ty);
            let field = if name == "authorization" || name == "cookie" { "secret" } else { &name };
            refuse(
                400,
                "header",
                name.as_str(),
                format!("expected a value of `{ty}`, got {}", shown(field, &text)),
            )
        })
    }
}

fn header_name(argument: Argument) -> String {
    argument.name().trim_start_matches('_').replace('_', "-").to_ascii_lowercase()
}

impl<T> Deref for Header<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

macro_rules! from_head {
    ($($ty:ty: $method:ident)*) => {$(
        impl FromRequest for $ty {
            async fn from_request(context: &Context, _: Argument) -> Result<Self> {
                Ok(context.request().$method().to_owned())
            }
        }
    )*};
}
from_head! {
    HeaderMap: headers
    Method: method
    Uri: uri
    Version: version
}
