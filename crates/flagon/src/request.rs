//! A request as a view sees it.
//!
//! In: the message that the server decoded, and what is known of its connection. Out: [`Request`], whose
//! costly parts (query, cookies, id) are made when first looked at. Never: reads the body by itself.

use std::{
    cell::Cell,
    collections::VecDeque,
    fmt,
    net::IpAddr,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::{Bytes, BytesMut};
use flagon_http::{
    Body, BodyError, BodyErrorKind, accept,
    cookie::{self, Arrived},
};
use flagon_server::{ClientCertificate, ConnectionInfo, Interim};
use http::{HeaderMap, HeaderName, Method, Uri, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::OnceCell;

use crate::{error::Result, multi_dict::MultiDict, trace::TraceContext, validators::Validators, vary::Vary};

/// A request: what Flask calls `request`.
pub struct Request {
    /// Without its body.
    message: Box<http::Request<Body>>,
    connection: Arc<ConnectionInfo>,
    pub(crate) interim: Interim,
    body: Mutex<Option<Body>>,
    /// What was taken of a body that was there as a whole, for another try.
    #[cfg(feature = "sql")]
    taken: OnceLock<Bytes>,
    body_limit: AtomicU64,
    data: OnceCell<Bytes>,
    args: OnceLock<MultiDict>,
    cookies: OnceLock<MultiDict>,
    id: RequestId,
    trace: OnceLock<Box<TraceContext>>,
    pub(crate) vary: Vary,
    /// Nobody waits for the answer: it is compared with another.
    #[cfg(feature = "sql")]
    is_for_comparison: bool,
    validators: Mutex<Option<Box<Validators>>>,
}

impl Request {
    /// Takes the message that came over `connection`.
    pub(crate) fn new(mut message: Box<http::Request<Body>>, connection: Arc<ConnectionInfo>) -> Self {
        let body = std::mem::take(message.body_mut());
        Self {
            message,
            connection,
            interim: Interim::default(),
            body: Mutex::new(Some(body)),
            #[cfg(feature = "sql")]
            taken: OnceLock::new(),
            body_limit: AtomicU64::new(u64::MAX),
            data: OnceCell::new(),
            args: OnceLock::new(),
            cookies: OnceLock::new(),
            id: RequestId::next(),
            trace: OnceLock::new(),
            vary: Vary::default(),
            #[cfg(feature = "sql")]
            is_for_comparison: false,
            validators: Mutex::new(None),
        }
    }

    /// Lets what is sent before the answer go by `interim`.
    pub(crate) fn with_interim(mut self, interim: Interim) -> Self {
        self.interim = interim;
        self
    }

    /// Says that nobody waits for the answer, which is compared with another.
    #[cfg(feature = "sql")]
    pub(crate) fn for_comparison(mut self) -> Self {
        self.is_for_comparison = true;
        self
    }

    /// Whether nobody waits for the answer.
    pub(crate) fn is_for_comparison(&self) -> bool {
        #[cfg(feature = "sql")]
        return self.is_for_comparison;
        #[cfg(not(feature = "sql"))]
        false
    }

    /// The whole body, if it is at hand still.
    #[cfg(feature = "sql")]
    pub(crate) fn kept_body(&self) -> Option<Bytes> {
        if let Some(kept) = self.data.get().or(self.taken.get()) {
            return Some(kept.clone());
        }
        let left = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        left.as_ref().and_then(|body| body.as_full().map(Bytes::copy_from_slice))
    }

    /// The method, such as `GET`.
    pub fn method(&self) -> &Method {
        self.message.method()
    }

    /// The target as it was sent: percent-encoded path and query.
    pub fn uri(&self) -> &Uri {
        self.message.uri()
    }

    /// The path as it was sent, percent-encoded.
    pub fn path(&self) -> &str {
        self.message.uri().path()
    }

    /// The version of HTTP that it was sent over.
    pub fn version(&self) -> Version {
        self.message.version()
    }

    /// The id of the last server-sent event that the browser had before its connection broke, where it has reconnected: see
    /// [`Event::id`](crate::Event::id).
    ///
    /// ```
    /// # use flagon::prelude::*;
    /// # let app = App::new("docs").build().unwrap();
    /// let message = http::Request::get("/").header("last-event-id", "7").body("").unwrap();
    /// app.test_request_context(message).run(|| assert_eq!(request().last_event_id(), Some("7")));
    /// ```
    pub fn last_event_id(&self) -> Option<&str> {
        // The HTML standard has it in UTF-8, which `header` would not take.
        let value = self.headers().get("last-event-id")?;
        std::str::from_utf8(value.as_bytes()).ok().filter(|id| !id.is_empty())
    }

    /// Where it stands in a trace over several programs (W3C Trace Context): goes on from the client's `traceparent`, or begins here.
    pub fn trace(&self) -> &TraceContext {
        self.trace.get_or_init(|| Box::new(TraceContext::of(self.headers(), self.id.number())))
    }

    /// The trace's id for the log, where there is one: the client said so, or somebody asked.
    pub(crate) fn traced(&self) -> Option<String> {
        let is_traced = self.trace.get().is_some() || TraceContext::is_in(self.headers());
        is_traced.then(|| self.trace().trace_id())
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.message.headers()
    }

    /// A header's value, when it is there and visible ASCII: `name` is text, of any case, or one of [`http::header`].
    ///
    /// The answer's `Vary` then names it, as the answer may depend on it; not so for fields about the body, conditions and
    /// ranges, on which no cache keys. What is read from [`headers`](Self::headers), such as for a log, is not named.
    ///
    /// ```
    /// # use flagon::prelude::*;
    /// # let app = App::new("docs").build().unwrap();
    /// let message = http::Request::get("/").header("accept", "text/plain").body("").unwrap();
    /// app.test_request_context(message).run(|| {
    ///     assert_eq!(request().header("Accept"), Some("text/plain"));
    ///     assert_eq!(request().header(http::header::ACCEPT), Some("text/plain"));
    /// });
    /// ```
    pub fn header(&self, name: impl TryInto<HeaderName>) -> Option<&str> {
        let name = name.try_into().ok()?;
        self.vary.looked_at(&name);
        self.message.headers().get(name)?.to_str().ok()
    }

    /// Says that the answer depends on the field `name` of the request, so that its `Vary` names it and no cache gives it
    /// to a client that sends another (RFC 9110 §12.5.5).
    ///
    /// The methods that look at fields to choose an answer ([`best_media_type`](Self::best_media_type) and its like) and
    /// the arguments [`Header<T>`](crate::Header) say it themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{http, prelude::*};
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     request().vary_on(&http::HeaderName::from_static("sec-ch-prefers-color-scheme"));
    ///     "dark"
    /// }
    ///
    /// let answer = App::new("docs").routes(routes![index]).test_client().get("/").wait();
    /// assert_eq!(answer.headers()["vary"], "sec-ch-prefers-color-scheme");
    /// ```
    pub fn vary_on(&self, name: &HeaderName) {
        self.vary.add(name);
    }

    /// What follows the `?`, as it was sent; empty without one.
    pub fn query_string(&self) -> &str {
        self.message.uri().query().unwrap_or_default()
    }

    /// The query's names and values.
    pub fn args(&self) -> &MultiDict {
        self.args.get_or_init(|| MultiDict::from_query(self.query_string()))
    }

    /// The cookies' names and values (RFC 6265). The answer then depends on them, as its `Vary` says.
    pub fn cookies(&self) -> &MultiDict {
        self.vary.add(&header::COOKIE);
        self.sent_cookies()
    }

    /// The cookies, without saying that the answer depends on them.
    pub(crate) fn sent_cookies(&self) -> &MultiDict {
        self.cookies.get_or_init(|| {
            let fields = self.message.headers().get_all(header::COOKIE);
            let sent: MultiDict = fields.iter().flat_map(|value| cookie::parse(value.as_bytes())).collect();
            self.believed(sent)
        })
    }

    /// Leaves out cookies whose name promises what can't be so (6265bis §4.1.3): over HTTP a browser sends none of them.
    fn believed(&self, sent: MultiDict) -> MultiDict {
        if !sent.iter().any(|(name, _)| name.starts_with("__")) {
            return sent;
        }
        let is_secure = self.is_secure() || self.remote_addr().to_canonical().is_loopback();
        let arrived = if is_secure { Arrived::Securely } else { Arrived::InTheClear };
        let is_believed = |name: &str| {
            let values: Vec<_> = sent.get_all(name).collect();
            cookie::is_believable(name, &values, arrived)
        };
        let believed = sent.iter().filter(|(name, _)| is_believed(name));
        believed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The media type of the body, lower case and without parameters; empty when there is none.
    pub fn mimetype(&self) -> String {
        let value = self.header(header::CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Which of the media types in `offers` the client likes best (RFC 9110 §12.5.1); the first one when it likes all
    /// the same, `None` when it takes none of them.
    pub fn best_media_type<'o>(&self, offers: &[&'o str]) -> Option<&'o str> {
        self.vary.add(&header::ACCEPT);
        accept::best_media_type(self.message.headers().get_all(header::ACCEPT), offers)
    }

    /// Which of the languages in `offers` the client likes best (RFC 9110 §12.5.4), such as `zh` for `zh-CN`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use flagon::prelude::*;
    /// # let app = App::new("docs").build().unwrap();
    /// let message = http::Request::get("/").header("accept-language", "zh-CN, en;q=0.5").body("").unwrap();
    /// app.test_request_context(message).run(|| {
    ///     assert_eq!(request().best_language(&["en", "zh"]), Some("zh"));
    /// });
    /// ```
    pub fn best_language<'o>(&self, offers: &[&'o str]) -> Option<&'o str> {
        self.vary.add(&header::ACCEPT_LANGUAGE);
        accept::best_language(self.message.headers().get_all(header::ACCEPT_LANGUAGE), offers)
    }

    /// Which of the codings in `offers` the client likes best (RFC 9110 §12.5.3).
    pub fn best_encoding<'o>(&self, offers: &[&'o str]) -> Option<&'o str> {
        self.vary.add(&header::ACCEPT_ENCODING);
        accept::best_encoding(self.message.headers().get_all(header::ACCEPT_ENCODING), offers)
    }

    /// The host and port that the client asked for: `Host` in HTTP/1, `:authority` in HTTP/2, or what a trusted
    /// proxy says it was asked for. The port is left out where it is the scheme's own, as in Werkzeug.
    pub fn host(&self) -> &str {
        let asked = self.connection.forwarded_host().or(self.message.uri().authority());
        let host = match asked {
            Some(authority) => authority.as_str(),
            None => self
                .message
                .headers()
                .get(header::HOST)
                .and_then(|host| host.to_str().ok())
                .unwrap_or_default(),
        };
        let own_port = if self.is_secure() { ":443" } else { ":80" };
        host.strip_suffix(own_port).unwrap_or(host)
    }

    /// `https` when the request came over TLS, to us or to a trusted proxy, else `http`.
    pub fn scheme(&self) -> &str {
        self.connection.scheme().as_str()
    }

    /// Whether the request came over TLS, to us or to a trusted proxy.
    pub fn is_secure(&self) -> bool {
        self.scheme() == "https"
    }

    /// The scheme and host, with a slash: `http://localhost:8000/`.
    pub fn host_url(&self) -> String {
        format!("{}://{}/", self.scheme(), self.host())
    }

    /// The whole URL, percent-encoded.
    pub fn url(&self) -> String {
        let target = self.message.uri().path_and_query().map_or("/", |target| target.as_str());
        format!("{}://{}{target}", self.scheme(), self.host())
    }

    /// The address of the client: the peer's, or what a trusted proxy says.
    pub fn remote_addr(&self) -> IpAddr {
        self.connection.client()
    }

    /// The certificate that the client showed and proved to own, where `server.client_certificates` asks for one and the client
    /// speaks to this server itself: what a proxy was shown, it does not pass on.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::prelude::*;
    ///
    /// #[get("/whoami")]
    /// async fn whoami() -> Result<String> {
    ///     let request = request();
    ///     let certificate = request.client_certificate().or_401()?;
    ///     Ok(certificate.common_name().unwrap_or("somebody").to_owned())
    /// }
    /// # let client = App::new("docs").routes(routes![whoami]).test_client();
    /// # assert_eq!(client.get("/whoami").wait().status(), 401);
    /// ```
    pub fn client_certificate(&self) -> Option<&ClientCertificate> {
        self.connection.tls.as_ref()?.client_certificate.as_deref()
    }

    /// What is known of the connection.
    pub fn connection(&self) -> &Arc<ConnectionInfo> {
        &self.connection
    }

    /// A name for this request in logs and answers, unlikely to be another's: 32 hexadecimal digits.
    pub fn id(&self) -> RequestId {
        self.id
    }

    /// Takes the body, limited to what the view allows; an empty one when it was taken before. What
    /// [`data`](Self::data) has read is given again.
    pub fn take_body(&self) -> Body {
        if let Some(data) = self.data.get() {
            return data.clone().into();
        }
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        let limit = self.body_limit.load(Ordering::Relaxed);
        match body.into_full() {
            Ok(bytes) if bytes.len() as u64 <= limit => {
                #[cfg(feature = "sql")]
                let _ = self.taken.set(bytes.clone());
                bytes.into()
            }
            Ok(bytes) => Body::stream(Limited { body: bytes.into(), left: limit }),
            Err(stream) => Body::stream(Limited { body: stream, left: limit }),
        }
    }

    /// The whole body. It is kept, so that it can be asked for again, within the limit of
    /// `max_content_length`.
    ///
    /// # Errors
    ///
    /// 413 when the body is longer than allowed, 400 or 408 when it does not arrive whole.
    pub async fn data(&self) -> Result<Bytes> {
        self.data.get_or_try_init(|| self.read()).await.cloned()
    }

    async fn read(&self) -> Result<Bytes> {
        match self.take_body().into_full() {
            Ok(bytes) => Ok(bytes),
            Err(stream) => Ok(collect(stream).await?),
        }
    }

    /// The fields of an urlencoded form that somebody has read; none before.
    pub(crate) fn form_so_far(&self) -> MultiDict {
        let kind = self.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let data = self.data.get().filter(|_| is_form);
        data.map_or_else(MultiDict::default, |data| MultiDict::from_query(&String::from_utf8_lossy(data)))
    }

    /// The same request once more, with its body; `None` when that was read and not kept.
    #[cfg(feature = "sql")]
    pub(crate) fn again(&self) -> Option<Self> {
        let left = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        let body = match (left, self.data.get().or(self.taken.get())) {
            (Some(body), _) => body,
            (None, Some(data)) => data.clone().into(),
            (None, None) => return None,
        };
        let mut message = Box::new(http::Request::new(body));
        message.method_mut().clone_from(self.method());
        message.uri_mut().clone_from(self.uri());
        *message.version_mut() = self.version();
        message.headers_mut().clone_from(self.headers());
        let again = Self::new(message, Arc::clone(&self.connection)).with_interim(self.interim.clone());
        Some(Self { id: self.id, ..again })
    }

    /// Keeps the state that the conditions of this request were compared with.
    pub(crate) fn keep_validators(&self, validators: Validators) {
        *self.validators.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(validators));
    }

    /// The state that the conditions of this request were compared with, if they were.
    pub(crate) fn checked_validators(&self) -> Option<Validators> {
        self.validators.lock().unwrap_or_else(PoisonError::into_inner).as_deref().cloned()
    }

    /// Shows `look` the bytes of the body until it breaks, `most` bytes have been seen, or the body ends; the body is then
    /// again as it was, for the view to take.
    pub(crate) async fn look_ahead(
        &self,
        most: usize,
        mut look: impl FnMut(&[u8]) -> ControlFlow<()> + Send,
    ) -> Result<(), BodyError> {
        if let Some(data) = self.data.get() {
            let _ = look(&data[..data.len().min(most)]);
            return Ok(());
        }
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        let mut seen = SeenAgain { frames: VecDeque::new(), rest: body };
        let looked = seen.look_ahead(most, self.body_limit.load(Ordering::Relaxed), &mut look).await;
        let body = if seen.frames.is_empty() { seen.rest } else { Body::stream(seen) };
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        looked
    }

    /// Sets how many bytes of body are read.
    pub(crate) fn limit_body(&self, limit: u64) {
        self.body_limit.store(limit, Ordering::Relaxed);
    }
}

