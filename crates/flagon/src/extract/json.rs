//! JSON in a request's body, and as an answer.

use std::ops::{Deref, DerefMut};

use http::{HeaderValue, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use super::{
    argument::{Argument, FromRequest, refuse, shown},
    coding,
    media_type::Parameterized,
};
use crate::{
    context::Context,
    error::{Error, Result},
    response::{IntoResponse, Response},
};

/// A JSON body, read into a `T`; or, returned from a view, `T` as a JSON body.
///
/// `Option<Json<T>>` is `None` when there is no body.
///
/// It refuses with 415 another content type (`application/json`, or one that ends in `+json`) or charset, with 400 what
/// is not JSON, naming line and column, and with 422 what `T` can't hold, naming the member by its JSON Pointer.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[derive(Deserialize, Serialize)]
/// struct Point {
///     x: f64,
///     y: f64,
/// }
///
/// #[post("/mirror")]
/// async fn mirror(point: Json<Point>) -> Json<Point> {
///     Json(Point { x: point.y, y: point.x })
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(alias = "jsonify")]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest for Json<T> {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        check_content_type(context)?;
        let bytes = context.request().data().await?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(refusal::<T>(&bytes, &error)),
        }
    }

    async fn from_request_if_present(context: &Context, argument: Argument) -> Result<Option<Self>> {
        if !context.request().headers().contains_key(header::CONTENT_TYPE)
            && context.request().data().await?.is_empty()
        {
            return Ok(None);
        }
        Self::from_request(context, argument).await.map(Some)
    }
}

fn check_content_type(context: &Context) -> Result<()> {
    coding::check(context)?;
    let refuse = |problem: String| refuse(415, "header", "content-type", problem);
    let Some(value) = context.request().headers().get(header::CONTENT_TYPE) else {
        return Err(refuse("expected `application/json`, got none".to_owned()));
    };
    if value == "application/json" {
        return Ok(());
    }
    let parsed = value.to_str().ok().and_then(|text| Parameterized::parse(text).ok());
    let Some(parsed) = parsed else {
        return Err(refuse("expected `application/json`, got a malformed one".to_owned()));
    };
    // RFC 6839 §3.1: `+json` says that it can be read as JSON.
    if parsed.value != "application/json" && !parsed.value.ends_with("+json") {
        return Err(refuse(format!("expected `application/json`, got {}", shown("", &parsed.value))));
    }
    match parsed.foreign_charset() {
        Some(charset) => Err(refuse(format!("JSON is UTF-8, got the charset {}", shown("", charset)))),
        None => Ok(()),
    }
}

/// That `bytes` are no JSON, and where.
pub(super) fn not_json(bytes: &[u8], error: &serde_json::Error) -> Error {
    if bytes.is_empty() {
        return refuse(400, "body", "", "expected JSON, got an empty body");
    }
    let (text, line, column) = (without_place(error), error.line(), error.column());
    refuse(400, "body", "", format!("not JSON: {text} at line {line}, column {column}"))
}

/// Reads `bytes` once more to learn where the error was: only what fails pays for that.
fn refusal<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Error {
    if bytes.is_empty() || error.classify() != Category::Data {
        return not_json(bytes, error);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let Err(found) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return refuse(422, "body", "", without_place(error));
    };
    let pointer = pointer(found.path());
    let text = expected(&pointer, &without_place(found.inner()));
    refuse(422, "body", pointer, text)
}

/// The JSON Pointer (RFC 6901) of a place in a document.
pub(super) fn pointer(path: &Path) -> String {
    path.iter().map(pointer_part).collect()
}

/// What serde says of the member at `pointer`, without the value where its name says that it is secret.
pub(super) fn expected(pointer: &str, text: &str) -> String {
    let field = pointer.rsplit('/').next().unwrap_or_default();
    let secret = shown(field, "x") != "`x`";
    match text.split_once(", expected ") {
        Some((_, expected)) if secret => format!("expected {expected}"),
        _ => text.to_owned(),
    }
}

/// serde's text at its first 300 characters, since it quotes what came, and without the place it ends with.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let length = text.chars().count();
    if length <= 300 {
        return text.to_owned();
    }
    let (begin, end): (String, String) =
        (text.chars().take(150).collect(), text.chars().skip(length - 150).collect());
    format!("{begin}…{end}")
}

/// RFC 6901 §3.
fn pointer_part(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => crate::response::typed(JSON, bytes),
            Err(error) => {
                tracing::error!(%error, ty = std::any::type_name::<T>(), "an answer can't be written as JSON");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
