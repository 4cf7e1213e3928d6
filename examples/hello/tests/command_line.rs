//! The program as a person runs it: served over HTTP and HTTPS, asked, stopped.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The program with nothing from the environment of the tests, at home in `folder`.
fn hello(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hello"));
    command.env_clear().env("XDG_DATA_HOME", folder).current_dir(folder);
    command
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A server that runs until this is dropped.
struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Where it says that it listens.
    fn address(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        match line.strip_prefix("listening on ") {
            Some(address) => address.trim_end().to_owned(),
            None => panic!("{line:?}, and: {}", self.errors()),
        }
    }

    fn errors(&mut self) -> String {
        let _ = self.child.kill();
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Sends `signal` and waits for the end.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let (done, ended) = mpsc::channel();
        let mut errors = self.child.stderr.take().unwrap();
        thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap(); // ends with the program
            done.send(text).unwrap();
        });
        let errors = ended.recv_timeout(Duration::from_secs(30)).expect("it stops within its deadline");
        (self.child.wait().unwrap().code(), errors)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn curl(arguments: &[&str]) -> String {
    let output =
        Command::new("curl").args(["-sS", "--noproxy", "*", "--max-time", "20"]).args(arguments).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_answers_over_http_and_https_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut running =
        Running::start(hello(folder.path()).args(["--port", "0", "--tls-port", "0", "--threads", "2"]));
    let (plain, tls) = (running.address(), running.address());
    assert!(plain.starts_with("http://127.0.0.1:") && tls.starts_with("https://127.0.0.1:"), "{plain} {tls}");

    assert_eq!(curl(&[&plain]), "Hello, World!");
    assert_eq!(curl(&["--http2-prior-knowledge", &format!("{plain}/users/3")]), "<h1>User 3</h1>");
    let authority = folder.path().join("flagon/development-ca.pem");
    let trusted = ["--cacert", authority.to_str().unwrap(), "-w", " over HTTP/%{http_version}"];
    assert_eq!(curl(&[&trusted[..], &["--http2", &tls]].concat()), "Hello, World! over HTTP/2");
    assert_eq!(curl(&[&trusted[..], &["--http1.1", &tls]].concat()), "Hello, World! over HTTP/1.1");

    let (code, errors) = running.stop("-TERM");
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("development-ca.pem") && errors.contains("to trust it: "), "{errors}");
    let requests: Vec<_> = errors.lines().filter(|line| line.starts_with("127.0.0.1 - - [")).collect();
    assert_eq!(requests.len(), 4, "every request is logged before the end: {errors}");
    assert!(
        requests[0].contains("\"GET / HTTP/1.1\" 200 13 ") && requests[0].ends_with(" index"),
        "{errors}"
    );
}

/// What was logged, but for the steps of the stop.
fn without_steps(errors: &str) -> Vec<&str> {
    errors.lines().filter(|line| !line.contains(" INFO flagon_server::server: stop")).collect()
}

#[test]
fn it_stops_at_an_interrupt_with_the_access_log_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut running =
        Running::start(hello(folder.path()).env("FLAGON_LOG__ACCESS", "off").args(["run", "--port", "0"]));
    let address = running.address();
    assert_eq!(curl(&[&address]), "Hello, World!");
    let (code, errors) = running.stop("-INT");
    assert_eq!((code, without_steps(&errors)), (Some(0), Vec::<&str>::new()));
}

#[test]
fn a_client_cannot_forge_a_log_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flagon.toml"), "server.port = 0\nlog.access = 'combined'\n").unwrap();
    let mut running = Running::start(&mut hello(folder.path()));
    let address = running.address();
    let forged = "User-Agent: x\" 200 1\\ \t\u{85}\u{2028}127.0.0.1 - -";
    curl(&["-H", forged, "--path-as-is", &format!("{address}/%22%0A127.0.0.1")]);
    let (_, errors) = running.stop("-TERM");
    let lines = without_steps(&errors);
    assert_eq!(lines.len(), 1, "{errors}");
    assert!(lines[0].bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{errors}");
    assert!(lines[0].contains("\"x\\\" 200 1\\\\ \\x09\\xc2\\x85"), "{errors}");
}

#[test]
fn a_port_that_is_taken_is_named_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, out, errors) = said(&hello(folder.path()).args(["run", "--port", &port]).output().unwrap());
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        errors.starts_with(&format!("error: port {port} is taken by another process; choose another")),
        "{errors}"
    );
    assert!(!errors.contains('\u{1b}'), "no colours without a terminal");
}

