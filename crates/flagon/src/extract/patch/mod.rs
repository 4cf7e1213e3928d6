//! A change of a JSON document, as the body of a `PATCH`.
//!
//! In: `application/merge-patch+json` (RFC 7396) or `application/json-patch+json` (RFC 6902). Out: [`Patch`], which makes the
//! changed value of the present one. Never: changes anything in place, or lets a small patch make a large document.
//!
//! RFC 5789 §2.2 (which status says what).

mod steps;

use std::{fmt, marker::PhantomData};

use http::header;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::steps::Steps;
use super::{
    argument::{Argument, FromRequest, refuse, shown},
    coding, json,
    media_type::Parameterized,
};
use crate::{context::Context, error::Result};

/// A change of a `T`, as the body of a `PATCH`: a merge patch (RFC 7396) or the steps of a JSON Patch (RFC 6902), by the type
/// that the request says. [`apply`](Self::apply) makes the changed value of the present one.
///
/// It refuses with 415 and `Accept-Patch` another type, and with 400 what is no patch, naming the step. A JSON Patch has at
/// most 1000 steps (422).
///
/// # Examples
///
/// ```
/// use flagon::{Patch, prelude::*};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Note {
///     title: String,
///     tags: Vec<String>,
/// }
///
/// #[patch("/note")]
/// async fn change(patch: Patch<Note>) -> Result<Json<Note>> {
///     let note = Note { title: "Tea".into(), tags: vec!["green".into()] }; // from a database
///     Ok(Json(patch.apply(&note)?))
/// }
///
/// let client = App::new("notes").routes(routes![change]).test_client();
/// let patched = |kind: &str, body: &'static str| client.patch("/note").header("content-type", kind).body(body).wait();
/// let merged = patched("application/merge-patch+json", r#"{"title": "Oolong"}"#);
/// assert_eq!(merged.text(), r#"{"title":"Oolong","tags":["green"]}"#);
/// let stepped = patched("application/json-patch+json", r#"[{"op": "add", "path": "/tags/-", "value": "hot"}]"#);
/// assert_eq!(stepped.text(), r#"{"title":"Tea","tags":["green","hot"]}"#);
/// let wrong = patched("application/merge-patch+json", r#"{"title": null}"#);
/// assert_eq!(wrong.status(), 422);
/// ```
pub struct Patch<T> {
    change: Change,
    of: PhantomData<fn(T) -> T>,
}

#[derive(Debug, Clone, PartialEq)]
enum Change {
    /// RFC 7396.
    Merge(Value),
    /// RFC 6902.
    Steps(Steps),
}

const MERGE: &str = "application/merge-patch+json";
const STEPS: &str = "application/json-patch+json";

impl<T: Serialize + DeserializeOwned> Patch<T> {
    /// Makes the changed value; all of the patch is applied, or nothing.
    ///
    /// # Errors
    ///
    /// 409 when a step supposes what is not so: a `test` that fails, a place that is not there. 422 when the result is no `T`, or
    /// would be deeper than 128 levels, have more than a mebibyte copied, or millions of values moved. Each error names the step and the place. 500 when
    /// `present` has no JSON form.
    pub fn apply(&self, present: &T) -> Result<T> {
        let mut document = serde_json::to_value(present)?;
        match &self.change {
            Change::Merge(patch) => json_patch::merge(&mut document, patch),
            Change::Steps(steps) => steps.apply(&mut document)?,
        }
        serde_path_to_error::deserialize(&document).map_err(|error| {
            let place = json::pointer(error.path());
            let step = match &self.change {
                Change::Merge(_) => None,
                Change::Steps(steps) => steps.last_at(&place),
            };
            let step = step.map_or_else(String::new, |step| format!(" ({step})"));
            let text = json::expected(&place, &error.inner().to_string());
            refuse(422, "body", place, format!("the result does not fit: {text}{step}"))
        })
    }
}

impl<T: Send> FromRequest for Patch<T> {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        let kind = kind(context)?;
        let bytes = context.request().data().await?;
        let change = match kind {
            Kind::Merge => {
                let read = serde_json::from_slice(&bytes);
                Change::Merge(read.map_err(|error| json::not_json(&bytes, &error))?)
            }
            Kind::Steps => Change::Steps(Steps::read(&bytes)?),
        };
        Ok(Self { change, of: PhantomData })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Merge,
    Steps,
}

/// What the request says its body is.
fn kind(context: &Context) -> Result<Kind> {
    coding::check(context)?;
    let refused = |problem: String| -> Result<Kind> { Err(refuse(415, "header", "content-type", problem)) };
    let Some(value) = context.request().headers().get(header::CONTENT_TYPE) else {
        return refused(format!("expected `{MERGE}` or `{STEPS}`, got none"));
    };
    let Some(read) = value.to_str().ok().and_then(|text| Parameterized::parse(text).ok()) else {
        return refused(format!("expected `{MERGE}` or `{STEPS}`, got a malformed one"));
    };
    match read.value.as_str() {
        MERGE => Ok(Kind::Merge),
        STEPS => Ok(Kind::Steps),
        other => refused(format!("expected `{MERGE}` or `{STEPS}`, got {}", shown("", other))),
    }
}

impl<T> Clone for Patch<T> {
    fn clone(&self) -> Self {
        Self { change: self.change.clone(), of: PhantomData }
    }
}

/// Without the values, which are a client's.
impl<T> fmt::Debug for Patch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if matches!(self.change, Change::Merge(_)) { MERGE } else { STEPS };
        f.debug_tuple("Patch").field(&kind).finish()
    }
}
