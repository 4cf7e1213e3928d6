//! The style sheets and their names.

use std::fmt::Write as _;

use super::{debug, html};

/// SHA-256 (FIPS 180-4), as a Content-Security-Policy names a style sheet. Only here: the names are constants.
fn hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let mut encoded = "sha256-".to_owned();
    for chunk in digest.as_ref().chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            encoded.write_char(if place <= chunk.len() { char::from(digit) } else { '=' }).unwrap();
        }
    }
    encoded
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[test]
fn the_policy_names_the_style_sheets() {
    assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_eq!(hash(include_str!("page.css")), html::STYLE_HASH);
    assert_eq!(hash(include_str!("debug/debug.css")), debug::html::STYLE_HASH);
    assert_eq!(hash(include_str!("../debugger/panel.css")), crate::debugger::STYLE_HASH);
}
