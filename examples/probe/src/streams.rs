//! Answers that go on: server-sent events and WebSockets.

use std::time::Duration;

use flagon::{Event, EventStream, WebSocket, prelude::*, sse};
use futures_util::stream::unfold;

use crate::answers::Pace;

/// `n` events with the ids 0 to n - 1, `ms` milliseconds apart; after a break from where the browser was.
#[get("/sse")]
pub(crate) async fn events(pace: Query<Pace>) -> EventStream {
    let Pace { n, ms } = pace.0;
    let first =
        request().last_event_id().and_then(|id| id.parse().ok()).map_or(0, |id: u32| id.saturating_add(1));
    sse(unfold(first, move |next| async move {
        if next >= n {
            return None;
        }
        if next > first {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        Some((Event::of(format!("event {next}")).id(next), next + 1))
    }))
}

/// Every message comes back.
#[get("/ws", subprotocols("echo"))]
pub(crate) async fn websocket(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.receive().await {
        socket.send(message).await?;
    }
    Ok(())
}
