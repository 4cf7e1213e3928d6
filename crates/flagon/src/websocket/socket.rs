//! What a view holds of its WebSocket.

use std::{fmt, future::poll_fn, sync::Arc};

use super::{
    close::{Close, Closed},
    line::{Line, MAX_ROOMS},
};
use crate::{
    current_app::CurrentApp,
    error::{Error, Result},
    rooms::{Message, Slow},
};

/// A WebSocket (RFC 6455): the argument of a view that speaks it.
///
/// The view runs when the client has been answered `101 Switching Protocols`; before, its other arguments are made, hooks run and
/// the client's origin is checked, each of which may refuse it. When the view ends, the socket is closed: 1000, or 1011 after an error.
///
/// Pings are answered, and sent to a client that says nothing for [`heartbeat`](crate::config::WebSocketConfig). See the guide's page on
/// [WebSockets](crate::guide::websockets).
///
/// # Examples
///
/// ```
/// use flagon::{WebSocket, prelude::*};
///
/// #[get("/echo")]
/// async fn echo(mut socket: WebSocket) -> Result<()> {
///     while let Some(message) = socket.receive().await {
///         socket.send(message).await?;
///     }
///     Ok(())
/// }
/// ```
pub struct WebSocket {
    pub(super) line: Arc<Line>,
    pub(super) app: Arc<CurrentApp>,
    pub(super) protocol: Option<&'static str>,
}

/// Sends to a [`WebSocket`] from anywhere. Cloning it gives another handle of the same.
///
/// # Examples
///
/// ```
/// use flagon::{WebSocket, prelude::*};
///
/// #[get("/clock")]
/// async fn clock(mut socket: WebSocket) {
///     let sender = socket.sender();
///     flagon::spawn(async move {
///         while sender.send("tick").await.is_ok() {
///             tokio::time::sleep(std::time::Duration::from_secs(1)).await;
///         }
///     });
///     while socket.receive().await.is_some() {}
/// }
/// ```
#[derive(Clone)]
pub struct WebSocketSender(Arc<Line>);

impl WebSocket {
    /// The next message; `None` when there will be none, since either side has closed. While nobody waits for one, at most one is
    /// read ahead: a client that sends faster than the view takes has to wait.
    pub async fn receive(&mut self) -> Option<Message> {
        poll_fn(|context| self.line.poll_receive(context)).await
    }

    /// Sends a message: waits until there is room in the queue, not until the client has it.
    ///
    /// # Errors
    ///
    /// [`Closed`] when nothing more can be sent.
    pub async fn send(&self, message: impl Into<Message>) -> Result<(), Closed> {
        send(&self.line, message.into()).await
    }

    /// Sends `value` in JSON.
    ///
    /// # Errors
    ///
    /// When it is [`Closed`], or `value` has no JSON form.
    pub async fn send_json(&self, value: &(impl serde::Serialize + ?Sized + Sync)) -> Result<()> {
        Ok(self.send(Message::json(value)?).await?)
    }

    /// A handle that sends from other tasks.
    pub fn sender(&self) -> WebSocketSender {
        WebSocketSender(Arc::clone(&self.line))
    }

    /// Closes it: what was sent before is sent still, and nothing more is received. Ending the view does the same with
    /// [`Close::NORMAL`].
    pub fn close(&self, close: Close) {
        self.line.wish(close);
    }

    /// How it ended; `None` while it is open.
    pub fn closed(&self) -> Option<Close> {
        self.line.ended()
    }

    /// The protocol that was agreed on: one of the view's option `subprotocols`.
    pub fn protocol(&self) -> Option<&'static str> {
        self.protocol
    }

    /// Joins `room`: what is [sent](crate::Room::send) there is sent to this client too, whatever the view does. It leaves when it
    /// is closed.
    ///
    /// # Errors
    ///
    /// When it is in 1,000 rooms already: what a client names should not fill the memory.
    pub fn join(&self, room: &str) -> Result<()> {
        if !self.line.remember(room) {
            return Err(Error::aborted(500)
                .with_source(format!("a WebSocket can't be in more than {MAX_ROOMS} rooms")));
        }
        self.app.rooms.join(room, &self.line.outbox);
        // It may have ended meanwhile, and would stay for ever.
        if self.line.ended().is_some() {
            self.leave(room);
        }
        Ok(())
    }

    /// Leaves `room`.
    pub fn leave(&self, room: &str) {
        self.line.forget(room);
        self.app.rooms.leave(room, &self.line.outbox);
    }

    /// Says what happens when the client doesn't take what rooms send it; without a word it is closed with 1013.
    pub fn when_slow(&self, slow: Slow) {
        self.line.outbox.set_slow(slow);
    }

    /// The queue that rooms send to, to leave this client out.
    pub(crate) fn outbox(&self) -> &Arc<crate::rooms::Mailbox> {
        &self.line.outbox
    }
}

impl WebSocketSender {
    /// Sends a message: as [`WebSocket::send`].
    ///
    /// # Errors
    ///
    /// [`Closed`] when nothing more can be sent.
    pub async fn send(&self, message: impl Into<Message>) -> Result<(), Closed> {
        send(&self.0, message.into()).await
    }

    /// Closes it: as [`WebSocket::close`].
    pub fn close(&self, close: Close) {
        self.0.wish(close);
    }
}

async fn send(line: &Line, message: Message) -> Result<(), Closed> {
    let is_sent = poll_fn(|context| line.outbox.poll_send(context, &message)).await;
    if is_sent { Ok(()) } else { Err(Closed) }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("protocol", &self.protocol)
            .field("closed", &self.closed())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WebSocketSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketSender").field("closed", &self.0.ended()).finish_non_exhaustive()
    }
}
