//! A server that runs for one test, and a service with a path for everything that is tested.
//!
//! When it is dropped it stops, and the test fails if a connection, a request or a view is left.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError, BodyErrorKind};
use flagon_server::{
    Answer, Config, ConnectionInfo, Ended, Error, FieldSizes, FrameHead, Interim, Listen, Metrics, Service,
    Shutdown, Tls, Way,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame};

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Metrics,
    pub(crate) shutdown: Shutdown,
    views: Arc<AtomicUsize>,
    thread: Option<JoinHandle<Result<Ended, Error>>>,
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::with(|_| ())
    }

    /// Starts a server with one thread, after `change` had its say.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::at(Listen::plain("127.0.0.1:0".parse().unwrap()), change)
    }

    pub(crate) fn tls(tls: Tls, change: impl FnOnce(&mut Config)) -> Self {
        Self::at(Listen::tls("127.0.0.1:0".parse().unwrap(), tls), change)
    }

    fn at(listen: Listen, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { listen: vec![listen], threads: 1, ..Config::default() };
        change(&mut config);
        let server = config.bind().unwrap();
        let (address, metrics) = (server.addresses()[0].socket(), server.metrics());
        let (shutdown, views) = (Shutdown::new(), Arc::new(AtomicUsize::new(0)));
        let (service, stop) = (Paths { views: Arc::clone(&views) }, shutdown.clone());
        let thread = Some(thread::spawn(move || server.serve(service, &stop)));
        Self { address, metrics, shutdown, views, thread }
    }

    /// Waits until the server has ended.
    pub(crate) fn ended(&mut self) -> Ended {
        self.thread.take().unwrap().join().unwrap().unwrap()
    }

    /// Views that have begun and are not dropped.
    pub(crate) fn views(&self) -> usize {
        self.views.load(SeqCst)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.shutdown.start();
            let ended = thread.join();
            if !thread::panicking() {
                ended.unwrap().unwrap();
            }
        }
        if !thread::panicking() {
            let left = (self.metrics.connections(), self.metrics.requests(), self.views());
            assert_eq!(left, (0, 0, 0), "connections, requests and views were left");
        }
    }
}

/// Waits until `condition` holds; fails after ten seconds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

struct Paths {
    views: Arc<AtomicUsize>,
}

struct View(Arc<AtomicUsize>);

impl Drop for View {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Service for Paths {
    /// `/early` hints, `/early/late` also after a pause and from a thread, `/push` pushes, each before its answer.
    async fn answer(
        &self,
        request: Box<Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
        answer: &mut Answer,
    ) {
        let link = |value| HeaderMap::from_iter([(http::header::LINK, HeaderValue::from_static(value))]);
        let path = request.uri().path().to_owned();
        if path.starts_with("/early") {
            interim.hint(link("</a.css>; rel=preload"));
        }
        if path == "/early/late" {
            let (interim, (said, heard)) = (interim.clone(), tokio::sync::oneshot::channel());
            tokio::task::yield_now().await;
            thread::spawn(move || {
                interim.hint(link("</b.css>; rel=preload"));
                said.send(()).unwrap();
            });
            heard.await.unwrap();
        }
        if path == "/push" {
            interim.push("/echo?pushed".parse().unwrap(), link("</of-the-push>"));
            interim.push("/stream".parse().unwrap(), HeaderMap::new());
        }
        answer.response = self.call(request, connection).await;
    }

    fn shed(&self, request: &Request<Body>, _: &Arc<ConnectionInfo>) -> Option<Response<Body>> {
        match request.uri().path() {
            "/healthz" => None,
            "/panic" => panic!("as the test wishes"),
            _ => Some(status(StatusCode::SERVICE_UNAVAILABLE)),
        }
    }

