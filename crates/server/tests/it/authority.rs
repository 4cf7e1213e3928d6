//! Authorities and certificates of the tests' own, in files, and clients that show them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use flagon_server::CertificateFiles;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
    SupportedProtocolVersion,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs::default_provider,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use tempfile::TempDir;

use crate::{client::connect, running::Running};

/// A certificate authority, whose certificates lie in a folder that is removed in the end.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    folder: TempDir,
}

/// What a certificate is about.
pub(crate) enum Subject<'a> {
    Hosts(&'a [&'a str]),
    /// One that expired an hour ago.
    Expired(&'a str),
    /// A person, with a name, an e-mail address and a URI.
    Person(&'a str),
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("authority.pem"), &pem).unwrap();
        Self { issuer: Issuer::new(params, key), pem, folder }
    }

    /// The file of its certificate.
    pub(crate) fn file(&self) -> PathBuf {
        self.path("authority.pem")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a certificate and its key to `NAME.pem` and `NAME-key.pem`, in place of what was there.
    pub(crate) fn sign(&self, name: &str, subject: &Subject<'_>) -> CertificateFiles {
        let (certificate, key) = self.make(subject);
        let files = CertificateFiles {
            certificate: self.path(&format!("{name}.pem")),
            key: self.path(&format!("{name}-key.pem")),
        };
        replace(&files.key, &key);
        replace(&files.certificate, &format!("{certificate}{}", self.pem));
        files
    }

    fn make(&self, subject: &Subject<'_>) -> (String, String) {
        let now = SystemTime::now();
        let hosts = match subject {
            Subject::Hosts(hosts) => hosts.iter().map(ToString::to_string).collect(),
            Subject::Expired(host) => vec![(*host).to_owned()],
            Subject::Person(_) => Vec::new(),
        };
        let mut params = CertificateParams::new(hosts).unwrap();
        params.not_before = (now - Duration::from_hours(2)).into();
        params.not_after = (now + Duration::from_hours(2)).into();
        match subject {
            Subject::Hosts(hosts) => params.distinguished_name.push(DnType::CommonName, hosts[0]),
            Subject::Expired(_) => params.not_after = (now - Duration::from_hours(1)).into(),
            Subject::Person(name) => {
                params.distinguished_name.push(DnType::CommonName, *name);
                params.subject_alt_names = vec![
                    SanType::Rfc822Name(format!("{name}@example.org").try_into().unwrap()),
                    SanType::URI(format!("spiffe://example.org/{name}").try_into().unwrap()),
                ];
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
        }
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// Exchanges a file for another at once.
pub(crate) fn replace(path: &Path, content: &str) {
    let new = path.with_extension("new");
    fs::write(&new, content).unwrap();
    fs::rename(new, path).unwrap();
}

/// A client that takes any certificate, to see which one it is shown.
pub(crate) struct Visitor(Arc<ClientConfig>);

pub(crate) type Stream = StreamOwned<ClientConnection, std::net::TcpStream>;

impl Visitor {
    pub(crate) fn new(version: &'static SupportedProtocolVersion) -> Self {
        Self::showing(version, None)
    }

    /// Shows a certificate to servers that ask for one.
    pub(crate) fn showing(
        version: &'static SupportedProtocolVersion,
        shown: Option<&CertificateFiles>,
    ) -> Self {
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone));
        Self(Arc::new(match shown {
            None => builder.with_no_client_auth(),
            Some(files) => {
                let chain = CertificateDer::pem_file_iter(&files.certificate).unwrap();
                let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
                builder.with_client_auth_cert(chain.map(Result::unwrap).collect(), key).unwrap()
            }
        }))
    }

    /// Shakes hands, asking for `name`; an address is not asked for (RFC 6066 §3).
    pub(crate) fn visit(&self, server: &Running, name: &str) -> std::io::Result<Stream> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let mut session = ClientConnection::new(Arc::clone(&self.0), name).unwrap();
        let mut socket = connect(server.address);
        session.complete_io(&mut socket)?;
        Ok(StreamOwned::new(session, socket))
    }

    /// Gives the first host of the certificate that is shown to those who ask for `name`.
    pub(crate) fn shown(&self, server: &Running, name: &str) -> String {
        let stream = self.visit(server, name).unwrap();
        let der = &stream.conn.peer_certificates().unwrap()[0];
        let (_, certificate) = x509_parser::parse_x509_certificate(der).unwrap();
        let names = certificate.subject_alternative_name().unwrap().unwrap();
        match names.value.general_names[0] {
            x509_parser::extensions::GeneralName::DNSName(name) => name.to_owned(),
            ref other => panic!("{other:?}"),
        }
    }
}

#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
