//! One context for each request, kept in tasks and threads, stacked when nested, torn down however it ends.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use flagon::{Application, Body, Error, Route, has_app, has_request, prelude::*};
use http_body_util::BodyExt as _;
use tokio::sync::Barrier;
use tower_service::Service as _;

/// A number of one request's own.
struct Own(u64);

fn app(view: Route) -> Application {
    App::new("contexts").routes([view]).build().unwrap()
}

async fn ask(app: &Application, target: &str) -> (u16, String) {
    let message = http::Request::get(target).body(Body::empty()).unwrap();
    let Ok(response) = app.clone().call(message).await;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn message(target: &str) -> http::Request<&'static str> {
    http::Request::get(target).body("").unwrap()
}

fn panic_text(work: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
    payload.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn outside_of_a_request_the_globals_explain_themselves() {
    assert!(panic_text(|| drop(request())).starts_with("request() was called outside of a request."));
    assert!(panic_text(|| drop(session())).starts_with("session() was called outside of a request."));
    assert!(panic_text(|| drop(g())).starts_with("g() was called outside of a request or an app context."));
    assert!(panic_text(|| drop(current_app())).contains("flagon::spawn"));
    assert!(
        panic_text(|| drop(flagon::spawn(async {})))
            .starts_with("flagon::spawn was called where no tasks can run.")
    );
    assert!(!has_app() && !has_request());
}

#[test]
fn an_app_context_has_g_and_no_request() {
    let app = app(Route::new("x", "/", ["GET"], async || ()));
    app.app_context().run(|| {
        assert!(has_app() && !has_request());
        g().set(Own(1));
        assert_eq!(g().get::<Own>().unwrap().0, 1);
        assert!(panic_text(|| drop(request())).starts_with("request() was called outside of a request."));
    });
    assert!(!has_app());
}

#[test]
fn contexts_stack() {
    let app = app(Route::new("page", "/<name>", ["GET"], async || ()));
    let outer = app.test_request_context(message("/outer"));
    outer.run(|| {
        g().set(Own(1));
        app.test_request_context(message("/inner?q=1")).run(|| {
            assert_eq!(request().path(), "/inner");
            assert_eq!(request().args().get_as::<u8>("q"), Some(1));
            assert_eq!(request().context().variable("name"), Some("inner"));
            assert!(g().get::<Own>().is_none());
            app.app_context().run(|| assert!(!has_request()));
            assert!(has_request());
        });
        assert_eq!(request().path(), "/outer");
        assert_eq!(request().endpoint(), Some("page"));
        assert_eq!(g().get::<Own>().unwrap().0, 1);
    });
}

#[test]
fn a_panic_leaves_no_context_behind() {
    let app = app(Route::new("x", "/", ["GET"], async || ()));
    let context = app.app_context();
    assert!(catch_unwind(AssertUnwindSafe(|| context.run(|| panic!("in the context")))).is_err());
    assert!(!has_app());
}

#[tokio::test]
async fn tasks_threads_and_closures_keep_the_context() {
    let app = app(Route::new("x", "/<id>", ["GET"], async || -> Result<String> {
        let path = || request().path().to_owned();
        let task = flagon::spawn(async move { path() }).await?;
        let thread = flagon::blocking(path).await;
        let copied = flagon::copy_current_request_context(path);
        let own_thread = tokio::task::spawn_blocking(copied).await?;
        let context = flagon::Context::current().or_404()?;
        let scoped = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| context.run(path))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(scoped.iter().all(|seen| *seen == path()));
        Ok([path(), task, thread, own_thread].join(" "))
    }));
    assert_eq!(ask(&app, "/7").await, (200, "/7 /7 /7 /7".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_at_once_each_have_their_own_g() {
    const COUNT: usize = 1_000;
    let barrier = Arc::new(Barrier::new(COUNT));
    let app = app(Route::new("x", "/<int:id>", ["GET"], move || {
        let barrier = Arc::clone(&barrier);
        async move {
            let id: u64 = request().context().variable("id").unwrap().parse()?;
            assert!(g().set(Own(id)).is_none());
            barrier.wait().await; // all of them are now in the middle of their view
            let in_task = flagon::spawn(async { g().get::<Own>().unwrap().0 }).await?;
            assert_eq!((in_task, g().get::<Own>().unwrap().0), (id, id));
            Ok::<_, Error>(request().path().to_owned())
        }
    }));
    let tasks: Vec<_> = (0..COUNT)
        .map(|id| {
            let app = app.clone();
            tokio::spawn(async move { (id, ask(&app, &format!("/{id}")).await) })
        })
        .collect();
    for task in tasks {
        let (id, answer) = task.await.unwrap();
        assert_eq!(answer, (200, format!("/{id}")));
    }
}

/// An app whose teardown writes down what it was given.
fn watched(view: Route) -> (Application, Arc<Mutex<Vec<Option<u16>>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let app = App::new("watched")
        .routes([view])
        .errorhandler(409, async |_: Error| ("handled", 409))
        .teardown_request(move |error| {
            assert!(has_request());
            notes.lock().unwrap().push(error.map(|error| error.status().as_u16()));
        })
        .build()
        .unwrap();
    (app, seen)
}

#[tokio::test]
async fn teardown_follows_every_end() {
    let (app, seen) = watched(Route::new("x", "/<what>", ["GET"], async || -> Result<&'static str> {
        match request().context().variable("what") {
            Some("panic") => panic!("on purpose"),
            Some("io") => Err(std::io::Error::other("on purpose"))?,
            Some("handled") => abort(409)?,
            _ => (),
        }
        Ok("fine")
    }));
    for (target, status) in
        [("/a", 200), ("/panic", 500), ("/io", 500), ("/handled", 409), ("/no/where", 404)]
    {
        assert_eq!(ask(&app, target).await.0, status, "{target}");
    }
    // As in Flask: what a handler answered is no error any more, and a 404 never was one.
    assert_eq!(*seen.lock().unwrap(), [None, Some(500), Some(500), None, None]);
}

/// Counts when it is dropped.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn teardown_follows_a_client_that_leaves() {
    let (entered, entries) = tokio::sync::oneshot::channel::<()>();
    let entered = Mutex::new(Some(entered));
    let dropped = Arc::new(AtomicUsize::new(0));
    let guard = Arc::clone(&dropped);
    let (app, seen) = watched(Route::new("x", "/", ["GET"], move || {
        let guard = Guard(Arc::clone(&guard));
        entered.lock().unwrap().take().unwrap().send(()).unwrap();
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        }
    }));
    let task = tokio::spawn(async move { ask(&app, "/").await });
    entries.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    assert_eq!(*seen.lock().unwrap(), [None]);
}

