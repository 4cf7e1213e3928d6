//! What a request starts, and when that ends; plain `fn` views on their threads; computing on all cores.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use flagon::{KeepContext as _, Route, Secret, blocking, prelude::*, rayon::prelude::*, spawn};
use futures_util::future::join_all;
use tokio::sync::{Notify, mpsc, watch};

fn with_key(app: App) -> App {
    app.configure(|config| config.secret_key = Some(Secret::new("of these tests")))
}

/// Says when it is dropped.
struct Told(watch::Sender<bool>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

fn told() -> (Told, watch::Receiver<bool>) {
    let (sender, receiver) = watch::channel(false);
    (Told(sender), receiver)
}

#[tokio::test]
async fn a_task_is_waited_for_before_the_answer_goes_out() {
    let gate = Arc::new(Notify::new());
    let of_view = Arc::clone(&gate);
    let view = move || {
        let gate = Arc::clone(&of_view);
        async move {
            drop(spawn(async move {
                gate.notified().await;
                session().insert("by", "a task").unwrap();
            }));
            "answer"
        }
    };
    let client = with_key(App::new("t")).routes([Route::new("v", "/", ["GET"], view)]).test_client();
    let mut answer = pin!(client.get("/").send());
    let is_waiting = poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending())).await;
    assert!(is_waiting, "it was answered while its task ran");
    gate.notify_one();
    let answer = answer.await;
    assert_eq!(answer.text(), "answer");
    assert!(answer.headers().contains_key("set-cookie"), "what the task did is not in the answer");
}

#[tokio::test]
async fn tasks_are_dropped_when_the_view_fails_panics_or_is_left() {
    for how in ["fails", "panics", "is left"] {
        let (dropped, mut is_dropped) = told();
        let dropped = Arc::new(Mutex::new(Some(dropped)));
        let view = move || {
            let dropped = dropped.lock().unwrap().take();
            async move {
                drop(spawn(async move {
                    let _dropped = dropped;
                    std::future::pending::<()>().await;
                }));
                match how {
                    "fails" => abort(418),
                    "panics" => panic!("on purpose"),
                    _ => std::future::pending().await,
                }
            }
        };
        let view = move || {
            let work = view();
            async move { work.await.map(|()| "never") }
        };
        let client = App::new("t").routes([Route::new("v", "/", ["GET"], view)]).test_client();
        if how == "is left" {
            let mut answer = pin!(client.get("/").send());
            assert!(poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending())).await);
        } else {
            let status = client.get("/").send().await.status();
            assert!(status == 418 || status == 500, "{how}: {status}");
        }
        is_dropped.wait_for(|is_dropped| *is_dropped).await.unwrap();
        client.settle().await;
    }
}

#[tokio::test]
async fn a_streamed_answer_is_sent_while_its_task_runs_and_ends_it() {
    let (dropped, mut is_dropped) = told();
    let dropped = Arc::new(Mutex::new(Some(dropped)));
    let view = move || {
        let dropped = dropped.lock().unwrap().take();
        async move {
            let (send, mut receive) = mpsc::channel::<&'static str>(1);
            drop(spawn(async move {
                let _dropped = dropped;
                for piece in ["one ", "two ", "three"] {
                    let _ = send.send(piece).await;
                }
                drop(send);
                std::future::pending::<()>().await;
            }));
            flagon::stream(futures_util::stream::poll_fn(move |cx| {
                receive.poll_recv(cx).map(|piece| piece.map(Ok::<_, std::io::Error>))
            }))
        }
    };
    let client = App::new("t").routes([Route::new("v", "/", ["GET"], view)]).test_client();
    assert_eq!(client.get("/").send().await.text(), "one two three");
    is_dropped.wait_for(|is_dropped| *is_dropped).await.unwrap();
    client.settle().await;
}

