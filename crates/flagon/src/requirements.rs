//! What a view asks of a request before it runs, by its options: a condition, a body of a known type.
//!
//! In: a view's handler and facts, once, at start. Out: the handler to call; the same one where nothing is asked.
//! Never: costs a view that asks for nothing.

use std::sync::Arc;

use flagon_http::cache_control::CacheControl;
use http::{HeaderMap, HeaderValue, Method, header};

use crate::{
    context::Context,
    error::{Error, ErrorKind, FieldProblem, Result},
    response::{Response, ResponsePart},
    view::Handler,
    view_info::{ViewInfo, ViewWord},
};

/// The handler that asks for what `info` says, then calls `handler`.
pub(crate) fn required(info: Option<&ViewInfo>, handler: Handler) -> Handler {
    let Some(info) = info else { return handler };
    let answers_query = info.rules.iter().any(|rule| rule.methods.contains(&"QUERY"));
    let handler = match info.cache_control {
        Some(value) => cached(HeaderValue::from_static(value), handler),
        None => handler,
    };
    let handler = if info.has(ViewWord::RequireMatch) { matched(handler) } else { handler };
    if info.has(ViewWord::Accepts) {
        typed(Some(info.media_types), handler)
    } else if answers_query {
        typed(None, handler)
    } else {
        handler
    }
}

/// Says what caches may do with answers that are no errors and don't say it themselves.
fn cached(value: HeaderValue, handler: Handler) -> Handler {
    Arc::new(move |context| {
        let (value, answer) = (value.clone(), handler(context));
        Box::pin(async move {
            let add = |response: &mut Response| {
                let status = response.status();
                if status.is_success() || status.is_redirection() {
                    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(value);
                }
            };
            match answer.await {
                Ok(mut response) => {
                    add(&mut response);
                    Ok(response)
                }
                Err(mut error) => {
                    error.response_mut().map(add); // a 304 of a condition, or an answer by abort_with
                    Err(error)
                }
            }
        })
    })
}

/// Asks for a condition (RFC 6585 §3), and that the view has compared it before it changed anything.
fn matched(handler: Handler) -> Handler {
    Arc::new(move |context| {
        let answer = handler(context);
        Box::pin(async move {
            let request = context.request();
            if request.method().is_safe() {
                return answer.await;
            }
            if !names_a_state(request.headers()) {
                return Err(Error::aborted(428).with_public(
                    "This request has to say which state it changes: send If-Match with the ETag that you got, \
                     or If-None-Match: * to make something new.",
                ));
            }
            let response = answer.await?;
            if response.status().is_success() && request.checked_validators().is_none() {
                let view = context.endpoint().unwrap_or_default();
                return Err(Error::new(ErrorKind::Failed).with_source(format!(
                    "the view `{view}` says `require_match` and did not compare: call request().check_preconditions(…) \
                     with the tag of the current state, before changing it"
                )));
            }
            Ok(response)
        })
    })
}

fn names_a_state(headers: &HeaderMap) -> bool {
    [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_UNMODIFIED_SINCE]
        .iter()
        .any(|name| headers.contains_key(name))
}

/// Asks for a body of one of `types`, or of any type that is said (RFC 10008 §2: a `QUERY` has to).
fn typed(types: Option<&'static [&'static str]>, handler: Handler) -> Handler {
    Arc::new(move |context| {
        let answer = handler(context);
        Box::pin(async move {
            check_type(context, types)?;
            answer.await
        })
    })
}

fn check_type(context: &Context, types: Option<&'static [&'static str]>) -> Result<()> {
    let request = context.request();
    // RFC 9110 §9.3.1: the content of a `GET` has no meaning, whatever type it says.
    if is_without_content(request.method()) {
        return Ok(());
    }
    let refuse = |status: http::StatusCode, problem: String| {
        let field = "content-type".to_owned();
        Err(Error::argument(status, vec![FieldProblem { place: "header", field, problem }]))
    };
    let Some(given) = request.headers().get(header::CONTENT_TYPE) else {
        return match *request.method() {
            // RFC 10008 §2.1: without a type it is incorrect by definition.
            Method::QUERY => refuse(
                http::StatusCode::BAD_REQUEST,
                "missing: the type of its body is a part of a query".to_owned(),
            ),
            _ => match types {
                Some(types) => refuse(
                    http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    format!("expected {}, got none", listed(types)),
                ),
                None => Ok(()),
            },
        };
    };
    let Some(types) = types else { return Ok(()) };
    let given = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if types.iter().any(|known| known.eq_ignore_ascii_case(given)) {
        return Ok(());
    }
    refuse(http::StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("expected {}, got another", listed(types)))
}

fn is_without_content(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn listed(types: &[&str]) -> String {
    types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// What caches may do with an answer, in a view's tuple: `(body, CacheControl::no_store())`.
impl ResponsePart for CacheControl {
    fn apply(self, response: &mut Response) -> Result<()> {
        response.headers_mut().insert(header::CACHE_CONTROL, self.to_header_value());
        Ok(())
    }
}