#[tokio::test]
async fn a_view_that_takes_too_long_is_ended() {
    let slow = Route::new("slow", "/", ["GET"], async || std::future::pending::<()>().await);
    let app = App::new("slow")
        .configure(|config| config.view_timeout = Some(std::time::Duration::from_millis(1)))
        .routes([slow])
        .build()
        .unwrap();
    assert_eq!(ask(&app, "/").await.0, 504);
}

#[tokio::test]
async fn streams_keep_the_context() {
    let app = app(Route::new("x", "/<id>", ["GET"], async || {
        let chunk = futures_util::stream::once(async { Ok(request().path().to_owned().into()) });
        Body::stream(http_body_util::StreamBody::new(futures_util::StreamExt::map(chunk, |chunk| {
            chunk.map(http_body::Frame::data)
        })))
    }));
    assert_eq!(ask(&app, "/streamed").await, (200, "/streamed".into()));
}

#[tokio::test]
async fn every_context_ends_once_after_its_request() {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let note = |text: &'static str| {
        let ends = Arc::clone(&ends);
        move |error: Option<&Error>| {
            let own = g().get::<Own>().map(|own| own.0);
            ends.lock().unwrap().push((text, own, error.map(|error| error.status().as_u16())));
        }
    };
    let set = async || -> Result<()> {
        g().set(Own(request().context().variable("id").or_404()?.parse()?));
        Ok(())
    };
    let app = App::new("ends")
        .teardown_appcontext(|_| panic!("on purpose"))
        .teardown_appcontext(note("context"))
        .teardown_request(note("request"))
        .routes([Route::new("x", "/<id>", ["GET"], set)])
        .build()
        .unwrap();
    let taken = || std::mem::take(&mut *ends.lock().unwrap());

    assert_eq!(ask(&app, "/7").await.0, 204);
    assert_eq!(taken(), [("request", Some(7), None), ("context", Some(7), None)]);
    assert_eq!(ask(&app, "/seven").await.0, 500);
    assert_eq!(taken(), [("request", None, Some(500)), ("context", None, Some(500))]);

    let context = app.app_context();
    context.run(|| g().set(Own(1)));
    let also = Arc::clone(&context);
    drop(context);
    assert_eq!(taken(), []);
    drop(also);
    assert_eq!(taken(), [("context", Some(1), None)]);
    app.test_request_context(message("/2")).run(|| assert!(has_request()));
    assert_eq!(taken(), [("context", None, None)]);
}
