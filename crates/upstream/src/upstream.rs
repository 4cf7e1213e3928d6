//! Another server, and how it is asked.

use std::{fmt, io, sync::Arc, time::Duration};

use bytes::BytesMut;
use flagon_http::{
    Body,
    h1::{ResponseHead, response_framing, response_persistence},
};
use http::{
    HeaderValue, Response, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH, EXPECT, UPGRADE},
};
use http_body::Body as _;
use rustls::ClientConfig;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::{
    address::{Address, AddressError},
    answer::{self, Home},
    command::{Command, Supervisor},
    error::{Error, ErrorKind},
    exchange::Exchange,
    fields::{has_token, take_out_of_answer},
    pool::{Connection, Pool},
    request_head::{self, Form, Host, Wish},
    socket::Socket,
    tls::{self, CertificateError},
    tunnel,
    upstream_request::Outgoing,
};

/// Another HTTP server that answers what is passed on to it. Cloning it gives another handle of the same.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon_upstream::Upstream;
///
/// let old = Upstream::at("http://127.0.0.1:8000")?.timeout(Duration::from_secs(20));
/// assert_eq!(old.address().to_string(), "http://127.0.0.1:8000");
/// # Ok::<(), flagon_upstream::AddressError>(())
/// ```
#[derive(Clone)]
pub struct Upstream {
    address: Address,
    host: Host,
    pool: Pool,
    slots: Arc<Semaphore>,
    timeouts: Timeouts,
    protocols: Vec<String>,
    command: Option<Command>,
    /// For an address at `https://`.
    tls: Option<Arc<ClientConfig>>,
}

#[derive(Debug, Clone, Copy)]
struct Timeouts {
    connect: Duration,
    head: Duration,
    idle: Duration,
}

impl Upstream {
    /// The server at `address`: `http://host:port`, `https://host:port`, or `unix:/path` for a Unix socket. At `https://` its certificate has to
    /// name the host, and to be of an authority of the public web, or of [another](Self::trust).
    ///
    /// # Errors
    ///
    /// When `address` is none of these.
    pub fn at(address: &str) -> Result<Self, AddressError> {
        let address = address.parse()?;
        Ok(Self {
            tls: matches!(address, Address::Tls { .. }).then(tls::public),
            address,
            host: Host::OfClient,
            pool: Pool::new(IDLE_CONNECTIONS, IDLE_KEPT),
            slots: Arc::new(Semaphore::new(CONNECTIONS)),
            timeouts: Timeouts { connect: CONNECT, head: HEAD, idle: IDLE },
            protocols: vec!["websocket".to_owned()],
            command: None,
        })
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Asks it for `host` instead of the one that the client asked for, which `X-Forwarded-Host` tells in any case.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Host::Fixed(host.into());
        self
    }

    /// Believes the authorities whose certificates `pem` holds, and no other: for a server at `https://` whose certificate is the own
    /// company's. It may be the server's own certificate.
    ///
    /// # Errors
    ///
    /// When `pem` holds no certificate, or what can't be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_upstream::Upstream;
    ///
    /// let old = Upstream::at("https://old.internal").unwrap();
    /// let error = old.trust(b"not a certificate").unwrap_err();
    /// assert!(error.to_string().starts_with("there is no certificate"));
    /// ```
    pub fn trust(mut self, pem: &[u8]) -> Result<Self, CertificateError> {
        self.tls = Some(tls::own(pem)?);
        Ok(self)
    }

