//! TLS with the development authority.

use std::{fs, io::Write as _, net::TcpStream, process::Command, sync::Arc, time::Duration};

use flagon_server::{DevelopmentAuthority, ErrorKind, Tls};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::aws_lc_rs::default_provider,
};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use tempfile::TempDir;

use crate::{
    client::{Client, connect},
    frames::*,
    running::{Running, wait_until},
};

/// An authority in a folder that is removed in the end.
pub(crate) fn authority() -> (DevelopmentAuthority, TempDir) {
    let folder = TempDir::new().unwrap();
    (DevelopmentAuthority::in_folder(folder.path()).unwrap(), folder)
}

fn client(
    server: &Running,
    authority: &DevelopmentAuthority,
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
    alpn: &[&str],
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority.certificate()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = connect(server.address);
    session.complete_io(&mut socket).unwrap();
    StreamOwned::new(session, socket)
}

#[test]
fn both_versions_are_spoken_and_known_to_the_service() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    for (version, name) in [(&rustls::version::TLS12, "TLSv1.2"), (&rustls::version::TLS13, "TLSv1.3")] {
        let stream = client(&server, &authority, "localhost", &[version], &["http/1.1"]);
        let mut client = Client::over(stream);
        let expected = format!("client=127.0.0.1 scheme=https host=- tls={name} name=localhost");
        assert_eq!(client.get("/connection").text(), expected);
        assert_eq!(client.get("/big").body.len(), crate::running::BIG);
    }
}

#[test]
fn the_service_knows_what_was_agreed_on() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    for (version, alpn, expected) in [
        // The hybrid group comes first (RFC 10024), where there are such groups: in 1.3.
        (
            &rustls::version::TLS13,
            &["http/1.1"][..],
            "TLSv1.3 TLS13_AES_256_GCM_SHA384 X25519MLKEM768 alpn=http/1.1",
        ),
        (&rustls::version::TLS12, &[], "TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 X25519 alpn=-"),
    ] {
        let mut client = Client::over(client(&server, &authority, "localhost", &[version], alpn));
        let expected = format!("{expected} resumed=false name=localhost client=-");
        assert_eq!(client.get("/tls").text(), expected);
    }
}

#[test]
fn alpn_decides_the_protocol() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    let agreed = |offered: &[&str]| {
        let stream = client(&server, &authority, "localhost", rustls::DEFAULT_VERSIONS, offered);
        stream.conn.alpn_protocol().map(|name| String::from_utf8(name.to_vec()).unwrap())
    };
    assert_eq!(agreed(&["h2", "http/1.1"]).as_deref(), Some("h2"));
    assert_eq!(agreed(&["http/1.1"]).as_deref(), Some("http/1.1"));
    assert_eq!(agreed(&[]), None);
}

#[test]
fn the_addresses_of_this_machine_are_in_the_certificate() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    for name in ["127.0.0.1", "::1"] {
        let stream = client(&server, &authority, name, rustls::DEFAULT_VERSIONS, &[]);
        assert_eq!(Client::over(stream).get("/").text(), "Hello");
    }
}

#[test]
fn the_authority_is_kept_and_its_key_is_the_owners() {
    let (authority, folder) = authority();
    let first = fs::read(authority.certificate()).unwrap();
    let again = DevelopmentAuthority::in_folder(folder.path()).unwrap();
    assert_eq!(fs::read(again.certificate()).unwrap(), first);
    assert!(again.trust_command().contains(authority.certificate().to_str().unwrap()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = fs::metadata(folder.path().join("development-ca-key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_authority_can_speak_for_this_machine_only() {
    use x509_parser::extensions::{GeneralName, ParsedExtension};
    let (authority, _folder) = authority();
    let der = CertificateDer::from_pem_file(authority.certificate()).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    let constraints =
        certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::NameConstraints(constraints) => Some((extension.critical, constraints)),
            _ => None,
        });
    let (is_critical, constraints) = constraints.unwrap();
    let permitted: Vec<_> =
        constraints.permitted_subtrees.iter().flatten().map(|subtree| subtree.base.clone()).collect();
    let ipv6: Vec<u8> = [[0; 15].as_slice(), &[1], &[255; 16]].concat();
    assert!(is_critical);
    assert_eq!(
        permitted,
        [
            GeneralName::DNSName("localhost"),
            GeneralName::IPAddress(&[127, 0, 0, 1, 255, 255, 255, 255]),
            GeneralName::IPAddress(&ipv6),
        ]
    );
}

#[test]
fn plain_http_on_the_tls_port_is_told_so() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    let mut client = Client::new(&server);
    let answer = client.get("/");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("https://"), "{}", answer.text());
    // An end and not a reset, which could overtake the answer.
    client.end();
    client.expect_end();
}

