//! One HTTP/2 stream: a request, the view, the answer.
//!
//! In: a request as the `h2` crate decoded it, or one that was promised to be pushed. Out: hints, promises, the answer on its stream,
//! or a reset.
//! Never: waits longer than allowed for a client that opens no window or sends no body; more of the answer
//! in memory than the window takes.
//!
//! RFC 9113 §8.1, §8.2.2.

use std::{
    cell::RefCell,
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use flagon_http::Body;
use h2::{Reason, RecvStream, SendStream};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING, UPGRADE},
    request::Parts,
};
use http_body::Body as HttpBody;

use super::{
    outflow::{Outflow, Waiting},
    patience::Patience,
    request::{self, Refused, Upload},
    responder::{Promised, Responder},
};
use crate::{
    answer::Answer,
    call::{Admission, MISDIRECTED, admit, answer_to_panic, call, turn},
    connection_info::ConnectionInfo,
    forwarded::{self, Trust},
    frame_log::{FrameLog, Way},
    interim::Early,
    service::{Service, plain},
    worker::{AtWork, Worker},
};

/// What the streams of a connection share.
pub(super) struct Shared<S> {
    pub(super) service: Arc<S>,
    pub(super) worker: Rc<Worker>,
    pub(super) info: Arc<ConnectionInfo>,
    pub(super) trust: Trust,
    pub(super) outflow: Outflow,
    /// Requests that were promised to the client and not begun yet.
    pub(super) promised: RefCell<Vec<Promised>>,
}

impl<S> Shared<S> {
    /// What is known of the connection as the request tells it, where the peer is trusted to tell.
    fn info_of(&self, parts: &Parts) -> Result<Arc<ConnectionInfo>, Refused> {
        if self.info.is_misdirected(&parts.uri, &parts.headers) {
            return Err(Refused::Answer(StatusCode::MISDIRECTED_REQUEST, MISDIRECTED));
        }
        match self.trust {
            Trust::Denied => Ok(Arc::clone(&self.info)),
            Trust::Given => forwarded::apply(&self.info, &parts.headers, &self.worker)
                .map_err(|why| Refused::Answer(StatusCode::BAD_REQUEST, why.text())),
        }
    }
}

/// The stream is over before its answer: the client reset it, or the connection is gone.
struct Over;

/// Serves one stream.
pub(super) async fn exchange<S: Service>(
    shared: Rc<Shared<S>>,
    request: Request<Option<RecvStream>>,
    mut respond: Responder,
) {
    let method = request.method().clone();
    let answer = answer(&shared, request, &mut respond).await;
    let sent = match answer {
        Ok((response, upload)) => send(&shared, response, &method, respond, upload).await,
        Err(Refused::Reset(reason)) => {
            respond.send_reset(reason);
            Ok(())
        }
        Err(Refused::Answer(status, text)) => {
            let upload = Upload::new(None, &HeaderMap::new(), &shared.worker);
            send(&shared, plain(status, text), &method, respond, upload).await
        }
    };
    if let Err(Over) = sent {
        tracing::debug!(peer = %shared.info.peer, "the client gave a request up");
    }
}

