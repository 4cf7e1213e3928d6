//! Every `tests/cases/*.http` gives what stands beside it in `*.out`, however its bytes are split.
//!
//! A case is text: escapes stand for bytes (`\r \n \t \0 \\ \xNN`, and `\(9000:a)` for 9,000 times `a`), the line
//! ends of the file stand for nothing. Lines that start with `# ` explain, one that starts with `#!` sets limits
//! (`#! head_bytes=100 header_count=2 target_bytes=20 body_bytes=5`).
//! `BLESS=1 cargo test -p flagon-http` writes the `*.out` files; read them before committing.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use bytes::BytesMut;
use flagon_http::{h1::Limits, http_date::HttpDate};

use crate::conversation::{Conversation, End, Message, read};

#[test]
fn every_case_gives_what_stands_beside_it() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for file in files() {
        let case = Case::load(&file);
        let found = render(&case.read_whole());
        let beside = file.with_extension("out");
        if bless {
            fs::write(&beside, found).unwrap();
        } else if fs::read_to_string(&beside).unwrap_or_default() != found {
            wrong.push(format!("{}\nfound:\n{found}", beside.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_many_cases_and_no_output_without_one() {
    let cases = files();
    assert!(cases.len() >= 90, "{} cases", cases.len());
    for output in with_extension("out") {
        assert!(cases.contains(&output.with_extension("http")), "{} has no case", output.display());
    }
}

#[test]
fn byte_by_byte_nothing_changes() {
    for file in files() {
        let case = Case::load(&file);
        assert_eq!(case.read_whole(), case.read(case.bytes.chunks(1)), "{}", file.display());
    }
}

#[test]
fn random_splits_change_nothing() {
    // A fixed generator: the splits are the same on every run.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for file in files() {
        let case = Case::load(&file);
        let whole = case.read_whole();
        for _ in 0..50 {
            let mut pieces = Vec::new();
            let mut rest = case.bytes.as_slice();
            while !rest.is_empty() {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let longest = if random & 1 == 0 { 4 } else { 64 };
                let (piece, after) = rest.split_at(rest.len().min(1 + (random >> 33) as usize % longest));
                pieces.push(piece);
                rest = after;
            }
            assert_eq!(whole, case.read(pieces), "{}", file.display());
        }
    }
}

struct Case {
    bytes: Vec<u8>,
    limits: Limits,
    body_limit: u64,
}

impl Case {
    fn load(file: &Path) -> Self {
        let mut case = Self { bytes: Vec::new(), limits: Limits::default(), body_limit: 1 << 20 };
        for line in fs::read_to_string(file).unwrap().lines() {
            if let Some(settings) = line.strip_prefix("#!") {
                settings.split_whitespace().for_each(|setting| case.set(setting));
            } else if !line.starts_with("# ") {
                unescape(line, &mut case.bytes);
            }
        }
        case
    }

    fn set(&mut self, setting: &str) {
        let (name, value) = setting.split_once('=').unwrap();
        let value: usize = value.parse().unwrap();
        match name {
            "head_bytes" => self.limits.head_bytes = value,
            "header_count" => self.limits.header_count = value,
            "target_bytes" => self.limits.target_bytes = value,
            "body_bytes" => self.body_limit = value as u64,
            _ => panic!("{name} is no limit"),
        }
    }

    fn read_whole(&self) -> Conversation {
        self.read([self.bytes.as_slice()])
    }

    fn read<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Conversation {
        read(pieces, &self.limits, self.body_limit)
    }
}

fn files() -> Vec<PathBuf> {
    with_extension("http")
}

fn with_extension(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn unescape(line: &str, bytes: &mut Vec<u8>) {
    let mut rest = line.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&code, after) = rest.split_first().unwrap();
        rest = after;
        match code {
            b'r' => bytes.push(b'\r'),
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'0' => bytes.push(0),
            b'\\' => bytes.push(b'\\'),
            b'x' => {
                let digits = std::str::from_utf8(&rest[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &rest[2..];
            }
            b'(' => {
                let end = rest.iter().position(|byte| *byte == b')').unwrap();
                let (count, text) = std::str::from_utf8(&rest[..end]).unwrap().split_once(':').unwrap();
                let mut once = Vec::new();
                unescape(text, &mut once);
                bytes.extend(once.repeat(count.parse().unwrap()));
                rest = &rest[end + 1..];
            }
            _ => panic!("\\{} is no escape", char::from(code)),
        }
    }
}

fn render(conversation: &Conversation) -> String {
    let mut text = String::new();
    for message in &conversation.messages {
        render_message(message, &mut text);
    }
    match &conversation.end {
        End::Waiting(left) if left.is_empty() => text.push_str("nothing left\n"),
        End::Waiting(left) => writeln!(text, "left: {}", escape(left)).unwrap(),
        End::Refused(refusal) => {
            let mut answer = BytesMut::new();
            refusal.write_answer(&mut answer, &HttpDate::EPOCH);
            writeln!(text, "refused: {refusal:?}").unwrap();
            text.push_str(&escape(&answer).replace("\\r\\n", "\\r\\n\n"));
            text.push('\n');
        }
    }
    text
}

fn render_message(message: &Message, text: &mut String) {
    writeln!(text, "{}", message.request_line).unwrap();
    for (name, value) in &message.fields {
        writeln!(text, "  {name}: {}", escape(value.as_bytes())).unwrap();
    }
    let waits = if message.expects_continue { ", expects 100" } else { "" };
    writeln!(text, "framing {:?}, {:?}{waits}", message.framing, message.persistence).unwrap();
    let end = if message.is_whole { "whole" } else { "so far" };
    writeln!(text, "body, {end}: {}", escape(&message.body)).unwrap();
    for (name, value) in message.trailers.iter().flatten() {
        writeln!(text, "  trailer {name}: {}", escape(value.as_bytes())).unwrap();
    }
}

/// Bytes as a case file has them; long runs of one byte are shortened.
fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take_while(|byte| **byte == first).count();
        let shown = match first {
            b'\\' => "\\\\".to_owned(),
            b'\0' => "\\0".to_owned(),
            b'"' | b'\'' => char::from(first).to_string(),
            byte => byte.escape_ascii().to_string(),
        };
        if run > 20 {
            write!(text, "\\({run}:{shown})").unwrap();
        } else {
            text.push_str(&shown.repeat(run));
        }
        rest = &rest[run..];
    }
    text
}
