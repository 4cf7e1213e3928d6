//! Bytes both ways, after both sides have agreed on another protocol.
//!
//! In: what is left of the client's connection and of the other server's. Out: nothing, when one side has closed, nothing came for a
//! while, or the server stops. Never: more of it in memory than two buffers.
//!
//! RFC 9110 §7.8.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use flagon_server::{Rewound, Takeover, Upgraded};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes},
    sync::OwnedSemaphorePermit,
};

use crate::{exchange::Timer, pool::Connection};

/// Makes what goes on between the client and `connection`.
pub(crate) fn takeover(connection: Connection, idle: Duration, permit: OwnedSemaphorePermit) -> Takeover {
    Takeover::new(move |upgraded| async move {
        let _held = permit;
        run(upgraded, connection, idle).await;
    })
}

async fn run(client: Upgraded, connection: Connection, idle: Duration) {
    let (ending, reads) = (client.ending(), AtomicU64::new(0));
    let mut client = Watched { io: client, reads: &reads };
    let server = Rewound::new(connection.socket, connection.input.freeze()); // what came with the head
    let mut server = Watched { io: server, reads: &reads };
    let mut copy = pin!(copy_bidirectional_with_sizes(&mut client, &mut server, BUFFER, BUFFER));
    let (mut seen, mut timer) = (0, Timer::default());
    poll_fn(|context| {
        if copy.as_mut().poll(context).is_ready() || ending.has_begun() {
            return Poll::Ready(());
        }
        let now = reads.load(Ordering::Relaxed);
        if std::mem::replace(&mut seen, now) != now {
            timer.reset(idle);
        }
        timer.poll(context, idle)
    })
    .await;
}

/// One side, whose reads are counted.
struct Watched<'a, Io> {
    io: Io,
    reads: &'a AtomicU64,
}

impl<Io: AsyncRead + Unpin> AsyncRead for Watched<'_, Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Watched<'_, Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

const BUFFER: usize = 16 * 1024;
