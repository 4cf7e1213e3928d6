//! One connection, from accept to close.

use std::{net::SocketAddr, rc::Rc, sync::Arc};

use tokio::net::TcpStream;

use crate::{connection_info::ConnectionInfo, service::Service, tls::Tls, worker::Worker};

/// Serves the connection `socket` until it closes.
pub(crate) async fn run<S: Service>(
    socket: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    worker: Rc<Worker>,
    service: Arc<S>,
) {
    let _open = worker.counters().connection();
    let place = worker.enter();
    let Ok(local) = socket.local_addr() else { return };
    let mut info = ConnectionInfo::new(peer, local);
    if let Some(tls) = tls {
        let Ok((_, tls, _)) = tls.handshake(socket).await else { return };
        info.tls = Some(Box::new(tls));
    }
    let _ = (place, info, service);
}
