//! TLS: which certificate is shown, and the handshake.
//!
//! In: PEM files or a resolver of certificates. Out: [`Tls`] for a listener, and after each
//! handshake a stream with its [`TlsInfo`]. Never: TLS below 1.2.
//!
//! RFC 8446, RFC 7301 (ALPN).

use std::{fmt, io, path::Path, sync::Arc, time::SystemTime};

use rustls::{
    HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection, crypto::aws_lc_rs,
    server::ResolvesServerCert,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    client_certificate::ClientCertificate,
    connection_info::TlsInfo,
    error::{Error, ErrorKind},
};

/// How a listener speaks TLS: 1.2 and 1.3, with HTTP/2 or HTTP/1.1 inside.
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
pub struct Tls(TlsAcceptor);

/// The protocol that a handshake agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreed {
    Http1,
    Http2,
}

impl Tls {
    /// Reads a certificate chain (the server's own first) and its private key from PEM files.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Certificate`] when a file cannot be read, holds no certificate or no key, or the
    /// key is another certificate's.
    pub fn from_pem_files(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let chain = read_chain(certificate)?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| {
            refused(format!("no private key could be read from {}", key.display()), error)
        })?;
        let config = builder()?.with_no_client_auth().with_single_cert(chain, private).map_err(|error| {
            let (key, certificate) = (key.display(), certificate.display());
            refused(format!("the key in {key} does not fit the certificate in {certificate}"), error)
        })?;
        Ok(Self::from_config(config))
    }

    /// Shows the certificate that `resolver` picks at each handshake.
    pub(crate) fn from_resolver(resolver: Arc<dyn ResolvesServerCert>) -> Result<Self, Error> {
        Ok(Self::from_config(builder()?.with_no_client_auth().with_cert_resolver(resolver)))
    }

    /// Uses a configuration of rustls as it is, but for ALPN, which is set to what this server speaks.
    pub fn from_config(mut config: ServerConfig) -> Self {
        config.alpn_protocols = PROTOCOLS.map(|name| name.as_bytes().to_vec()).to_vec();
        Self(TlsAcceptor::from(Arc::new(config)))
    }

    /// Shakes hands over `socket`.
    pub(crate) async fn handshake(
        &self,
        socket: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, TlsInfo, Agreed)> {
        let stream = self.0.accept(socket).await?;
        let (_, session) = stream.get_ref();
        let info = facts(session)?;
        let agreed = if session.alpn_protocol() == Some(b"h2") { Agreed::Http2 } else { Agreed::Http1 };
        Ok((stream, info, agreed))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// What the handshake of `session` agreed on.
fn facts(session: &ServerConnection) -> io::Result<TlsInfo> {
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLS", // rustls speaks no other
    };
    let cipher = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    let alpn =
        session.alpn_protocol().and_then(|chosen| PROTOCOLS.iter().find(|known| known.as_bytes() == chosen));
    Ok(TlsInfo {
        version,
        cipher: cipher.unwrap_or("unknown"),
        group: session.negotiated_key_exchange_group().and_then(|group| group.name().as_str()),
        alpn: alpn.copied(),
        resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
        server_name: session.server_name().map(Box::from),
        client_certificate: client_certificate(session)?.map(Arc::new),
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
const PROTOCOLS: [&str; 2] = ["h2", "http/1.1"];

fn builder() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>, Error> {
    // The provider is named, so that another crate's choice of a process default changes nothing.
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused("TLS could not be set up", error))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unreadable = |error| refused(format!("no certificate could be read from {}", path.display()), error);
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if chain.is_empty() {
        let message = format!("{} holds no certificate; it must be a PEM file", path.display());
        return Err(Error::new(ErrorKind::Certificate, message));
    }
    Ok(chain)
}

fn refused(message: impl Into<Box<str>>, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Certificate, message).because(source)
}
