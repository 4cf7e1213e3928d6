//! A slow line: bytes go through it unchanged, and late.
//!
//! In: a listener on this machine, the server behind it. Out: connections on which everything takes [`ROUND_TRIP`]. Never: a line
//! from or to another machine, one that lasts, or more bytes under way than a window's worth.

use std::{net::SocketAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};

/// How long a byte and the answer to it take together.
pub(super) const ROUND_TRIP: Duration = Duration::from_millis(50);
/// How long a line is there.
pub(super) const LIFETIME: Duration = Duration::from_secs(45);
/// How many connections go through it at once; a browser opens six.
const CONNECTIONS: usize = 16;
/// How many pieces are under way in one direction.
const PIECES: usize = 16;
const PIECE: usize = 8 * 1024;

/// Lets connections through to `server` until the line's time is over.
pub(super) async fn run(listener: TcpListener, server: SocketAddr) {
    let end = Instant::now() + LIFETIME;
    let mut open = JoinSet::new(); // dropped at the end, and with it every connection
    while let Ok(Ok((client, _))) = timeout_at(end, listener.accept()).await {
        while open.try_join_next().is_some() {}
        if open.len() < CONNECTIONS {
            open.spawn(carry(client, server));
        }
    }
}

async fn carry(client: TcpStream, server: SocketAddr) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // Nobody can hold a TCP handshake up from here. So it is made up for: a client could not have sent its first byte
    // before a round trip had passed.
    let opened = Instant::now() + ROUND_TRIP;
    tokio::join!(pass(from_client, to_server, opened), pass(from_server, to_client, opened));
}

/// Passes on what is read, each piece half a round trip later, and the end of it as well.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, opened: Instant) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Bytes)>(PIECES);
    let reading = async move {
        let mut buffer = BytesMut::with_capacity(PIECE);
        while let Ok(1..) = from.read_buf(&mut buffer).await {
            let due = Instant::now().max(opened) + ROUND_TRIP / 2;
            if sender.send((due, buffer.split().freeze())).await.is_err() {
                return;
            }
            buffer.reserve(PIECE);
        }
    };
    let writing = async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await; // whoever is gone has no use for it
    };
    tokio::join!(reading, writing);
}