    /// Waits this long for an answer to begin: 60 s without a word. Then the client gets 504.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.head = timeout;
        self
    }

    /// Waits this long for the next bytes of an answer that has begun, and of a tunnel: 5 minutes without a word.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.idle = timeout;
        self
    }

    /// Passes on at most `count` requests at once, tunnels among them: 1024 without a word. More wait for 5 s, then get 503.
    #[must_use]
    pub fn connections(mut self, count: usize) -> Self {
        self.slots = Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// Lets clients change to one of `protocols` (`Upgrade`), instead of to `websocket` alone. `h2c` is never a good one: what it carries
    /// would pass by every rule of this server.
    #[must_use]
    pub fn protocols<T: Into<String>>(mut self, protocols: impl IntoIterator<Item = T>) -> Self {
        self.protocols = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Says which command starts it, so that [`start`](Self::start) can. While it starts, requests wait for it as long as for any connection:
    /// 5 s.
    #[must_use]
    pub fn started_by(mut self, command: Command) -> Self {
        self.command = Some(command);
        self
    }

    /// Starts the server by its [command](Self::started_by), and again whenever it ends, after a pause that doubles from a fifth of a second to
    /// 30 s. It runs until what this gives is dropped; `None` without a command.
    ///
    /// # Errors
    ///
    /// When the system gives no thread. A command that can't be run is told in the log, and tried again.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_upstream::{Command, Upstream};
    ///
    /// let old = Upstream::at("http://127.0.0.1:8000").unwrap().started_by(Command::new("sleep").args(["60"]));
    /// let running = old.start()?.expect("there is a command");
    /// drop(running); // and `sleep` is gone
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(&self) -> io::Result<Option<Supervisor>> {
        self.command.clone().map(|command| command.supervise(self.address.clone())).transpose()
    }

    /// Sends `request` with `body`, and gives the answer as soon as its head is there.
    ///
    /// A request without effects of its own (RFC 9110 §9.2.2) is sent again where a connection that had waited turns out to be closed.
    ///
    /// # Errors
    ///
    /// As [`ErrorKind`] says.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_http::Body;
    /// use flagon_server::{ConnectionInfo, Interim};
    /// use flagon_upstream::{ErrorKind, Outgoing, Upstream};
    /// use http::{HeaderMap, Method, Version};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let old = Upstream::at("http://127.0.0.1:1").unwrap(); // where nobody listens
    /// let address = "127.0.0.1:5000".parse().unwrap();
    /// let request = Outgoing {
    ///     method: &Method::GET,
    ///     uri: &"/".parse().unwrap(),
    ///     version: Version::HTTP_11,
    ///     headers: &HeaderMap::new(),
    ///     connection: &ConnectionInfo::new(address, address),
    ///     interim: &Interim::default(),
    ///     id: b"1",
    ///     trace: None,
    /// };
    /// let error = old.pass(&request, Body::empty()).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Unreachable);
    /// # }
    /// ```
    pub async fn pass(&self, request: &Outgoing<'_>, body: Body) -> Result<Response<Body>, Error> {
        let permit = self.permit().await?;
        let form = form(request, &body);
        let wish = self.wish(request, &body, form);
        // What is here as a whole can be sent again.
        let (kept, mut body) = match body.into_full() {
            Ok(bytes) => (Some(bytes.clone()), Body::from(bytes)),
            Err(stream) => (None, stream),
        };
        let mut waiting = self.pool.take(request.method);
        loop {
            let is_stale = waiting.is_some();
            let mut connection = match waiting.take() {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            connection.output.clear();
            request_head::encode(&mut connection.output, request, (form, wish), (&self.host, &self.address))?;
            let mut exchange = Exchange::new(connection, body, form, wish == Wish::Continue);
            match exchange.head(self.timeouts.head, request.interim).await {
                Ok(head) => return self.answer(request, wish, head, exchange, permit),
                Err(error) => {
                    let is_lost = is_stale && error.kind() == ErrorKind::Closed && exchange.is_unanswered();
                    match &kept {
                        Some(bytes) if is_lost && request.method.is_idempotent() => {
                            body = bytes.clone().into();
                        }
                        _ => return Err(error),
                    }
                }
            }
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            return Ok(permit);
        }
        match timeout(BUSY, Arc::clone(&self.slots).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::new(ErrorKind::Busy)),
        }
    }

    async fn connect(&self) -> Result<Connection, Error> {
        let connecting = async {
            loop {
                match Socket::connect(&self.address, self.tls.as_ref()).await {
                    // It is started, or started again.
                    Err(_) if self.command.is_some() => sleep(ONCE_MORE).await,
                    connected => break connected,
                }
            }
        };
        let socket = match timeout(self.timeouts.connect, connecting).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Err(Error::because(ErrorKind::Unreachable, error)),
            Err(_) if self.command.is_some() => return Err(Error::new(ErrorKind::Unreachable)),
            Err(_) => return Err(Error::new(ErrorKind::TimedOut)),
        };
        Ok(Connection { socket, input: BytesMut::new(), output: BytesMut::new() })
    }

    /// What `request` asks for beside an answer.
    fn wish<'a>(&self, request: &Outgoing<'a>, body: &Body, form: Form) -> Wish<'a> {
        if form != Form::None {
            // A body that is here already waits for nothing.
            let waits = body.as_full().is_none() && request.version != Version::HTTP_10;
            let waits = waits && request.headers.contains_key(EXPECT);
            return if waits { Wish::Continue } else { Wish::Nothing };
        }
        let Some(protocol) = request.headers.get(UPGRADE) else { return Wish::Nothing };
        let is_known =
            self.protocols.iter().any(|known| protocol.as_bytes().eq_ignore_ascii_case(known.as_bytes()));
        let is_meant = has_token(request.headers.get_all(CONNECTION), "upgrade");
        if is_known && is_meant && request.version == Version::HTTP_11 {
            Wish::Upgrade(protocol)
        } else {
            Wish::Nothing
        }
    }

    /// Makes the answer of `head`, with what follows it.
    fn answer(
        &self,
        request: &Outgoing<'_>,
        wish: Wish<'_>,
        head: ResponseHead,
        exchange: Exchange,
        permit: OwnedSemaphorePermit,
    ) -> Result<Response<Body>, Error> {
        let framing = response_framing(&head, request.method)?;
        let persistence = response_persistence(&head);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        let protocol = response.headers().get(UPGRADE).cloned();
        take_out_of_answer(response.headers_mut());
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            let (Wish::Upgrade(_), Some(protocol)) = (wish, protocol) else {
                return Err(Error::because(ErrorKind::Malformed, "101 to a request that did not ask for it"));
            };
            response.headers_mut().insert(UPGRADE, protocol);
            tunnel::takeover(exchange.connection, self.timeouts.idle, permit).attach(&mut response);
            return Ok(response);
        }
        if head.status == StatusCode::UPGRADE_REQUIRED {
            response.headers_mut().extend(protocol.map(|protocol| (UPGRADE, protocol)));
        }
        // After a 101 that was asked for and not given, or a body that was not wanted, the connection is as good as any.
        let home = Home { pool: self.pool.clone(), persistence, idle: self.timeouts.idle, permit };
        *response.body_mut() = answer::body(exchange, framing, home)?;
        Ok(response)
    }
}

/// How the body of `request` follows.
fn form(request: &Outgoing<'_>, body: &Body) -> Form {
    let said = |value: &HeaderValue| value.to_str().ok()?.parse().ok();
    let exact = body.size_hint().exact();
    match exact.or_else(|| request.headers.get(CONTENT_LENGTH).and_then(said)) {
        Some(0) => Form::None,
        Some(length) => Form::Length(length),
        None => Form::Chunked,
    }
}

impl TryFrom<&str> for Upstream {
    type Error = AddressError;

    fn try_from(address: &str) -> Result<Self, AddressError> {
        Self::at(address)
    }
}

impl TryFrom<String> for Upstream {
    type Error = AddressError;

    fn try_from(address: String) -> Result<Self, AddressError> {
        Self::at(&address)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("address", &self.address).finish_non_exhaustive()
    }
}

const CONNECT: Duration = Duration::from_secs(5);
const HEAD: Duration = Duration::from_mins(1);
const IDLE: Duration = Duration::from_mins(5);
const ONCE_MORE: Duration = Duration::from_millis(50);
const BUSY: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 1024;
/// For each thread.
const IDLE_CONNECTIONS: usize = 64;
const IDLE_KEPT: Duration = Duration::from_mins(1);
