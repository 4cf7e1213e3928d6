//! Messages for the next page: Flask's flashing.
//!
//! In: a text, perhaps with a category. Out: the same, once, on the page that shows it; until then it is in the session,
//! under Flask's key and in Flask's form, so that a Flask app with the same session cookie shows it as well.

use std::sync::PoisonError;

use serde::Serialize;

use crate::{
    context::Context,
    error::Result,
    globals::{request, session},
    session::{Session, SessionValue},
};

/// Flask's key.
const KEY: &str = "_flashes";

/// A message for the user.
///
/// See [`get_flashed_messages`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flash {
    /// What kind it is: `message` unless it was given with another.
    pub category: String,
    /// Its text.
    pub message: String,
}

/// Keeps `message` for the next page that shows messages: Flask's `flash`.
///
/// # Errors
///
/// 500 when the app keeps no sessions.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn flash(message: impl Into<String>) -> Result<()> {
    flash_with("message", message)
}

/// Keeps `message` as one of `category`, such as `error`, `info` or `warning`.
///
/// # Errors
///
/// 500 when the app keeps no sessions.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn flash_with(category: &str, message: impl Into<String>) -> Result<()> {
    let message = SessionValue::Tuple(vec![
        SessionValue::Text(category.to_owned()),
        SessionValue::Text(message.into()),
    ]);
    session().update_value(KEY, move |kept| {
        let mut messages = match kept {
            Some(SessionValue::List(messages)) => messages.clone(),
            _ => Vec::new(),
        };
        messages.push(message.clone());
        SessionValue::List(messages)
    })
}

/// Takes the messages out of the session and gives them; the same ones for the rest of this request. With `categories`
/// only those of these, unless the list is empty.
///
/// In a template it is Flask's function: `get_flashed_messages(with_categories=true, category_filter=["error"])`.
///
/// # Errors
///
/// 500 when the session can't be written.
///
/// # Panics
///
/// Outside a request.
#[track_caller]
pub fn get_flashed_messages(categories: &[&str]) -> Result<Vec<Flash>> {
    let taken = taken(request().context())?;
    let is_asked = |category: &str| categories.is_empty() || categories.contains(&category);
    let text = |message: SessionValue| match message {
        SessionValue::Text(text) | SessionValue::Markup(text) => text,
        other => other.to_json(),
    };
    let messages = taken.into_iter().filter(|(category, _)| is_asked(category));
    Ok(messages.map(|(category, message)| Flash { category, message: text(message) }).collect())
}

/// Every message with its category, as it was kept.
pub(crate) fn taken(context: &Context) -> Result<Vec<(String, SessionValue)>> {
    let mut flashes = context.handed().flashes.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(taken) = &*flashes {
        return Ok(taken.clone());
    }
    let taken = take(context.session())?;
    *flashes = Some(taken.clone());
    Ok(taken)
}

fn take(session: &Session) -> Result<Vec<(String, SessionValue)>> {
    let Some(SessionValue::List(kept)) = session.remove(KEY)? else { return Ok(Vec::new()) };
    Ok(kept.into_iter().filter_map(pair).collect())
}

/// Reads what Flask keeps, or a list in the place of a tuple.
fn pair(kept: SessionValue) -> Option<(String, SessionValue)> {
    let (SessionValue::Tuple(pair) | SessionValue::List(pair)) = kept else { return None };
    match <[SessionValue; 2]>::try_from(pair).ok()? {
        [SessionValue::Text(category), message] => Some((category, message)),
        _ => None,
    }
}
