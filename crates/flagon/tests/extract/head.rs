//! What a request's head says: headers by name, and whole.

use flagon::prelude::*;

use crate::client::send;

#[get("/")]
async fn index(
    user_agent: Header<String>,
    max_forwards: Option<Header<u8>>,
    method: http::Method,
    uri: http::Uri,
    headers: http::HeaderMap,
) -> String {
    let hops = max_forwards.map_or(0, |hops| *hops);
    format!("{} {hops} {method} {uri} {}", *user_agent, headers.len())
}

#[get("/secret")]
async fn secret(authorization: Header<u8>) -> String {
    authorization.to_string()
}

fn app() -> App {
    App::new("head").routes(routes![index, secret])
}

#[tokio::test]
async fn headers_are_named_by_arguments() {
    let message = http::Request::get("/?q")
        .header("User-Agent", "a")
        .header("user-agent", "b")
        .header("Max-Forwards", "7");
    assert_eq!(send(app(), message.body("").unwrap()).await.text, "a, b 7 GET /?q 4");
    let message = http::Request::get("/").header("User-Agent", "a").body("").unwrap();
    assert_eq!(send(app(), message).await.text, "a 0 GET / 2");
}

#[tokio::test]
async fn refusals_name_the_header() {
    let missing = http::Request::get("/").body("").unwrap();
    assert_eq!(send(app(), missing).await.problem(), (400, "header user-agent: missing".to_owned()));
    let large =
        http::Request::get("/").header("user-agent", "a").header("max-forwards", "256").body("").unwrap();
    assert_eq!(
        send(app(), large).await.problem(),
        (400, "header max-forwards: expected a value of `u8`, got `256`".to_owned())
    );
    let secret = http::Request::get("/secret").header("authorization", "Bearer x").body("").unwrap();
    assert_eq!(
        send(app(), secret).await.problem(),
        (400, "header authorization: expected a value of `u8`, got another value".to_owned())
    );
    let latin1 = http::HeaderValue::from_bytes(b"\xe9").unwrap();
    let latin1 = http::Request::get("/").header("user-agent", latin1).body("").unwrap();
    assert_eq!(
        send(app(), latin1).await.problem(),
        (400, "header user-agent: the value is not UTF-8".to_owned())
    );
}
