//! Bodies that are larger than what may be kept of them.

use std::{io::Write as _, thread};

use flagon::prelude::*;

use crate::sides::{Back, Front, header};

const PIECE: usize = 64 * 1024;

/// Resident memory of this process, in which both sides and the client run, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Sends `megabytes` through the app to a server that gives them back as they come; gives by how much memory grew at the most.
fn there_and_back(megabytes: u64) -> u64 {
    let length = megabytes << 20;
    let back = Back::start(|mut wire, _| {
        let head = wire.head().unwrap();
        let length: u64 = header(&head, "content-length").unwrap().parse().unwrap();
        wire.write(&format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"));
        let (mut piece, mut left) = (vec![0; PIECE], length);
        while left > 0 {
            let read = wire.read(&mut piece).unwrap();
            assert!(read > 0, "the body broke off");
            left -= read as u64;
            wire.write_bytes(&piece[..read]);
        }
    });
    let front = Front::start(App::new("front").upstream(back.url()).build().unwrap());
    let mut wire = front.connect();
    let mut upload = wire.socket().try_clone().unwrap();
    let before = resident();
    let sending = thread::spawn(move || {
        upload
            .write_all(format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n").as_bytes())
            .unwrap();
        let piece: Vec<u8> = (0..=255).cycle().take(PIECE).collect();
        for _ in 0..length / PIECE as u64 {
            upload.write_all(&piece).unwrap();
        }
    });
    let head = wire.head().unwrap();
    assert_eq!(header(&head, "content-length"), Some(length.to_string().as_str()));
    let (mut piece, mut came, mut most) = (vec![0; PIECE], 0_u64, 0);
    while came < length {
        let read = wire.read(&mut piece).unwrap();
        assert!(read > 0, "the answer broke off at {came}");
        let place = |at: usize| u8::try_from((came + at as u64) % 256).unwrap();
        assert!(piece[0] == place(0) && piece[read - 1] == place(read - 1), "bytes are missing at {came}");
        came += read as u64;
        if came % (1 << 20) < read as u64 {
            most = most.max(resident().saturating_sub(before));
        }
    }
    sending.join().unwrap();
    most
}

#[test]
fn a_body_streams_both_ways() {
    // Other tests run in this process: how much memory that takes is seen where this one runs alone.
    there_and_back(32);
}

#[test]
#[ignore = "2 GiB go by; run it alone: `cargo test -p flagon --test moving a_gibibyte -- --ignored`"]
fn a_gibibyte_streams_both_ways_and_memory_does_not_grow() {
    let grown = there_and_back(1024);
    assert!(grown < 16, "{grown} MiB");
}
