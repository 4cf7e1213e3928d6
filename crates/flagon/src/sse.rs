//! Server-sent events: an answer that goes on, event by event (`text/event-stream`).
//!
//! In: a stream of [`Event`]s. Out: [`EventStream`], which says something now and then, and ends when the app stops. Never: a field that
//! holds a line break, with which a value could forge others.
//!
//! The HTML standard, §9.2 "Server-sent events".

use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use futures_util::{Stream, future::BoxFuture};
use http::{HeaderName, HeaderValue, header};
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep};

use crate::{
    context::Context,
    error::{Error, Result},
    response::{IntoResponse, Response, typed},
};

/// An event of an [`EventStream`].
///
/// # Examples
///
/// ```
/// use flagon::Event;
///
/// let event = Event::of("two\nlines").event("news").id("7");
/// assert_eq!(event.to_text()?, "event: news\nid: 7\ndata: two\ndata: lines\n\n");
/// # Ok::<(), flagon::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    name: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    comment: Option<String>,
    data: Option<String>,
}

impl Event {
    /// An event whose data is `data`: any text. Its lines are told apart by line feeds when they arrive, whatever they were before.
    pub fn of(data: impl Into<String>) -> Self {
        Self { data: Some(data.into()), ..Self::default() }
    }

    /// An event whose data is `value` in JSON.
    ///
    /// # Errors
    ///
    /// When `value` has no JSON form: 500.
    pub fn json(value: &(impl serde::Serialize + ?Sized)) -> Result<Self> {
        Ok(Self::of(serde_json::to_string(value)?))
    }

    /// No event but a comment, which a page does not see.
    pub fn comment(text: impl Into<String>) -> Self {
        Self { comment: Some(text.into()), ..Self::default() }
    }

    /// Its name, by which a page listens for it: `message` without one. One line.
    #[must_use]
    pub fn event(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Its id: a browser whose connection breaks says in the next request which it had last
    /// ([`last_event_id`](crate::Request::last_event_id)). One line; empty, the browser forgets it.
    #[must_use]
    pub fn id(mut self, id: impl fmt::Display) -> Self {
        self.id = Some(id.to_string());
        self
    }

    /// How long a browser waits until it connects again, from now on; without a word some seconds.
    #[must_use]
    pub fn retry(mut self, after: Duration) -> Self {
        self.retry = Some(after);
        self
    }

    /// It as it is sent.
    ///
    /// # Errors
    ///
    /// When its name or id holds a line break, or its id a NUL, for which browsers ignore it: 500.
    pub fn to_text(&self) -> Result<String> {
        let mut text = String::new();
        if let Some(comment) = &self.comment {
            for line in lines(comment) {
                writeln!(text, ": {line}")?;
            }
        }
        if let Some(name) = &self.name {
            writeln!(text, "event: {}", one_line(name, "name", &['\r', '\n'])?)?;
        }
        if let Some(id) = &self.id {
            writeln!(text, "id: {}", one_line(id, "id", &['\r', '\n', '\0'])?)?;
        }
        if let Some(retry) = &self.retry {
            writeln!(text, "retry: {}", retry.as_millis())?;
        }
        if let Some(data) = &self.data {
            for line in lines(data) {
                writeln!(text, "data: {line}")?;
            }
        }
        text.push('\n');
        Ok(text)
    }
}

fn one_line<'a>(value: &'a str, what: &str, refused: &[char]) -> Result<&'a str> {
    if value.contains(refused) {
        let problem = format!(
            "the {what} {value:?} of an event holds a line break or NUL, which would begin another field"
        );
        return Err(Error::aborted(500).with_source(problem));
    }
    Ok(value)
}

/// The lines as the format tells them apart: by CR LF, LF, or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\r', '\n']) else { return rest.take() };
        let after = &text[at..];
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..));
        Some(&text[..at])
    })
}

/// An answer of server-sent events: [`sse`] makes it.
pub struct EventStream {
    events: Pin<Box<dyn Stream<Item = Result<Event, Failure>> + Send>>,
    heartbeat: Duration,
}

type Failure = Box<dyn StdError + Send + Sync>;

/// What a stream of events gives: an [`Event`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    note = "the stream gives `Event`s, such as `Event::of(text)`, or a `Result` of one"
)]
pub trait IntoEvent {
    /// The event, or why the stream breaks off.
    ///
    /// # Errors
    ///
    /// Whatever failed.
    fn into_event(self) -> Result<Event, Box<dyn StdError + Send + Sync>>;
}

impl IntoEvent for Event {
    fn into_event(self) -> Result<Event, Failure> {
        Ok(self)
    }
}

impl<E: Into<Error>> IntoEvent for Result<Event, E> {
    fn into_event(self) -> Result<Event, Failure> {
        self.map_err(|error| error.into().into())
    }
}

