//! A probe that runs, with a certificate of its own.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// A probe that runs until this is dropped.
pub(crate) struct Probe {
    child: Child,
    pub(crate) plain: u16,
    pub(crate) tls: u16,
    folder: TempDir,
}

impl Probe {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one with `settings`, each the name of a variable without `FLAGON_`, and its value.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::run(settings, Command::new(env!("CARGO_BIN_EXE_probe")))
    }

    /// Starts one whose disk for uploads holds a mebibyte; `None` where this user may not have a disk of their own.
    pub(crate) fn with_small_disk() -> Option<Self> {
        let may = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
        if !may.is_ok_and(|status| status.success()) {
            return None;
        }
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", SMALL_DISK, env!("CARGO_BIN_EXE_probe")]);
        Some(Self::run(&[], command))
    }

    fn run(settings: &[(&str, &str)], mut command: Command) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_certificate(&path("authority.pem"), &path("cert.pem"), &path("key.pem"));
        fs::create_dir(path("disk")).unwrap();
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("TMPDIR", path("disk"));
        command.env("XDG_DATA_HOME", folder.path()).env("FLAGON_SERVER__HSTS__MAX_AGE", "365d");
        // One in memory lies among the temporary files, and would take a part of a small disk.
        command.env("FLAGON_DATABASE", format!("sqlite://{}", path("app.db").display()));
        command.envs(settings.iter().map(|(name, value)| (format!("FLAGON_{name}"), value)));
        command.args(["run", "--host", "127.0.0.1", "--port", "0", "--tls-port", "0", "--threads", "1"]);
        command.arg("--cert").arg(path("cert.pem")).arg("--key").arg(path("key.pem"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut port = |scheme: &str| {
            let line = lines.next().expect("the probe says where it listens").unwrap();
            let address = line.strip_prefix(&format!("listening on {scheme}://127.0.0.1:")).expect(&line);
            address.parse().unwrap()
        };
        let (plain, tls) = (port("http"), port("https"));
        Self { child, plain, tls, folder }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The authority that has signed its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A file in a folder that is removed in the end.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Mounts a disk that only this process sees, and becomes the probe.
const SMALL_DISK: &str = r#"mount -t tmpfs -o size=1m tmpfs "$TMPDIR" && exec "$0" "$@""#;

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One as a real authority would give it: for 89 days, with the address of a list of what was revoked.
fn write_certificate(authority: &PathBuf, certificate: &PathBuf, key: &PathBuf) {
    let now = SystemTime::now();
    let valid = |params: &mut CertificateParams, days: u64| {
        params.not_before = (now - Duration::from_hours(1)).into();
        params.not_after = (now + Duration::from_hours(24 * days)).into();
    };
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "The probe's authority");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut root, 3650);
    let root_key = KeyPair::generate().unwrap();
    fs::write(authority, root.self_signed(&root_key).unwrap().pem()).unwrap();

    let mut own = CertificateParams::new(["localhost", "127.0.0.1"].map(String::from)).unwrap();
    own.distinguished_name.push(DnType::CommonName, "localhost");
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    own.use_authority_key_identifier_extension = true;
    own.crl_distribution_points =
        vec![CrlDistributionPoint { uris: vec!["http://localhost/revoked.crl".into()] }];
    valid(&mut own, 89);
    let own_key = KeyPair::generate().unwrap();
    let signed = own.signed_by(&own_key, &Issuer::new(root, root_key)).unwrap();
    fs::write(certificate, signed.pem()).unwrap();
    fs::write(key, own_key.serialize_pem()).unwrap();
}
