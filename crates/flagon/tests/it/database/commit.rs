//! A commit that the database refuses, as Galera does where two nodes have written the same row: the loser is told 1213 at its COMMIT.
//!
//! In between stands a proxy that rolls back where a COMMIT was sent, and answers what such a node answers.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

use flagon::{prelude::*, sql};
use mariadb::Server;

use super::{balances, client};

/// A packet of MySQL's protocol: three bytes of length, its number, and what it says.
fn packet(from: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 4];
    from.read_exact(&mut head).ok()?;
    let mut payload = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
    from.read_exact(&mut payload).ok()?;
    Some((head[3], payload))
}

fn send(to: &mut impl Write, number: u8, payload: &[u8]) -> Option<()> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    to.write_all(&[&[length[0], length[1], length[2], number], payload].concat()).ok()
}

const COMMIT: &[u8] = b"\x03COMMIT"; // COM_QUERY
const ROLLBACK: &[u8] = b"\x03ROLLBACK";
const DEADLOCK: &[u8] =
    b"\xff\xbd\x04#40001Deadlock found when trying to get lock; try restarting transaction";

/// Refuses the next so many commits of whoever connects through it.
struct Node {
    address: SocketAddr,
    refusals: Arc<AtomicU32>,
}

impl Node {
    fn start(port: u16, refusals: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let refusals = Arc::new(AtomicU32::new(refusals));
        let of_node = Arc::clone(&refusals);
        thread::spawn(move || {
            for client in listener.incoming() {
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                between(client.unwrap(), server, Arc::clone(&of_node));
            }
        });
        Self { address, refusals }
    }
}

fn between(mut client: TcpStream, mut server: TcpStream, refusals: Arc<AtomicU32>) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut to_client, mut from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let refuses = Arc::new(AtomicBool::new(false));
    let refuses_next = Arc::clone(&refuses);
    thread::spawn(move || {
        while let Some((number, payload)) = packet(&mut client) {
            let left = refusals.load(Ordering::Relaxed);
            let payload = if payload == COMMIT && left > 0 {
                refusals.store(left - 1, Ordering::Relaxed);
                refuses_next.store(true, Ordering::Release);
                ROLLBACK
            } else {
                &payload
            };
            if send(&mut server, number, payload).is_none() {
                break;
            }
        }
        server.shutdown(std::net::Shutdown::Both).ok();
    });
    thread::spawn(move || {
        while let Some((number, payload)) = packet(&mut from_server) {
            let is_refused = refuses.swap(false, Ordering::AcqRel);
            if send(&mut to_client, number, if is_refused { DEADLOCK } else { &payload }).is_none() {
                break;
            }
        }
        to_client.shutdown(std::net::Shutdown::Both).ok();
    });
}

#[post("/add")]
async fn add(runs: State<Arc<AtomicU32>>) -> Result<String> {
    let sent = Arc::clone(&runs);
    db().after_commit(async move {
        sent.fetch_add(100, Ordering::Relaxed);
    })
    .await;
    db().execute("UPDATE account SET balance = balance + 1 WHERE id = 1", ()).await?;
    Ok(format!("run {}", runs.fetch_add(1, Ordering::Relaxed) + 1))
}

/// A client of an app whose database is behind a node that refuses so many commits.
fn behind(refusals: u32) -> (flagon::testing::Client, Node, Arc<AtomicU32>) {
    let url = Server::shared().database();
    let node = Node::start(Server::shared().port(), 0);
    let url = url.replace(&format!(":{}/", Server::shared().port()), &format!(":{}/", node.address.port()));
    let runs = Arc::new(AtomicU32::new(0));
    let app = App::new("t")
        .state(Arc::clone(&runs))
        .routes(routes![add])
        .configure(|config| config.sql.retries = 3);
    let client = client(app, url);
    node.refusals.store(refusals, Ordering::Relaxed);
    (client, node, runs)
}

#[test]
fn a_commit_that_meets_a_conflict_is_made_again_with_all_that_led_to_it() {
    let (client, _node, runs) = behind(2);
    let answer = client.post("/add").wait();
    assert_eq!((answer.status().as_u16(), answer.text()), (200, "run 3"));
    assert_eq!(balances(&client), [101, 100], "once");
    assert_eq!(runs.load(Ordering::Relaxed), 103, "three runs, and what waits for the commit once");
    let retries = client.app().db().database().retries();
    assert_eq!((retries.deadlock, retries.total(), retries.given_up), (2, 2, 0));
}

#[test]
fn a_commit_that_is_refused_too_often_is_a_503_and_nothing_is_kept() {
    let (client, node, runs) = behind(u32::MAX);
    let answer = client.post("/add").wait();
    assert_eq!((answer.status().as_u16(), answer.header("retry-after")), (503, Some("1")));
    node.refusals.store(0, Ordering::Relaxed);
    assert_eq!(balances(&client), [100, 100]);
    assert_eq!(runs.load(Ordering::Relaxed), 4, "once, and three times again");
    assert_eq!(client.app().db().database().retries().given_up, 1);
}

#[test]
fn transaction_outside_of_a_request_is_made_again_too() {
    let (client, _node, _) = behind(2);
    let db = client.app().db();
    let added = db.transaction(|db| async move {
        db.execute("UPDATE account SET balance = balance + 1 WHERE id = 2", ()).await?;
        Ok::<_, sql::Error>(())
    });
    client.block_on(added).unwrap();
    assert_eq!(balances(&client), [100, 101]);
    assert_eq!(client.app().db().database().retries().deadlock, 2);
}
