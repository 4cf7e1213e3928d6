//! curl, nghttp and Chromium fetch the probe, each over the versions that it speaks.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use webdriver::Browser;

use crate::probe::Probe;

#[track_caller]
fn run(command: &mut Command) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{name}: {error}"));
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {}\n{text}\n{errors}", output.status);
    text.into_owned()
}

/// Version of HTTP, version of TLS, ALPN.
type Known = (String, String, String);

/// What the probe says of the connection.
fn known(text: &str) -> Known {
    let known: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    (text(&known["http"]), text(&known["tls"]["version"]), text(&known["tls"]["alpn"]))
}

fn expected(http: &str, tls: &str, alpn: &str) -> Known {
    (http.to_owned(), tls.to_owned(), alpn.to_owned())
}

#[test]
fn curl_fetches_over_each_version() {
    let probe = Probe::start();
    let (plain, tls) =
        (format!("http://127.0.0.1:{}", probe.plain), format!("https://localhost:{}", probe.tls));
    let v12 = ["--tlsv1.2", "--tls-max", "1.2"];
    let cases: &[(&[&str], &str, Known)] = &[
        (&["--http1.0"], &plain, expected("HTTP/1.0", "-", "-")),
        (&["--http1.1"], &plain, expected("HTTP/1.1", "-", "-")),
        (&["--http2-prior-knowledge"], &plain, expected("HTTP/2.0", "-", "-")),
        (&["--http1.1", "--tlsv1.3"], &tls, expected("HTTP/1.1", "TLSv1.3", "http/1.1")),
        (&["--http2", "--tlsv1.3"], &tls, expected("HTTP/2.0", "TLSv1.3", "h2")),
        (&[&["--http1.1"][..], &v12].concat(), &tls, expected("HTTP/1.1", "TLSv1.2", "http/1.1")),
        (&[&["--http2"][..], &v12].concat(), &tls, expected("HTTP/2.0", "TLSv1.2", "h2")),
        (&["--http1.1", "--no-alpn"], &tls, expected("HTTP/1.1", "TLSv1.3", "-")),
    ];
    for (arguments, base, expected) in cases {
        let curl = |path: &str| {
            let mut curl = Command::new("curl");
            curl.args(["-sS", "--max-time", "10", "--cacert"]).arg(probe.authority());
            run(curl.args(*arguments).arg(format!("{base}{path}")))
        };
        assert_eq!(known(&curl("/connection")), *expected, "{arguments:?}");
        assert_eq!(curl("/plaintext"), "Hello, World!", "{arguments:?}");
    }
    let mut old = Command::new("curl");
    old.args(["-sS", "--max-time", "10", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0", "--cacert"]);
    let refused = old.arg(probe.authority()).arg(&tls).output().unwrap();
    assert_eq!(refused.status.code(), Some(35), "TLS 1.1 is no more (RFC 8996)");
}

#[test]
fn nghttp_fetches_over_each_version() {
    let probe = Probe::start();
    for (url, expected) in [
        (format!("http://127.0.0.1:{}", probe.plain), expected("HTTP/2.0", "-", "-")),
        (format!("https://localhost:{}", probe.tls), expected("HTTP/2.0", "TLSv1.3", "h2")),
    ] {
        let nghttp = |path: &str| {
            run(Command::new("nghttp").args(["--no-verify-peer", "-t", "10"]).arg(format!("{url}{path}")))
        };
        assert_eq!(known(&nghttp("/connection")), expected);
        assert_eq!(nghttp("/plaintext"), "Hello, World!");
    }
}

#[test]
fn chromium_fetches_over_each_version() {
    let probe = Probe::start();
    let (plain, tls) =
        (format!("http://127.0.0.1:{}", probe.plain), format!("https://localhost:{}", probe.tls));
    for (flags, base, expected) in [
        (&[][..], &plain, expected("HTTP/1.1", "-", "-")),
        (&[], &tls, expected("HTTP/2.0", "TLSv1.3", "h2")),
        (&["--disable-http2"], &tls, expected("HTTP/1.1", "TLSv1.3", "http/1.1")),
        (&["--ssl-version-max=tls1.2"], &tls, expected("HTTP/2.0", "TLSv1.2", "h2")),
        (&["--disable-http2", "--ssl-version-max=tls1.2"], &tls, expected("HTTP/1.1", "TLSv1.2", "http/1.1")),
    ] {
        let browser = Browser::start_with(flags);
        let page = |path: &str| {
            browser.open(&format!("{base}{path}"));
            browser.value("document.body.innerText").as_str().unwrap().to_owned()
        };
        assert_eq!(known(&page("/connection")), expected, "{flags:?}");
        assert_eq!(page("/plaintext"), "Hello, World!", "{flags:?}");
    }
}

#[test]
fn curl_sees_hints_over_both_versions_and_nghttp_a_push() {
    let probe = Probe::start();
    let (plain, tls) =
        (format!("http://127.0.0.1:{}", probe.plain), format!("https://localhost:{}", probe.tls));
    for (version, base, line) in [
        ("--http1.1", &plain, "HTTP/1.1"),
        ("--http2-prior-knowledge", &plain, "HTTP/2"),
        ("--http1.1", &tls, "HTTP/1.1"),
        ("--http2", &tls, "HTTP/2"),
    ] {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-i", "--max-time", "10", version, "--cacert"]).arg(probe.authority());
        let seen = run(curl.arg(format!("{base}/early"))).to_ascii_lowercase();
        let heads: Vec<&str> = seen.split("\r\n\r\n").collect();
        let [hint, answer, page] = heads[..] else { panic!("{version}: {seen}") };
        assert!(hint.starts_with(&format!("{} 103", line.to_ascii_lowercase())), "{version}: {hint}");
        assert!(hint.contains("link: </static/app.css>; rel=preload; as=style"), "{version}: {hint}");
        assert!(answer.contains(" 200") && page.contains("<h1>"), "{version}: {answer}");
    }
    for base in [&plain, &tls] {
        let mut nghttp = Command::new("nghttp");
        let seen = run(nghttp.args(["-v", "-n", "--no-verify-peer", "-t", "10"]).arg(format!("{base}/push")));
        // RFC 9113 §8.4.1: a promise on the stream of the request, then the answer on a stream of ours.
        assert!(
            seen.contains("recv PUSH_PROMISE frame") && seen.contains(":path: /static/app.css"),
            "{seen}"
        );
        let pushed = seen.split("recv (stream_id=2) :status: 200").count();
        assert_eq!(pushed, 2, "{seen}");
        let mut refusing = Command::new("nghttp");
        refusing.args(["-v", "-n", "--no-push", "--no-verify-peer", "-t", "10"]);
        let seen = run(refusing.arg(format!("{base}/push")));
        assert!(!seen.contains("PUSH_PROMISE") && seen.contains(":status: 200"), "{seen}");
    }
}

/// Writes the certificate and key of a client whom `issuer` has signed.
fn client_certificate(folder: &Path, issuer: &Issuer<'_, KeyPair>, name: &str) {
    let mut own = CertificateParams::default();
    own.distinguished_name.push(DnType::CommonName, name);
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let signed = own.signed_by(&key, issuer).unwrap();
    fs::write(folder.join(format!("{name}.pem")), signed.pem() + &key.serialize_pem()).unwrap();
}

#[test]
fn a_key_of_idempotency_is_of_the_clients_certificate() {
    let folder = TempDir::new().unwrap();
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authorities = folder.path().join("clients.pem");
    fs::write(&authorities, root.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(root, key);
    for name in ["ada", "grace"] {
        client_certificate(folder.path(), &issuer, name);
    }
    let probe = Probe::with(&[
        ("SERVER__CLIENT_CERTIFICATES__AUTHORITIES", authorities.to_str().unwrap()),
        ("SERVER__CLIENT_CERTIFICATES__DEMAND", "optional"),
    ]);
    let post = |version: &str, shown: Option<&str>| {
        let mut curl = Command::new("curl");
        curl.args([
            "-sS",
            "--max-time",
            "10",
            version,
            "-X",
            "POST",
            "-H",
            "idempotency-key: \"1\"",
            "--cacert",
        ]);
        curl.arg(probe.authority());
        if let Some(name) = shown {
            curl.arg("--cert").arg(folder.path().join(format!("{name}.pem")));
        }
        run(curl.arg(format!("https://localhost:{}/idempotent", probe.tls)))
    };
    let runs: Vec<String> = [
        ("--http1.1", Some("ada")),
        ("--http1.1", Some("grace")),
        ("--http1.1", None),
        ("--http2", Some("ada")),
        ("--http2", Some("grace")),
        ("--http2", None),
    ]
    .map(|(version, shown)| post(version, shown))
    .into();
    assert_eq!(runs[..3], ["1", "2", "3"], "each is somebody else");
    assert_eq!(runs[3..], ["1", "2", "3"], "each gets its own answer again, over another connection");
}

/// Runs `program` with the interpreter that has what `xtask/requirements/tests.txt` lists.
fn python(program: &str, arguments: &[String]) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut python = Command::new(format!("{root}/target/python/bin/python"));
    run(python.args(["-c", program]).args(arguments))
}

#[test]
fn websockets_of_python_speaks_with_the_probe() {
    const PROGRAM: &str = r#"
import asyncio, ssl, sys, websockets

async def speak(url, **options):
    async with websockets.connect(url, subprotocols=["other", "echo"], max_size=None, **options) as socket:
        assert socket.subprotocol == "echo", socket.subprotocol
        for message in ["hello", "", "κόσμε", b"", b"\x00\xff", "x" * 100_000, bytes(range(256)) * 1000]:
            await socket.send(message)
            assert await socket.recv() == message
        await socket.send(["frag", "ments", ""])
        assert await socket.recv() == "fragments"
        await (await socket.ping(b"there?"))
        await asyncio.gather(*(socket.send(str(n)) for n in range(200)))
        assert [await socket.recv() for n in range(200)] == [str(n) for n in range(200)]
    assert (socket.close_code, socket.close_reason) == (1000, ""), socket.close_code
    try:
        async with websockets.connect(url, **options) as socket:
            await socket.send("x" * (1024 * 1024 + 1))
            await socket.recv()
    except websockets.ConnectionClosed as closed:
        assert closed.rcvd.code == 1009, closed
    try:
        await websockets.connect(url, origin="https://evil.example", **options)
    except websockets.InvalidStatus as refused:
        assert refused.response.status_code == 403, refused
    else:
        raise AssertionError("another origin was let in")

context = ssl.create_default_context(cafile=sys.argv[3])
asyncio.run(speak(sys.argv[1]))
asyncio.run(speak(sys.argv[2], ssl=context))
print("well")
"#;
    let probe = Probe::start();
    let urls = [format!("ws://127.0.0.1:{}/ws", probe.plain), format!("wss://localhost:{}/ws", probe.tls)];
    let authority = probe.authority().display().to_string();
    let said = python(PROGRAM, &[&urls[..], &[authority]].concat());
    assert_eq!(said, "well\n");
}

/// The reference parser reads each line, and the numbers are those of the requests that were made.
#[test]
fn prometheus_client_reads_the_metrics() {
    const PROGRAM: &str = r#"
import sys, urllib.error, urllib.request
from prometheus_client.parser import text_string_to_metric_families

base = sys.argv[1]
def ask(path, **fields):
    request = urllib.request.Request(base + path, headers=fields)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode(), answer.headers["content-type"]

for n in range(3):
    ask(f"/users/{n}?q=a")
try:
    ask("/nothing-there")
except urllib.error.HTTPError as error:
    assert error.code == 404
text, media_type = ask("/metrics")
assert media_type == "text/plain; version=0.0.4; charset=utf-8", media_type
families = {family.name: family for family in text_string_to_metric_families(text)}
samples = {(sample.name, *sorted(sample.labels.items())): sample.value for family in families.values() for sample in family.samples}
route = ("route", "/users/<int:id>")
assert samples["http_requests_total", ("method", "GET"), route, ("status", "200")] == 3, text
assert samples["http_requests_total", ("method", "GET"), ("route", ""), ("status", "404")] == 1, text
assert samples["http_request_duration_seconds_count", route] == 3
assert samples["http_request_duration_seconds_bucket", ("le", "+Inf"), route] == 3
assert 0 < samples["http_request_duration_seconds_sum", route] < 10
assert families["http_requests"].type == "counter" and families["http_request_duration_seconds"].type == "histogram"
assert samples["http_requests_in_flight",] == 1 and samples["http_connections_total",] >= 5
for name in ["http_received_bytes_total", "http_sent_bytes_total", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"]:
    assert samples[name,] > 0, name
assert ("sql_retries_total", ("reason", "deadlock")) in samples and ("tls_handshakes_total", ("result", "done")) in samples
for fields in [{"X-Forwarded-For": "192.0.2.1"}, {"Host": "evil.example"}]:
    try:
        ask("/metrics", **fields)
    except urllib.error.HTTPError as error:
        assert error.code == 404
    else:
        raise AssertionError(f"{fields} may read them")
print("well")
"#;
    let probe = Probe::start();
    assert_eq!(python(PROGRAM, &[format!("http://127.0.0.1:{}", probe.plain)]), "well\n");
}

#[test]
fn chromium_speaks_websocket_and_reads_events() {
    const SCRIPT: &str = r#"(() => {
        window.got = { messages: [], events: [] };
        const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws", ["echo"]);
        socket.binaryType = "arraybuffer";
        socket.onopen = () => { socket.send("hello"); socket.send(new Uint8Array([0, 255])); };
        socket.onmessage = ({ data }) => {
            got.messages.push(typeof data == "string" ? data : [...new Uint8Array(data)].join());
            if (got.messages.length == 2) socket.close(4001, "done");
        };
        socket.onclose = ({ code, reason, wasClean }) => got.closed = [code, reason, wasClean, socket.protocol].join();
        const source = new EventSource("/sse?n=5&ms=5");
        source.onmessage = ({ data, lastEventId }) => {
            got.events.push(data + "/" + lastEventId);
            if (got.events.length == 5) source.close();
        };
        return "begun";
    })()"#;
    let probe = Probe::start();
    let browser = Browser::start();
    for base in [format!("http://127.0.0.1:{}", probe.plain), format!("https://localhost:{}", probe.tls)] {
        browser.open(&format!("{base}/form"));
        assert_eq!(browser.value(SCRIPT), "begun");
        let is_done = "!!got.closed && got.events.length == 5";
        let start = std::time::Instant::now();
        while browser.value(is_done) != true {
            assert!(start.elapsed().as_secs() < 20, "{}", browser.value("JSON.stringify(got)"));
        }
        let got: Value =
            serde_json::from_str(browser.value("JSON.stringify(got)").as_str().unwrap()).unwrap();
        assert_eq!(got["messages"], serde_json::json!(["hello", "0,255"]));
        assert_eq!(got["closed"], "4001,done,true,echo");
        assert_eq!(got["events"].as_array().unwrap()[4], "event 4/4");
    }
}
