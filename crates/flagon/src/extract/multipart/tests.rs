use proptest::prelude::*;

use super::{Event, LONGEST_HEAD, Malformed, Parser};

/// A part: its name, its file's name, its media type, its bytes.
type Part = (String, Option<String>, Option<String>, Vec<u8>);

fn read<'a>(boundary: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Part>, Malformed> {
    let mut parser = Parser::new(boundary)?;
    let mut parts: Vec<Part> = Vec::new();
    for piece in pieces {
        parser.feed(piece);
        while let Some(event) = parser.next()? {
            match event {
                Event::Part(head) => parts.push((head.name, head.filename, head.content_type, Vec::new())),
                Event::Data(bytes) => parts.last_mut().unwrap().3.extend_from_slice(&bytes),
                Event::End => (),
            }
        }
    }
    parser.end()?;
    Ok(parts)
}

fn text(name: &str, value: &str) -> Part {
    (name.to_owned(), None, None, value.as_bytes().to_vec())
}

const FORM: &str = "ignored\r\n\
    --b\r\n\
    Content-Disposition: form-data; name=\"title\"\r\n\
    \r\n\
    hello\r\n--not\r\n\
    --b  \r\n\
    content-type: text/plain; charset=utf-8\r\n\
    CONTENT-DISPOSITION: Form-Data; name=\"a \\\"b\\\"\"; filename=\"C:\\new.txt\"\r\n\
    X-Other: 1\r\n\
    \r\n\
    \r\n\
    --b\r\n\
    Content-Disposition: form-data; name=c; filename*=UTF-8''%e4%b8%ad.txt\r\n\
    \r\n\
    x\r\n\
    --b--\r\n\
    ignored too";

fn form() -> Vec<Part> {
    vec![
        text("title", "hello\r\n--not"),
        (
            "a \"b\"".to_owned(),
            Some("C:\\new.txt".to_owned()),
            Some("text/plain; charset=utf-8".to_owned()),
            Vec::new(),
        ),
        ("c".to_owned(), Some("中.txt".to_owned()), None, b"x".to_vec()),
    ]
}

#[test]
fn parts_are_found() {
    assert_eq!(read("b", [FORM.as_bytes()]).unwrap(), form());
    assert_eq!(read("b", [&b"--b--"[..]]).unwrap(), []);
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for at in 0..=FORM.len() {
        let (first, second) = FORM.as_bytes().split_at(at);
        assert_eq!(read("b", [first, second]).unwrap(), form(), "cut at {at}");
    }
    assert_eq!(read("b", FORM.as_bytes().chunks(1)).unwrap(), form());
}

#[test]
fn what_ends_early_is_never_whole() {
    let last = FORM.find("--b--").unwrap() + "--b--".len();
    for length in 0..last {
        let error = read("b", [&FORM.as_bytes()[..length]]).unwrap_err();
        assert_eq!(error, Malformed::Truncated, "{length} bytes");
    }
}

#[test]
fn what_is_malformed_is_refused() {
    let head = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b--");
    let disposition = "Content-Disposition: form-data; name=a";
    for (body, why) in [
        ("--bx\r\n\r\n".to_owned(), Malformed::Delimiter),
        ("--b\n\n".to_owned(), Malformed::Delimiter),
        ("--b-x".to_owned(), Malformed::Delimiter),
        (head(""), Malformed::Disposition),
        (head("Content-Type: text/plain"), Malformed::Disposition),
        (head("Content-Disposition: attachment; name=a"), Malformed::Disposition),
        (head("Content-Disposition: form-data; filename=a"), Malformed::Disposition),
        (head("Content-Disposition: form-data; name=a; name=b"), Malformed::Disposition),
        (head("Content-Disposition: form-data; name=a; filename*=latin1''x"), Malformed::Disposition),
        (head(&format!("{disposition}\r\n{disposition}")), Malformed::Head),
        (head(&format!("{disposition}\r\n folded")), Malformed::Head),
        (head(&format!("{disposition}\r\nx y: 1")), Malformed::Head),
        (head("Content-Disposition: form-data; name=\"a\rb\""), Malformed::Head),
        (head(&format!("{disposition}\r\nContent-Transfer-Encoding: base64")), Malformed::TransferEncoding),
    ] {
        assert_eq!(read("b", [body.as_bytes()]), Err(why), "{body:?}");
        assert_eq!(read("b", body.as_bytes().chunks(1)), Err(why), "{body:?} byte by byte");
    }
}

