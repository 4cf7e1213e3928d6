//! Expected values: itsdangerous 2.2.0 under Python 3.11.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{
    Digest, KeyDerivation, SignatureError, Signer, TimestampSigner, UrlSafeTimedSerializer, base64,
    payload::{pack, unpack},
};

const SIGNED_AT: u64 = 1_700_000_000;

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn signatures_are_those_of_itsdangerous() {
    use {Digest::*, KeyDerivation::*};
    for (key, salt, derivation, digest, expected) in [
        ("k\u{e9}y", "salt", DjangoConcat, Sha1, "dGj4fhWyyOlehSFXqewd7nEbtUk"),
        ("key", "cookie-session", Hmac, Sha1, "w9w3cyOJDNxrNEEbxJ-pjYwe8sk"),
        ("key", "s", Hmac, Sha256, "299QZkFQMElvkMgihRu1Dec2fhN4ZucK97-ON9D0RMY"),
        ("key", "s", DjangoConcat, Sha256, "AfrIM_U2Lk70VxjrB36N3zK0hChTTK8XkcLmUWNASR0"),
        (
            "key",
            "s",
            DjangoConcat,
            Sha512,
            "FtqXN5ZBxHX4YaAERE-SsUrHdZwLir8ePdCb95Ju8zR2D3EQrEct9c1IPEzEJx3mxJ7kykTcIWSJeyq0DhGtGQ",
        ),
    ] {
        let signer = Signer::with([key], salt, derivation, digest);
        assert_eq!(signer.sign("ada"), format!("ada.{expected}"), "{derivation:?} {digest:?}");
        assert_eq!(signer.unsign(&format!("ada.{expected}")), Ok("ada"));
    }
}

#[test]
fn times_are_those_of_itsdangerous() {
    let signer = TimestampSigner::from(Signer::new(["key"], "s"));
    let text = "ada.ZVPxAA.kzHuZ3s2448Rbl6D6TKJk5yAud4";
    assert_eq!(signer.sign_at("ada", time(SIGNED_AT)), text);
    assert_eq!(signer.unsign_any_age(text), Ok(("ada", time(SIGNED_AT))));
    assert_eq!(signer.unsign(text, Duration::from_secs(1)), Err(SignatureError::Expired));
    assert_eq!(signer.unsign(text, Duration::MAX), Ok("ada"));
    let tomorrow = signer.sign_at("ada", SystemTime::now() + Duration::from_hours(24));
    assert_eq!(signer.unsign(&tomorrow, Duration::MAX), Err(SignatureError::Expired));
    assert_eq!(
        signer.unsign(&Signer::new(["key"], "s").sign("ada"), Duration::MAX),
        Err(SignatureError::NoTime)
    );
    let absurd = Signer::new(["key"], "s").sign("ada.__________8");
    assert_eq!(signer.unsign(&absurd, Duration::MAX), Err(SignatureError::NoTime));
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    b: (u8, String),
    a: f64,
}

#[test]
fn payloads_are_those_of_itsdangerous() {
    let serializer = UrlSafeTimedSerializer::from(Signer::new(["key"], "s"));
    let plain = "eyJiIjpbMSwiw6kiXSwiYSI6Mi41fQ.ZVPxAA.bNe3ScK80-h4NRyY94c-1It8Ixo";
    let value = Row { b: (1, "\u{e9}".to_owned()), a: 2.5 };
    assert_eq!(serializer.loads(plain, Duration::MAX), Ok(value.clone()));
    let dumped = serializer.dumps(&value).unwrap();
    assert_eq!(dumped.split_once('.').unwrap().0, plain.split_once('.').unwrap().0);
    let packed = ".eJyLVkpMSVTSGTFkLAA_3z_9.ZVPxAA.fL_LXel5hT-xl6TZ2K5YPn9VffQ";
    assert_eq!(serializer.loads(packed, Duration::MAX), Ok(vec!["ada".to_owned(); 40]));
    let dumped = serializer.dumps(&vec!["ada"; 40]).unwrap();
    assert!(dumped.starts_with('.') && dumped.len() < 100, "{dumped}");
    assert_eq!(serializer.loads(&dumped, Duration::MAX), Ok(vec!["ada".to_owned(); 40]));
}

#[test]
fn an_altered_byte_anywhere_is_refused() {
    let signer = Signer::new(["key"], "s");
    let text = signer.sign("ada");
    for at in 0..text.len() {
        for byte in 0x20..0x7f_u8 {
            let mut altered = text.clone().into_bytes();
            if altered[at] != byte {
                altered[at] = byte;
                let altered = String::from_utf8(altered).unwrap();
                assert!(signer.unsign(&altered).is_err(), "{altered}");
            }
        }
    }
    // Python's base64 reads these as the same signature.
    for same in [
        "ada.dGj4fhWyyOlehSFXqewd7nEbtUk=",
        "ada.dGj4fhWyyOlehSFXqewd7nEbtUl",
        "ada.dGj4 fhWyyOlehSFXqewd7nEbtUk",
    ] {
        assert_eq!(Signer::new(["k\u{e9}y"], "salt").unsign(same), Err(SignatureError::Altered), "{same}");
    }
    assert_eq!(signer.unsign("ada"), Err(SignatureError::Unsigned));
}

#[test]
fn a_payload_that_unpacks_without_end_is_refused() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 2 << 20]).unwrap();
    let bomb = format!(".{}", base64::encode(encoder.finish().unwrap()));
    assert_eq!(unpack(&bomb), Err(SignatureError::Payload));
    assert_eq!(unpack("."), Err(SignatureError::Payload));
    assert_eq!(unpack("_-8"), Err(SignatureError::Payload));
    assert_eq!(unpack(&pack("")), Ok(String::new()));
}

#[test]
fn any_of_the_keys_is_believed_and_the_first_signs() {
    let old = Signer::new(["old"], "s");
    let both = Signer::new(["new", "older", "old"], "s");
    assert_eq!(both.unsign(&old.sign("ada")), Ok("ada"));
    assert_eq!(Signer::new(["new"], "s").unsign(&both.sign("ada")), Ok("ada"));
    assert_eq!(old.unsign(&both.sign("ada")), Err(SignatureError::Altered));
    assert_eq!(format!("{both:?}"), "Signer { keys: 3, .. }");
}
