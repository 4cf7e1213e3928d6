//! Lines as they are written, and what a client can't do to them.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use flagon_http::http_date::HttpDate;

use super::{Colours, Writer, line::Line, subscriber};
use crate::config::{AccessLog, LogConfig, LogFormat};

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs what `work` does.
fn logged(config: &LogConfig, work: impl FnOnce()) -> String {
    let kept = Kept::default();
    let writer = Writer::to(kept.clone()).unwrap();
    tracing::subscriber::with_default(subscriber(config, &writer, Colours::Avoid).unwrap(), work);
    writer.flush();
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn line() -> Line {
    Line {
        client: "192.0.2.1".into(),
        method: "GET".into(),
        target: "/a?b=c".into(),
        version: "HTTP/1.1".into(),
        status: 200,
        size: Some(13),
        milliseconds: 1.25,
        request: "0af3".into(),
        endpoint: Some("blog.index".into()),
        host: "example.org".into(),
        referrer: None,
        browser: Some("curl/8".into()),
    }
}

fn now() -> HttpDate {
    HttpDate::from(UNIX_EPOCH + Duration::from_secs(784_111_777))
}

#[test]
fn formats_are_those_that_tools_read() {
    let common = "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /a?b=c HTTP/1.1\" 200 13";
    assert_eq!(line().write(AccessLog::Common, now()), format!("{common} 1.250 0af3 blog.index\n"));
    assert_eq!(
        line().write(AccessLog::Combined, now()),
        format!("{common} \"-\" \"curl/8\" 1.250 0af3 blog.index\n")
    );
    let unknown = Line { size: None, endpoint: None, ..line() }.write(AccessLog::Common, now());
    assert!(unknown.ends_with(" 200 - 1.250 0af3 -\n"), "{unknown}");
    let json: serde_json::Value = serde_json::from_str(&line().write(AccessLog::Json, now())).unwrap();
    assert_eq!(json["time"], "1994-11-06T08:49:37Z");
    assert_eq!((&json["status"], &json["milliseconds"]), (&200.into(), &1.25.into()));
    assert_eq!((&json["referrer"], &json["browser"]), (&serde_json::Value::Null, &"curl/8".into()));
}

#[test]
fn a_client_cannot_forge_a_line() {
    let forged = "\"\n192.0.2.9 - - \u{1b}[2J\\ \u{85}\u{2028}é";
    let line = Line {
        method: forged.into(),
        target: forged.into(),
        endpoint: Some(forged.into()),
        referrer: Some(forged.into()),
        browser: Some(forged.into()),
        ..line()
    };
    for format in [AccessLog::Common, AccessLog::Combined] {
        let text = line.write(format, now());
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.trim_end_matches('\n').bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
        assert!(text.contains("\\\"\\x0a192.0.2.9 - - \\x1b[2J\\\\ \\xc2\\x85"), "{text}");
    }
    let json = line.write(AccessLog::Json, now());
    assert_eq!(json.lines().count(), 1);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["browser"], forged);
}

#[test]
fn requests_are_logged_only_when_asked_for() {
    let request = || {
        tracing::info!(target: "flagon::access", method = "GET", status = 200_u16);
        tracing::info!("something else");
    };
    let config = |access, format| LogConfig { format, access, ..LogConfig::default() };
    let both = logged(&config(AccessLog::Common, LogFormat::Human), request);
    assert!(both.contains("\"GET ") && both.contains("something else"), "{both}");
    assert_eq!(both.lines().count(), 2, "{both}");
    let one = logged(&config(AccessLog::Off, LogFormat::Json), request);
    let event: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!(event["fields"]["message"], "something else");
}

#[test]
fn levels_are_by_module_and_their_mistakes_are_told() {
    let work = || {
        tracing::debug!(target: "blog::posts", "seen");
        tracing::info!(target: "other", "unseen");
    };
    let config = LogConfig { level: "warn,blog=debug".into(), ..LogConfig::default() };
    let text = logged(&config, work);
    assert!(text.contains("seen") && !text.contains("unseen"), "{text}");

    let config = LogConfig { level: "loud".into(), ..LogConfig::default() };
    let writer = Writer::to(io::sink()).unwrap();
    let error = subscriber(&config, &writer, Colours::Avoid).err().unwrap();
    assert!(
        error.starts_with("`log.level` must be a level (off, ") && error.ends_with("but it is \"loud\""),
        "{error}"
    );
}

/// Takes nothing until it is let go.
struct Stuck(std::sync::mpsc::Receiver<()>, Kept);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv(); // ends at once when the sender is gone
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_stalls_costs_lines_and_not_requests() {
    let (let_go, stuck) = std::sync::mpsc::channel();
    let kept = Kept::default();
    let writer = Writer::to(Stuck(stuck, kept.clone())).unwrap();
    let line = vec![b'x'; 1 << 20];
    for _ in 0..20 {
        writer.line(&line); // never waits
    }
    drop(let_go);
    writer.flush();
    writer.line(b"last\n");
    writer.flush();
    let kept = kept.0.lock().unwrap();
    let text = std::str::from_utf8(&kept).unwrap();
    assert!(text.len() < 10 << 20, "{}", text.len());
    assert!(text.contains("log lines were lost") && text.ends_with("last\n"));
}
