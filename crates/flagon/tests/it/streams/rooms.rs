//! Rooms: who hears what, and who is too slow.

use std::io::Read as _;

use flagon::{Event, EventStream, Slow, WebSocket, prelude::*, room, sse};
use futures_util::StreamExt as _;

use super::{
    frames::Peer,
    running::{Running, wait_until},
};

#[get("/rooms/<name>")]
async fn join(name: String, mut socket: WebSocket) -> Result<()> {
    socket.join(&name)?;
    if request().args().get("skip").is_some() {
        socket.when_slow(Slow::Skip);
    }
    socket.send("joined").await?;
    while let Some(message) = socket.receive().await {
        match message.as_text() {
            Some("leave") => {
                socket.leave(&name);
                socket.send("left").await?;
            }
            _ => drop(room(&name).send_except(&socket, message)),
        }
    }
    Ok(())
}

#[post("/rooms/<name>")]
async fn tell(name: String, text: String) -> String {
    room(name).send(text).to_string()
}

#[get("/many/<name>/<int:count>", writes)]
async fn many(name: String, count: usize) -> String {
    (0..count).map(|n| room(&name).send(format!("{n} {}", "x".repeat(10_000)))).sum::<usize>().to_string()
}

#[get("/events/<name>")]
async fn follow(name: String) -> EventStream {
    sse(room(name)
        .subscribe(Slow::Disconnect)
        .map(|message| Event::of(message.as_text().unwrap_or_default())))
}

fn app() -> App {
    App::new("t").routes(routes![join, tell, many, follow])
}

fn joined(server: &Running, path: &str) -> Peer {
    let mut peer = Peer::open(server, path);
    peer.expect_text("joined");
    peer
}

#[test]
fn all_in_a_room_hear_it_on_whichever_thread_they_are() {
    let server = Running::with(app(), |config| config.threads = 4);
    let mut peers: Vec<_> = (0..20).map(|_| joined(&server, "/rooms/a")).collect();
    let mut other = joined(&server, "/rooms/b");
    peers[0].text("from a client");
    for peer in &mut peers[1..] {
        peer.expect_text("from a client");
    }
    let sent = server.app.app_context().run(|| room("a").send("from elsewhere"));
    assert_eq!(sent, 20);
    for peer in &mut peers {
        peer.expect_text("from elsewhere");
    }
    other.text("in b");
    peers[1].text("leave").expect_text("left");
    let a = server.app.app_context().run(|| room("a"));
    assert_eq!((a.len(), a.send("to the rest")), (19, 19));
    peers[0].expect_text("to the rest");
    drop(peers);
    wait_until("all have left", || a.is_empty());
}

#[test]
fn a_slow_receiver_is_cut_off_and_others_are_not() {
    let server = Running::start(app());
    let (slow, mut quick) = (joined(&server, "/rooms/a"), joined(&server, "/rooms/a"));
    let a = server.app.app_context().run(|| room("a"));
    let text = "x".repeat(100_000);
    let mut sent = 0;
    while a.len() == 2 && sent < 2000 {
        a.send(text.as_str());
        quick.expect_text(&text);
        sent += 1;
        if a.send("probe") == 1 {
            break; // the slow one takes no more
        }
        quick.expect_text("probe");
    }
    assert!(sent < 2000, "nobody was cut off");
    quick.expect_text("probe").text("still here");
    drop(slow);
    wait_until("the slow one has left", || a.len() == 1);
    a.send("on");
    quick.expect_text("on");
}

#[test]
fn or_it_misses_the_oldest() {
    let server = Running::start(app());
    let mut slow = joined(&server, "/rooms/a?skip=1");
    let told = server.get("/many/a/5000");
    assert!(told.ends_with("\r\n\r\n5000"), "{told}");
    let (mut last, mut heard) = (0, 0);
    while last < 4999 {
        let (_, payload) = slow.read();
        let text = String::from_utf8(payload).unwrap();
        let n: usize = text.split(' ').next().unwrap().parse().unwrap();
        assert!(n >= last, "{n} after {last}");
        (last, heard) = (n, heard + 1);
    }
    assert!(heard < 5000, "the test sends too little for anything to be missed");
    slow.text("leave").expect_text("left");
}

#[test]
fn events_follow_a_room_too() {
    use std::io::Write as _;
    let server = Running::start(app());
    let mut socket = server.connect();
    write!(socket, "GET /events/a HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let a = server.app.app_context().run(|| room("a"));
    wait_until("it follows", || a.len() == 1);
    a.send("one\ntwo");
    let mut text = String::new();
    while !text.contains("data: one\ndata: two\n\n") {
        let mut buffer = [0; 1024];
        let read = socket.read(&mut buffer).unwrap();
        assert!(read > 0, "{text}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    drop(socket);
    wait_until("it has left", || a.is_empty());
}