#[test]
fn mistakes_are_told_before_anything_listens() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, variable, code, expected) in [
        (
            &["--cert", "c.pem", "--tls-port", "0"][..],
            ("A", ""),
            1,
            "error: a certificate needs its private key; set `server.key` or --key",
        ),
        (
            &["--cert", "c.pem", "--key", "k.pem"],
            ("A", ""),
            1,
            "error: there is a certificate or a key, but no port to use it at",
        ),
        (
            &["--cert", "c.pem", "--key", "k.pem", "--tls-port", "0"],
            ("A", ""),
            1,
            "error: there is no file c.pem to read a certificate from\n  because ",
        ),
        (
            &["--host", "no.such.host.invalid"],
            ("A", ""),
            1,
            "error: the host \"no.such.host.invalid\" has no address; set `server.host`",
        ),
        (
            &["--debug", "--host", "0.0.0.0", "--port", "0"],
            ("A", ""),
            1,
            "error: debug is on and 0.0.0.0 can be reached from other machines",
        ),
        (
            &["--config", "missing.toml"],
            ("A", ""),
            1,
            "error: the configuration file missing.toml could not be read: No such file",
        ),
        (
            &[],
            ("FLAGON_SERVER__PORTS", "1"),
            1,
            "error: FLAGON_SERVER__PORTS: `server.ports` is no key of the configuration; did you mean `server.port`?",
        ),
        (&["--prot", "1"], ("A", ""), 2, "error: unexpected argument '--prot' found"),
        (&["serve"], ("A", ""), 2, "error: unrecognized subcommand 'serve'"),
        (&["--port", "99999"], ("A", ""), 2, "error: invalid value '99999' for '--port <PORT>'"),
    ] {
        let output = hello(folder.path()).args(arguments).env(variable.0, variable.1).output().unwrap();
        let (found, out, errors) = said(&output);
        assert_eq!((found, out.as_str()), (Some(code), ""), "{arguments:?}: {errors}");
        assert!(errors.starts_with(expected), "{arguments:?}: {errors}");
    }
}

#[test]
fn debug_on_the_network_needs_an_explicit_word_and_is_announced() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(hello(folder.path()).args([
        "run",
        "--debug",
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--allow-remote-debug",
    ]));
    let address = running.address().replace("0.0.0.0", "127.0.0.1");
    let page = curl(&["-H", "accept: text/html", &format!("{address}/nowhere")]);
    assert!(page.contains("Rules of the app") && page.contains("/users/&lt;int:id&gt;"), "{page}");
    let (_, errors) = running.stop("-TERM");
    assert!(errors.starts_with("debug is on: "), "{errors}");
}

#[test]
fn rules_are_listed_as_text_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = said(&hello(folder.path()).arg("routes").output().unwrap());
    assert_eq!(code, Some(0));
    let expected = "\
Endpoint  Methods  Rule
--------  -------  ---------------
index     GET      /
show      GET      /users/<int:id>
";
    assert_eq!(out, expected);
    let (_, out, _) =
        said(&hello(folder.path()).args(["routes", "--json", "--sort", "match"]).output().unwrap());
    let rules: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&rules[1]["endpoint"], &rules[1]["rule"]), (&"show".into(), &"/users/<int:id>".into()));
    assert_eq!(rules[0]["methods"], serde_json::json!(["GET"]));
    assert!(rules[0]["place"].as_str().unwrap().contains("src/main.rs:"));
}

#[test]
fn the_configuration_is_shown_with_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("flagon.toml"),
        "\n[server]\nport = 1\ntls_port = 2\n[app]\napi_key = 'k3y'\n",
    )
    .unwrap();
    let mut command = hello(folder.path());
    command.env("FLAGON_SERVER__PORT", "3").args(["config", "--tls-port", "4", "--json"]);
    let (code, out, errors) = said(&command.output().unwrap());
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(!out.contains("k3y"), "{out}");
    let settings: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    let find = |key: &str| settings.iter().find(|setting| setting["key"] == key).unwrap();
    for (key, value, source) in [
        ("server.port", "3", "FLAGON_SERVER__PORT"),
        ("server.tls_port", "4", "--tls-port"),
        ("server.host", "\"127.0.0.1\"", "default"),
        ("app.api_key", "\"(hidden)\"", "./flagon.toml, line 6"),
    ] {
        let setting = find(key);
        assert_eq!((&setting["value"], &setting["source"]), (&value.into(), &source.into()), "{key}");
    }
    let (_, table, _) = said(&hello(folder.path()).arg("config").output().unwrap());
    assert!(
        table.lines().any(|line| line.starts_with("server.port ") && line.ends_with("./flagon.toml, line 3"))
    );
}

#[test]
fn completions_are_what_the_shell_understands() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, part) in
        [("bash", "complete -F _hello"), ("zsh", "#compdef hello"), ("fish", "complete -c hello")]
    {
        let (code, out, _) = said(&hello(folder.path()).args(["completions", shell]).output().unwrap());
        assert_eq!(code, Some(0));
        assert!(out.contains(part), "{shell}: {out}");
    }
    let script = format!(
        "source <('{}' completions bash); COMP_WORDS=(hello ro); COMP_CWORD=1; _hello hello ro hello; echo \"${{COMPREPLY[@]}}\"",
        env!("CARGO_BIN_EXE_hello")
    );
    let output =
        Command::new("bash").args(["--norc", "-c", &script]).current_dir(folder.path()).output().unwrap();
    let (code, out, errors) = said(&output);
    assert_eq!((code, out.trim(), errors.as_str()), (Some(0), "routes", ""));
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = hello(folder.path()).arg("routes").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