#[test]
fn a_head_has_a_limit() {
    let with_head_of = |length: usize| {
        let disposition = "Content-Disposition: form-data; name=a\r\nX: ";
        let padding = "x".repeat(length - "\r\n".len() - disposition.len());
        format!("--b\r\n{disposition}{padding}\r\n\r\n\r\n--b--")
    };
    let (longest, longer) = (with_head_of(LONGEST_HEAD), with_head_of(LONGEST_HEAD + 1));
    assert_eq!(read("b", [longest.as_bytes()]).unwrap(), [text("a", "")]);
    assert_eq!(read("b", longest.as_bytes().chunks(1)).unwrap(), [text("a", "")]);
    assert_eq!(read("b", [longer.as_bytes()]), Err(Malformed::LongHead));
    assert_eq!(read("b", longer.as_bytes().chunks(1)), Err(Malformed::LongHead));
}

#[test]
fn a_boundary_has_its_own_rules() {
    for boundary in ["", "a ", "a;b", "ü", &"x".repeat(71)] {
        assert_eq!(read(boundary, []), Err(Malformed::Boundary), "{boundary:?}");
    }
    let longest = "x".repeat(70);
    assert_eq!(read(&longest, [format!("--{longest}--").as_bytes()]).unwrap(), []);
}

#[test]
fn no_more_is_kept_than_a_delimiter() {
    let mut parser = Parser::new("boundary").unwrap();
    parser.feed(b"--boundary\r\nContent-Disposition: form-data; name=a\r\n\r\n");
    assert!(matches!(parser.next(), Ok(Some(Event::Part(_)))));
    let mut got = 0;
    for _ in 0..100 {
        parser.feed(&[b'\r'; 1000]);
        while let Some(Event::Data(bytes)) = parser.next().unwrap() {
            got += bytes.len();
        }
        assert!(parser.buffer.len() < "\r\n--boundary".len());
    }
    assert!(got > 99_900);
}

/// As a browser writes it.
fn written(parts: &[Part], boundary: &str) -> Vec<u8> {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut body = Vec::new();
    for (name, filename, content_type, bytes) in parts {
        body.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name)).bytes(),
        );
        if let Some(filename) = filename {
            body.extend(format!("; filename=\"{}\"", quoted(filename)).bytes());
        }
        if let Some(content_type) = content_type {
            body.extend(format!("\r\nContent-Type: {content_type}").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    body
}

fn any_part() -> impl Strategy<Value = Part> {
    let name = "[^\\p{Cc}]{0,12}";
    // Bytes that look like delimiters are likelier than chance would have them.
    let piece = prop_oneof![
        Just(b"\r\n--".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"--".to_vec()),
        prop::collection::vec(any::<u8>(), 0..20)
    ];
    let bytes = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    (name, prop::option::of(name), prop::option::of("[a-z]{1,5}/[a-z]{1,5}"), bytes)
}

/// What bodies are made of.
const PIECES: &[&[u8]] = &[
    b"\r\n--b",
    b"--b",
    b"--",
    b"\r\n",
    b"\r",
    b" ",
    b"Content-Disposition: form-data; name=a",
    b"; filename=",
    b"\r\n\r\n",
    b"x",
    b"\xff",
];

proptest! {
    #[test]
    fn what_was_written_comes_back(
        parts in prop::collection::vec(any_part(), 0..5),
        size in 1_usize..40,
    ) {
        let boundary = "vAx7-c_p.b";
        let body = written(&parts, boundary);
        prop_assert_eq!(&read(boundary, [&body[..]]).unwrap(), &parts);
        prop_assert_eq!(&read(boundary, body.chunks(size)).unwrap(), &parts);
    }

    #[test]
    fn bytes_mean_the_same_wherever_they_are_cut(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..25),
        size in 1_usize..9,
    ) {
        let body = pieces.concat();
        prop_assert_eq!(read("b", [&body[..]]), read("b", body.chunks(size)));
    }
}
