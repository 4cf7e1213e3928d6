//! A stream of bytes that can also be waited for without a buffer.
//!
//! In: a socket, or TLS over one. Out: [`Transport`], what both kinds of connection run on.

use std::{
    io,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// A stream of bytes that can also be waited for without a buffer.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Waits until there is something to read, the end included. Call it only after a read gave
    /// `Pending`: what a layer holds back already is not seen.
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Has the connection reset when it is dropped. Otherwise the system would keep what its client does not take, for as long as
    /// that client says that it is there.
    fn give_up(&self);
}

impl Transport for TcpStream {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(context)
    }

    fn give_up(&self) {
        let _ = self.set_zero_linger(); // fails for a socket that is gone already
    }
}

impl Transport for TlsStream<TcpStream> {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_ref().0.poll_read_ready(context)
    }

    fn give_up(&self) {
        self.get_ref().0.give_up();
    }
}
