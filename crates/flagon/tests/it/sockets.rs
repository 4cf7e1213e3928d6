//! Answers as they come out of a socket: whole, without their body, and cut off.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use flagon::{Application, Route, prelude::*, send_file, stream};
use flagon_server::{Config, Listen, Server, Shutdown};

/// Asks `app`, which a server serves meanwhile, and reads until the connection is closed.
fn ask(app: Application, request: &str) -> Vec<u8> {
    let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
    let server: Server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
    let address = server.addresses()[0].socket();
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    let client = request.to_owned();
    let client = thread::spawn(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.write_all(client.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A reset is one of the ways to be cut off.
        let read = socket.read_to_end(&mut answer);
        stop.now();
        assert!(read.is_ok() || read.unwrap_err().kind() == io::ErrorKind::ConnectionReset);
        answer
    });
    server.serve(app, &shutdown).unwrap();
    client.join().unwrap()
}

fn parts(answer: &[u8]) -> (String, &[u8]) {
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..at]).to_ascii_lowercase(), &answer[at + 4..])
}

#[test]
fn a_stream_that_fails_is_not_ended_like_one_that_is_whole() {
    for (fails, end) in [(false, "0\r\n\r\n"), (true, "two\r\n")] {
        let view = move || async move {
            let pieces = [Some(Ok("one")), Some(Ok("two")), fails.then(|| Err(io::Error::other("gone")))];
            stream(futures_util::stream::iter(pieces.into_iter().flatten()))
        };
        let app = App::new("t").routes([Route::new("s", "/", ["GET"], view)]).build().unwrap();
        let answer = ask(app, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let text = String::from_utf8(answer).unwrap();
        assert!(text.contains("3\r\none\r\n3\r\ntwo\r\n"), "{text}");
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn a_large_file_has_its_length_and_its_head_has_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    fs::write(folder.path().join("large.bin"), &content).unwrap();
    for (method, length) in [("GET", 3_000_000), ("HEAD", 0)] {
        let app = App::new("t").root_path(folder.path()).static_folder("").build().unwrap();
        let request = format!("{method} /static/large.bin HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let answer = ask(app, &request);
        let (head, body) = parts(&answer);
        assert!(head.contains("\r\ncontent-length: 3000000"), "{head}");
        assert!(body == &content[..length], "{} bytes", body.len());
    }
}

#[test]
fn a_file_that_shrinks_is_cut_off_before_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.bin");
    fs::write(&path, vec![7; 3_000_000]).unwrap();
    let view = move || {
        let path = path.clone();
        async move {
            let response = send_file(&path).await?;
            File::options().write(true).open(&path)?.set_len(1_000_000)?;
            Ok::<_, Error>(response)
        }
    };
    let app = App::new("t").routes([Route::new("s", "/", ["GET"], view)]).build().unwrap();
    let answer = ask(app, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"); // it ends, though it was to be kept alive
    let (head, body) = parts(&answer);
    assert!(head.contains("\r\ncontent-length: 3000000"), "{head}");
    assert!(body.len() <= 1_000_000, "{} bytes", body.len());
}

#[test]
fn a_head_request_is_told_no_length_where_its_get_has_none() {
    let none = Route::new("none", "/none", ["GET"], async || ());
    let same = Route::new("same", "/same", ["GET"], async || http::StatusCode::NOT_MODIFIED);
    let app = App::new("t").routes([none, same]).build().unwrap();
    for (path, status) in [("/none", "204"), ("/same", "304")] {
        let request = format!("HEAD {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let answer = ask(app.clone(), &request);
        let (head, _) = parts(&answer);
        assert!(
            head.starts_with(&format!("http/1.1 {status}")) && !head.contains("content-length"),
            "{head}"
        );
    }
}

#[test]
fn methods_that_are_of_no_resource() {
    let any = Route::new("any", "/", ["GET"], async || "any");
    let app = App::new("t").routes([any]).build().unwrap();
    for (line, status) in [
        ("OPTIONS *", "200"), // RFC 9110 §9.3.7: the whole server
        ("TRACE /", "405"),
        ("CONNECT example.org:443", "501"),
        ("BREW /", "501"),
        ("QUERY /", "405"),
    ] {
        let host = if line.starts_with("CONNECT") { "example.org:443" } else { "a" };
        let request =
            format!("{line} HTTP/1.1\r\nhost: {host}\r\ncookie: secret\r\nconnection: close\r\n\r\n");
        let answer = ask(app.clone(), &request);
        let (head, body) = parts(&answer);
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{line}: {head}");
        assert!(!String::from_utf8_lossy(body).contains("secret"), "{line}");
    }
}
