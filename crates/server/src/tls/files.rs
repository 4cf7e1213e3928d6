//! What a listener is told about TLS: which files.

use std::{path::PathBuf, time::Duration};

/// The files that make TLS: certificates with their keys, and the authorities of clients.
///
/// # Examples
///
/// ```no_run
/// use flagon_server::{CertificateFiles, ClientAuthority, Demand, Tls, TlsFiles};
///
/// let pair = |name: &str| CertificateFiles { certificate: format!("{name}.pem").into(), key: format!("{name}-key.pem").into() };
/// let tls = Tls::from_files(TlsFiles {
///     certificates: vec![pair("example.org"), pair("example.net")],
///     clients: Some(ClientAuthority { file: "staff.pem".into(), demand: Demand::Optional }),
///     ..TlsFiles::default()
/// })?;
/// # Ok::<(), flagon_server::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates, of which each client is shown the one for the name that it asks for (SNI); the first one
    /// where it asks for none or an unknown name.
    pub certificates: Vec<CertificateFiles>,
    /// Whose certificates clients are asked for; `None` where they are not asked.
    pub clients: Option<ClientAuthority>,
    /// How often the files are looked at, to be read again when they changed. 5 s.
    pub look_every: Duration,
}

impl Default for TlsFiles {
    /// No certificate, which [`Tls::from_files`](crate::Tls::from_files) refuses; no clients' certificates.
    fn default() -> Self {
        Self { certificates: Vec::new(), clients: None, look_every: Duration::from_secs(5) }
    }
}

/// The PEM files of a certificate and its key. See [`TlsFiles`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain: the server's own certificate first, then those of the authorities in between.
    pub certificate: PathBuf,
    /// The private key of the first one, without a pass phrase.
    pub key: PathBuf,
}

/// Whose certificates clients have to show. See [`TlsFiles`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAuthority {
    /// A PEM file with the certificates of the authorities that sign clients' certificates.
    pub file: PathBuf,
    /// Whether a client without one is served.
    pub demand: Demand,
}

/// Whether a client has to show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Demand {
    /// A client without a certificate is not served: the handshake fails.
    Required,
    /// It is served, and the app sees that it has none.
    Optional,
}
