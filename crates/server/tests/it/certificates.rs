//! Several certificates, files that change, certificates of clients, resumed sessions.

use std::{fs, process::Command, time::Duration};

use flagon_server::{CertificateFiles, ClientAuthority, Demand, ErrorKind, Tls, TlsFiles};
use rustls::version::{TLS12, TLS13};

use crate::{
    authority::{Authority, Stream, Subject, Visitor, replace},
    client::Client,
    logged,
    running::{Running, wait_until},
    tools::run,
};

fn files(certificates: Vec<CertificateFiles>) -> TlsFiles {
    TlsFiles { certificates, look_every: Duration::from_millis(5), ..TlsFiles::default() }
}

fn three_hosts(authority: &Authority) -> Tls {
    let certificates = vec![
        authority.sign("one", &Subject::Hosts(&["one.test"])),
        authority.sign("two", &Subject::Hosts(&["two.test", "*.two.test"])),
        authority.sign("shop", &Subject::Hosts(&["shop.two.test"])),
    ];
    Tls::from_files(files(certificates)).unwrap()
}

#[test]
fn each_client_is_shown_the_certificate_for_the_name_it_asks_for() {
    let authority = Authority::new("authority");
    let server = Running::tls(three_hosts(&authority), |_| ());
    for version in [&TLS12, &TLS13] {
        let visitor = Visitor::new(version);
        for (asked, shown) in [
            ("one.test", "one.test"),
            ("two.test", "two.test"),
            ("TWO.test", "two.test"),
            ("www.two.test", "two.test"),
            ("shop.two.test", "shop.two.test"),
            // Nobody's names, and none: the first certificate.
            ("a.b.two.test", "one.test"),
            ("www.one.test", "one.test"),
            ("127.0.0.1", "one.test"),
        ] {
            assert_eq!(visitor.shown(&server, asked), shown, "{asked}");
        }
    }
}