#[tokio::test]
async fn join_and_try_join_keep_the_context_and_stop_at_the_first_error() {
    let view = async || {
        let ask = async || request().path().to_owned();
        let (one, two) = flagon::join!(ask(), ask());
        let failed = flagon::try_join!(async { Err::<(), _>(Error::aborted(418)) }, async {
            std::future::pending::<Result<()>>().await
        });
        failed.map(|_| format!("{one}{two}"))
    };
    let client = App::new("t").routes([Route::new("v", "/v", ["GET"], view)]).test_client();
    assert_eq!(client.get("/v").send().await.status(), 418);
}

#[tokio::test]
async fn background_tasks_outlive_the_answer_and_are_counted_by_how_they_end() {
    let gate = Arc::new(Notify::new());
    let of_view = Arc::clone(&gate);
    let seen = Arc::new(Mutex::new(String::new()));
    let of_task = Arc::clone(&seen);
    let view = move || {
        let (gate, seen) = (Arc::clone(&of_view), Arc::clone(&of_task));
        async move {
            g().set(41_i32);
            flagon::background(async move {
                gate.notified().await;
                let inner = spawn(async { g().get::<i32>().map_or(0, |number| *number) + 1 });
                *seen.lock().unwrap() = format!("{} {}", request().path(), inner.await.unwrap());
            });
            flagon::background(async { abort::<()>(418) });
            flagon::background(async { assert!(request().path().is_empty(), "on purpose") });
            "answer"
        }
    };
    let client = App::new("t").routes([Route::new("v", "/v", ["GET"], view)]).test_client();
    assert_eq!(client.get("/v").send().await.text(), "answer");
    assert!(client.app().current_app().background_tasks().running > 0);
    gate.notify_one();
    client.app().current_app().background_done().await;
    let counts = client.app().current_app().background_tasks();
    assert_eq!((counts.running, counts.ended, counts.failed, counts.panicked), (0, 4, 1, 1));
    assert_eq!(*seen.lock().unwrap(), "/v 42");
    client.settle().await;
    let text = client.app().current_app().metrics().text();
    assert!(text.contains("flagon_background_tasks_ended_total{how=\"panicked\"} 1\n"), "{text}");
}

/// A door that plain `fn` views stand at until it is opened.
#[derive(Default)]
struct Door(Mutex<(usize, bool)>, Condvar);

impl Door {
    fn stand(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 += 1;
        self.1.notify_all();
        drop(self.1.wait_while(state, |(_, is_open)| !*is_open).unwrap());
    }

    fn wait_for(&self, standing: usize) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |(count, _)| *count < standing).unwrap());
    }

    fn open(&self) {
        self.0.lock().unwrap().1 = true;
        self.1.notify_all();
    }
}

#[get("/stand")]
fn stand(door: State<Door>) -> String {
    door.stand();
    request().args().get("n").unwrap_or_default().to_owned()
}

#[get("/plaintext")]
async fn plaintext() -> &'static str {
    "Hello, World!"
}

fn doors(threads: usize, queue: usize) -> flagon::testing::Client {
    let app = App::new("t").configure(move |config| {
        config.concurrency.view_threads = threads.try_into().unwrap();
        config.concurrency.view_queue = queue;
    });
    app.state(Door::default()).static_folder("static").routes(routes![stand, plaintext]).test_client()
}

#[tokio::test]
async fn the_loop_goes_on_answering_while_views_block_and_others_wait() {
    let client = doors(4, 100);
    let door = client.app().current_app().state::<Door>().unwrap();
    let numbers: Vec<_> = (0..50).map(|n| format!("/stand?n={n}")).collect();
    let mut blocked = pin!(join_all(numbers.iter().map(|path| client.get(path).send())));
    assert!(poll_fn(|cx| Poll::Ready(blocked.as_mut().poll(cx).is_pending())).await);
    door.wait_for(4);
    let counts = client.app().current_app().view_threads();
    assert_eq!((counts.running, counts.waiting), (4, 46));
    for _ in 0..10 {
        assert_eq!(client.get("/plaintext").send().await.text(), "Hello, World!");
        // A file is read on other threads.
        assert_eq!(client.get("/static/none.css").send().await.status(), 404);
    }
    assert_eq!(client.app().current_app().view_threads().running, 4);
    door.open();
    for (n, answer) in blocked.await.into_iter().enumerate() {
        assert_eq!((answer.status().as_u16(), answer.text()), (200, n.to_string().as_str()));
    }
}

