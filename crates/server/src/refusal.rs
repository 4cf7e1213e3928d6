//! Connections for which there is no room: told so, at a small price.
//!
//! In: a socket that was accepted. Out: 503 or 429 with `Retry-After`, and the end of the connection. Never: more than a few
//! handshakes at once in a thread for it, nor more than a moment for each: what there is no room for has to stay cheap.

use std::{
    io::{self, Write},
    pin::pin,
    rc::Rc,
    time::Duration,
};

use bytes::BytesMut;
use flagon_http::http_date::HttpDate;
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_rustls::server::TlsStream;

use crate::{
    seats::Full,
    tls::{Agreed, Tls},
    wire::Wire,
    worker::{Place, Worker},
};

/// Refuses the connection `socket`; closes it in silence where too many others are being refused already.
pub(crate) fn refuse(socket: TcpStream, tls: Option<&Tls>, worker: &Rc<Worker>, full: Full) {
    match tls {
        // Not through the runtime, which does not know yet that a fresh socket has room.
        None => {
            if let Ok(mut socket) = socket.into_std() {
                let _ = socket.write(answer(full).as_bytes());
            }
        }
        Some(tls) => {
            if let Some(refusing) = worker.refusing() {
                let (tls, place) = (tls.clone(), worker.enter());
                tokio::task::spawn_local(async move {
                    place.register().await;
                    place.expire_after(PATIENCE);
                    let _ = over_tls(socket, &tls, place, full).await; // who has left is not told
                    drop(refusing);
                });
            }
        }
    }
}

async fn over_tls(socket: TcpStream, tls: &Tls, place: Place, full: Full) -> io::Result<()> {
    let (mut stream, _, agreed) = place.before_deadline(tls.handshake(socket)).await?;
    let answer = match agreed {
        Agreed::Http1 => answer(full).into_bytes(),
        Agreed::Http2 => {
            let request = place.before_deadline(first_request(&mut stream)).await?;
            frames(request, full)
        }
    };
    let mut wire = Wire::new(stream, place);
    wire.out().extend_from_slice(&answer);
    wire.linger().await;
    Ok(())
}

/// Reads until the first request of an HTTP/2 client begins. Gives the number of its stream.
async fn first_request(stream: &mut TlsStream<TcpStream>) -> io::Result<[u8; 4]> {
    let mut input = BytesMut::with_capacity(INPUT);
    loop {
        if let Some(found) = find_headers(&input) {
            return Ok(found);
        }
        if input.len() >= INPUT || pin!(stream.read_buf(&mut input)).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// Walks over the frames behind the preface (RFC 9113 §3.4, §4.1) to the first of type HEADERS.
fn find_headers(input: &[u8]) -> Option<[u8; 4]> {
    let mut rest = input.get(PREFACE..)?;
    loop {
        let (head, after) = rest.split_first_chunk::<9>()?;
        let [high, middle, low, kind, _, stream @ ..] = *head;
        if kind == HEADERS {
            return Some(stream);
        }
        rest = after.get(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low)..)?;
    }
}

/// The answer in HTTP/1.
fn answer(full: Full) -> String {
    let (status, text) = match full {
        Full::Server => ("503 Service Unavailable", "the server has too many connections now\n"),
        Full::Address => ("429 Too Many Requests", "your address has too many connections open\n"),
    };
    format!(
        "HTTP/1.1 {status}\r\ndate: {}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         retry-after: 1\r\nconnection: close\r\n\r\n{text}",
        HttpDate::now().as_str(),
        text.len(),
    )
}

/// The answer on `stream` of an HTTP/2 connection. It has no body, for which the client's window would have to be known.
fn frames(stream: [u8; 4], full: Full) -> Vec<u8> {
    let status = match full {
        Full::Server => b"503",
        Full::Address => b"429",
    };
    // RFC 7541 §6.2.2: literals without indexing, their names from the table of its appendix A.
    let mut fields = [&[8, 3], &status[..]].concat(); // :status
    fields.extend_from_slice(&[0x0f, 33 - 15, 29]); // date
    fields.extend_from_slice(HttpDate::now().as_bytes());
    fields.extend_from_slice(&[0x0f, 53 - 15, 1, b'1']); // retry-after
    let length = u8::try_from(fields.len()).expect("four short fields");
    let mut frames = vec![0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]; // the server's preface
    frames.extend_from_slice(&[0, 0, 0, SETTINGS, ACK, 0, 0, 0, 0]);
    frames.extend_from_slice(&[0, 0, length, HEADERS, END_STREAM | END_HEADERS]);
    frames.extend_from_slice(&stream);
    frames.extend_from_slice(&fields);
    frames.extend_from_slice(&[0, 0, 8, GOAWAY, 0, 0, 0, 0, 0]);
    frames.extend_from_slice(&stream); // the last one that was looked at
    frames.extend_from_slice(&[0; 4]); // NO_ERROR: there is nothing to reproach the client with
    frames
}

/// How long a client that is refused may take for the handshake and the beginning of its request.
const PATIENCE: Duration = Duration::from_secs(2);
/// What a client may send before its first request: SETTINGS, `WINDOW_UPDATE`, PRIORITY.
const INPUT: usize = 4 * 1024;
const PREFACE: usize = 24;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_request_is_found_behind_other_frames() {
        let mut input = vec![b'x'; PREFACE];
        input.extend([0, 0, 6, SETTINGS, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 9]);
        input.extend([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(find_headers(&input), None);
        let headers = [0, 0, 99, HEADERS, 4, 0, 0, 0, 5];
        for end in 0..headers.len() {
            assert_eq!(find_headers(&[&input, &headers[..end]].concat()), None);
        }
        assert_eq!(find_headers(&[&input[..], &headers].concat()), Some([0, 0, 0, 5]));
    }
}