#[test]
fn a_request_over_another_hosts_connection_is_misdirected() {
    let authority = Authority::new("authority");
    let server = Running::tls(three_hosts(&authority), |_| ());
    for (name, host, status) in [
        ("one.test", "one.test", "200"),
        ("one.test", "two.test", "421"),
        ("one.test", "WWW.two.test", "421"),
        ("two.test", "shop.two.test", "200"),
        ("shop.two.test", "two.test", "421"),
        ("one.test", "unknown.test", "200"),
        ("127.0.0.1", "two.test", "200"),
    ] {
        for version in ["--http1.1", "--http2"] {
            let port = server.address.port();
            let mut curl = Command::new("curl");
            curl.args(["-sSk", "--max-time", "10", version, "-o", "/dev/null", "-w", "%{http_code}"]);
            curl.args([
                "--resolve",
                &format!("{name}:{port}:127.0.0.1"),
                "-H",
                &format!("Host: {host}:{port}"),
            ]);
            curl.arg(format!("https://{name}:{port}/"));
            assert_eq!(run(&mut curl), status, "{version} {name} {host}");
        }
    }
    // The connection is good for more.
    let mut client = Client::over(Visitor::new(&TLS13).visit(&server, "one.test").unwrap());
    assert_eq!(client.send("GET / HTTP/1.1\r\nHost: two.test\r\n\r\n").answer().status, 421);
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn new_files_are_shown_and_open_connections_stay() {
    let authority = Authority::new("authority");
    let pair = authority.sign("it", &Subject::Hosts(&["old.test"]));
    let server = Running::tls(Tls::from_files(files(vec![pair])).unwrap(), |_| ());
    let visitor = Visitor::new(&TLS13);
    let mut early = Client::over(visitor.visit(&server, "old.test").unwrap());
    assert_eq!(early.get("/").text(), "Hello");
    authority.sign("it", &Subject::Hosts(&["new.test"]));
    wait_until("the new certificate is shown", || {
        Visitor::new(&TLS13).shown(&server, "x.test") == "new.test"
    });
    assert_eq!(early.get("/").text(), "Hello");
    // A session that began with the old certificate goes on.
    let resumed = Client::over(visitor.visit(&server, "old.test").unwrap()).get("/tls");
    assert!(resumed.text().contains("resumed=true"), "{}", resumed.text());
}

#[test]
fn broken_files_leave_the_old_certificate_and_are_named_once() {
    logged::start();
    let authority = Authority::new("authority");
    let pair = authority.sign("broken", &Subject::Hosts(&["old.test"]));
    let (certificate, key) = (pair.certificate.clone(), pair.key.clone());
    let server = Running::tls(Tls::from_files(files(vec![pair])).unwrap(), |_| ());
    let visitor = Visitor::new(&TLS13);
    let said = |what: &str| {
        let lines = logged::lines();
        let lines = lines.iter().filter(|line| line.contains(what) && line.contains(key.to_str().unwrap()));
        lines.filter(|line| line.contains("the old ones stay in use")).count()
    };
    let other = authority.sign("other", &Subject::Hosts(&["other.test"]));
    replace(&key, &fs::read_to_string(&other.key).unwrap());
    wait_until("the log names the wrong key", || said("does not fit the certificate") == 1);
    assert_eq!(visitor.shown(&server, "old.test"), "old.test");
    fs::remove_file(&key).unwrap();
    wait_until("the log names the missing file", || said("there is no file") == 1);
    assert_eq!(visitor.shown(&server, "old.test"), "old.test");
    authority.sign("broken", &Subject::Hosts(&["mended.test"]));
    wait_until("what was mended is shown", || Visitor::new(&TLS13).shown(&server, "x.test") == "mended.test");
    assert_eq!((said("does not fit the certificate"), said("there is no file")), (1, 1));
    assert!(certificate.exists());
}

#[test]
fn files_that_cannot_be_used_are_refused_at_the_start() {
    let authority = Authority::new("authority");
    let good = authority.sign("good", &Subject::Hosts(&["one.test"]));
    let expired = authority.sign("expired", &Subject::Expired("one.test"));
    let locked = authority.path("locked.pem");
    fs::write(&locked, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
        .unwrap();
    let reversed = authority.path("reversed.pem");
    let (chain, own) =
        (fs::read_to_string(authority.file()).unwrap(), fs::read_to_string(&good.certificate).unwrap());
    fs::write(&reversed, chain + &own).unwrap();
    let pair = |certificate: &std::path::Path, key: &std::path::Path| {
        files(vec![CertificateFiles { certificate: certificate.into(), key: key.into() }])
    };
    let clients = |file| {
        let clients = Some(ClientAuthority { file, demand: Demand::Required });
        TlsFiles { clients, ..files(vec![good.clone()]) }
    };
    for (files, file, advice) in [
        (pair(&expired.certificate, &expired.key), "expired.pem", "has expired (it was valid from"),
        (pair(&good.certificate, &expired.key), "expired-key.pem", "does not fit the certificate"),
        (pair(&reversed, &good.key), "reversed.pem", "certificate 2 in"),
        (pair(&authority.path("none.pem"), &good.key), "none.pem", "there is no file"),
        (pair(&good.certificate, &authority.path("none.pem")), "none.pem", "to read a private key from"),
        (pair(&good.certificate, &good.certificate), "good.pem", "holds no private key"),
        (pair(&good.certificate, &locked), "locked.pem", "locked with a pass phrase"),
        (pair(&good.key, &good.key), "good-key.pem", "holds no certificate"),
        (clients(authority.path("none.pem")), "none.pem", "there is no file"),
        (clients(good.key.clone()), "good-key.pem", "holds no certificate"),
        (files(Vec::new()), "", "needs a certificate"),
    ] {
        let error = Tls::from_files(files).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Certificate);
        let error = error.to_string();
        assert!(error.contains(file) && error.contains(advice), "{error}");
    }
}

fn asking(demand: Demand, authority: &Authority, clients: &Authority) -> Running {
    let pair = authority.sign("server", &Subject::Hosts(&["one.test"]));
    let clients = Some(ClientAuthority { file: clients.file(), demand });
    Running::tls(Tls::from_files(TlsFiles { clients, ..files(vec![pair]) }).unwrap(), |_| ())
}

/// Whether the visitor is answered; in TLS 1.3 it learns late that it is not let in.
fn answered(visited: std::io::Result<Stream>) -> Option<String> {
    use std::io::{Read, Write};
    let mut stream = visited.ok()?;
    let mut text = String::new();
    stream.write_all(b"GET /tls HTTP/1.1\r\nHost: one.test\r\nConnection: close\r\n\r\n").ok()?;
    stream.read_to_string(&mut text).ok()?;
    Some(text.lines().last()?.to_owned())
}

#[test]
fn clients_show_certificates_where_they_are_asked_to() {
    let (authority, staff, strangers) =
        (Authority::new("authority"), Authority::new("staff"), Authority::new("strangers"));
    let ada = staff.sign("ada", &Subject::Person("ada"));
    let eve = strangers.sign("eve", &Subject::Person("eve"));
    let late = staff.sign("late", &Subject::Expired("late"));
    let required = asking(Demand::Required, &authority, &staff);
    let optional = asking(Demand::Optional, &authority, &staff);
    for version in [&TLS12, &TLS13] {
        let ask = |server, shown| answered(Visitor::showing(version, shown).visit(server, "one.test"));
        for server in [&required, &optional] {
            assert!(ask(server, Some(&ada)).unwrap().ends_with("client=CN=ada"));
            assert_eq!(ask(server, Some(&eve)), None, "signed by someone else");
            assert_eq!(ask(server, Some(&late)), None, "expired");
        }
        assert_eq!(ask(&required, None), None);
        assert!(ask(&optional, None).unwrap().ends_with("client=-"));
    }
    drop((required, optional));
}

#[test]
fn a_client_is_known_by_its_certificate() {
    let (authority, staff) = (Authority::new("authority"), Authority::new("staff"));
    let ada = staff.sign("ada", &Subject::Person("ada"));
    let server = asking(Demand::Required, &authority, &staff);
    let visitor = Visitor::showing(&TLS13, Some(&ada));
    let openssl = |what: &str| {
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-noout", "-sha256", what, "-in"]).arg(&ada.certificate);
        run(&mut openssl).trim().split_once('=').unwrap().1.to_owned()
    };
    for resumed in ["resumed=false", "resumed=true"] {
        let mut client = Client::over(visitor.visit(&server, "one.test").unwrap());
        assert!(client.get("/tls").text().contains(resumed));
        let known = client.get("/client").text().to_owned();
        let expected = format!(
            "CN=ada|Some(\"ada\")|CN=staff|[Email(\"ada@example.org\"), Uri(\"spiffe://example.org/ada\")]|{}|{}",
            openssl("-serial").to_lowercase(),
            openssl("-fingerprint").replace(':', "").to_lowercase(),
        );
        assert_eq!(known, expected);
    }
}

#[test]
fn who_is_no_longer_believed_cannot_resume() {
    let (authority, staff, others) =
        (Authority::new("authority"), Authority::new("staff"), Authority::new("others"));
    let ada = staff.sign("ada", &Subject::Person("ada"));
    let grace = others.sign("grace", &Subject::Person("grace"));
    let server = asking(Demand::Required, &authority, &staff);
    for version in [&TLS12, &TLS13] {
        replace(&staff.file(), &staff_pem(&ada));
        wait_until("ada is believed", || {
            answered(Visitor::showing(version, Some(&ada)).visit(&server, "one.test")).is_some()
        });
        let visitor = Visitor::showing(version, Some(&ada));
        assert!(answered(visitor.visit(&server, "one.test")).is_some());
        replace(&staff.file(), &fs::read_to_string(others.file()).unwrap());
        let grace_visits = || answered(Visitor::showing(version, Some(&grace)).visit(&server, "one.test"));
        wait_until("the other authority is believed", || grace_visits().is_some());
        assert_eq!(answered(visitor.visit(&server, "one.test")), None);
    }
}

/// The authority's certificate, which follows the person's own.
fn staff_pem(person: &CertificateFiles) -> String {
    let chain = fs::read_to_string(&person.certificate).unwrap();
    let last = chain.rfind("-----BEGIN").unwrap();
    chain[last..].to_owned()
}

#[test]
fn sessions_are_resumed_by_every_thread() {
    let authority = Authority::new("authority");
    let pair = authority.sign("it", &Subject::Hosts(&["one.test"]));
    let server = Running::tls(Tls::from_files(files(vec![pair])).unwrap(), |config| config.threads = 4);
    for version in [&TLS12, &TLS13] {
        let visitor = Visitor::new(version);
        let ask = || {
            let mut client = Client::over(visitor.visit(&server, "one.test").unwrap());
            client.get("/tls").text().contains("resumed=true")
        };
        assert!(!ask());
        // Which thread takes a connection is up to the system: sixteen are with luck of one in a billion all one's.
        assert!((0..16).all(|_| ask()), "{version:?}");
        // A ticket is the session itself: it matters to nobody how many others there were since, of which 256 would be kept.
        let other = || Visitor::new(version).visit(&server, "one.test").unwrap();
        (0..300).for_each(|_| drop(other()));
        assert!(ask(), "{version:?}");
        // Nobody resumes under another name.
        let mut client = Client::over(visitor.visit(&server, "two.test").unwrap());
        assert!(client.get("/tls").text().contains("resumed=false"));
    }
}

#[test]
fn openssl_resumes_too() {
    let authority = Authority::new("authority");
    let pair = authority.sign("it", &Subject::Hosts(&["one.test"]));
    let server = Running::tls(Tls::from_files(files(vec![pair])).unwrap(), |_| ());
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-connect", &server.address.to_string(), "-tls1_2", "-reconnect"]);
    let text = run(&mut openssl);
    assert_eq!(text.matches("Reused, TLSv1.2").count(), 5, "{text}");
}

#[test]
fn a_listener_can_do_without_http2() {
    let authority = Authority::new("authority");
    let pair = authority.sign("it", &Subject::Hosts(&["one.test"]));
    let server = Running::tls(Tls::from_files(files(vec![pair])).unwrap().only_http1(), |_| ());
    let mut curl = Command::new("curl");
    curl.args(["-sSk", "--max-time", "10", "--http2", "-w", " %{http_version}"]);
    assert_eq!(run(curl.arg(format!("https://{}/", server.address))), "Hello 1.1");
}
