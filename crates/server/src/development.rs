//! Certificates for development: an authority of the user's own, and under it one for localhost.
//!
//! In: a folder. Out: a [`Tls`] that shows a valid certificate, and the one line that makes browsers
//! believe it. Never: an authority that could speak for another host: its name constraints (RFC 5280
//! §4.2.1.10) are `localhost`, `127.0.0.1` and `::1`, so that a stolen key is worth little.

use std::{
    env,
    error::Error as StdError,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::{
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

use crate::{
    error::{Error, ErrorKind},
    tls::{ClientAuthority, Tls},
};

/// The user's own certificate authority, for `localhost` only.
///
/// Made on first use. Its key and certificate stay in a folder; the certificates that it signs live
/// in memory, for 90 days, and are replaced after 60, also while a server runs.
///
/// # Examples
///
/// ```
/// use flagon_server::{DevelopmentAuthority, Listen};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let authority = DevelopmentAuthority::in_folder(folder)?;
/// let listen = Listen::tls("127.0.0.1:0".parse().unwrap(), authority.tls()?);
/// println!("to trust it: {}", authority.trust_command());
/// # Ok::<(), flagon_server::Error>(())
/// ```
pub struct DevelopmentAuthority {
    certificate: PathBuf,
    pem: String,
    key: String,
}

impl DevelopmentAuthority {
    /// Opens the authority in `folder`, or makes both.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Certificate`] when the folder cannot be written or what lies there cannot be used.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        let failed = |error: Box<dyn StdError + Send + Sync>| {
            let message =
                format!("the development certificate authority in {} cannot be used", folder.display());
            Error::new(ErrorKind::Certificate, message).because(error)
        };
        open(folder).map_err(failed)
    }

    /// Gives the folder where users keep it: `$XDG_DATA_HOME/flagon`, else `~/.local/share/flagon`
    /// (`%LOCALAPPDATA%\flagon` on Windows); `None` for a user without a home.
    pub fn default_folder() -> Option<PathBuf> {
        let named = env::var_os(if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_DATA_HOME" });
        // A relative path is not valid there (XDG Base Directory Specification).
        let named = named.map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(env::home_dir()?.join(".local/share"))).map(|data| data.join("flagon"))
    }

    /// Gives the file of the authority's certificate, for `curl --cacert` and the like.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Gives the line that a user types once so that programs on this machine trust the authority.
    ///
    /// Browsers on Linux keep authorities of their own: there the certificate is imported in their settings.
    pub fn trust_command(&self) -> String {
        let file = self.certificate.display();
        if cfg!(target_os = "macos") {
            return format!("security add-trusted-cert -k ~/Library/Keychains/login.keychain-db '{file}'");
        }
        if cfg!(windows) {
            return format!("certutil -user -addstore Root \"{file}\"");
        }
        if Path::new("/usr/local/share/ca-certificates").is_dir() {
            return format!(
                "sudo cp '{file}' /usr/local/share/ca-certificates/flagon-development.crt && sudo update-ca-certificates"
            );
        }
        format!("sudo trust anchor '{file}'")
    }

    /// Makes a certificate for `localhost`, `127.0.0.1` and `::1`, and the [`Tls`] that shows it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Certificate`] when the authority's key does not sign.
    pub fn tls(&self) -> Result<Tls, Error> {
        self.show(None)
    }

    /// Makes the same, and asks clients for certificates.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Certificate`] as [`tls`](Self::tls) does, and when the authorities of clients cannot be read.
    pub fn tls_with_clients(&self, clients: &ClientAuthority) -> Result<Tls, Error> {
        self.show(Some(clients))
    }

    fn show(&self, clients: Option<&ClientAuthority>) -> Result<Tls, Error> {
        let failed = |error| {
            Error::new(ErrorKind::Certificate, "no certificate for localhost could be made").because(error)
        };
        let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shown.iter().find(|(authority, _)| *authority == self.pem);
        let localhost = if let Some((_, localhost)) = known {
            Arc::clone(localhost)
        } else {
            let localhost = Arc::new(self.localhost().map_err(failed)?);
            shown.push((self.pem.clone(), Arc::clone(&localhost)));
            localhost
        };
        Tls::from_resolver(localhost, clients)
    }

    fn localhost(&self) -> Made<Localhost> {
        let issuer = Issuer::from_ca_cert_pem(&self.pem, KeyPair::from_pem(&self.key)?)?;
        let current = Mutex::new(Leaf::sign(&issuer)?);
        Ok(Localhost { issuer, current })
    }
}