/// Without headers, cookies and body: there are credentials among them.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", self.method())
            .field("uri", self.uri())
            .field("client", &self.remote_addr())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

async fn collect(mut body: Body) -> Result<Bytes, BodyError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.freeze())
}

/// A body whose first frames have been looked at, and come again.
struct SeenAgain {
    frames: VecDeque<Frame<Bytes>>,
    rest: Body,
}

impl SeenAgain {
    async fn look_ahead(
        &mut self,
        most: usize,
        limit: u64,
        look: &mut (impl FnMut(&[u8]) -> ControlFlow<()> + Send),
    ) -> Result<(), BodyError> {
        if let Some(bytes) = self.rest.as_full() {
            let _ = look(&bytes[..bytes.len().min(most)]);
            return Ok(());
        }
        if self.rest.size_hint().lower() > limit {
            return Err(BodyErrorKind::TooLarge.into()); // announced: no byte of it is read
        }
        let mut seen = 0;
        while seen < most
            && let Some(frame) = self.rest.frame().await
        {
            let frame = frame?;
            let data = frame.data_ref().cloned().unwrap_or_default();
            self.frames.push_back(frame);
            seen += data.len();
            if seen as u64 > limit {
                return Err(BodyErrorKind::TooLarge.into());
            }
            if look(&data).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl http_body::Body for SeenAgain {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.frames.pop_front() {
            Some(frame) => std::task::Poll::Ready(Some(Ok(frame))),
            None => std::pin::Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let seen: u64 = self.frames.iter().filter_map(Frame::data_ref).map(|data| data.len() as u64).sum();
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + seen);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + seen);
        }
        hint
    }
}

