//! An accepted socket, from the first byte to the last.
//!
//! In: a socket, the TLS settings of its listener. Out: HTTP/1 or HTTP/2 over it until it closes.
//! Never: a socket that stays open after the handshake's time.

use std::{io, net::SocketAddr, rc::Rc, sync::Arc};

use bytes::BytesMut;
use flagon_http::http_date::HttpDate;
use tokio::net::TcpStream;

use crate::{
    connection::{Connection, Outcome, Protocol},
    connection_info::ConnectionInfo,
    http2,
    service::Service,
    tls::{Agreed, Tls},
    transport::Transport,
    wire::Wire,
    worker::{Guest, Place, Worker},
};

/// Serves the connection `socket` of `guest` until it closes.
pub(crate) async fn serve<S: Service>(
    socket: TcpStream,
    peer: SocketAddr,
    guest: Guest,
    tls: Option<Tls>,
    worker: Rc<Worker>,
    service: Arc<S>,
) {
    let _guest = guest;
    let place = worker.enter();
    place.register().await;
    // It fails for a socket that the client closed meanwhile.
    let Ok(local) = socket.local_addr() else { return };
    let _ = socket.set_nodelay(true);
    let info = ConnectionInfo::new(peer, local);
    match tls {
        None => run_http1(socket, place, info, Protocol::Undecided, &service).await,
        Some(tls) => Box::pin(serve_tls(socket, &tls, place, info, &service)).await,
    }
}

async fn serve_tls<S: Service>(
    socket: TcpStream,
    tls: &Tls,
    place: Place,
    mut info: ConnectionInfo,
    service: &Arc<S>,
) {
    place.expire_after(place.worker().timeouts.handshake);
    match speaks_plain_http(&socket, &place).await {
        Ok(true) => return refuse_plain_http(socket, place).await,
        Ok(false) => (),
        Err(error) => return tracing::debug!(peer = %info.peer, %error, "no TLS handshake"),
    }
    match place.before_deadline(tls.handshake(socket)).await {
        Ok((stream, tls, agreed)) => {
            place.worker().counters().shook_hands();
            info.tls = Some(Box::new(tls));
            match agreed {
                Agreed::Http1 => run_http1(stream, place, info, Protocol::Http1, service).await,
                Agreed::Http2 => {
                    http2::run(stream, place, Arc::new(info), BytesMut::new(), Arc::clone(service)).await;
                }
            }
        }
        Err(error) => {
            place.worker().counters().failed_handshake();
            tracing::debug!(peer = %info.peer, %error, "no TLS handshake");
        }
    }
}

async fn run_http1<Io: Transport, S: Service>(
    io: Io,
    place: Place,
    info: ConnectionInfo,
    protocol: Protocol,
    service: &Arc<S>,
) {
    let connection = Connection::new(io, place, info, protocol);
    if let Outcome::Http2(io, place, info, input) = connection.run(&**service).await {
        Box::pin(http2::run(io, place, info, input, Arc::clone(service))).await;
    }
}

/// Looks at the first byte: RFC 9846 §5.1: a handshake starts with 22; a method starts with a letter.
async fn speaks_plain_http(socket: &TcpStream, place: &Place) -> io::Result<bool> {
    let mut first = [0; 1];
    match place.before_deadline(socket.peek(&mut first)).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0].is_ascii_uppercase()),
    }
}

/// Tells the client where it is. Its request is read to the end, or the answer could be lost to a reset.
async fn refuse_plain_http(socket: TcpStream, place: Place) {
    let mut wire = Wire::new(socket, place);
    wire.out().extend_from_slice(plain_http(&HttpDate::now()).as_bytes());
    wire.linger().await;
}

fn plain_http(date: &HttpDate) -> String {
    let text = "This port speaks HTTPS: start the address with https://\n";
    format!(
        "HTTP/1.1 400 Bad Request\r\nDate: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        date.as_str(),
        text.len()
    )
}
