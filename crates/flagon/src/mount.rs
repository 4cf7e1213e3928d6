//! Services of other frameworks inside an app.
//!
//! In: any service of the tower family, such as an axum `Router`, and a prefix. Out: routes to it, with the prefix taken off
//! the path. The context is still there: `request()` and `g()` work in the service, and hooks run around it.

use std::{
    error::Error as StdError,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use http::{Uri, uri::PathAndQuery};
use http_body_util::BodyExt as _;
use tower_service::Service;

use crate::{
    app::App,
    context::Context,
    error::{Error, ErrorKind, Result},
    scaffold::Scaffold as _,
    view::Route,
};

impl App {
    /// Answers everything at and below `prefix` by `service`, which sees the path without the prefix: a request for
    /// `/old/a?b` comes to a service at `/old` as `/a?b`. Of two that fit, a view or service with the longer rule answers.
    ///
    /// The message's extensions hold the connection, as `Arc<ConnectionInfo>`. The service gets the body as it arrives, within
    /// `max_content_length`.
    ///
    /// # Panics
    ///
    /// When `prefix` does not begin with a slash, ends with one, or has a variable.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// // An app is a service too.
    /// let shop = App::new("shop").routes([flagon::Route::new("index", "/", ["GET"], async || "the shop")]);
    /// let app = App::new("site").mount("/shop", shop.build().unwrap());
    /// assert_eq!(app.test_client().get("/shop/").wait().text(), "the shop");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn mount<S, B>(self, prefix: &str, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let is_plain = prefix.starts_with('/') && !prefix.ends_with('/') && !prefix.contains(['<', '>']);
        assert!(
            is_plain,
            "a prefix begins with a slash, does not end with one, and has no variable: {prefix:?}"
        );
        let mounted = Arc::new(Mounted { prefix: prefix.to_owned(), service: Mutex::new(service) });
        let route = |endpoint: String, rule: String| {
            let mounted = Arc::clone(&mounted);
            Route::with_context(endpoint, rule, [], move |context| {
                let mounted = Arc::clone(&mounted);
                Box::pin(async move { mounted.call(context).await })
            })
        };
        let name = prefix.trim_start_matches('/').replace(['/', '.'], "_");
        let all = format!("mounted_{name}");
        self.routes([
            route(format!("{all}_root"), prefix.to_owned()),
            route(format!("{all}_slash"), format!("{prefix}/")),
            route(all, format!("{prefix}/<path:path>")),
        ])
    }
}

/// A service and where it is.
struct Mounted<S> {
    prefix: String,
    /// Only held while it is cloned: a service need not be `Sync`.
    service: Mutex<S>,
}

impl<S, B> Mounted<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    async fn call(&self, context: &Context) -> Result {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
        let answer = service.call(self.message(context)?);
        let response = answer.await.map_err(failed)?;
        Ok(response.map(|body| Body::stream(body.map_err(BodyError::failed))))
    }

    fn message(&self, context: &Context) -> Result<http::Request<Body>> {
        let request = context.request();
        let mut message = http::Request::new(request.take_body());
        *message.method_mut() = request.method().clone();
        *message.version_mut() = request.version();
        *message.headers_mut() = request.headers().clone();
        *message.uri_mut() = self.without_prefix(request.uri())?;
        message.extensions_mut().insert(Arc::clone(request.connection()));
        message.extensions_mut().insert(request.connection().peer);
        Ok(message)
    }

    /// Takes the prefix off the path as it was sent: a byte of the prefix may have come as `%61`.
    fn without_prefix(&self, uri: &Uri) -> Result<Uri> {
        let mut rest = uri.path();
        for _ in self.prefix.bytes() {
            let length = if rest.starts_with('%') { 3 } else { 1 };
            rest = rest.get(length..).unwrap_or_default();
        }
        let slash = if rest.starts_with('/') { "" } else { "/" };
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        let target = PathAndQuery::try_from(format!("{slash}{rest}{query}"))?;
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(target);
        Ok(Uri::from_parts(parts)?)
    }
}

fn failed(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Failed).with_source(error)
}
