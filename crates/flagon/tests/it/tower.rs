//! Services of the tower family in an app, and an app in theirs.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::SocketAddr,
    task::{Context, Poll},
};

use bytes::Bytes;
use flagon::{Body, Route, has_request, http, prelude::*};
use http_body_util::{BodyExt as _, Full};
use tower_service::Service;

/// Says what it was asked, and what it finds in the context when it is called.
#[derive(Clone)]
struct Told;

impl Service<http::Request<Body>> for Told {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, message: http::Request<Body>) -> Self::Future {
        let seen = if has_request() { request().path().to_owned() } else { "no context".into() };
        let peer = message.extensions().get::<SocketAddr>().map(ToString::to_string).unwrap_or_default();
        let text = format!("{} {} ({seen}) {peer}", message.method(), message.uri());
        ready(Ok(http::Response::builder().status(202).body(text.into()).unwrap()))
    }
}

/// Fails always, once it is ready.
#[derive(Clone)]
struct Failing;

impl Service<http::Request<Body>> for Failing {
    type Response = http::Response<Full<Bytes>>;
    type Error = std::io::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        ready(Err(std::io::Error::other("the old app is down")))
    }
}

#[test]
fn a_service_sees_the_path_without_the_prefix_and_the_context() {
    let seen = async |mut response: Response| {
        response.headers_mut().insert("x-after", "1".parse().unwrap());
        response
    };
    let app = App::new("t").mount("/old/app", Told).after_request(seen);
    let client = app.routes([Route::new("own", "/old/app/own", ["GET"], async || "own")]).test_client();
    for (target, expected) in [
        ("/old/app/a%20b?q=1", "GET /a%20b?q=1 (/old/app/a%20b) 127.0.0.1:50000"),
        ("/old/app/", "GET / (/old/app/) 127.0.0.1:50000"),
        ("/old/app?q", "GET /?q (/old/app) 127.0.0.1:50000"),
        ("/old/%61pp/x", "GET /x (/old/%61pp/x) 127.0.0.1:50000"),
        ("/old%2Fapp/x", "GET /x (/old%2Fapp/x) 127.0.0.1:50000"),
        ("/old/app/own", "own"),
    ] {
        let response = client.get(target).wait();
        assert_eq!(response.text(), expected, "{target}");
        assert_eq!(response.header("x-after"), Some("1"));
    }
    assert!(client.delete("/old/app/x").wait().text().starts_with("DELETE /x "));
    assert_eq!(client.get("/old/apple").wait().status(), 404);
}

#[test]
fn the_error_of_a_service_is_handled_like_one_of_a_view() {
    let down = async |error: std::io::Error| (error.to_string(), 503);
    let client = App::new("t").mount("/old", Failing).errorhandler_of(down).test_client();
    let response = client.get("/old/x").wait();
    assert_eq!((response.status().as_u16(), response.text()), (503, "the old app is down"));
}

#[tokio::test]
async fn an_app_is_a_service_for_other_towers() {
    let echo = async || {
        let body = request().data().await?;
        Ok::<_, Error>(format!("{} {}", request().remote_addr(), String::from_utf8_lossy(&body)))
    };
    let mut app = App::new("t").routes([Route::new("echo", "/", ["POST"], echo)]).build().unwrap();
    let mut message = http::Request::post("/").body(Full::<Bytes>::from("abc")).unwrap();
    message.extensions_mut().insert(SocketAddr::from(([10, 0, 0, 9], 80)));
    let Ok(response) = app.call(message).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "10.0.0.9 abc");
}

#[test]
fn an_app_in_an_app_has_a_context_of_its_own() {
    let name = async || current_app().name().to_owned();
    let inner = App::new("inner").routes([Route::new("name", "/", ["GET"], name)]).build().unwrap();
    let app = App::new("outer").mount("/in", inner).routes([Route::new("name", "/", ["GET"], name)]);
    let client = app.test_client();
    assert_eq!(client.get("/in/").wait().text(), "inner");
    assert_eq!(client.get("/").wait().text(), "outer");
}
