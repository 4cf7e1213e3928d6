//! What idle connections cost, and clients that mean harm.

use std::fs;

use crate::{
    client::{Client, connect},
    frames::*,
    running::wait_until,
    shutdown::Example,
};

const CONNECTIONS: usize = 10_000;

/// The memory that a process holds, in bytes. It counts what it gave back to its allocator, too.
fn resident(pid: u32) -> usize {
    memory(pid, "VmRSS:")
}

fn memory(pid: u32, what: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn an_idle_connection_holds_less_than_8_kib() {
    let needed = CONNECTIONS as u64 + 100;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum.or(Some(needed)), ..limit };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    assert!(limit.maximum.is_none_or(|maximum| maximum >= needed), "`ulimit -Hn` must be at least {needed}");

    let example = Example::start();
    let ask = |client: &mut Client| assert_eq!(client.get("/").text(), "Hello, World!");
    let mut first = Client::over(connect(example.address));
    (0..100).for_each(|_| ask(&mut first));
    let before = resident(example.pid());
    let mut clients: Vec<Client> = (0..CONNECTIONS).map(|_| Client::over(connect(example.address))).collect();
    clients.iter_mut().for_each(ask);
    // They have cooled down when no more memory is given back.
    let mut last = usize::MAX;
    wait_until("memory settles", || {
        let now = resident(example.pid());
        std::mem::replace(&mut last, now) == now
    });
    let each = resident(example.pid()).saturating_sub(before) / CONNECTIONS;
    println!("{each} bytes of memory per idle connection");
    assert!(each < 8 * 1024, "{each} bytes per idle connection");
    clients.iter_mut().for_each(ask);
}

/// Makes the frames of one time.
type Flood = fn(usize) -> Vec<u8>;

/// What costs a client nothing, frame after frame.
const FLOODS: [(&str, Flood); 10] = [
    ("resets", |at| {
        let stream = at as u32 * 2 + 1;
        let ask = frame(HEADERS, END_STREAM | END_HEADERS, stream, &request("GET", "/"));
        [ask, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    }),
    ("streams of which the window is broken", |at| {
        let stream = at as u32 * 2 + 1;
        let ask = frame(HEADERS, END_HEADERS, stream, &request("POST", "/"));
        [ask, frame(WINDOW_UPDATE, 0, stream, &i32::MAX.to_be_bytes())].concat()
    }),
    ("CONTINUATION", |at| match at {
        0 => frame(HEADERS, END_STREAM, 1, &request("GET", "/")),
        _ => frame(CONTINUATION, 0, 1, &literal("a", "b")),
    }),
    ("empty CONTINUATION", |at| match at {
        0 => frame(HEADERS, END_STREAM, 1, &request("GET", "/")),
        _ => frame(CONTINUATION, 0, 1, &[]),
    }),
    ("a header list that HPACK makes long", |_| {
        let mut block = request("GET", "/");
        block.extend([0x40, 1, b'a']);
        number(&mut block, 4000);
        block.extend([b'x'; 4000]);
        block.extend([0xbe; 8000]);
        frame(HEADERS, END_STREAM | END_HEADERS, 1, &block)
    }),
    ("PING", |_| frame(PING, 0, 0, &[0; 8])),
    ("SETTINGS", |_| frame(SETTINGS, 0, 0, &[])),
    ("PRIORITY", |_| frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1])),
    ("WINDOW_UPDATE", |_| frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes())),
    ("frames of unknown types", |_| frame(99, 0, 1, &[0; 5])),
];

#[test]
fn floods_of_http_2_end_with_goaway_and_leave_memory_flat() {
    let example = Example::start();
    for (name, bytes) in FLOODS {
        let flood = |times: usize| {
            for _ in 0..times {
                let mut peer = Peer::at(example.address, &[]);
                peer.flood(20_000, bytes);
                assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM, "{name}");
            }
        };
        flood(2);
        let first = memory(example.pid(), "VmHWM:");
        flood(6);
        let growth = memory(example.pid(), "VmHWM:").saturating_sub(first);
        println!("{name}: {} KiB more after 6 floods", growth >> 10);
        assert!(growth < 2 << 20, "{name}: {growth} bytes more after 6 floods");
    }
}
