//! A connection to the other server, over TCP, TLS or a Unix socket.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

#[cfg(unix)]
use tokio::net::UnixStream;

use crate::address::Address;

/// A connection to the other server.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    /// Connects to `address`, where TLS is spoken by `tls`.
    pub(crate) async fn connect(address: &Address, tls: Option<&Arc<ClientConfig>>) -> io::Result<Self> {
        match address {
            Address::Tcp { host, port } => Ok(Self::Tcp(tcp(host, *port).await?)),
            Address::Tls { host, port } => {
                let tls = tls.ok_or(io::ErrorKind::Unsupported)?;
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                let stream = tcp(host, *port).await?;
                Ok(Self::Tls(Box::new(TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?)))
            }
            #[cfg(unix)]
            Address::Unix(path) => Ok(Self::Unix(UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Whether something has come, the end included, as far as it was noticed: on an idle connection it is of no use any more.
    pub(crate) fn is_readable(&mut self) -> bool {
        let mut context = Context::from_waker(std::task::Waker::noop());
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(&mut context),
            Self::Tls(stream) => {
                let (stream, tls) = stream.get_mut();
                // What came with the last answer may be decrypted already.
                let state = tls.process_new_packets();
                if state.is_ok_and(|state| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed()) {
                    stream.poll_read_ready(&mut context)
                } else {
                    return true;
                }
            }
            #[cfg(unix)]
            Self::Unix(stream) => stream.poll_read_ready(&mut context),
        }
        .is_ready()
    }
}

async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

macro_rules! each {
    ($socket:expr, $stream:ident => $call:expr) => {
        match $socket {
            Socket::Tcp($stream) => $call,
            Socket::Tls($stream) => $call,
            #[cfg(unix)]
            Socket::Unix($stream) => $call,
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let is_tls = matches!(this, Self::Tls(_));
        ready!(each!(this, stream => Pin::new(stream).poll_read(context, buffer))).map_err(|error| {
            // RFC 8446 §6.1: an end that the other server did not announce may be somebody else's cut.
            let is_cut = is_tls && error.kind() == io::ErrorKind::UnexpectedEof;
            if is_cut { io::Error::new(io::ErrorKind::ConnectionAborted, error) } else { error }
        })?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(context))
    }
}
