//! Answers the same request many times in process: what the framework itself costs, without sockets.
//!
//! `valgrind --tool=callgrind target/release/examples/dispatch_cost COUNT`, twice with different counts: the
//! difference of instructions by the difference of counts is the cost of a request.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use flagon::{Application, Body, Route, prelude::*};
use tower_service::Service as _;

fn main() {
    let count: u32 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let view = Route::new("plaintext", "/plaintext", ["GET"], async || "Hello, World!");
    let mut app = App::new("cost").routes([view]).build().expect("one good rule");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    for _ in 0..count {
        answer(&mut app);
    }
}

fn answer(app: &mut Application) {
    let message = http::Request::get("/plaintext").header("host", "localhost").body(Body::empty());
    let future = app.call(message.expect("a good request"));
    let Poll::Ready(Ok(response)) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        unreachable!("the view does not wait")
    };
    assert_eq!(response.status(), 200);
}
