//! A connection's bytes mean the same in one piece, byte by byte, and split anywhere.
//!
//! The first byte of the input says how the rest is split.

#![no_main]

use flagon_http::h1::Limits;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/http/tests/it/conversation.rs"]
mod conversation;

use conversation::read;

fuzz_target!(|input: &[u8]| {
    let Some((&seed, bytes)) = input.split_first() else { return };
    let limits = Limits { header_count: 20, target_bytes: 200, head_bytes: 1000 };
    let whole = read([bytes], &limits, BODY_LIMIT);
    assert_eq!(whole, read(bytes.chunks(1), &limits, BODY_LIMIT));
    assert_eq!(whole, read(bytes.chunks(usize::from(seed) + 2), &limits, BODY_LIMIT));
    let (first, second) = bytes.split_at(bytes.len() * usize::from(seed) / 256);
    assert_eq!(whole, read([first, second], &limits, BODY_LIMIT));
});

const BODY_LIMIT: u64 = 100;