impl fmt::Debug for DevelopmentAuthority {
    /// Shows the certificate's file and nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentAuthority").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

type Made<T> = Result<T, Box<dyn StdError + Send + Sync>>;

fn open(folder: &Path) -> Made<DevelopmentAuthority> {
    fs::create_dir_all(folder)?;
    let lock = fs::File::create(folder.join("development-ca.lock"))?;
    lock.lock()?; // two servers that start at once must not make two authorities
    let (certificate, key) = (folder.join("development-ca.pem"), folder.join("development-ca-key.pem"));
    if !is_usable(&certificate, &key)? {
        let (pem, private) = make_authority()?;
        write(&key, private.as_bytes(), Access::Owner)?;
        write(&certificate, pem.as_bytes(), Access::Everyone)?;
    }
    let (pem, key) = (fs::read_to_string(&certificate)?, fs::read_to_string(&key)?);
    Ok(DevelopmentAuthority { certificate, pem, key })
}

/// Tells whether both files are there and the certificate outlives those that it is to sign.
fn is_usable(certificate: &Path, key: &Path) -> Made<bool> {
    if !(certificate.exists() && key.exists()) {
        return Ok(false);
    }
    let der = CertificateDer::from_pem_file(certificate)?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der)?;
    let left = parsed.validity().time_to_expiration();
    Ok(left.is_some_and(|left| left.whole_days() > i64::from(LEAF_DAYS)))
}

fn make_authority() -> Made<(String, String)> {
    let mut params = CertificateParams::default();
    let user = env::var_os("USER").map_or_else(String::new, |user| format!(" of {}", user.display()));
    params.distinguished_name.push(DnType::CommonName, format!("Flagon development authority{user}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".into()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 1], 32)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(
                std::net::Ipv6Addr::LOCALHOST.octets(),
                128,
            )),
        ],
        excluded_subtrees: Vec::new(),
    });
    last_for(&mut params, AUTHORITY_DAYS);
    let key = KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn last_for(params: &mut CertificateParams, days: u32) {
    let now = SystemTime::now();
    params.not_before = (now - HOUR).into(); // another machine's clock may be behind
    params.not_after = (now + days * DAY).into();
}

#[derive(Clone, Copy)]
enum Access {
    Owner,
    Everyone,
}

/// Writes a file whole or not at all.
fn write(path: &Path, content: &[u8], access: Access) -> io::Result<()> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => (),
    }
    let mut options = fs::File::options();
    options.write(true).create_new(true); // so that the mode below is the file's from its first byte
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(
        &mut options,
        match access {
            Access::Owner => 0o600,
            Access::Everyone => 0o644,
        },
    );
    let _ = access; // other systems' folders of a user are the user's already
    io::Write::write_all(&mut options.open(&new)?, content)?;
    fs::rename(&new, path)
}

/// What this process shows, by the authority's certificate: the same at every port, so that a browser whose user has
/// accepted it once takes it everywhere.
static SHOWN: Mutex<Vec<(String, Arc<Localhost>)>> = Mutex::new(Vec::new());

/// Shows the certificate for localhost, a fresh one when it has become old.
struct Localhost {
    issuer: Issuer<'static, KeyPair>,
    current: Mutex<Leaf>,
}

struct Leaf {
    certified: Arc<CertifiedKey>,
    renew: SystemTime,
}

impl Leaf {
    fn sign(issuer: &Issuer<'static, KeyPair>) -> Made<Self> {
        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        last_for(&mut params, LEAF_DAYS);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, issuer)?;
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = aws_lc_rs::sign::any_supported_type(&private)?;
        let certified = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], signing));
        Ok(Self { certified, renew: SystemTime::now() + RENEW_DAYS * DAY })
    }
}

impl ResolvesServerCert for Localhost {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.renew <= SystemTime::now() {
            match Leaf::sign(&self.issuer) {
                Ok(leaf) => *current = leaf,
                Err(error) => tracing::warn!(error, "the certificate for localhost could not be renewed"),
            }
        }
        Some(Arc::clone(&current.certified))
    }
}

impl fmt::Debug for Localhost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Localhost")
    }
}

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const AUTHORITY_DAYS: u32 = 3650;
const LEAF_DAYS: u32 = 90; // browsers refuse more than 397
const RENEW_DAYS: u32 = 60;
