//! Which certificates of clients are believed.

use std::sync::Arc;

use rustls::{
    RootCertStore,
    crypto::CryptoProvider,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use super::{
    certificate::{read_certificates, refused},
    files::{ClientAuthority, Demand},
};
use crate::error::Error;

/// Makes what verifies clients' certificates by the authorities in a file.
pub(super) fn verifier(
    clients: &ClientAuthority,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let file = clients.file.display();
    let mut roots = RootCertStore::empty();
    for authority in read_certificates(&clients.file)? {
        roots.add(authority).map_err(|error| {
            refused(format!("{file} holds what is no certificate of an authority")).because(error)
        })?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = match clients.demand {
        Demand::Required => builder,
        Demand::Optional => builder.allow_unauthenticated(),
    };
    builder.build().map_err(|error| {
        refused(format!("the authorities in {file} cannot be used for clients' certificates")).because(error)
    })
}