/// A body of which at most `left` more bytes are let through.
struct Limited {
    body: Body,
    left: u64,
}

impl http_body::Body for Limited {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        use std::task::{Poll, ready};
        if self.body.size_hint().lower() > self.left {
            return Poll::Ready(Some(Err(BodyErrorKind::TooLarge.into()))); // announced: no byte of it is read
        }
        let Some(frame) = ready!(std::pin::Pin::new(&mut self.body).poll_frame(cx)) else {
            return Poll::Ready(None);
        };
        let frame = frame?;
        let length = frame.data_ref().map_or(0, Bytes::len) as u64;
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Some(Ok(frame)))
            }
            None => Poll::Ready(Some(Err(BodyErrorKind::TooLarge.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

/// A request's name in logs: unique among the requests of a process, and random enough across them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64, u64);

impl RequestId {
    /// The next of this thread: a random start for each thread, then one more each time.
    fn next() -> Self {
        thread_local! {
            static NEXT: Cell<(u64, u64)> = {
                let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
                Cell::new((high, low))
            };
        }
        NEXT.with(|next| {
            let (high, low) = next.get();
            next.set((high, low.wrapping_add(1)));
            Self(high, low)
        })
    }
}

/// The field that tells it to the client.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    /// The number that its digits tell.
    pub(crate) fn number(self) -> u128 {
        (u128::from(self.0) << 64) | u128::from(self.1)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_reads_the_same_both_ways() {
        let id = RequestId::next();
        assert_eq!(id.to_string().as_bytes(), flagon_http::hex(id.number()));
        assert_ne!(id, RequestId::next());
        assert_eq!(RequestId(1, 0xab).to_string(), "000000000000000100000000000000ab");
    }
}