async fn answer<'a, S: Service>(
    shared: &'a Shared<S>,
    request: Request<Option<RecvStream>>,
    respond: &mut Responder,
) -> Result<(Response<Body>, Upload<'a>), Refused> {
    let (parts, mut stream) = request.into_parts();
    let limits = &shared.worker.limits;
    if let Some(log) = &shared.info.frames {
        log_request(log, &parts);
    }
    request::check(&parts, limits)?;
    let info = shared.info_of(&parts)?;
    let (body, progress) = poll_fn(|context| {
        Poll::Ready(
            stream.take().map_or((Body::empty(), None), |stream| request::body(stream, limits, context)),
        )
    })
    .await;
    let mut upload = Upload::new(progress, &parts.headers, &shared.worker);
    let request = Box::new(Request::from_parts(parts, body));
    let _at_work = match admit(&*shared.service, &request, &info, &shared.worker) {
        Admission::Now(at_work) => at_work,
        Admission::Later(answer) => match Box::pin(wait(shared, answer, respond)).await? {
            Ok(at_work) => at_work,
            Err(answer) => return Ok((answer, upload)),
        },
    };
    let uri = request.uri().clone(); // reference counted
    let interim = shared.worker.interim();
    let mut answer = Answer::default();
    let outcome = {
        let mut view = pin!(call(&*shared.service, request, &info, &interim, &mut answer));
        let mut is_begun = false;
        poll_fn(|context| {
            if let Poll::Ready(outcome) = view.as_mut().poll(context) {
                return Poll::Ready(Ok(outcome));
            }
            if respond.poll_reset(context).is_ready() {
                // Nobody is there to see the code.
                return Poll::Ready(Err(Refused::Reset(Reason::CANCEL)));
            }
            if upload.takes_continue() {
                respond.send_interim(StatusCode::CONTINUE, HeaderMap::new());
            }
            if !is_begun || interim.is_waiting() {
                is_begun = true;
                shared.send_early(interim.take(context.waker()), &uri, respond);
            }
            if upload.is_stuck() {
                return Poll::Ready(Err(Refused::Answer(StatusCode::REQUEST_TIMEOUT, TOO_SLOW)));
            }
            Poll::Pending
        })
        .await?
    };
    shared.send_early(interim.close(), &uri, respond);
    shared.worker.give_interim_back(interim);
    if let Err(panic) = outcome {
        answer = answer_to_panic(panic).into();
    }
    Ok((answer.into_response(), upload))
}

const TOO_SLOW: &str = "the body stopped arriving, or came too slowly; send it again\n";

/// Waits for a request's turn, and sees whether the client does.
async fn wait<'a, S: Service>(
    shared: &'a Shared<S>,
    answer: Response<Body>,
    respond: &mut Responder,
) -> Result<Result<AtWork<'a>, Response<Body>>, Refused> {
    let mut turn = pin!(turn(&shared.worker, answer));
    poll_fn(|context| match turn.as_mut().poll(context) {
        Poll::Ready(turn) => Poll::Ready(Ok(turn)),
        Poll::Pending => respond.poll_reset(context).map(|_| Err(Refused::Reset(Reason::CANCEL))),
    })
    .await
}

fn log_request(log: &FrameLog, parts: &Parts) {
    let uri = &parts.uri;
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let mut pseudo = vec![(":method", parts.method.as_str().len()), (":path", path)];
    pseudo.extend(uri.scheme_str().map(|scheme| (":scheme", scheme.len())));
    pseudo.extend(uri.authority().map(|authority| (":authority", authority.as_str().len())));
    log.message(Way::In, &pseudo, &parts.headers);
}

impl<S> Shared<S> {
    /// Sends hints, and promises what is to be pushed.
    fn send_early(&self, early: Vec<Early>, uri: &Uri, respond: &mut Responder) {
        for early in early {
            match early {
                Early::Hint(status, fields) => respond.send_interim(status, fields),
                Early::Push(target, fields) => {
                    self.promised.borrow_mut().extend(respond.promise(uri, target, fields));
                }
            }
        }
    }
}

async fn send<S>(
    shared: &Shared<S>,
    response: Response<Body>,
    method: &Method,
    mut respond: Responder,
    upload: Upload<'_>,
) -> Result<(), Over> {
    let worker = &*shared.worker;
    let (mut parts, body) = response.into_parts();
    // RFC 9110 §15.2: an interim answer is not the answer.
    if parts.status.is_informational() {
        parts.status = StatusCode::INTERNAL_SERVER_ERROR;
    }
    prepare(&mut parts.headers, worker);
    let has_body = *method != Method::HEAD
        && !matches!(
            parts.status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        );
    let body = body.into_full();
    let size =
        body.as_ref().map_or_else(|stream| stream.size_hint().exact(), |bytes| Some(bytes.len() as u64));
    if parts.status == StatusCode::NO_CONTENT {
        parts.headers.remove(CONTENT_LENGTH); // RFC 9110 §8.6
    }
    if let Some(size) = size.filter(|size| has_body || (*size > 0 && *method == Method::HEAD)) {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    }
    let is_empty = !has_body || size == Some(0);
    if let Some(log) = &shared.info.frames {
        log.message(Way::Out, &[(":status", "200".len())], &parts.headers);
    }
    let head = Response::from_parts(parts, ());
    let stream = respond.send_response(head, is_empty).map_err(|_| Over)?;
    if is_empty {
        return Ok(());
    }
    let patience = Patience::new(worker, worker.timeouts.write);
    let mut sender = Sender { stream, patience, outflow: &shared.outflow, upload };
    match body {
        Ok(bytes) => sender.send(bytes, End::Last).await,
        Err(body) => sender.send_stream(body).await,
    }
}

