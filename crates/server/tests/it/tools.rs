//! The clients that everybody uses: curl, nghttp, h2load.

use std::process::{Command, Stdio};

use crate::running::{BIG, Running};

/// Runs a program to its end. Gives what it printed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| {
        panic!("{name} cannot be run ({error}); it is in the Debian packages curl and nghttp2-client")
    });
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {}\n{text}\n{errors}", output.status);
    text.into_owned()
}

#[test]
fn curl_speaks_both_protocols() {
    let server = Running::start();
    for version in ["--http1.1", "--http1.0", "--http2-prior-knowledge"] {
        let url = |path: &str| format!("http://{}{path}", server.address);
        // One address each: curl 7.88 fails to use a connection with prior knowledge again.
        for (path, expected) in [("/", "Hello"), ("/stream", "one,two,three"), ("/kind", "whole")] {
            let mut curl = Command::new("curl");
            assert_eq!(run(curl.args(["-sS", "--max-time", "10", version, &url(path)])), expected);
        }
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", "10", version, "-d", "a=b", &url("/echo")]);
        assert_eq!(run(&mut curl), "a=b");
        let mut curl = Command::new("curl");
        curl.args([
            "-sS",
            "--max-time",
            "10",
            version,
            "-w",
            "%{size_download}",
            "-o",
            "/dev/null",
            &url("/big"),
        ]);
        assert_eq!(run(&mut curl), BIG.to_string());
    }
}

#[test]
fn curl_waits_for_100_continue() {
    let server = Running::start();
    let mut curl = Command::new("curl");
    curl.args([
        "-sS",
        "--max-time",
        "10",
        "--expect100-timeout",
        "9",
        "-H",
        "Expect: 100-continue",
        "-d",
        "abc",
    ]);
    assert_eq!(run(curl.arg(format!("http://{}/echo", server.address))), "abc");
}

#[test]
fn nghttp_gets_bodies_and_trailers() {
    let server = Running::start();
    let mut nghttp = Command::new("nghttp");
    nghttp.args(["-v", "-t", "10", &format!("http://{}/stream", server.address)]);
    let output = run(&mut nghttp);
    assert!(output.contains("one,two,three") || output.contains("three"), "{output}");
    assert!(output.contains("x-sum: 3"), "{output}");
}

#[test]
fn h2load_loses_no_request() {
    let server = Running::start();
    for path in ["/", "/stream", "/big"] {
        let count = if path == "/big" { "40" } else { "2000" };
        let mut h2load = Command::new("h2load");
        h2load.args(["-n", count, "-c", "4", "-m", "10", "-T", "30"]);
        let output = run(h2load.arg(format!("http://{}{path}", server.address)));
        let done = format!("{count} done, {count} succeeded, 0 failed, 0 errored, 0 timeout");
        assert!(output.contains(&done), "{path}: {output}");
    }
}
