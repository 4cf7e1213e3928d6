//! Whom a connection at `https://` is believed to lead to.
//!
//! In: certificates of authorities. Out: what checks the other server's certificate, and its name. Never: a connection to a server that
//! was not checked.
//!
//! RFC 9110 §4.3.4.

use std::{error::Error, fmt, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Why certificates can't be believed in.
#[derive(Debug)]
pub struct CertificateError {
    problem: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The authorities of the public web, as Mozilla lists them.
pub(crate) fn public() -> Arc<ClientConfig> {
    config(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

/// The authorities in `pem`, and nobody else.
pub(crate) fn own(pem: &[u8]) -> Result<Arc<ClientConfig>, CertificateError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate =
            certificate.map_err(|error| CertificateError::new("a certificate can't be read", error))?;
        roots
            .add(certificate)
            .map_err(|error| CertificateError::new("a certificate is none of an authority", error))?;
    }
    if roots.is_empty() {
        let problem = "there is no certificate: PEM holds `-----BEGIN CERTIFICATE-----`";
        return Err(CertificateError { problem, source: None });
    }
    Ok(config(roots))
}

fn config(roots: RootCertStore) -> Arc<ClientConfig> {
    // The provider is named, so that another crate's choice of a process default changes nothing.
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs has suites for TLS 1.2 and 1.3");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

impl CertificateError {
    fn new(problem: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        Self { problem, source: Some(Box::new(source)) }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem)
    }
}

impl Error for CertificateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
