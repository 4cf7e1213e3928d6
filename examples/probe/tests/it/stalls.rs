//! The watchdog over a program that is served: it names the view that holds its loop, and says where it stands.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

fn ask(address: &str, path: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_view_that_holds_its_loop_is_named_with_the_line_where_it_stood() {
    let mut probe = Command::new(env!("CARGO_BIN_EXE_probe"))
        .args(["run", "--host", "127.0.0.1", "--port", "0", "--threads", "1"])
        .env("FLAGON_CONCURRENCY__STALL_WATCHDOG", "always")
        .env("FLAGON_LOG__LEVEL", "warn")
        .env("FLAGON_LOG__ACCESS", "off")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(probe.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    assert!(ask(&address, "/async/sleep?ms=300").contains("slept 300 ms"));
    assert!(ask(&address, "/async/blocks?ms=300").contains("held the event loop for 300 ms"));
    let (send, lines) = channel();
    let log = BufReader::new(probe.stderr.take().unwrap());
    let reader =
        thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    let mut report = String::new();
    // Names of calls are looked up in the program's debug information, which takes a second the first time.
    while !report.contains("waiting.rs:") && !report.contains("is not known: ") {
        report.push_str(&lines.recv_timeout(Duration::from_mins(1)).expect(&report));
        report.push('\n');
    }
    probe.kill().unwrap();
    probe.wait().unwrap();
    drop(lines);
    let _ = reader.join().unwrap(); // nobody listens any more
    assert!(report.contains("held its event loop") && report.contains("async_blocks"), "{report}");
    assert!(!report.contains("async_sleep"), "{report}");
    // A container may forbid ptrace.
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) && !report.contains("is not known: EPERM") {
        assert!(report.contains("waiting.rs:"), "{report}");
    }
}