#[tokio::test]
async fn a_full_pool_answers_503_at_once_and_after_the_time_in_line() {
    let client = doors(1, 1);
    let door = client.app().current_app().state::<Door>().unwrap();
    let mut both = pin!(join_all([client.get("/stand?n=1").send(), client.get("/stand?n=2").send()]));
    assert!(poll_fn(|cx| Poll::Ready(both.as_mut().poll(cx).is_pending())).await);
    door.wait_for(1);
    let refused = client.get("/stand?n=3").send().await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    door.open();
    assert_eq!(both.await.iter().map(|answer| answer.text()).collect::<Vec<_>>(), ["1", "2"]);

    let app = App::new("t").configure(|config| {
        config.concurrency.view_threads = 1.try_into().unwrap();
        config.view_timeout = Some(std::time::Duration::from_millis(50)); // shorter than the time in line
    });
    let client = app.state(Door::default()).routes(routes![stand]).test_client();
    let door = client.app().current_app().state::<Door>().unwrap();
    let mut first = pin!(client.get("/stand").send());
    assert!(poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await);
    door.wait_for(1);
    assert_eq!(client.get("/stand").send().await.status(), 503);
    assert_eq!(first.await.status(), 504);
    door.open();
    client.settle().await;
}

#[get("/panics")]
fn panics() {
    panic!("on purpose");
}

#[tokio::test]
async fn a_panic_of_a_plain_view_is_500_and_its_thread_serves_on() {
    let app = App::new("t").configure(|config| config.concurrency.view_threads = 1.try_into().unwrap());
    let client = app.state(Door::default()).routes(routes![panics, stand]).test_client();
    client.app().current_app().state::<Door>().unwrap().open();
    for _ in 0..3 {
        assert_eq!(client.get("/panics").send().await.status(), 500);
        assert_eq!(client.get("/stand?n=7").send().await.text(), "7");
    }
}

#[cfg(feature = "sql")]
mod database {
    use super::*;

    #[get("/everything", writes)]
    fn everything() -> Result<String> {
        g().set("in g");
        session().insert("seen", true)?;
        let two: i64 = flagon::sql::wait(db().query_as("SELECT 1 + 1", ()).one())?;
        Ok(format!("{} {two} {}", request().path(), g().get::<&str>().unwrap()))
    }

    #[tokio::test]
    async fn plain_views_have_the_whole_context() {
        let app = with_key(App::new("t")).configure(|config| config.database = "sqlite::memory:".into());
        let client = app.routes(routes![everything]).test_client();
        let answer = client.get("/everything").send().await;
        assert_eq!(answer.text(), "/everything 2 in g");
        assert!(answer.headers().contains_key("set-cookie"));
    }

    /// How many views have ended.
    #[derive(Default)]
    struct Ended(AtomicUsize, Notify);

    struct Leaving(Arc<Ended>);

    impl Drop for Leaving {
        fn drop(&mut self) {
            self.0.0.fetch_add(1, Ordering::SeqCst);
            self.0.1.notify_one();
        }
    }

    #[get("/waits")]
    fn waits() {
        let _leaving = Leaving(current_app().state::<Ended>().unwrap());
        flagon::sql::wait(std::future::pending::<()>());
    }