/// RFC 9113 §8.2.2: fields of an HTTP/1 connection do not exist here.
fn prepare(headers: &mut HeaderMap, worker: &Worker) {
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
    let of_connection = [CONNECTION, TRANSFER_ENCODING, UPGRADE, KEEP_ALIVE, PROXY_CONNECTION];
    if headers.keys().any(|name| of_connection.contains(name)) {
        for name in &of_connection {
            headers.remove(name);
        }
    }
    headers.entry(DATE).or_insert_with(|| worker.date_value());
}

/// Whether something follows on the stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    More,
    Last,
}

struct Sender<'a> {
    stream: SendStream<Bytes>,
    patience: Patience<'a>,
    outflow: &'a Outflow,
    upload: Upload<'a>,
}

impl Sender<'_> {
    async fn send_stream(&mut self, mut body: Body) -> Result<(), Over> {
        loop {
            let frame = poll_fn(|context| {
                if let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(context) {
                    return Poll::Ready(Ok(frame));
                }
                if self.upload.is_stuck() {
                    self.stream.send_reset(Reason::ENHANCE_YOUR_CALM);
                    return Poll::Ready(Err(Over));
                }
                self.stream.poll_reset(context).map(|_| Err(Over))
            });
            let frame = match frame.await? {
                None => return self.stream.send_data(Bytes::new(), true).map_err(|_| Over),
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    let cause = std::error::Error::source(&error).map(tracing::field::display);
                    tracing::error!(%error, cause, "the body of an answer broke off");
                    self.stream.send_reset(Reason::INTERNAL_ERROR);
                    return Ok(());
                }
            };
            match frame.into_data() {
                Ok(data) => {
                    let end = if body.is_end_stream() { End::Last } else { End::More };
                    self.send(data, end).await?;
                    if end == End::Last {
                        return Ok(());
                    }
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        return self.stream.send_trailers(trailers).map_err(|_| Over);
                    }
                }
            }
        }
    }

    /// Sends `data` as the client's window takes it.
    async fn send(&mut self, mut data: Bytes, end: End) -> Result<(), Over> {
        while !data.is_empty() {
            self.stream.reserve_capacity(data.len());
            let mut room = self.stream.capacity();
            if room == 0 {
                let waiting = self.outflow.wait();
                room = poll_fn(|context| self.poll_room(context, &waiting)).await?;
            }
            let part = data.split_to(room.min(data.len()));
            self.outflow.sent(part.len());
            let is_last = data.is_empty() && end == End::Last;
            self.stream.send_data(part, is_last).map_err(|_| Over)?;
        }
        Ok(())
    }

    fn poll_room(&mut self, context: &mut Context<'_>, waiting: &Waiting<'_>) -> Poll<Result<usize, Over>> {
        match self.stream.poll_capacity(context) {
            Poll::Ready(Some(Ok(room))) => {
                self.patience.renew();
                Poll::Ready(Ok(room))
            }
            Poll::Ready(_) => Poll::Ready(Err(Over)),
            Poll::Pending if self.patience.is_over(0) || waiting.is_in_vain() => {
                // A client that never opens its window, or a little now and then, would keep the answer here for ever.
                tracing::debug!("a client opened no window in time; its stream is reset");
                self.stream.send_reset(Reason::ENHANCE_YOUR_CALM);
                Poll::Ready(Err(Over))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
