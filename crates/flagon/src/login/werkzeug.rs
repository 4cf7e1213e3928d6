//! Hashes of passwords as Werkzeug makes and checks them: `method$salt$hash`, the hash in hexadecimal.
//!
//! In: a password, and a method or a hash. Out: a hash, or whether it is of that password. Never: more memory or rounds than any hash
//! of Werkzeug's takes, whatever stands in one.
//!
//! `werkzeug.security`: `generate_password_hash`, `check_password_hash`.

use std::{fmt::Write as _, iter};

use sha2::{Sha256, Sha512};

use crate::random;

/// How Werkzeug makes a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WerkzeugHash {
    /// `scrypt:32768:8:1`, Werkzeug's own choice since 2.3.
    Scrypt,
    /// `pbkdf2:sha256:1000000`: for a Python that is older, or built without scrypt.
    Pbkdf2,
}

/// Makes a hash of `password`, with Werkzeug's parameters.
pub(super) fn generate(password: &str, method: WerkzeugHash) -> String {
    let salt = salt();
    let (name, hash) = match method {
        WerkzeugHash::Scrypt => {
            let mut made = vec![0; 64];
            let parameters = scrypt::Params::new(15, 8, 1).expect("they are within scrypt's limits");
            scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &parameters, &mut made)
                .expect("64 bytes are within scrypt's limits");
            ("scrypt:32768:8:1".to_owned(), made)
        }
        WerkzeugHash::Pbkdf2 => {
            let mut made = vec![0; 32];
            pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.as_bytes(), PBKDF2_ROUNDS, &mut made);
            (format!("pbkdf2:sha256:{PBKDF2_ROUNDS}"), made)
        }
    };
    let mut text = format!("{name}${salt}$");
    for byte in hash {
        let _ = write!(text, "{byte:02x}"); // a text takes it
    }
    text
}

/// As many letters and digits as Werkzeug takes, which are 95 bits.
fn salt() -> String {
    let bytes = iter::repeat_with(random::bytes::<32>).flatten();
    // What is left above the last multiple of 62 would make some letters likelier.
    let fair = bytes.filter(|&byte| usize::from(byte) < 256 / LETTERS.len() * LETTERS.len());
    fair.take(SALT_LENGTH).map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).collect()
}

/// Whether `hash` is of `password`; `None` when it is no hash of Werkzeug's, or asks for too much.
pub(super) fn check(password: &str, hash: &str) -> Option<bool> {
    let (method, rest) = hash.split_once('$')?;
    let (salt, expected) = rest.split_once('$')?;
    let mut parts = method.split(':');
    let (kind, password, salt) = (parts.next()?, password.as_bytes(), salt.as_bytes());
    let parameters: Vec<&str> = parts.collect();
    let expected = from_hex(expected)?;
    let mut made = vec![0; expected.len()];
    match (kind, parameters.as_slice()) {
        ("scrypt", [n, r, p]) if expected.len() == 64 => {
            let (n, r, p) = (n.parse::<u64>().ok()?, r.parse().ok()?, p.parse().ok()?);
            // What it takes is 128 · n · r bytes.
            if !n.is_power_of_two() || n.checked_mul(u64::from(r))? > SCRYPT_MAX || p > 16 {
                return None;
            }
            let parameters = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r, p).ok()?;
            scrypt::scrypt(password, salt, &parameters, &mut made).ok()?;
        }
        ("pbkdf2", [digest, rounds]) => {
            let rounds = rounds.parse().ok().filter(|rounds| (1..=10_000_000).contains(rounds))?;
            match *digest {
                "sha256" if expected.len() == 32 => {
                    pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut made);
                }
                "sha512" if expected.len() == 64 => {
                    pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, &mut made);
                }
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(is_same(&made, &expected))
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|char| char.to_digit(16).and_then(|digit| digit.try_into().ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Compares without telling by time where they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |differs, (a, b)| std::hint::black_box(differs | (a ^ b)));
    one.len() == other.len() && differs == 0
}

/// 128 times this is the most memory that a hash may ask for: 256 MiB.
const SCRYPT_MAX: u64 = 2 << 20;
/// Werkzeug 3.1's.
const PBKDF2_ROUNDS: u32 = 1_000_000;
const SALT_LENGTH: usize = 16;
const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn salts_are_letters_and_digits_of_all_kinds() {
        let salts: HashSet<String> = (0..100).map(|_| salt()).collect();
        assert_eq!(salts.len(), 100);
        assert!(salts.iter().all(|salt| salt.len() == SALT_LENGTH));
        let letters: HashSet<char> = salts.iter().flat_map(|salt| salt.chars()).collect();
        assert_eq!(letters.len(), LETTERS.len(), "1600 draws of 62 letters miss none");
    }
}