    #[tokio::test]
    async fn a_plain_view_whose_client_has_left_ends_where_it_waits() {
        let client = App::new("t").state(Ended::default()).routes(routes![waits]).test_client();
        let app = Arc::clone(client.app().current_app());
        {
            let mut answer = pin!(client.get("/waits").send());
            assert!(poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending())).await);
            while app.view_threads().waiting > 0 {
                tokio::task::yield_now().await; // until it has begun: what waits in line is not begun at all
            }
        }
        let ended = app.state::<Ended>().unwrap();
        ended.1.notified().await;
        assert_eq!(ended.0.load(Ordering::SeqCst), 1);
        client.settle().await;
    }

    #[post("/later")]
    async fn later() -> &'static str {
        flagon::background(async {
            db().execute("INSERT INTO note (text) VALUES ('later')", ()).await.map(drop)
        });
        "answer"
    }

    #[tokio::test]
    async fn statements_of_a_background_task_are_on_their_own() {
        let app = App::new("t").configure(|config| config.database = "sqlite::memory:".into());
        let client = app.routes(routes![later]).test_client();
        client.app().db().execute("CREATE TABLE note (text TEXT)", ()).await.unwrap();
        assert_eq!(client.post("/later").send().await.text(), "answer");
        client.settle().await;
        assert_eq!(client.app().current_app().background_tasks().failed, 0);
        let count: i64 = client.app().db().query_as("SELECT count(*) FROM note", ()).one().await.unwrap();
        assert_eq!(count, 1);
    }
}

#[tokio::test]
async fn parallel_work_and_its_iterators_keep_the_context() {
    let view = async || {
        let threads = flagon::parallel(|| {
            let paths = (0..1000).into_par_iter().keep_context().map(|_| request().path().to_owned());
            let paths: std::collections::BTreeSet<_> = paths.collect();
            assert!(paths.iter().eq([request().path()]));
            (0..1000_u64).into_par_iter().keep_context().map(|number| number * number).collect::<Vec<_>>()
        });
        let squares = threads.await;
        assert!(squares.iter().zip(0..).all(|(square, number)| *square == number * number), "in order");
        let inner = blocking(|| request().path().to_owned()).await;
        format!("{inner} {}", squares.len())
    };
    let client = App::new("t").routes([Route::new("v", "/v", ["GET"], view)]).test_client();
    let answers = join_all((0..20).map(|_| client.get("/v").send())).await;
    assert!(answers.iter().all(|answer| answer.text() == "/v 1000"));
    let panics = async || flagon::parallel(|| -> String { panic!("on purpose") }).await;
    let client = App::new("t").routes([Route::new("p", "/p", ["GET"], panics)]).test_client();
    assert_eq!(client.get("/p").send().await.status(), 500);
}

#[get("/holds")]
async fn holds() {
    std::thread::sleep(std::time::Duration::from_millis(60));
}

#[tokio::test]
async fn a_view_that_holds_its_loop_is_named_where_that_is_watched() {
    let app = |change: fn(&mut flagon::Config)| {
        let app = App::new("t").configure(change);
        app.state(Door::default()).routes(routes![holds, stand]).test_client()
    };
    let client = app(|config| config.debug = true);
    client.get("/holds").send().await;
    let stalls = client.app().current_app().stalls();
    let of_view = stalls.iter().find(|stall| stall.endpoint.as_deref() == Some("holds")).unwrap();
    assert!(of_view.held.as_millis() >= 60);
    assert!(of_view.request.is_some());

    for unwatched in [
        app(|_| {}),
        app(|config| {
            config.debug = true;
            config.concurrency.stall_watchdog = flagon::config::StallWatchdog::Never;
        }),
        app(|config| {
            config.concurrency.stall_watchdog = flagon::config::StallWatchdog::Always;
            config.concurrency.stall_after = std::time::Duration::from_mins(1);
        }),
    ] {
        unwatched.get("/holds").send().await;
        assert!(unwatched.app().current_app().stalls().is_empty());
    }
}
