//! A view whose transaction the database gave up is run again, as a whole.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use flagon::{Body, BodyStream, http::StatusCode, prelude::*};
use tokio::sync::Barrier;

use super::{balances, clients};

/// Lets the first two runs meet in the middle, and counts all.
pub(super) struct Meeting {
    runs: AtomicU32,
    barrier: Barrier,
}

impl Meeting {
    pub(super) async fn meet(&self) {
        if self.runs.fetch_add(1, Ordering::Relaxed) < 2 {
            self.barrier.wait().await;
        }
    }

    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { runs: AtomicU32::new(0), barrier: Barrier::new(2) })
    }
}

async fn add(id: i64) -> Result<()> {
    db().execute("UPDATE account SET balance = balance + 1 WHERE id = ?", (id,)).await?;
    Ok(())
}

#[derive(Deserialize, Serialize)]
struct Order {
    first: i64,
    second: i64,
}

async fn in_order(meeting: &Meeting, order: &Order) -> Result<()> {
    add(order.first).await?;
    meeting.meet().await;
    add(order.second).await
}

struct Seen;

#[post("/both")]
async fn add_to_both(order: Json<Order>, meeting: State<Arc<Meeting>>) -> Result<String> {
    assert!(g().get::<Seen>().is_none(), "each run has a fresh g");
    g().set(Seen);
    let sent = Arc::clone(&meeting);
    db().after_commit(async move {
        sent.runs.fetch_add(100, Ordering::Relaxed);
    })
    .await;
    in_order(&meeting, &order).await?;
    Ok(format!("{} then {}", order.first, order.second))
}

#[post("/streamed")]
async fn from_stream(mut body: BodyStream, meeting: State<Arc<Meeting>>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await? {
        bytes.extend_from_slice(&piece);
    }
    let order: Order = serde_json::from_slice(&bytes)?;
    in_order(&meeting, &order).await?;
    Ok(String::new())
}

#[test]
fn a_deadlock_is_not_seen_by_the_client() {
    let meeting = Meeting::new();
    let state = Arc::clone(&meeting);
    let [_, client] = clients(move || App::new("t").state(Arc::clone(&state)).routes(routes![add_to_both]));
    let (left, right) = client.block_on(async {
        let post = |first, second| client.post("/both").json(&Order { first, second }).send();
        tokio::join!(post(1, 2), post(2, 1))
    });
    assert_eq!((left.status(), right.status()), (StatusCode::OK, StatusCode::OK));
    assert_eq!((left.text(), right.text()), ("1 then 2", "2 then 1"));
    assert_eq!(balances(&client), [102, 102]);
    assert_eq!(meeting.runs.load(Ordering::Relaxed), 203, "three runs, and each answer's after_commit once");
    assert_eq!(client.app().db().database().retries().deadlock, 1);
}

/// A body that comes in pieces, so that nobody has it whole.
fn in_pieces(order: &Order) -> Body {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::StreamBody;

    let bytes = serde_json::to_vec(order).unwrap();
    let pieces: Vec<_> =
        bytes.chunks(4).map(|piece| Ok(http_body::Frame::data(piece.to_vec().into()))).collect();
    Body::stream(StreamBody::new(stream::iter(pieces).boxed()))
}

#[test]
fn a_view_that_has_read_a_stream_is_not_run_again_and_says_so() {
    use tower_service::Service as _;

    let meeting = Meeting::new();
    let state = Arc::clone(&meeting);
    let [_, client] = clients(move || App::new("t").state(Arc::clone(&state)).routes(routes![from_stream]));
    let (left, right) = client.block_on(async {
        let mut app = client.app().clone();
        let mut post = |first, second| {
            let message = http::Request::post("/streamed").header("host", "localhost");
            app.call(message.body(in_pieces(&Order { first, second })).unwrap())
        };
        tokio::join!(post(1, 2), post(2, 1))
    });
    let answers = [left.unwrap(), right.unwrap()];
    let loser = answers.iter().find(|answer| answer.status() == 503).expect("one of them loses");
    assert_eq!(loser.headers()["retry-after"], "1");
    assert!(answers.iter().any(|answer| answer.status() == 200));
    assert_eq!(balances(&client), [101, 101]);
    assert_eq!(meeting.runs.load(Ordering::Relaxed), 2);
}

#[test]
fn a_view_that_hides_a_deadlock_is_run_again_all_the_same() {
    #[post("/hides")]
    async fn hides(order: Json<Order>, meeting: State<Arc<Meeting>>) -> Result<&'static str> {
        let _ = in_order(&meeting, &order).await; // and says that all is well
        Ok("well")
    }
    let meeting = Meeting::new();
    let state = Arc::clone(&meeting);
    let [_, client] = clients(move || App::new("t").state(Arc::clone(&state)).routes(routes![hides]));
    client.block_on(async {
        let post = |first, second| client.post("/hides").json(&Order { first, second }).send();
        tokio::join!(post(1, 2), post(2, 1))
    });
    assert_eq!(balances(&client), [102, 102], "what was answered with success is there");
}

#[test]
fn it_is_tried_a_number_of_times_and_then_the_client_may_come_again() {
    #[post("/never")]
    async fn never(runs: State<Arc<AtomicU32>>) -> Result<()> {
        runs.fetch_add(1, Ordering::Relaxed);
        db().execute("SET innodb_lock_wait_timeout = 0", ()).await?;
        add(1).await
    }
    let runs = Arc::new(AtomicU32::new(0));
    let state = Arc::clone(&runs);
    let app = move || {
        App::new("t")
            .state(Arc::clone(&state))
            .routes(routes![never])
            .configure(|config| config.sql.retries = 3)
    };
    let [_, client] = clients(app);
    client.block_on(async {
        let db = client.app().db();
        let held = db.transaction(|db| {
            let client = &client;
            async move {
                db.execute("UPDATE account SET balance = 0 WHERE id = 1", ()).await?;
                let answer = client.post("/never").send().await;
                assert_eq!(answer.status(), 503);
                assert_eq!(answer.header("retry-after"), Some("1"));
                Ok::<_, flagon::sql::Error>(())
            }
        });
        held.await.unwrap();
    });
    assert_eq!(runs.load(Ordering::Relaxed), 4, "once, and three times again");
}

#[test]
fn writers_of_sqlite_wait_for_each_other_and_none_is_refused() {
    #[post("/move")]
    async fn move_one() -> Result<()> {
        let balance: i64 = db().query_as("SELECT balance FROM account WHERE id = 1", ()).one().await?;
        tokio::task::yield_now().await; // where another one would come between
        db().execute("UPDATE account SET balance = ? WHERE id = 1", (balance - 1,)).await?;
        db().execute("UPDATE account SET balance = balance + 1 WHERE id = 2", ()).await?;
        Ok(())
    }
    let [client, _] = clients(|| App::new("t").routes(routes![move_one]));
    client.block_on(async {
        let all = (0..50).map(|_| client.post("/move").send());
        for answer in futures_util::future::join_all(all).await {
            assert_eq!(answer.status(), 204);
        }
    });
    assert_eq!(balances(&client), [50, 150]);
}
