//! What is read from a `Cookie` field can be set again, and comes back as it was; no `Set-Cookie` makes a panic.

#![no_main]

use flagon_http::cookie::{Cookie, SetCookie, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some(received) = SetCookie::parse(input) {
        let epoch = std::time::UNIX_EPOCH;
        let _ = received.is_expired(epoch, epoch + std::time::Duration::from_secs(1));
    }
    for (name, value) in parse(input) {
        let Ok(field) = Cookie::new(name.as_ref(), value.as_ref()).secure().http_only().to_header_value()
        else {
            continue;
        };
        let received = SetCookie::parse(field.as_bytes()).expect("what we set can be read");
        assert_eq!((received.name.as_str(), received.value.as_str()), (name.as_ref(), value.as_ref()));
        assert!(received.secure && received.http_only && received.path.as_deref() == Some("/"));
        let sent = field.as_bytes().split(|byte| *byte == b';').next().unwrap();
        let again: Vec<_> = parse(sent).collect();
        assert_eq!(again, [(name, value)]);
    }
});
