//! What open WebSockets cost, and how long it takes until all in a room have a message.
//!
//! `rooms serve` says where it listens, and answers at `/memory` what the process holds. `rooms clients ADDRESS COUNT MESSAGES` opens so many
//! sockets in one room, sends messages there, and says how long they took from the sender to each receiver.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, which ends with its first failure"
)]

use std::{
    env, fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use flagon::{Bytes, WebSocket, prelude::*, room};
use flagon_server::{Config, Listen, Shutdown};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
    task::JoinSet,
};

#[get("/ws")]
async fn join(mut socket: WebSocket) -> Result<()> {
    socket.join("all")?;
    socket.send("joined").await?;
    while socket.receive().await.is_some() {}
    Ok(())
}

/// Sends the time to all, and gives how many they are.
#[post("/send", csrf = "exempt")]
async fn send() -> String {
    let now = nanoseconds().to_be_bytes();
    room("all").send(Bytes::copy_from_slice(&now)).to_string()
}

/// Bytes of memory that the process holds now.
#[get("/memory")]
async fn memory() -> Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).or_404()?;
    let kilobytes: u64 = resident.trim().trim_end_matches("kB").trim().parse()?;
    Ok((kilobytes * 1024).to_string())
}

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(),
        ["clients", address, count, messages] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(clients(address, count.parse().unwrap(), messages.parse().unwrap()));
        }
        _ => println!("rooms serve | rooms clients ADDRESS COUNT MESSAGES"),
    }
}

fn serve() {
    let app = App::new("rooms").routes(routes![join, send, memory]).build().unwrap();
    let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
    let mut config = Config { listen, ..Config::default() };
    config.limits.connections_per_address = config.limits.connections;
    let server = config.bind().unwrap();
    println!("{}", server.addresses()[0].socket());
    server.serve(app, &Shutdown::on_signals()).unwrap();
}

async fn clients(address: &str, count: usize, messages: usize) {
    let before: u64 = ask(address, "GET /memory").await.parse().unwrap();
    let started = Instant::now();
    let (heard, mut times) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let mut socket = open(address).await;
        let heard = heard.clone();
        tasks.spawn(async move {
            let mut frame = [0; 10]; // two bytes of head, and the time
            while socket.read_exact(&mut frame).await.is_ok() {
                let sent = u64::from_be_bytes(frame[2..].try_into().unwrap());
                heard.send(nanoseconds() - sent).unwrap();
            }
        });
    }
    let opened = started.elapsed();
    tokio::time::sleep(Duration::from_secs(1)).await; // what is left of opening is done by then
    let after: u64 = ask(address, "GET /memory").await.parse().unwrap();
    println!(
        "{count} open in {opened:?}; {} bytes of memory each",
        after.saturating_sub(before) / count as u64
    );
    let (mut all, mut last) = (Vec::new(), Vec::new());
    for _ in 0..messages {
        assert_eq!(ask(address, "POST /send").await, count.to_string());
        let mut one = Vec::new();
        times.recv_many(&mut one, count).await;
        while one.len() < count {
            let left = count - one.len();
            times.recv_many(&mut one, left).await;
        }
        last.push(*one.iter().max().unwrap());
        all.extend(one);
    }
    println!("each receiver: {}; the last of all: {}", quantiles(all), quantiles(last));
    tasks.abort_all();
}

async fn open(address: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"joined") {
        assert!(socket.read_buf(&mut answer).await.unwrap() > 0, "{}", String::from_utf8_lossy(&answer));
    }
    socket
}

async fn ask(address: &str, what: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request =
        format!("{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer.rsplit("\r\n\r\n").next().unwrap().to_owned()
}

fn nanoseconds() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
}

fn quantiles(mut times: Vec<u64>) -> String {
    times.sort_unstable();
    let at = |share: usize| Duration::from_nanos(times[(times.len() * share / 1000).min(times.len() - 1)]);
    format!("median {:?}, 99 % {:?}, longest {:?}", at(500), at(990), at(1000))
}
