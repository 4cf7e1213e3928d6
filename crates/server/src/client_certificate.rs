//! Who a client is, by the certificate that it showed.
//!
//! In: a certificate that was verified already. Out: [`ClientCertificate`]. Never: decides whether it may be believed.
//!
//! RFC 5280 §4.1, §4.2.1.6; RFC 4514.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, SystemTime},
};

use rustls::{SupportedCipherSuite, crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256};
use rustls_pki_types::CertificateDer;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time};

/// The certificate that a client proved to own in the TLS handshake. An authority that the server was told to trust
/// has signed it, and it was valid then.
///
/// # Examples
///
/// ```
/// use flagon_server::ConnectionInfo;
///
/// fn who(connection: &ConnectionInfo) -> &str {
///     let certificate = connection.tls.as_ref().and_then(|tls| tls.client_certificate.as_deref());
///     certificate.map_or("a stranger", |certificate| certificate.subject())
/// }
/// # let address = "127.0.0.1:80".parse().unwrap();
/// # assert_eq!(who(&ConnectionInfo::new(address, address)), "a stranger");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    der: CertificateDer<'static>,
    subject: Box<str>,
    common_name: Option<Box<str>>,
    issuer: Box<str>,
    serial: Box<str>,
    names: Vec<SubjectName>,
    not_after: SystemTime,
    fingerprint: [u8; 32],
}

/// Another name of the subject (`subjectAltName`, RFC 5280 §4.2.1.6). Kinds that are not here are left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubjectName {
    /// A host.
    Dns(Box<str>),
    /// An address for e-mail.
    Email(Box<str>),
    /// A URI, such as the SPIFFE id of a service.
    Uri(Box<str>),
    /// An address of IP.
    Ip(IpAddr),
}

/// The certificate cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl ClientCertificate {
    /// Reads a certificate.
    pub(crate) fn read(der: &CertificateDer<'_>) -> Result<Self, Unreadable> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| Unreadable)?;
        if !rest.is_empty() {
            return Err(Unreadable);
        }
        let common_name = parsed.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        Ok(Self {
            subject: parsed.subject().to_string().into(),
            common_name: common_name.map(Box::from),
            issuer: parsed.issuer().to_string().into(),
            serial: parsed.raw_serial_as_string().into(),
            names: subject_names(&parsed),
            not_after: system_time(parsed.validity().not_after),
            fingerprint: sha256(der),
            der: der.clone().into_owned(),
        })
    }

    /// The subject as text, such as `CN=ada, O=Analytical Engines`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The common name in the subject, if there is one.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// Who signed it, as text.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The number that its issuer gave it, in hexadecimal with colons.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The other names of the subject.
    pub fn names(&self) -> &[SubjectName] {
        &self.names
    }

    /// The moment after which it is no longer valid.
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The SHA-256 of the whole certificate: 32 bytes, the same for the same certificate only.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// The whole certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("subject", &self.subject)
            .field("names", &self.names)
            .field("issuer", &self.issuer)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

fn subject_names(certificate: &X509Certificate<'_>) -> Vec<SubjectName> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match *name {
        GeneralName::DNSName(name) => Some(SubjectName::Dns(name.into())),
        GeneralName::RFC822Name(name) => Some(SubjectName::Email(name.into())),
        GeneralName::URI(name) => Some(SubjectName::Uri(name.into())),
        GeneralName::IPAddress(bytes) => ip(bytes).map(SubjectName::Ip),
        _ => None,
    };
    names.value.general_names.iter().filter_map(name).collect()
}

/// RFC 5280 §4.2.1.6: four octets or sixteen.
pub(crate) fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).ok().map(|octets| Ipv4Addr::from(octets).into());
    v4.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(|octets| Ipv6Addr::from(octets).into()))
}

pub(crate) fn system_time(time: ASN1Time) -> SystemTime {
    let seconds = time.timestamp();
    let away = Duration::from_secs(seconds.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    let moment = if seconds < 0 { epoch.checked_sub(away) } else { epoch.checked_add(away) };
    moment.unwrap_or(epoch)
}

fn sha256(data: &[u8]) -> [u8; 32] {
    // The hash of that cipher suite is SHA-256.
    let SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { return [0; 32] };
    suite.common.hash_provider.hash(data).as_ref().try_into().unwrap_or([0; 32])
}
