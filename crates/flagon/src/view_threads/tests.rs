//! The pool's bounds, its line, and who leaves it.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::mpsc::{Receiver, Sender, channel},
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    time::Instant,
};

use super::{Full, Patience, ViewThreads};
use crate::{config::ConcurrencyConfig, wanted::is_cancelled};

fn pool(threads: usize, queue: usize) -> ViewThreads {
    let config = ConcurrencyConfig {
        view_threads: threads.try_into().unwrap(),
        view_queue: queue,
        ..ConcurrencyConfig::default()
    };
    ViewThreads::new(&config)
}

fn event_loop() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn patient() -> Patience {
    Patience::Until(Instant::now() + Duration::from_mins(1))
}

/// A job that has begun when `begun` says so, and ends when `let_go` does.
struct Held {
    begun: Receiver<()>,
    let_go: Sender<()>,
}

impl Held {
    fn job() -> (Self, impl FnOnce() -> bool + Send + 'static) {
        let ((tell, begun), (let_go, wait)) = (channel(), channel());
        let job = move || {
            tell.send(()).unwrap();
            wait.recv().unwrap();
            is_cancelled()
        };
        (Self { begun, let_go }, job)
    }
}

/// Polls `future` once, which has to wait.
async fn polled(mut future: Pin<&mut impl Future>) {
    assert!(poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await);
}

#[test]
fn no_more_than_its_threads_run_and_no_more_than_its_queue_wait() {
    event_loop().block_on(async {
        let pool = pool(2, 1);
        let ((first, job1), (second, job2)) = (Held::job(), Held::job());
        let (mut one, mut two) = (pin!(pool.run(patient(), job1)), pin!(pool.run(patient(), job2)));
        polled(one.as_mut()).await;
        polled(two.as_mut()).await;
        first.begun.recv().unwrap();
        second.begun.recv().unwrap();
        let mut queued = pin!(pool.run(patient(), || "queued"));
        polled(queued.as_mut()).await;
        let counts = pool.counts();
        assert_eq!((counts.running, counts.waiting, counts.idle), (2, 1, 0));
        assert!(matches!(pool.run(patient(), || "too many").await, Err(Full)));
        // What waits without an end of its own is counted by its requests, which are bounded.
        let mut endless = pin!(pool.run(Patience::Endless, || "endless"));
        polled(endless.as_mut()).await;
        first.let_go.send(()).unwrap();
        second.let_go.send(()).unwrap();
        assert!(!one.await.unwrap().unwrap());
        assert_eq!(queued.await.unwrap().unwrap(), "queued");
        assert_eq!(endless.await.unwrap().unwrap(), "endless");
        assert!(!two.await.unwrap().unwrap());
    });
}

#[test]
fn whoever_waits_too_long_is_refused_and_never_begun() {
    event_loop().block_on(async {
        let pool = pool(1, 10);
        let (held, job) = Held::job();
        let mut first = pin!(pool.run(patient(), job));
        polled(first.as_mut()).await;
        held.begun.recv().unwrap();
        let late = Patience::Until(Instant::now());
        assert!(matches!(pool.run(late, || panic!("it was begun")).await, Err(Full)));
        assert_eq!(pool.counts().waiting, 0);
        held.let_go.send(()).unwrap();
        assert!(!first.await.unwrap().unwrap());
    });
}

#[test]
fn who_leaves_the_line_frees_its_place_and_the_others_keep_their_order() {
    event_loop().block_on(async {
        let (pool, (told, order)) = (pool(1, 2), channel());
        let (held, job) = Held::job();
        let mut first = pin!(pool.run(patient(), job));
        polled(first.as_mut()).await;
        held.begun.recv().unwrap();
        let of_second = told.clone();
        let mut second = pin!(pool.run(patient(), move || of_second.send("second").unwrap()));
        polled(second.as_mut()).await;
        {
            let of_left = told.clone();
            let mut left = pin!(pool.run(patient(), move || of_left.send("left").unwrap()));
            polled(left.as_mut()).await;
            assert_eq!(pool.counts().waiting, 2);
        }
        assert_eq!(pool.counts().waiting, 1);
        let mut third = pin!(pool.run(patient(), move || told.send("third").unwrap()));
        polled(third.as_mut()).await;
        held.let_go.send(()).unwrap();
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        third.await.unwrap().unwrap();
        assert_eq!(order.iter().collect::<Vec<_>>(), ["second", "third"]);
    });
}

#[test]
fn what_has_begun_is_told_that_nobody_waits_and_is_finished() {
    let ((told, answer), (held, job)) = (channel(), Held::job());
    event_loop().block_on(async {
        let pool = pool(1, 1);
        {
            let mut left = pin!(pool.run(patient(), move || told.send(job()).unwrap()));
            polled(left.as_mut()).await;
            held.begun.recv().unwrap();
        }
        held.let_go.send(()).unwrap();
        assert!(answer.recv().unwrap(), "is_cancelled() said that somebody waits");
    });
}

#[test]
fn a_panic_is_given_on_and_its_thread_goes_on() {
    event_loop().block_on(async {
        let pool = pool(1, 1);
        let panicked = pool.run(patient(), || panic!("a view's")).await.unwrap().unwrap_err();
        assert_eq!(panicked.downcast_ref(), Some(&"a view's"));
        assert_eq!(pool.run(patient(), || 7).await.unwrap().unwrap(), 7);
    });
}
