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
}

impl Transport for TcpStream {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(context)
    }
}

impl Transport for TlsStream<TcpStream> {
    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_ref().0.poll_read_ready(context)
    }
}
