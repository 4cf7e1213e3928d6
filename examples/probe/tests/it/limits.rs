//! Each limit of [`flagon::guide::limits`]: what is answered, whether the connection goes on, and that memory stays flat however
//! often somebody tries.
//!
//! Memory is the most that the probe ever held while many clients tried again and again, beyond what it held after the first of
//! them. What is tried is several times larger altogether than what that may be.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use crate::{
    client::{
        Client,
        Then::{self, Ends, GoesOn},
    },
    peer::{Body, Kinds, Peer},
    probe::Probe,
};

/// One limit.
pub(crate) struct Case {
    /// Begins with the setting, if it has one.
    pub(crate) name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    /// Tries once; the number is another one each time. Gives the status, or the code of what ended a stream of HTTP/2 (RFC 9113 §7) or a
    /// handshake (RFC 9846 §6), and what becomes of the connection.
    attempt: fn(&Probe, usize) -> (u16, Then),
    outcome: (u16, Then),
    /// Of these tries memory may grow to what it needs, and by how much.
    first: (usize, usize),
    /// How often it is tried then.
    times: usize,
    /// What others do meanwhile: so many of them send this and stay.
    others: (usize, &'static str),
}

const CLIENTS: usize = 8;
/// By how much memory may grow beyond.
const GROWTH: usize = 3 << 20;

/// Has others do what they do.
fn occupy(case: &Case, probe: &Probe) -> Vec<Client> {
    assert_eq!(ask(probe, get("/plaintext", "")), (200, GoesOn));
    let (count, request) = case.others;
    let mut others: Vec<_> = (0..count).map(|_| Client::new(probe)).collect();
    for client in &mut others {
        client.send(request);
        if request != PENDING {
            client.answer();
        }
    }
    // What they wait for has begun when it has its effect.
    while request == PENDING && (case.attempt)(probe, usize::MAX) != case.outcome {
        thread::yield_now();
    }
    others
}

/// Tries, with several clients at once.
fn run(case: &Case, probe: &Probe, numbers: std::ops::Range<usize>) {
    let next = AtomicUsize::new(numbers.start);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number >= numbers.end {
                        return;
                    }
                    assert_eq!((case.attempt)(probe, number), case.outcome, "{}", case.name);
                }
            });
        }
    });
}

fn check(case: &Case) {
    let probe = Probe::with(case.settings);
    let _others = occupy(case, &probe);
    let (start, (tries, allowed)) = (memory(&probe), case.first);
    run(case, &probe, 0..tries);
    let first = memory(&probe);
    run(case, &probe, tries..tries + case.times);
    let [need, growth] =
        [first.saturating_sub(start), memory(&probe).saturating_sub(first)].map(|bytes| bytes >> 10);
    let (status, then) = case.outcome;
    assert!(
        need <= allowed >> 10 && growth <= GROWTH >> 10,
        "{} ({status} {then:?}): {need} KiB, then {growth} KiB in {} tries",
        case.name,
        case.times
    );
}

/// The most memory that the probe ever held, in bytes.
fn memory(probe: &Probe) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", probe.pid())).unwrap();
    let found = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    found.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n")
}

