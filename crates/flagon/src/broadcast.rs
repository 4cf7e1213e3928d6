//! Rooms as views see them: sending to all who are in one.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll},
};

use futures_util::Stream;

use crate::{
    context::Context,
    current_app::CurrentApp,
    rooms::{Bounds, Mailbox, Message, Slow},
    websocket::WebSocket,
};

/// The room `name` of the current app: WebSockets [join](WebSocket::join) it, and whatever runs in the app's process sends to it.
///
/// Rooms are of one process. With `--processes` each has rooms of its own.
///
/// # Panics
///
/// Outside of a request and an app context.
///
/// # Examples
///
/// ```
/// use flagon::{WebSocket, prelude::*, room};
///
/// #[get("/chat")]
/// async fn chat(mut socket: WebSocket) -> Result<()> {
///     socket.join("chat")?;
///     while let Some(message) = socket.receive().await {
///         room("chat").send(message);
///     }
///     Ok(())
/// }
///
/// #[post("/announce")]
/// async fn announce(text: String) -> String {
///     format!("{} are told", room("chat").send(text))
/// }
/// ```
#[track_caller]
pub fn room(name: impl Into<String>) -> Room {
    let Some(context) = Context::current() else { panic!("{OUTSIDE}") };
    Room { app: Arc::clone(&context.app), name: name.into() }
}

const OUTSIDE: &str = "room() was called outside of a request or an app context.\n\nCall it from a view or a hook; elsewhere run \
    it inside app.app_context().run(…), or take the room along, which needs no context.";

/// A room: all who joined it by its name. See [`room`].
#[derive(Clone)]
pub struct Room {
    app: Arc<CurrentApp>,
    name: String,
}

/// What is sent to a room, as a stream: for [server-sent events](crate::sse) and for tasks.
///
/// It ends when whoever reads it does not keep up, unless it [skips](Slow::Skip).
///
/// # Examples
///
/// ```
/// use flagon::{EventStream, Slow, prelude::*, room, sse};
/// use futures_util::StreamExt;
///
/// #[get("/prices")]
/// async fn prices() -> EventStream {
///     sse(room("prices").subscribe(Slow::Skip).map(|price| flagon::Event::of(price.as_text().unwrap_or_default())))
/// }
/// ```
pub struct Subscription {
    room: Room,
    mailbox: Arc<Mailbox>,
}

impl Room {
    /// Sends `message` to all who are in the room: it is put into the queue of each, which takes no time that depends on them. Gives
    /// how many. All get messages in the same order.
    pub fn send(&self, message: impl Into<Message>) -> usize {
        self.app.rooms.send(&self.name, &message.into(), None)
    }

    /// Sends `message` to all but `socket`.
    pub fn send_except(&self, socket: &WebSocket, message: impl Into<Message>) -> usize {
        self.app.rooms.send(&self.name, &message.into(), Some(socket.outbox()))
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.app.rooms.len(&self.name)
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is sent to it from now on. Of what the reader has not taken, `config.websocket.queue` messages are kept.
    pub fn subscribe(&self, slow: Slow) -> Subscription {
        let config = &self.app.config.websocket;
        let mailbox =
            Arc::new(Mailbox::new(Bounds { messages: config.queue, bytes: config.queue_bytes }, slow));
        self.app.rooms.join(&self.name, &mailbox);
        Subscription { room: self.clone(), mailbox }
    }
}

impl Stream for Subscription {
    type Item = Message;

    fn poll_next(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Option<Message>> {
        self.mailbox.poll_take(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.room.app.rooms.leave(&self.room.name, &self.mailbox);
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("name", &self.name).field("len", &self.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.room).finish()
    }
}