    async fn call(&self, request: Box<Request<Body>>, connection: &Arc<ConnectionInfo>) -> Response<Body> {
        self.views.fetch_add(1, SeqCst);
        let view = View(Arc::clone(&self.views));
        match request.uri().path() {
            "/echo" => match collect(request.into_body()).await {
                Ok((data, trailers)) => {
                    let mut response = Response::new(Body::from(data));
                    response.headers_mut().extend(trailers);
                    response
                }
                Err(error) => status(match error.kind() {
                    BodyErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                    BodyErrorKind::TrailersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                    BodyErrorKind::TimedOut => StatusCode::REQUEST_TIMEOUT,
                    _ => StatusCode::BAD_REQUEST,
                }),
            },
            "/mirror" => Response::new(Body::stream(request.into_body())),
            "/kind" => match request.into_body().into_full() {
                Ok(_) => Response::new("whole".into()),
                Err(_) => Response::new("stream".into()),
            },
            "/pending" => std::future::pending().await,
            "/stall" => {
                let _body = request.into_body();
                std::future::pending().await
            }
            "/busy" => loop {
                let mut has_waited = false;
                std::future::poll_fn(|context| {
                    context.waker().wake_by_ref();
                    if std::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            },
            "/panic" => panic!("as the test wishes"),
            "/stream" => Response::new(Body::stream(Pieces::new(["one,", "two,", "three"], End::Trailers))),
            "/broken" => Response::new(Body::stream(Pieces::new(["one,", "two,", "three"], End::Failure))),
            "/endless" => Response::new(Body::stream(Endless(view))),
            "/big" => Response::new(Body::from(vec![b'x'; BIG])),
            "/empty" => status(StatusCode::NO_CONTENT),
            "/connection" => Response::new(describe(connection, request.headers()).into()),
            "/tls" => Response::new(describe_tls(connection).into()),
            "/client" => Response::new(describe_client(connection).into()),
            "/tcp" => Response::new(describe_tcp(connection).into()),
            "/frames" => Response::new(describe_frames(connection).into()),
            _ => Response::new("Hello".into()),
        }
    }
}

pub(crate) const BIG: usize = 3 << 20;

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn describe(connection: &ConnectionInfo, _: &HeaderMap) -> String {
    let tls = connection.tls.as_ref();
    format!(
        "client={} scheme={} host={} tls={} name={}",
        connection.client(),
        connection.scheme(),
        connection.forwarded_host().map_or("-", |host| host.as_str()),
        tls.map_or("-", |tls| tls.version),
        tls.and_then(|tls| tls.server_name.as_deref()).unwrap_or("-"),
    )
}

fn describe_tls(connection: &ConnectionInfo) -> String {
    let Some(tls) = &connection.tls else { return "none".into() };
    format!(
        "{} {} {} alpn={} resumed={} name={} client={}",
        tls.version,
        tls.cipher,
        tls.group.unwrap_or("-"),
        tls.alpn.unwrap_or("-"),
        tls.resumed,
        tls.server_name.as_deref().unwrap_or("-"),
        tls.client_certificate.as_ref().map_or("-", |client| client.subject()),
    )
}

fn describe_client(connection: &ConnectionInfo) -> String {
    let client = connection.tls.as_ref().and_then(|tls| tls.client_certificate.as_ref());
    let Some(client) = client else { return "none".into() };
    let hex: Vec<_> = client.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}|{:?}|{}|{:?}|{}|{}",
        client.subject(),
        client.common_name(),
        client.issuer(),
        client.names(),
        client.serial().replace(':', ""),
        hex.concat(),
    )
}

fn describe_tcp(connection: &ConnectionInfo) -> String {
    match connection.tcp() {
        Ok(tcp) => format!("{} {}", tcp.data_segments_in, tcp.bytes_in),
        Err(error) => error.to_string(),
    }
}

fn describe_frames(connection: &ConnectionInfo) -> String {
    let Some(log) = &connection.frames else { return "none".into() };
    let line = |frame: &FrameHead| {
        format!(
            "{:?} {:?} stream={} length={} flags={:x}",
            frame.way, frame.kind, frame.stream, frame.length, frame.flags
        )
    };
    let mut lines: Vec<_> = log.frames().iter().map(line).collect();
    lines.push(format!("forgotten {}", log.forgotten()));
    lines.extend([Way::In, Way::Out].map(|way| {
        let FieldSizes { messages, plain, compressed, .. } = log.fields(way);
        format!("{way:?} {messages} {plain} {compressed}")
    }));
    lines.join("\n")
}

async fn collect(mut body: Body) -> Result<(Vec<u8>, HeaderMap), BodyError> {
    let (mut data, mut trailers) = (Vec::new(), HeaderMap::new());
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        match frame?.into_data() {
            Ok(piece) => data.extend_from_slice(&piece),
            Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
        }
    }
    Ok((data, trailers))
}

enum End {
    Trailers,
    Failure,
}

/// Pieces, each of which comes one poll late.
struct Pieces {
    left: std::vec::IntoIter<&'static str>,
    end: Option<End>,
    is_late: bool,
}

impl Pieces {
    fn new(pieces: [&'static str; 3], end: End) -> Self {
        Self { left: Vec::from(pieces).into_iter(), end: Some(end), is_late: false }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.is_late = !self.is_late;
        if self.is_late {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(piece) = self.left.next() {
            return Poll::Ready(Some(Ok(Frame::data(piece.into()))));
        }
        Poll::Ready(self.end.take().map(|end| match end {
            End::Trailers => {
                let sum = (http::HeaderName::from_static("x-sum"), HeaderValue::from_static("3"));
                Ok(Frame::trailers(HeaderMap::from_iter([sum])))
            }
            End::Failure => Err(BodyError::failed("as the test wishes")),
        }))
    }
}

/// 16 KiB again and again. The view lives as long as it.
struct Endless(#[expect(dead_code, reason = "it is held")] View);

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 16 * 1024])))))
    }
}
