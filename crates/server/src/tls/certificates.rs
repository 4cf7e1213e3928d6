//! Several certificates, of which each client is shown one.
//!
//! In: certificates in order, a client's hello. Out: the one for the name that it asks for (SNI): exact, then
//! by wildcard, then the first.

use std::{fmt, sync::Arc};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::certificate::Certificate;
use crate::certificate_names::CertificateNames;

/// Several certificates; there is at least one.
pub(super) struct Certificates {
    certified: Vec<Arc<CertifiedKey>>,
    names: Arc<CertificateNames>,
}

impl Certificates {
    pub(super) fn new(certificates: &[Certificate]) -> Self {
        Self {
            names: Arc::new(CertificateNames::new(
                certificates.iter().map(|certificate| &*certificate.names),
            )),
            certified: certificates.iter().map(|certificate| Arc::clone(&certificate.certified)).collect(),
        }
    }

    /// Gives the names, where there is more than one certificate to choose from.
    pub(super) fn names(&self) -> Option<Arc<CertificateNames>> {
        (self.certified.len() > 1).then(|| Arc::clone(&self.names))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name().map(str::to_ascii_lowercase).unwrap_or_default();
        let named: Vec<_> = self.names.of(&host).map(|at| &self.certified[at]).collect();
        // A host may have one certificate for old clients (RSA) and one for others (ECDSA).
        let suits = |certified: &&&Arc<CertifiedKey>| {
            certified.key.choose_scheme(hello.signature_schemes()).is_some()
        };
        let chosen = named.iter().find(suits).or(named.first()).copied();
        chosen.or_else(|| self.certified.first()).cloned()
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("names", &self.names).finish_non_exhaustive()
    }
}
