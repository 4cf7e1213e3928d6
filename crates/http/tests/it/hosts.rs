//! The Host of one request after another on the same connection.

use bytes::BytesMut;
use flagon_http::h1::{HeadState, Limits, Refusal, parse_head};

/// What becomes of requests with these Host lines, one after the other.
fn hosts(lines: &[&str]) -> Vec<Option<Refusal>> {
    let mut state = HeadState::default();
    let parse = |line: &&str| {
        let mut bytes = BytesMut::from(format!("GET / HTTP/1.1\r\n{line}\r\n").as_str());
        parse_head(&mut bytes, &Limits::default(), &mut state).err()
    };
    lines.iter().map(parse).collect()
}

#[test]
fn a_host_is_checked_although_the_one_before_was_right() {
    let good = "Host: example.org\r\n";
    assert_eq!(hosts(&[good, good]), [None, None]);
    assert_eq!(hosts(&["Host:\r\n"]), [Some(Refusal::HostInvalid)]);
    assert_eq!(hosts(&[good, "Host:\r\n"]), [None, Some(Refusal::HostInvalid)]);
    assert_eq!(hosts(&[good, "Host: a b\r\n"]), [None, Some(Refusal::HostInvalid)]);
    assert_eq!(hosts(&[good, ""]), [None, Some(Refusal::HostMissing)]);
    let twice = format!("{good}{good}");
    assert_eq!(hosts(&[good, &twice]), [None, Some(Refusal::HostRepeated)]);
}
