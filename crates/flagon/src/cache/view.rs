//! What `#[cached]` makes of a view: its answers, by host, path and query.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use flagon_http::Body;
use http::{HeaderMap, Method, StatusCode, header};

use super::sharing::{began, is_passed_by, looks_at_session};
use crate::{
    cache_store::{CachedView, Key, Made, Terms},
    context::Context,
    error::{Error, Result},
    response::Response,
    view::Handler,
};

/// A handler that asks `handler` only where no answer is kept.
pub(crate) fn around(cached: CachedView, handler: Handler) -> Handler {
    Arc::new(move |context| Box::pin(answer(context, cached, Arc::clone(&handler))))
}

/// An answer, or what was made of it for one client.
#[derive(Clone)]
enum Answer {
    Kept(Arc<Kept>),
    Own(Arc<Mutex<Option<Response>>>),
}

struct Kept {
    headers: HeaderMap,
    body: Bytes,
}

async fn answer(context: &Arc<Context>, cached: CachedView, handler: Handler) -> Result {
    let request = context.request();
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    // RFC 9111 §3.5: what was answered to credentials is for nobody else.
    let has_credentials = request.headers().contains_key(header::AUTHORIZATION);
    if !is_get || has_credentials || context.may_write() || is_passed_by(Some(context)) {
        return handler(context).await;
    }
    let stamps = context.app().cache.stamps();
    let tags: Vec<String> = cached.tags.iter().map(|tag| filled(context, tag)).collect();
    let terms = Terms {
        ttl: cached.ttl_millis.map(Duration::from_millis),
        slots: stamps.slots(tags.iter().map(String::as_str)),
        began: began(Some(context), stamps.now()),
    };
    let work = async {
        let mut response = handler(context).await?;
        Ok::<_, Error>(match why_not(context, &response) {
            None => {
                let headers = std::mem::take(response.headers_mut());
                let body = Bytes::copy_from_slice(response.body().as_full().unwrap_or_default());
                let fields: usize =
                    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum();
                let weight = body.len() + fields;
                Made::Shared(Answer::Kept(Arc::new(Kept { headers, body })), weight)
            }
            Some(why) => {
                tracing::debug!(target: "flagon::cache", endpoint = context.endpoint(), why, "the answer of a cached view is for nobody else");
                Made::Own(Answer::Own(Arc::new(Mutex::new(Some(response)))))
            }
        })
    };
    let given = context.app().cache.get_or_make(key(context), terms, work).await?;
    Ok(match given {
        Answer::Kept(kept) => {
            let mut response = Response::new(Body::from(kept.body.clone()));
            *response.headers_mut() = kept.headers.clone();
            response
        }
        Answer::Own(own) => own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .expect("it was made for this request alone"),
    })
}

fn key(context: &Context) -> Key {
    let request = context.request();
    let (endpoint, host) = (context.endpoint().unwrap_or_default(), request.host());
    Key::from(format!(
        "view {endpoint} {} {host} {} {}",
        request.scheme(),
        request.path(),
        request.query_string()
    ))
}

/// A tag with the values of the rule's variables: `post:{id}`.
fn filled(context: &Context, tag: &str) -> String {
    let (mut text, mut rest) = (String::new(), tag);
    while let Some((before, after)) = rest.split_once('{') {
        text += before;
        let Some((name, after)) = after.split_once('}') else { break };
        text += context.variable(name).unwrap_or_default();
        rest = after;
    }
    text + rest
}

/// Why an answer is not for all, if it is not.
fn why_not(context: &Arc<Context>, response: &Response) -> Option<&'static str> {
    if response.status() != StatusCode::OK {
        return Some("it is no 200");
    }
    if context.request().vary.is_any() {
        return Some("it depends on a field of the request, such as its cookies or its language");
    }
    if looks_at_session(context) {
        return Some("the session was looked at, or the page has a nonce or a token of its own");
    }
    let headers = response.headers();
    if headers.contains_key(header::SET_COOKIE) || headers.contains_key(header::VARY) {
        return Some("it sets a cookie, or varies");
    }
    if response.body().as_full().is_none() {
        return Some("it is made while it is sent");
    }
    if context.has_after_this_request() {
        return Some("something is done after this request");
    }
    is_passed_by(Some(context)).then_some("something was written")
}
