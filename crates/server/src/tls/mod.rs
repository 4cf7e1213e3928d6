//! TLS: which certificate is shown, and the handshake.
//!
//! In: PEM files or a resolver of certificates. Out: [`Tls`] for a listener, and after each
//! handshake a stream with its [`TlsInfo`]. Never: TLS below 1.2.
//!
//! RFC 9846 (TLS 1.3, once RFC 8446), RFC 7301 (ALPN), RFC 10024 (the hybrid group, which comes first).

mod files;
mod certificate;
mod certificates;
mod clients;
mod sessions;
mod reload;

use std::{
    convert::Infallible,
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use rustls::{
    ConfigBuilder, HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection, WantsVerifier,
    crypto::aws_lc_rs, server::ResolvesServerCert,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

pub use files::{CertificateFiles, ClientAuthority, Demand, TlsFiles};

use self::{
    certificate::{Certificate, refused},
    certificates::Certificates,
    reload::{Looks, Seen, Verdict},
    sessions::Sessions,
};
use crate::{
    certificate_names::CertificateNames, client_certificate::ClientCertificate, connection_info::TlsInfo,
    error::Error,
};

/// How a listener speaks TLS: 1.2 and 1.3, with HTTP/2 or HTTP/1.1 inside.
///
/// Clones are the same: of files that change, all show the new certificate.
///
/// # Examples
///
/// ```
/// use flagon_server::{ErrorKind, Tls};
///
/// let error = Tls::from_pem_files("no/such/cert.pem".as_ref(), "key.pem".as_ref()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Certificate);
/// assert!(error.to_string().contains("no/such/cert.pem"));
/// ```
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    current: RwLock<Current>,
    files: Option<Files>,
    protocols: &'static [&'static str],
}

/// What a handshake is done with.
#[derive(Clone)]
struct Current {
    config: Arc<ServerConfig>,
    sessions: Option<Sessions>,
    /// Where there are several certificates.
    names: Option<Arc<CertificateNames>>,
}

struct Files {
    files: TlsFiles,
    seen: Mutex<Seen>,
}

/// The protocol that a handshake agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreed {
    Http1,
    Http2,
}

impl Tls {
    /// Reads a certificate chain (the server's own first) and its private key from PEM files. They are read again when
    /// they change while a server runs.
    ///
    /// # Errors
    ///
    /// As [`from_files`](Self::from_files).
    pub fn from_pem_files(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let pair = CertificateFiles { certificate: certificate.into(), key: key.into() };
        Self::from_files(TlsFiles { certificates: vec![pair], ..TlsFiles::default() })
    }

    /// Reads certificates, their keys, and the authorities of clients. All are read again when a file changes while a server
    /// runs: connections that are open stay as they are, new ones get what is new. Of new files that cannot be used,
    /// the log says why, and the old ones stay in use.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Certificate`](crate::ErrorKind::Certificate) without a certificate, and when a file is not there, may not be
    /// read or is not PEM, a key is another certificate's, or a certificate has expired; with the file, and what to do.
    pub fn from_files(files: TlsFiles) -> Result<Self, Error> {
        if files.certificates.is_empty() {
            return Err(refused("TLS needs a certificate to show; name at least one, and its key"));
        }
        let looks = Looks::at(&files);
        let current = Current::read(&files, Sessions::new()?, PROTOCOLS)?;
        let files = Files { files, seen: Mutex::new(Seen::new(looks)) };
        Ok(Self(Arc::new(Inner { current: RwLock::new(current), files: Some(files), protocols: PROTOCOLS })))
    }

    /// Shows the certificate that `resolver` picks at each handshake.
    pub(crate) fn from_resolver(
        resolver: Arc<dyn ResolvesServerCert>,
        clients: Option<&ClientAuthority>,
    ) -> Result<Self, Error> {
        let sessions = Sessions::new()?;
        let config = configure(resolver, clients, &sessions)?;
        Ok(Self::from_config(config))
    }

    /// Uses a configuration of rustls as it is, but for ALPN, which is set to what this server speaks.
    pub fn from_config(config: ServerConfig) -> Self {
        Self::fixed(config, PROTOCOLS)
    }

    /// Makes the same that agrees on HTTP/1.1 only, for a listener where HTTP/2 is not wanted. Files are looked at no more.
    #[must_use]
    pub fn only_http1(&self) -> Self {
        Self::fixed(ServerConfig::clone(&self.current().config), &PROTOCOLS[1..])
    }

