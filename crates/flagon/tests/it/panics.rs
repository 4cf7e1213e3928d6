//! A panic of the app's own code ends its request with an answer, wherever it happens, and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flagon::{BoxFuture, Error, Route, Session, SessionInterface, prelude::*, stream};

fn app() -> App {
    App::new("panics").routes([
        Route::new("index", "/", ["GET"], async || "fine"),
        Route::new("conflict", "/conflict", ["GET"], async || abort::<()>(409)),
    ])
}

/// Panics before there is a future that could.
fn broken<T, A>(_: T) -> std::future::Ready<A> {
    panic!("on purpose")
}

#[test]
fn of_functions_before_they_wait() {
    let client = app().errorhandler(409, broken::<Error, Response>).test_client();
    assert_eq!(client.get("/conflict").wait().status(), 500);
    assert_eq!(client.get("/").wait().status(), 200);
    for app in [
        app().before_request(|| broken::<(), ()>(())),
        app().after_request(broken::<Response, Response>),
        app().routes([Route::new("view", "/view", ["GET"], || broken::<(), ()>(()))]),
    ] {
        assert_eq!(app.test_client().get("/view").wait().status(), 500);
    }
}

struct Broken;

impl SessionInterface for Broken {
    fn open<'a>(&'a self, _: &'a flagon::Request) -> BoxFuture<'a, Result<Session>> {
        Box::pin(async { Ok(Session::default()) })
    }

    fn save<'a>(
        &'a self,
        _: &'a flagon::Request,
        _: &'a Session,
        _: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        panic!("on purpose")
    }
}

#[test]
fn of_a_session_that_cannot_be_saved() {
    let client = app().sessions(flagon::Sessions::custom(Broken)).test_client();
    assert_eq!(client.get("/").wait().status(), 500);
}

#[test]
fn of_a_stream_which_then_breaks_off() {
    async fn pieces() -> flagon::Streamed {
        let piece = |n| if n == 0 { Ok::<_, Error>("one") } else { panic!("on purpose") };
        stream(futures_util::stream::iter((0..3).map(piece)))
    }
    let app = app().routes([Route::new("stream", "/stream", ["GET"], pieces)]);
    let client = app.test_client();
    let answer = client.get("/stream").wait();
    assert_eq!((answer.status().as_u16(), answer.text()), (200, "one"));
    assert!(answer.broke_off().is_some());
}

#[test]
fn of_a_teardown_does_not_keep_others_from_running() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    static RUN: AtomicUsize = AtomicUsize::new(0);
    let count = |_: Option<&Error>| _ = RUN.fetch_add(1, SeqCst);
    let app =
        app().teardown_request(count).teardown_request(|_| panic!("on purpose")).teardown_request(count);
    let asked = catch_unwind(AssertUnwindSafe(|| app.test_client().get("/").wait().status()));
    assert_eq!((asked.unwrap().as_u16(), RUN.load(SeqCst)), (200, 2));
}