/// Answers with `events`, each sent when it comes; the next is asked for when the client has room.
///
/// When nothing comes for 15 s a comment is sent, so that no proxy takes the connection for dead and a client that left is noticed.
/// When the app stops the stream ends, and the browser comes back. An error cuts it off and goes to the log.
///
/// # Examples
///
/// ```
/// use flagon::{Event, EventStream, prelude::*, sse};
///
/// #[get("/numbers")]
/// async fn numbers() -> EventStream {
///     let next = request().last_event_id().and_then(|id| id.parse().ok()).map_or(0, |id: u64| id + 1);
///     sse(futures_util::stream::iter((next..10).map(|n| Event::of(n.to_string()).id(n))))
/// }
///
/// let client = App::new("docs").routes(routes![numbers]).test_client();
/// let answer = client.get("/numbers").header("last-event-id", "8").wait();
/// assert_eq!(answer.header("content-type"), Some("text/event-stream"));
/// assert_eq!(answer.text(), "id: 9\ndata: 9\n\n");
/// ```
pub fn sse<S>(events: S) -> EventStream
where
    S: Stream<Item: IntoEvent> + Send + 'static,
{
    use futures_util::StreamExt as _;
    EventStream { events: Box::pin(events.map(IntoEvent::into_event)), heartbeat: HEARTBEAT }
}

const HEARTBEAT: Duration = Duration::from_secs(15);

impl EventStream {
    /// Sends a comment when nothing came for `time`, instead of 15 s.
    #[must_use]
    pub fn heartbeat(mut self, time: Duration) -> Self {
        self.heartbeat = time;
        self
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let app = Context::current().map(|context| Arc::clone(&context.app));
        let end: BoxFuture<'static, ()> = match app {
            Some(app) => Box::pin(async move { app.shutdown.begun().await }),
            None => Box::pin(std::future::pending()),
        };
        let Self { events, heartbeat } = self;
        let body = Events { source: events, end, heartbeat, clock: Box::pin(sleep(heartbeat)) };
        let mut response = typed(HeaderValue::from_static("text/event-stream"), Body::stream(body));
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // nginx would gather some kilobytes before it gives them on.
        headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        response
    }
}

/// The body of such an answer.
struct Events {
    source: Pin<Box<dyn Stream<Item = Result<Event, Failure>> + Send>>,
    end: BoxFuture<'static, ()>,
    heartbeat: Duration,
    clock: Pin<Box<Sleep>>,
}

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { source, end, heartbeat, clock } = &mut *self;
        if end.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        let text = match source.as_mut().poll_next(context) {
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Ready(Some(Ok(event))) => event.to_text().map_err(Into::into),
            Poll::Ready(Some(Err(error))) => Err(error),
            Poll::Pending if clock.as_mut().poll(context).is_ready() => Ok(":\n\n".to_owned()),
            Poll::Pending => return Poll::Pending,
        };
        clock.as_mut().reset(Instant::now() + *heartbeat);
        Poll::Ready(Some(text.map(|text| Frame::data(text.into())).map_err(BodyError::failed)))
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("heartbeat", &self.heartbeat).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Event, lines};

    #[test]
    fn fields_as_the_standard_writes_them() {
        for (event, expected) in [
            (Event::of(""), "data: \n\n"),
            (Event::of("one"), "data: one\n\n"),
            (Event::of(" indented"), "data:  indented\n\n"),
            (Event::of("YHOO\n+2\n10"), "data: YHOO\ndata: +2\ndata: 10\n\n"),
            (Event::of("a\rb\r\nc\n"), "data: a\ndata: b\ndata: c\ndata: \n\n"),
            (Event::of("x").event("add").id(7), "event: add\nid: 7\ndata: x\n\n"),
            (Event::default().id(""), "id: \n\n"),
            (Event::default().retry(Duration::from_millis(1500)), "retry: 1500\n\n"),
            (Event::comment("a\nb"), ": a\n: b\n\n"),
        ] {
            assert_eq!(event.to_text().unwrap(), expected);
        }
    }

    #[test]
    fn no_field_holds_another() {
        for event in [
            Event::of("x").id("1\ndata: forged"),
            Event::of("x").id("1\r"),
            Event::of("x").id("1\0"),
            Event::of("x").event("a\n\ndata: forged"),
        ] {
            assert!(event.to_text().is_err(), "{event:?}");
        }
    }

    proptest! {
        /// What the standard's parser makes of the data is the data, with every line break a line feed.
        #[test]
        fn data_arrives(data in "[a:\r\n é]{0,40}") {
            let text = Event::of(data.as_str()).to_text().unwrap();
            let arrived: Vec<_> =
                text.trim_end_matches("\n\n").split('\n').map(|line| line.strip_prefix("data: ").unwrap_or(line)).collect();
            let expected = data.replace("\r\n", "\n").replace('\r', "\n");
            prop_assert_eq!(lines(&data).collect::<Vec<_>>().join("\n"), expected.clone());
            prop_assert!(!text.trim_end_matches('\n').contains("\n\n"));
            if !expected.ends_with('\n') {
                prop_assert_eq!(arrived.join("\n"), expected);
            }
        }
    }
}
