//! WebSockets (RFC 6455): views that speak with their client both ways.
//!
//! In: a request that asks for one. Out: the 101, after which the view runs on the connection. Never: over HTTP/2 (RFC 8441), or
//! compressed (RFC 7692).

mod close;
mod handshake;
mod line;
mod socket;
mod driver;

use std::{pin::pin, sync::Arc};

use flagon_server::Takeover;

pub use close::{Close, Closed};
pub use socket::{WebSocket, WebSocketSender};

use crate::{
    context::Context,
    error::{Error, Result},
    log,
    panic::caught,
    response::Response,
    rooms::Bounds,
};
use driver::{Driver, Times};
use handshake::Asked;
use line::Line;

/// A WebSocket that the client asked for and does not have yet.
#[derive(Debug)]
pub struct Opening {
    asked: Asked,
    line: Arc<Line>,
}

/// Reads the request for a WebSocket: the first of `protocols` that the client offers is agreed on. Used by the expansion of the
/// view macros.
///
/// # Errors
///
/// 426 or 400, with what is wrong.
pub fn open(context: &Arc<Context>, protocols: &[&'static str]) -> Result<(WebSocket, Opening)> {
    let asked = Asked::of(context.request(), protocols)?;
    let config = &context.app.config.websocket;
    let line = Arc::new(Line::new(Bounds { messages: config.queue, bytes: config.queue_bytes }));
    let socket =
        WebSocket { line: Arc::clone(&line), app: Arc::clone(&context.app), protocol: asked.protocol };
    Ok((socket, Opening { asked, line }))
}

/// What a view of a WebSocket returns.
#[diagnostic::on_unimplemented(
    message = "a view of a WebSocket can't return `{Self}`",
    label = "not an end of a WebSocket",
    note = "return nothing, or `Result<()>`: what the client is to know is sent with `socket.send(…)`, and why it ends with `socket.close(…)`"
)]
pub trait EndOfView: Send + 'static {
    /// The end, or the error.
    ///
    /// # Errors
    ///
    /// The view's.
    fn into_end(self) -> Result<()>;
}

impl EndOfView for () {
    fn into_end(self) -> Result<()> {
        Ok(())
    }
}

impl<E: Into<Error> + Send + 'static> EndOfView for Result<(), E> {
    fn into_end(self) -> Result<()> {
        match self {
            Ok(()) => Ok(()),
            Err(error) => Err(error.into()), // not by `map_err`, which would lose where it was
        }
    }
}

/// Answers 101, and runs `view` when the client knows. Used by the expansion of the view macros.
pub fn answer<F>(context: &Arc<Context>, Opening { asked, line }: Opening, view: F) -> Response
where
    F: Future<Output: EndOfView> + Send + 'static,
{
    let mut response = asked.answer();
    let context = Arc::clone(context);
    // A view that never runs, since the client has left, ends its line as well.
    let open = Open { line, context: Arc::clone(&context) };
    Takeover::new(move |upgraded| async move {
        context.freeze_session();
        let line = Arc::clone(&open.line);
        let work = Box::pin(run(Arc::clone(&context), Arc::clone(&line), view));
        let config = &context.app.config;
        let times = Times {
            heartbeat: Some(config.websocket.heartbeat).filter(|time| !time.is_zero()),
            answer: config.websocket.heartbeat_timeout,
            close: config.websocket.close_timeout,
            write: config.server.timeouts.write,
        };
        let limit = config.server.limits.control_frames_per_second;
        Driver::new(upgraded, line, work, &config.websocket, (times, limit)).await.run().await;
    })
    .attach(&mut response);
    response
}

/// Runs the view in its context, and says how it ended.
async fn run<F>(context: Arc<Context>, line: Arc<Line>, view: F)
where
    F: Future<Output: EndOfView> + Send,
{
    let ended = {
        let view = pin!(async { view.await.into_end() });
        Arc::clone(&context).scope(caught(&context, view)).await
    };
    match ended {
        Ok(()) => line.wish(Close::NORMAL),
        Err(error) if error.downcast_ref::<Closed>().is_some() => (),
        Err(error) => {
            log::socket_failed(&context, &error);
            line.wish(Close::INTERNAL_ERROR);
        }
    }
}

/// A WebSocket that leaves its rooms when it is over, however it ends.
struct Open {
    line: Arc<Line>,
    context: Arc<Context>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.line.end(Close::ABNORMAL); // unless it has ended otherwise
        self.context.cancel_tasks();
        for room in self.line.take_rooms() {
            self.context.app.rooms.leave(&room, &self.line.outbox);
        }
    }
}
