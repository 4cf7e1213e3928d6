//! What is logged of a request, as a subscriber of one's own sees it.

use std::{
    future::pending,
    io,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use flagon::{Error, Route, http::Request as Message, prelude::*};
use serde_json::Value;
use tower_service::Service as _;
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The events of `target` while `work` runs.
fn events(target: &str, work: impl FnOnce()) -> Vec<Value> {
    let kept = Kept::default();
    let layer = tracing_subscriber::fmt::layer().json().with_writer(kept.clone());
    let filter = Targets::new().with_target(target, tracing::Level::INFO);
    // One filter for the whole subscriber: one of a layer keeps what `enabled!` asked last, and beside other subscribers loses the event
    // that follows.
    tracing::subscriber::with_default(tracing_subscriber::registry().with(filter).with(layer), work);
    let bytes = kept.0.lock().unwrap();
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"].clone()).collect()
}

fn app() -> App {
    App::new("logs").routes([
        Route::new("index", "/", ["GET"], async || "hello"),
        Route::new("stream", "/stream", ["GET"], async || {
            flagon::stream(futures_util::stream::iter([Ok::<_, io::Error>("x")]))
        }),
        Route::new("fails", "/fails/<name>", ["GET"], async || {
            Err::<(), _>(Error::from(io::Error::other("the disk\nis gone")))
        }),
        Route::new("breaks", "/breaks", ["GET"], async || {
            flagon::stream(futures_util::stream::iter([Ok("x"), Err(io::Error::other("the disk is gone"))]))
        }),
        Route::new("waits", "/waits", ["GET"], pending::<()>),
    ])
}

#[test]
fn each_request_has_one_event_when_its_answer_is_known() {
    let events = events("flagon::access", || {
        let client = app().test_client();
        let _ = client.get("/?a=b").header("user-agent", "curl").header("referer", "http://r/").wait();
        let _ = client.get("/stream").wait();
        let _ = client.head("/").wait();
        let _ = client.get("/nowhere").wait();
    });
    let seen = |name: &str| events.iter().map(|event| event[name].clone()).collect::<Vec<_>>();
    assert_eq!(seen("status"), [200, 200, 200, 404]);
    assert_eq!(seen("method"), ["GET", "GET", "HEAD", "GET"]);
    assert_eq!(seen("target"), ["/?a=b", "/stream", "/", "/nowhere"]);
    assert_eq!(seen("endpoint"), [Value::from("index"), "stream".into(), "index".into(), Value::Null]);
    assert_eq!(seen("size")[..3], [Value::from(5), Value::Null, 5.into()]);
    assert_eq!((&events[0]["browser"], &events[0]["referrer"]), (&"curl".into(), &"http://r/".into()));
    assert_eq!(events[0]["client"], "127.0.0.1");
    assert!(events.iter().all(|event| event["milliseconds"].as_f64().unwrap() >= 0.0));
    assert_eq!(events[0]["request"].as_str().unwrap().len(), 32);
}

#[test]
fn a_client_that_leaves_is_logged_as_499() {
    let events = events("flagon::access", || {
        let mut app = app().configure(|config| config.view_timeout = None).build().unwrap();
        let mut answer = app.call(Message::get("/waits").body(String::new()).unwrap());
        let poll = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(poll, Poll::Pending));
        drop(answer);
    });
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0]["status"], &events[0]["endpoint"]), (&499.into(), &"waits".into()));
}

#[test]
fn an_error_is_logged_with_its_request_and_its_causes() {
    let mut id = String::new();
    let events = events("flagon::error", || {
        let client = app().test_client();
        id = client.get("/fails/a%0Ab").wait().header("x-request-id").unwrap().to_owned();
        let _ = client.get("/nowhere").wait(); // the client's mistake is no error of ours
    });
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event["request"], id);
    assert_eq!((&event["method"], &event["path"]), (&"GET".into(), &"/fails/a%0Ab".into()));
    assert_eq!((&event["endpoint"], &event["status"]), (&"fails".into(), &500.into()));
    assert_eq!(event["error"], "the view failed: the disk\nis gone");
    assert!(event["place"].as_str().unwrap().contains("tests/it/logs.rs:"), "{event}");
}

/// As in Flask: a view that says it is busy has answered.
#[test]
fn an_abort_is_an_answer_and_not_logged_unless_it_has_a_cause() {
    let events = events("flagon::error", || {
        let busy = Route::new("busy", "/busy", ["GET"], async || abort::<()>(503));
        let gone = Route::new("gone", "/gone", ["GET"], async || {
            Err::<(), _>(Error::aborted(503).with_source("the database is gone"))
        });
        let client = App::new("busy").routes([busy, gone]).test_client();
        assert_eq!(client.get("/busy").wait().status(), 503);
        assert_eq!(client.get("/gone").wait().status(), 503);
    });
    let paths: Vec<_> = events.iter().map(|event| &event["path"]).collect();
    assert_eq!(paths, ["/gone"]);
}

#[test]
fn an_error_that_a_handler_expects_is_not_logged_and_one_with_a_page_is() {
    async fn gone(error: io::Error) -> String {
        error.to_string()
    }
    async fn sorry(_: Error) -> (&'static str, u16) {
        ("sorry", 500)
    }
    let expected = events("flagon::error", || {
        let _ = app().errorhandler_of(gone).test_client().get("/fails/x").wait();
    });
    assert!(expected.is_empty(), "{expected:?}");
    let page = events("flagon::error", || {
        let answer = app().errorhandler(500, sorry).test_client().get("/fails/x").wait();
        assert_eq!(answer.text(), "sorry");
    });
    assert_eq!(page.len(), 1);
}

#[test]
fn an_answer_that_breaks_off_is_logged() {
    let events = events("flagon::error", || {
        let answer = app().test_client().get("/breaks").wait();
        assert_eq!((answer.text(), answer.broke_off().is_some()), ("x", true));
    });
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["error"], "the body could not be produced: the disk is gone");
    assert_eq!(events[0]["endpoint"], "breaks");
}

#[test]
fn a_teardown_that_panics_is_logged() {
    let events = events("flagon::error", || {
        let app = app().teardown_request(|_| panic!("no pool")).teardown_appcontext(|_| panic!("no disk"));
        assert_eq!(app.test_client().get("/").wait().status(), 200);
    });
    let errors: Vec<_> = events.iter().map(|event| event["error"].clone()).collect();
    assert_eq!(errors, ["panicked: no pool", "panicked: no disk"]);
}
