//! A multipart body has the same parts in one piece, byte by byte, and split anywhere; no more is kept than a head.
//!
//! The first byte of the input says how the rest is split.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/flagon/src/extract/media_type.rs"]
#[expect(dead_code, reason = "content types are read elsewhere")]
mod media_type;
#[path = "../../crates/flagon/src/extract/multipart/mod.rs"]
mod multipart;

use multipart::{Event, Head, Malformed, Parser};

fuzz_target!(|input: &[u8]| {
    let Some((&seed, body)) = input.split_first() else { return };
    let whole = read([body]);
    assert_eq!(whole, read(body.chunks(1)));
    assert_eq!(whole, read(body.chunks(usize::from(seed) + 2)));
    let (first, second) = body.split_at(body.len() * usize::from(seed) / 256);
    assert_eq!(whole, read([first, second]));
    if let Err(malformed) = whole {
        assert!(!malformed.problem().is_empty());
    }
});

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<(Head, Vec<u8>)>, Malformed> {
    let mut parser = Parser::new("b").expect("`b` is a boundary");
    let mut parts: Vec<(Head, Vec<u8>)> = Vec::new();
    for piece in pieces {
        parser.feed(piece);
        while let Some(event) = parser.next()? {
            match event {
                Event::Part(head) => parts.push((head, Vec::new())),
                Event::Data(bytes) => parts.last_mut().expect("a part has begun").1.extend_from_slice(&bytes),
                Event::End => (),
            }
        }
    }
    parser.end()?;
    Ok(parts)
}