#[test]
fn garbage_instead_of_a_handshake_disturbs_no_one() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    let mut bad = Client::new(&server);
    bad.send([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]);
    bad.rest();
    let stream = client(&server, &authority, "localhost", rustls::DEFAULT_VERSIONS, &[]);
    assert_eq!(Client::over(stream).get("/").text(), "Hello");
}

#[test]
fn pem_files_are_read_and_their_mistakes_named() {
    let (authority, folder) = authority();
    let (certificate, key) = (authority.certificate(), folder.path().join("development-ca-key.pem"));
    Tls::from_pem_files(certificate, &key).unwrap();
    let other = crate::tls::authority();
    let other_key = other.1.path().join("development-ca-key.pem");
    let empty = folder.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    for (certificate, key, said) in [
        (certificate, other_key.as_path(), "does not fit"),
        (empty.as_path(), key.as_path(), "holds no certificate"),
        (certificate, empty.as_path(), "no private key"),
        (key.as_path(), key.as_path(), "holds no certificate"),
    ] {
        let error = Tls::from_pem_files(certificate, key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Certificate);
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_client_for_whom_there_is_no_room_is_told_so() {
    let (authority, _folder) = authority();
    for (status, server) in [
        ("503", Running::tls(authority.tls().unwrap(), |config| config.limits.connections = 0)),
        ("429", Running::tls(authority.tls().unwrap(), |config| config.limits.connections_per_address = 0)),
    ] {
        for version in ["--http1.1", "--http2"] {
            let mut curl = Command::new("curl");
            curl.args(["-sS", "--max-time", "10", version, "-i", "--cacert"]).arg(authority.certificate());
            curl.arg(format!("https://localhost:{}/", server.address.port()));
            let output = crate::tools::run(&mut curl).to_ascii_lowercase();
            assert!(output.lines().next().unwrap().contains(status), "{version}: {output}");
            assert!(output.contains("\r\nretry-after: 1\r\n") && output.contains("\r\ndate: "), "{output}");
        }
        let url = format!("https://localhost:{}/", server.address.port());
        let output =
            crate::tools::run(Command::new("nghttp").args(["-v", "--no-verify-peer", "-t", "10", &url]));
        assert!(output.contains(&format!(":status: {status}")), "{output}");
        assert_eq!(server.metrics.accepted(), 0);
    }
}

#[test]
fn refusing_has_its_own_bound() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |config| config.limits.connections = 0);
    // They never say hello, and hold what there is for refusals.
    let mut silent: Vec<_> = (0..40).map(|_| Client::new(&server)).collect();
    let ended = |client: &mut Client| client.read().is_ok_and(|read| read == 0);
    for client in &mut silent[32..] {
        assert!(ended(client), "one too many is closed");
    }
    silent[0].io.set_nonblocking(true).unwrap();
    assert!(!ended(&mut silent[0]), "the first is still waited for");
}

#[test]
fn curl_trusts_the_authority() {
    let (authority, _folder) = authority();
    let server = Running::tls(authority.tls().unwrap(), |_| ());
    for (version, spoken) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "10", version, "-w", " %{http_version}", "--cacert"]);
        curl.arg(authority.certificate()).arg(format!("https://localhost:{}/", server.address.port()));
        let output = crate::tools::run(&mut curl);
        assert_eq!(output, format!("Hello {spoken}"));
    }
}

#[test]
fn an_answer_that_is_not_taken_ends_with_a_reset_over_tls_too() {
    let (authority, _folder) = authority();
    let server =
        Running::tls(authority.tls().unwrap(), |config| config.timeouts.write = Duration::from_millis(100));
    for protocol in ["http/1.1", "h2"] {
        let mut stream = client(&server, &authority, "localhost", &[&rustls::version::TLS13], &[protocol]);
        let asked = match protocol {
            "h2" => [
                &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
                &frame(SETTINGS, 0, 0, &[0, 4, 0x7f, 0, 0, 0]), // SETTINGS_INITIAL_WINDOW_SIZE
                &frame(WINDOW_UPDATE, 0, 0, &(1_u32 << 30).to_be_bytes()),
                &frame(HEADERS, END_STREAM | END_HEADERS, 1, &request("GET", "/endless")),
            ]
            .concat(),
            _ => b"GET /endless HTTP/1.1\r\nHost: test\r\n\r\n".to_vec(),
        };
        stream.write_all(&asked).unwrap();
        stream.flush().unwrap();
        wait_until("the view runs", || server.views() == 1);
        wait_until("the view is dropped", || server.views() == 0);
        wait_until("the connection is reset", || stream.sock.take_error().unwrap().is_some());
    }
}