    fn fixed(mut config: ServerConfig, protocols: &'static [&'static str]) -> Self {
        config.alpn_protocols = alpn(protocols);
        let current = Current { config: Arc::new(config), sessions: None, names: None };
        Self(Arc::new(Inner { current: RwLock::new(current), files: None, protocols }))
    }

    /// Shakes hands over `socket`.
    pub(crate) async fn handshake(
        &self,
        socket: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, TlsInfo, Agreed)> {
        let Current { config, names, .. } = self.current();
        let stream = TlsAcceptor::from(config).accept(socket).await?;
        let (_, session) = stream.get_ref();
        let info = facts(session, names)?;
        let agreed = if info.alpn == Some("h2") { Agreed::Http2 } else { Agreed::Http1 };
        Ok((stream, info, agreed))
    }

    fn current(&self) -> Current {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the files again, and uses them if they changed and make sense.
    fn refresh(&self) {
        let Some(Files { files, seen }) = &self.0.files else { return };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Looks::at(files);
        if !seen.is_news(&now) {
            return;
        }
        match self.read_again(files, now.has_clients_of(seen.used(), files)) {
            Ok(current) => {
                *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = current;
                *seen = Seen::new(now);
                let first = &files.certificates[0].certificate;
                tracing::info!(file = %first.display(), "certificate files have changed; new connections get what is new");
            }
            Err(error) if seen.refuse(now) == Verdict::Say => {
                let cause = std::error::Error::source(&error).map(tracing::field::display);
                tracing::error!(
                    %error, cause,
                    "changed certificate files cannot be used; the old ones stay in use until the files are mended or the server restarts"
                );
            }
            Err(_) => (),
        }
    }

    /// Sessions go on, unless other clients are to be believed: resumed ones are not verified again.
    fn read_again(&self, files: &TlsFiles, same_clients: bool) -> Result<Current, Error> {
        let sessions = self.current().sessions.filter(|_| same_clients);
        let sessions = sessions.map_or_else(Sessions::new, Ok)?;
        Current::read(files, sessions, self.0.protocols)
    }
}

impl Current {
    fn read(files: &TlsFiles, sessions: Sessions, protocols: &[&str]) -> Result<Self, Error> {
        let provider = aws_lc_rs::default_provider();
        let read = |files| Certificate::read(files, &provider);
        let certificates: Vec<_> = files.certificates.iter().map(read).collect::<Result<_, _>>()?;
        let certificates = Arc::new(Certificates::new(&certificates));
        let names = certificates.names();
        let mut config = configure(certificates, files.clients.as_ref(), &sessions)?;
        config.alpn_protocols = alpn(protocols);
        Ok(Self { config: Arc::new(config), sessions: Some(sessions), names })
    }
}

/// Looks at the files of each of `all` from time to time; ends never.
pub(crate) async fn keep_fresh(mut all: Vec<Tls>) -> Infallible {
    all.retain(|tls| tls.0.files.is_some());
    all.dedup_by(|one, other| Arc::ptr_eq(&one.0, &other.0)); // the addresses of one host follow each other
    let Some(every) = all.iter().filter_map(Tls::look_every).min() else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(every).await;
        all.iter().for_each(Tls::refresh);
    }
}

impl Tls {
    fn look_every(&self) -> Option<Duration> {
        self.0.files.as_ref().map(|files| files.files.look_every)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.0.files.as_ref().map(|files| &files.files);
        f.debug_struct("Tls").field("files", &files).finish_non_exhaustive()
    }
}

/// What the handshake of `session` agreed on.
fn facts(session: &ServerConnection, names: Option<Arc<CertificateNames>>) -> io::Result<TlsInfo> {
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLS", // rustls speaks no other
    };
    let cipher = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    let is_chosen = |known: &&&str| session.alpn_protocol() == Some(known.as_bytes());
    Ok(TlsInfo {
        version,
        cipher: cipher.unwrap_or("unknown"),
        group: session.negotiated_key_exchange_group().and_then(|group| group.name().as_str()),
        alpn: PROTOCOLS.iter().find(is_chosen).copied(),
        resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
        server_name: session.server_name().map(Box::from),
        client_certificate: client_certificate(session)?.map(Arc::new),
        names,
    })
}

/// Reads the certificate that the client showed, which was verified when its session began.
fn client_certificate(session: &ServerConnection) -> io::Result<Option<ClientCertificate>> {
    let Some(der) = session.peer_certificates().and_then(<[_]>::first) else { return Ok(None) };
    let certificate =
        ClientCertificate::read(der).map_err(|_| refusal("the client's certificate cannot be read"))?;
    // A resumed session is not verified again, and may be older than the certificate allows.
    if certificate.not_after() < SystemTime::now() {
        return Err(refusal("the client's certificate has expired"));
    }
    Ok(Some(certificate))
}

fn refusal(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

/// What is spoken inside TLS (ALPN), the better one first.
const PROTOCOLS: &[&str] = &["h2", "http/1.1"];

fn alpn(protocols: &[&str]) -> Vec<Vec<u8>> {
    protocols.iter().map(|name| name.as_bytes().to_vec()).collect()
}

fn configure(
    certificates: Arc<dyn ResolvesServerCert>,
    clients: Option<&ClientAuthority>,
    sessions: &Sessions,
) -> Result<ServerConfig, Error> {
    let builder = builder()?;
    let provider = Arc::clone(builder.crypto_provider());
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => builder.with_client_cert_verifier(clients::verifier(clients, &provider)?),
    };
    let mut config = builder.with_cert_resolver(certificates);
    config.ignore_client_order = true; // of ciphers; an old client may well put its weakest first
    sessions.apply(&mut config);
    Ok(config)
}

fn builder() -> Result<ConfigBuilder<ServerConfig, WantsVerifier>, Error> {
    // The provider is named, so that another crate's choice of a process default changes nothing.
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused("TLS could not be set up").because(error))
}
