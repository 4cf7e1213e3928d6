//! One certificate with its key, read from files and checked before it is shown to anyone.
//!
//! In: two PEM files. Out: [`Certificate`], or an error that names the file and what to do. Never: a certificate whose key is
//! another's, or that no client would accept today.

use std::{io, path::Path, sync::Arc, time::SystemTime};

use rustls::{crypto::CryptoProvider, sign::CertifiedKey};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error as PemError, PemObject},
};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

use super::files::CertificateFiles;
use crate::{
    client_certificate::system_time,
    error::{Error, ErrorKind},
};

/// A certificate that can be shown.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) certified: Arc<CertifiedKey>,
    /// The hosts that it is for, in lower case.
    pub(super) names: Vec<Box<str>>,
}

impl Certificate {
    /// Reads the certificate and its key.
    pub(super) fn read(files: &CertificateFiles, provider: &CryptoProvider) -> Result<Self, Error> {
        let chain = read_certificates(&files.certificate)?;
        let (names, validity) = facts(&chain[0]).ok_or_else(|| {
            refused(format!("the first certificate in {} cannot be read", files.certificate.display()))
        })?;
        validity.check(&files.certificate)?;
        let key = read_key(&files.key)?;
        let certified = provider.key_provider.load_private_key(key).map_err(|error| {
            let message = format!("the key in {} is of a kind that TLS has no use for", files.key.display());
            refused(message).because(error)
        })?;
        let certified = CertifiedKey::new(chain, certified);
        if certified.keys_match().is_err_and(|error| !is_unknown(&error)) {
            return Err(mismatch(files, certified));
        }
        Ok(Self { certified: Arc::new(certified), names })
    }
}

/// From when to when a certificate is valid.
struct Validity {
    not_before: SystemTime,
    not_after: SystemTime,
    text: String,
}

impl Validity {
    fn check(&self, file: &Path) -> Result<(), Error> {
        let now = SystemTime::now();
        let (file, text) = (file.display(), &self.text);
        if self.not_after < now {
            return Err(refused(format!(
                "the certificate in {file} has expired (it was valid {text}); renew it"
            )));
        }
        if now < self.not_before {
            let advice = "is the clock of this machine right?";
            return Err(refused(format!(
                "the certificate in {file} is not valid yet (it will be {text}); {advice}"
            )));
        }
        Ok(())
    }
}

fn facts(der: &CertificateDer<'_>) -> Option<(Vec<Box<str>>, Validity)> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let validity = parsed.validity();
    let validity = Validity {
        not_before: system_time(validity.not_before),
        not_after: system_time(validity.not_after),
        text: format!("from {} to {}", validity.not_before, validity.not_after),
    };
    // RFC 9525 §2: names are those of the extension; the common name is not looked at.
    let names = parsed.subject_alternative_name().ok().flatten();
    let names =
        names.into_iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase().into()),
            _ => None,
        });
    Some((names.collect(), validity))
}

/// Reads all certificates of a PEM file; at least one.
pub(super) fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let failed = |error| unreadable("certificate", path, error);
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    if chain.is_empty() {
        return Err(refused(format!("{} holds no certificate; it must be a PEM file", path.display())));
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| {
        let is_locked = std::fs::read(path).is_ok_and(|pem| contains(&pem, b"ENCRYPTED"));
        let file = path.display();
        match error {
            PemError::NoItemsFound if is_locked => refused(format!(
                "the private key in {file} is locked with a pass phrase; write it without one: openssl pkey -in {file} -out FILE"
            )),
            PemError::NoItemsFound => {
                refused(format!("{file} holds no private key; it must be a PEM file with PRIVATE KEY"))
            }
            error => unreadable("private key", path, error),
        }
    })
}

/// Says which file is the wrong one, as far as that can be seen.
fn mismatch(files: &CertificateFiles, mut certified: CertifiedKey) -> Error {
    let (key, certificate) = (files.key.display(), files.certificate.display());
    let chain = certified.cert.len();
    let fits = |place: &usize| {
        certified.cert.swap(0, *place);
        let fits = certified.keys_match().is_ok();
        certified.cert.swap(0, *place);
        fits
    };
    let place = (1..chain).find(fits);
    refused(match place {
        Some(place) => format!(
            "the key in {key} is that of certificate {} in {certificate}; the server's own must come first there",
            place + 1
        ),
        None => format!(
            "the key in {key} does not fit the certificate in {certificate}; name the key that the certificate was asked for with"
        ),
    })
}

fn is_unknown(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown))
}

fn unreadable(what: &str, path: &Path, error: PemError) -> Error {
    let file = path.display();
    let message = match &error {
        PemError::Io(error) => match error.kind() {
            io::ErrorKind::NotFound => format!("there is no file {file} to read a {what} from"),
            io::ErrorKind::PermissionDenied => {
                format!(
                    "the user that this server runs as may not read {file}; let it, such as by the file's group"
                )
            }
            _ => format!("no {what} could be read from {file}"),
        },
        _ => format!("no {what} could be read from {file}; it must be a PEM file"),
    };
    refused(message).because(error)
}

pub(super) fn refused(message: impl Into<Box<str>>) -> Error {
    Error::new(ErrorKind::Certificate, message)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
