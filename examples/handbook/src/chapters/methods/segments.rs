//! How many TCP segments a request takes, counted by the system on the side that receives them.
//!
//! In: this server's own address. Out: for each of five requests what was written and what arrived. Never: a connection to
//! anything but the loopback address, and no more than some kilobytes over it.

use std::{io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use flagon::{abort_because, prelude::*};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// What arrived, as the system has counted it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Arrived {
    /// Segments that held data.
    segments: u32,
    /// Bytes of data in them.
    bytes: u64,
}

/// A request and what became of it on the way.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    /// The word of the chapter that names it.
    name: &'static str,
    /// How often the sender wrote.
    writes: usize,
    /// What arrived.
    arrived: Arrived,
}

/// Tells how many segments have brought this request, which is the first of its connection.
#[route("/try/segments", methods("GET", "POST"), max_body = 32 * 1024)]
pub(crate) async fn count(_body: Bytes) -> Result<Json<Arrived>> {
    match request().connection().tcp() {
        Ok(tcp) => Ok(Json(Arrived { segments: tcp.data_segments_in, bytes: tcp.bytes_in })),
        Err(error) => abort_because(501, format!("this system does not tell: {error}")),
    }
}

/// Sends the five requests to `address`; `None` where the system does not count.
pub(crate) async fn measure(address: SocketAddr) -> Option<Vec<Measured>> {
    let mut measured = Vec::new();
    for (name, writes) in requests() {
        let arrived = timeout(DEADLINE, send(address, &writes)).await.ok()?.ok()?;
        measured.push(Measured { name, writes: writes.len(), arrived });
    }
    Some(measured)
}

const DEADLINE: Duration = Duration::from_secs(5);

/// The requests, each as the pieces that are written.
fn requests() -> [(&'static str, Vec<String>); 5] {
    let get = |query: &str| {
        format!("GET /try/segments{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    };
    let post = |length: usize| {
        format!(
            "POST /try/segments HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    let long = "a".repeat(20_000);
    [
        ("segments_get", vec![get("")]),
        ("segments_get_long", vec![get(&format!("?q={}", &long[..4000]))]),
        ("segments_post", vec![post(5) + "a=b&c"]),
        ("segments_post_split", vec![post(5), "a=b&c".to_owned()]),
        ("segments_post_long", vec![post(long.len()) + &long]),
    ]
}

/// Writes the pieces, one write for each, and reads what the server has counted.
async fn send(address: SocketAddr, writes: &[String]) -> io::Result<Arrived> {
    if !address.ip().is_loopback() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut stream = connect(address).await?;
    stream.set_nodelay(true)?; // each write goes out at once, and waits for no other
    for piece in writes {
        stream.write_all(piece.as_bytes()).await?;
    }
    let mut answer = Vec::new();
    stream.take(16 * 1024).read_to_end(&mut answer).await?;
    let body = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|end| &answer[end + 4..]);
    Ok(serde_json::from_slice(body.unwrap_or_default())?)
}

/// Connects with the segments of an Ethernet: 1460 bytes with TCP's options. The loopback itself would take 64 KiB at once.
#[cfg(target_os = "linux")]
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_tcp_mss(1460)?;
    socket.set_nonblocking(true)?;
    tokio::net::TcpSocket::from_std_stream(socket.into()).connect(address).await
}

#[cfg(not(target_os = "linux"))]
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(address).await
}