fn post(path: &str, media_type: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn chunked(chunks: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{chunks}")
}

fn part(name: &str, value: &str) -> String {
    format!("--b\r\ncontent-disposition: form-data; name={name}\r\n\r\n{value}\r\n")
}

fn multipart(parts: &str) -> String {
    post("/files", "multipart/form-data; boundary=b", &format!("{parts}--b--\r\n"))
}

fn ask(probe: &Probe, request: impl AsRef<[u8]>) -> (u16, Then) {
    Client::new(probe).ask(request)
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

const fn case(name: &'static str, outcome: (u16, Then), attempt: fn(&Probe, usize) -> (u16, Then)) -> Case {
    Case { name, settings: &[], attempt, outcome, first: (24, 16 << 20), times: 100, others: (0, "") }
}

/// Heads: read into one buffer, which ends at the limit.
const HEADS: &[Case] = &[
    case("server.limits.head", (431, Ends), |probe, _| {
        ask(probe, get("/", &format!("x: {}\r\n", "x".repeat(40_000))))
    }),
    case("server.limits.headers", (431, Ends), |probe, _| ask(probe, get("/", &"a: b\r\n".repeat(5_000)))),
    case("the length of a target", (414, Ends), |probe, _| {
        ask(probe, get(&format!("/{}", "x".repeat(20_000)), ""))
    }),
    case("fields that are lists: 64 elements count", (406, GoesOn), |probe, _| {
        ask(
            probe,
            get(
                "/negotiate",
                &format!(
                    "accept: {}*/*\r\naccept-language: {}de\r\n",
                    "a/b,".repeat(3_000),
                    "en,".repeat(3_000)
                ),
            ),
        )
    }),
    case("cookies: 500 pairs count", (200, GoesOn), |probe, _| {
        ask(probe, get("/plaintext", &format!("cookie: {}\r\n", "a=b; ".repeat(5_000))))
    }),
    case("ranges: 32", (200, GoesOn), |probe, _| {
        ask(probe, get("/conditional", &format!("range: bytes=0-1{}\r\n", ",0-".repeat(2_000))))
    }),
];

/// Bodies: refused by their announced length, or as soon as they are longer.
const BODIES: &[Case] = &[
    case("server.limits.body", (413, Ends), |probe, _| {
        ask(probe, "POST /upload HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n")
    }),
    case("max_content_length", (413, Ends), |probe, _| {
        ask(probe, post("/", "text/plain", &"x".repeat(3 << 20)))
    }),
    Case {
        settings: &[("MAX_CONTENT_LENGTH", "256KiB")],
        ..case("max_content_length, without a length", (413, GoesOn), |probe, _| {
            ask(
                probe,
                chunked(&format!("{}0\r\n\r\n", format!("8000\r\n{}\r\n", "x".repeat(0x8000)).repeat(10))),
            )
        })
    },
    case("max_body of a view", (413, Ends), |probe, _| {
        ask(
            probe,
            "POST /files HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 30000000\r\n\r\n",
        )
    }),
    case("server.limits.drain", (404, Ends), |probe, _| {
        ask(probe, post("/nowhere", "text/plain", &"x".repeat(300 << 10)))
    }),
    case("server.limits.drain, within it", (404, GoesOn), |probe, _| {
        ask(probe, post("/nowhere", "text/plain", &"x".repeat(200 << 10)))
    }),
    case("the line of a chunk's size", (400, Ends), |probe, _| {
        ask(probe, chunked(&format!("1;{}\r\n", "x".repeat(9_000))))
    }),
    case("extensions of chunks together", (400, Ends), |probe, _| {
        ask(probe, chunked(&format!("1;{}\r\nx\r\n", "x".repeat(3_000)).repeat(20)))
    }),
    case("trailers", (431, Ends), |probe, _| {
        ask(probe, chunked(&format!("0\r\nx: {}\r\n\r\n", "x".repeat(20_000))))
    }),
    case("max_form_parts", (413, GoesOn), |probe, _| ask(probe, multipart(&part("note", "x").repeat(1_001)))),
    case("max_form_parts, urlencoded", (413, GoesOn), |probe, _| {
        ask(probe, post("/login", FORM, &"a=b&".repeat(1_001)))
    }),
    case("max_form_memory_size", (413, GoesOn), |probe, _| {
        ask(probe, multipart(&part("note", &"x".repeat(600 << 10))))
    }),
    case("the head of a part", (400, GoesOn), |probe, _| {
        ask(probe, multipart(&part(&"x".repeat(20_000), "x")))
    }),
    case("max_form_field_length", (422, GoesOn), |probe, _| {
        ask(probe, multipart(&part("note", &"x".repeat(20_001))))
    }),
    case("files wait on the disk", (200, GoesOn), |probe, _| {
        let head = "--b\r\ncontent-disposition: form-data; name=file; filename=a\r\n\r\n";
        ask(probe, multipart(&format!("{head}{}\r\n", "x".repeat(1 << 20))))
    }),
    case("the depth of JSON", (400, GoesOn), |probe, _| {
        ask(probe, post("/query", JSON, &"[".repeat(100_000)).replacen("POST", "QUERY", 1))
    }),
    case("steps of a JSON Patch", (422, GoesOn), |probe, _| {
        let step = r#"{"op":"copy","from":"/tags","path":"/tags/-"},"#;
        let body = format!("[{}]", step.repeat(1_001).trim_end_matches(','));
        ask(probe, post("/patch", "application/json-patch+json", &body).replacen("POST", "PATCH", 1))
    }),
    case("content that is packed is not unpacked", (415, GoesOn), |probe, _| {
        let packed = post("/json", JSON, &"\0".repeat(1000));
        ask(probe, packed.replacen("content-type", "content-encoding: gzip\r\ncontent-type", 1))
    }),
];

/// Time: each is a tenth of a second here.
const TIMES: &[Case] = &[
    Case {
        settings: &[("SERVER__TIMEOUTS__HEAD", "100ms")],
        ..case("server.timeouts.head", (408, Ends), |probe, _| {
            ask(probe, "GET / HTTP/1.1\r\nhost: a\r\nx: y")
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__BODY", "100ms")],
        ..case("server.timeouts.body", (408, Ends), |probe, _| {
            ask(probe, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nab")
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__BODY", "100ms"), ("SERVER__LIMITS__BODY_RATE", "10000")],
        ..case("server.limits.body_rate", (408, Ends), |probe, _| {
            let mut client = Client::new(probe);
            client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n");
            client.send_until_answered("a few bytes");
            client.outcome()
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__IDLE", "100ms")],
        ..case("server.timeouts.idle", (0, Ends), |probe, _| ask(probe, ""))
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__HANDSHAKE", "100ms")],
        ..case("server.timeouts.handshake", (0, Ends), |probe, _| Client::at(probe.tls).ask([22, 3, 1]))
    },
    Case {
        settings: &[("VIEW_TIMEOUT", "100ms")],
        ..case("view_timeout", (504, GoesOn), |probe, _| ask(probe, get("/async/sleep?ms=60000", "")))
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__WRITE", "100ms")],
        times: 16,
        ..case("server.timeouts.write", (200, Ends), |probe, _| {
            let mut client = Client::new(probe);
            client.send(get("/conditional", "").repeat(3_500)); // 14 MB of answers: more than the system keeps
            let (status, _) = client.answer();
            client.expect_to_be_left();
            (status, Ends)
        })
    },
    Case {
        settings: &[
            ("SERVER__TIMEOUTS__WRITE", "100ms"),
            ("SERVER__LIMITS__ANSWER_RATE", "1000GiB"), // faster than anybody
        ],
        times: 24,
        ..case("server.limits.answer_rate", (200, Ends), |probe, _| {
            let mut client = Client::with_little_room(probe);
            client.send(get("/conditional", "").repeat(3_500));
            client.read_until_left();
            (200, Ends)
        })
    },
];

/// HTTP/2: what of it differs.
const STREAMS: &[Case] = &[
    Case {
        settings: &[("SERVER__LIMITS__STREAMS", "4"), ("VIEW_TIMEOUT", "none")],
        ..case("server.limits.streams", (REFUSED_STREAM, GoesOn), |probe, _| {
            let mut peer = Peer::new(probe, WINDOW);
            for stream in [1, 3, 5, 7] {
                peer.ask(stream, "GET", "/async/sleep?ms=600000", Body::None);
            }
            peer.ask(9, "GET", "/plaintext", Body::None);
            let code = peer.reset(9);
            for stream in [1, 3, 5, 7] {
                peer.cancel(stream);
            }
            (code, peer.goes_on(11))
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__BODY", "100ms")],
        times: 48,
        ..case("server.timeouts.body, HTTP/2", (408, GoesOn), |probe, _| {
            let mut peer = Peer::new(probe, WINDOW);
            peer.ask(1, "POST", "/", Body::Follows);
            peer.data(1, b"ab");
            (peer.answer(1), peer.goes_on(3))
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__BODY", "100ms"), ("SERVER__LIMITS__BODY_RATE", "1000GiB")],
        times: 48,
        ..case("server.limits.body_rate, HTTP/2", (408, GoesOn), |probe, _| {
            let mut peer = Peer::new(probe, WINDOW);
            peer.ask(1, "POST", "/", Body::Follows);
            let status = peer.until(1, Kinds::Answer, |peer| peer.data(1, b"x"));
            (status, peer.goes_on(3))
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__WRITE", "100ms")],
        times: 48,
        ..case(
            "server.timeouts.write, HTTP/2: a window that stays shut",
            (ENHANCE_YOUR_CALM, GoesOn),
            |probe, _| {
                let mut peer = Peer::new(probe, 0);
                peer.ask(1, "GET", "/conditional", Body::None);
                (peer.reset(1), peer.goes_on(3))
            },
        )
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__WRITE", "100ms")],
        times: 48,
        ..case("server.timeouts.write, HTTP/2: nothing is taken", (0, Ends), |probe, _| {
            let mut peer = Peer::new(probe, WINDOW);
            peer.take(0, 1 << 30);
            (0..100).for_each(|at| peer.ask(2 * at + 1, "GET", "/conditional", Body::None));
            (0, peer.expect_to_be_left())
        })
    },
    Case {
        settings: &[("SERVER__TIMEOUTS__WRITE", "100ms"), ("SERVER__LIMITS__ANSWER_RATE", "1000GiB")],
        times: 48,
        ..case("server.limits.answer_rate, HTTP/2", (ENHANCE_YOUR_CALM, GoesOn), |probe, _| {
            let mut peer = Peer::new(probe, 0);
            peer.ask(1, "GET", "/conditional", Body::None);
            let code = peer.until(1, Kinds::Reset, |peer| peer.take(1, 1));
            (code, peer.goes_on(3))
        })
    },
    Case {
        settings: &[("SERVER__LIMITS__LOGGED_FRAMES", "100")],
        ..case("server.limits.logged_frames", (200, GoesOn), |probe, _| {
            let mut peer = Peer::new(probe, WINDOW);
            for at in 0..300 {
                peer.ask(2 * at + 1, "GET", "/plaintext", Body::None);
                assert_eq!(peer.answer(2 * at + 1), 200);
            }
            (200, peer.goes_on(601))
        })
    },
];

/// Handshakes that come to nothing. The codes are those of alerts.
const HANDSHAKES: &[Case] = &[
    Case {
        settings: &[("SERVER__TIMEOUTS__HANDSHAKE", "100ms")],
        ..case("server.timeouts.handshake, after a hello", (0, Ends), |probe, _| {
            // The first half of what begins a handshake.
            Client::at(probe.tls).ask([22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3])
        })
    },
    case("TLS: a record that is none", (DECODE_ERROR, Ends), |probe, _| {
        refused(probe, &[22, 3, 1, 0, 4, 1, 0, 0, 0])
    }),
    case("TLS: a record that is too long", (DECODE_ERROR, Ends), |probe, _| {
        refused(probe, &[22, 3, 1, 0xff, 0xff])
    }),
    case("TLS: a version that is no more", (PROTOCOL_VERSION, Ends), |probe, _| {
        let random = [7; 32];
        let hello = [&[1, 0, 0, 51, 3, 1][..], &random, &[0, 0, 2, 0, 0x2f, 1, 0], SIGNATURES].concat();
        refused(probe, &[&[22, 3, 1, 0, 55][..], &hello].concat())
    }),
    case("TLS: plain HTTP", (400, Ends), |probe, _| Client::at(probe.tls).ask(get("/", ""))),
];

/// Begins a handshake with `bytes`, and reads why it ends.
fn refused(probe: &Probe, bytes: &[u8]) -> (u16, Then) {
    let mut client = Client::at(probe.tls);
    client.send(bytes);
    client.alert()
}

const WINDOW: u32 = 1 << 20;
const REFUSED_STREAM: u16 = 7;
const ENHANCE_YOUR_CALM: u16 = 11;
/// The extension `signature_algorithms`, with one of them.
const SIGNATURES: &[u8] = &[0, 8, 0, 13, 0, 4, 0, 2, 4, 3];
const DECODE_ERROR: u16 = 50;
const PROTOCOL_VERSION: u16 = 70;

const PENDING: &str = "GET /async/sleep?ms=600000 HTTP/1.1\r\nhost: a\r\n\r\n";
const BEHIND_PROXY: (&str, &str) = ("SERVER__TRUSTED_PROXIES", "127.0.0.0/8");

/// Room: for connections, requests, and what is remembered of clients.
const ROOM: &[Case] = &[
    Case {
        settings: &[("SERVER__LIMITS__CONNECTIONS", "20")],
        others: (20, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"),
        ..case("server.limits.connections", (503, Ends), |probe, _| ask(probe, ""))
    },
    Case {
        settings: &[("SERVER__LIMITS__CONNECTIONS_PER_ADDRESS", "20")],
        others: (20, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"),
        ..case("server.limits.connections_per_address", (429, Ends), |probe, _| ask(probe, ""))
    },
    Case {
        settings: &[
            ("SERVER__LIMITS__REQUESTS", "1"),
            ("SERVER__LIMITS__QUEUE", "0"),
            ("VIEW_TIMEOUT", "none"),
        ],
        others: (1, PENDING),
        ..case("server.limits.requests, server.limits.queue", (503, GoesOn), |probe, _| {
            ask(probe, get("/plaintext", ""))
        })
    },
    Case {
        settings: &[
            ("SERVER__LIMITS__REQUESTS", "1"),
            ("SERVER__TIMEOUTS__QUEUE", "50ms"),
            ("VIEW_TIMEOUT", "none"),
        ],
        others: (1, PENDING),
        ..case("server.timeouts.queue", (503, GoesOn), |probe, _| ask(probe, get("/plaintext", "")))
    },
    Case {
        others: (2, "GET /limited HTTP/1.1\r\nhost: a\r\n\r\n"),
        ..case("rate_limit", (429, GoesOn), |probe, _| ask(probe, get("/limited", "")))
    },
    Case {
        settings: &[BEHIND_PROXY],
        times: 2_000,
        ..case("rate_limit: clients that are known", (200, GoesOn), |probe, number| {
            let address = format!("x-forwarded-for: 10.0.{}.{}\r\n", number / 256, number % 256);
            ask(probe, get("/limited", &address))
        })
    },
    Case {
        settings: &[("IDEMPOTENCY__MEMORY", "20KiB")],
        times: 2_000,
        ..case("idempotency.memory", (200, GoesOn), |probe, number| {
            let request = format!("POST /idempotent HTTP/1.1\r\nhost: a\r\nidempotency-key: {number}\r\n");
            ask(probe, request + "content-length: 0\r\n\r\n")
        })
    },
    Case {
        settings: &[("IDEMPOTENCY__MAX_ANSWER", "1MiB")],
        ..case("idempotency.max_answer", (500, GoesOn), |probe, number| {
            let request = format!(
                "POST /idempotent?bytes=2000000 HTTP/1.1\r\nhost: a\r\nidempotency-key: {number}\r\n"
            );
            ask(probe, request + "content-length: 0\r\n\r\n")
        })
    },
    Case {
        times: 2_000,
        ..case("sessions in memory", (200, GoesOn), |probe, _| {
            ask(probe, get("/server-session/set?k=a&v=b", ""))
        })
    },
    Case {
        settings: &[BEHIND_PROXY],
        ..case("proxies on the way: 32", (200, GoesOn), |probe, _| {
            ask(probe, get("/", &format!("x-forwarded-for: 10.0.0.1{}\r\n", ", 10.0.0.1".repeat(2_000))))
        })
    },
    case("answers to requests that were sent ahead", (200, GoesOn), |probe, _| {
        let mut client = Client::new(probe);
        client.send(get("/plaintext", "").repeat(300));
        (1..300).for_each(|_| assert_eq!(client.answer().0, 200));
        client.outcome()
    }),
];

/// To the brim, and as much again: each try is a hundred requests.
const BRIMS: &[Case] = &[
    Case {
        settings: &[BEHIND_PROXY],
        first: (700, 16 << 20),
        times: 700,
        ..case("rate_limit: 65,536 clients", (200, GoesOn), |probe, number| {
            hundred(probe, |at| {
                let [.., high, middle, low] = (number * 100 + at).to_be_bytes();
                get("/limited", &format!("x-forwarded-for: 10.{high}.{middle}.{low}\r\n"))
            })
        })
    },
    Case {
        first: (2_100, 192 << 20), // the allocator takes more than a round to settle
        times: 1_050,
        ..case("sessions in memory: 100,000", (200, GoesOn), |probe, _| {
            hundred(probe, |_| get("/server-session/set?k=a&v=b", ""))
        })
    },
];

fn hundred(probe: &Probe, request: impl Fn(usize) -> String) -> (u16, Then) {
    let mut client = Client::new(probe);
    client.send((0..100).map(request).collect::<String>());
    (1..100).for_each(|_| assert_eq!(client.answer().0, 200));
    client.outcome()
}

#[test]
#[ignore = "slow: 350,000 requests"]
fn brims() {
    BRIMS.iter().for_each(check);
}

#[test]
fn streams() {
    STREAMS.iter().for_each(check);
}

#[test]
fn handshakes() {
    HANDSHAKES.iter().for_each(check);
}

/// All that are not slow.
pub(crate) const CASES: [&[Case]; 6] = [HEADS, BODIES, TIMES, STREAMS, HANDSHAKES, ROOM];

#[test]
fn heads() {
    HEADS.iter().for_each(check);
}

#[test]
fn bodies() {
    BODIES.iter().for_each(check);
}

#[test]
fn times() {
    TIMES.iter().for_each(check);
}

#[test]
fn room() {
    ROOM.iter().for_each(check);
}
