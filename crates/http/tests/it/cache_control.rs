//! `Cache-Control`, as a program writes it.

use std::time::Duration;

use flagon_http::cache_control::{CacheControl, CacheControlError};
use proptest::prelude::*;

fn parse(text: &str) -> Result<String, CacheControlError> {
    text.parse::<CacheControl>().map(|read| read.to_string())
}

#[test]
fn directives_are_read_in_any_case_and_order() {
    for (text, expected) in [
        ("no-store", "no-store"),
        ("No-Cache", "no-cache"),
        ("max-age=60,public", "public, max-age=60"),
        ("private,max-age = 0", "private, max-age=0"),
        (
            "immutable, public, s-maxage=1, max-age=31536000, stale-while-revalidate=60, stale-if-error=99",
            "public, max-age=31536000, s-maxage=1, stale-while-revalidate=60, stale-if-error=99, immutable",
        ),
        ("no-store, must-understand, no-transform", "no-store, must-understand, no-transform"),
        ("max-age=99999999999999", "max-age=2147483648"),
    ] {
        assert_eq!(parse(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (text, expected) in [
        ("", CacheControlError::Unknown("".into())),
        ("public,", CacheControlError::Unknown("".into())),
        ("max_age=60", CacheControlError::Unknown("max_age".into())),
        ("only-if-cached", CacheControlError::Unknown("only-if-cached".into())),
        ("max-age", CacheControlError::NoSeconds("max-age")),
        ("max-age=\"60\"", CacheControlError::NoSeconds("max-age")),
        ("max-age=-1", CacheControlError::NoSeconds("max-age")),
        ("max-age=1h", CacheControlError::NoSeconds("max-age")),
        ("public=1", CacheControlError::Argument("public")),
        ("public, Public", CacheControlError::Twice("public")),
        ("max-age=1, max-age=2", CacheControlError::Twice("max-age")),
        ("public, private", CacheControlError::Contradiction("private", "public")),
        ("max-age=1, no-store", CacheControlError::Contradiction("no-store", "max-age")),
    ] {
        assert_eq!(parse(text), Err(expected), "{text}");
    }
}

#[test]
fn directives_can_be_put_together() {
    let day = Duration::from_hours(24);
    assert_eq!(CacheControl::new().to_header_value(), "");
    assert_eq!(CacheControl::private().max_age(day).to_header_value(), "private, max-age=86400");
    assert_eq!(CacheControl::new().max_age(Duration::MAX).to_string(), "max-age=2147483648");
    assert!(CacheControl::no_store().is_no_store() && !CacheControl::no_cache().is_no_store());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_what_was_read_reads_the_same(text in "[a-z=,0-9 \"é-]{0,40}") {
        if let Ok(read) = text.parse::<CacheControl>() {
            prop_assert_eq!(read.to_string().parse(), Ok(read));
        }
    }
}
