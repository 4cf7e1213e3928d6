//! Cookies, with what Werkzeug 3.1 makes of the same fields as the reference.

use std::time::{Duration, UNIX_EPOCH};

use flagon_http::cookie::{Cookie, CookieProblem, SameSite, SetCookie, parse};

fn pairs(field: &[u8]) -> Vec<(String, String)> {
    parse(field).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[test]
fn fields_are_read_as_werkzeug_reads_them() {
    let cases: [(&str, &[(&str, &str)]); 12] = [
        ("a=b", &[("a", "b")]),
        ("a=b; c=d", &[("a", "b"), ("c", "d")]),
        ("a=b;c=d;", &[("a", "b"), ("c", "d")]),
        ("  a = b ;\tc=\td", &[("a", "b"), ("c", "d")]),
        ("a=b=c", &[("a", "b=c")]),
        ("a=", &[("a", "")]),
        ("a", &[("a", "")]),
        ("a=1; a=2", &[("a", "1"), ("a", "2")]),
        ("=x; ; a=b", &[("a", "b")]),
        (r#"a="b c""#, &[("a", "b c")]),
        (r#"a="\073\054\\\"\303\251""#, &[("a", ";,\\\"é")]),
        (r#"a="\400\q""#, &[("a", "400q")]),
    ];
    for (field, expected) in cases {
        let expected: Vec<_> =
            expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(pairs(field.as_bytes()), expected, "{field}");
    }
}

#[test]
fn a_quote_does_not_swallow_the_cookies_after_it() {
    let found = pairs(br#"a="b; session=s; c=d""#);
    assert_eq!(found[1], ("session".to_owned(), "s".to_owned()));
    assert_eq!(found[0].1, "\"b");
}

#[test]
fn bytes_outside_utf8_are_replaced() {
    assert_eq!(
        pairs(b"a=\xff; b=\"\\377\"; c=\xc3\xa9")[..2],
        [("a".to_owned(), "\u{fffd}".to_owned()), ("b".to_owned(), "\u{fffd}".to_owned())]
    );
}

#[test]
fn at_most_500_pairs_are_read() {
    assert_eq!(pairs("a=b;".repeat(10_000).as_bytes()).len(), 500);
    assert_eq!(pairs(";".repeat(10_000).as_bytes()).len(), 0);
}

#[test]
fn values_are_quoted_as_werkzeug_quotes_them() {
    let cases = [
        ("plain", "plain"),
        ("eyJ1c2VyIjoxfQ.aQ.x-_", "eyJ1c2VyIjoxfQ.aQ.x-_"),
        ("a b", "\"a b\""),
        ("a,b;c", r#""a\054b\073c""#),
        ("\"\\", r#""\"\\""#),
        ("é", r#""\303\251""#),
        ("a\r\nb", r#""a\015\012b""#),
        ("", ""),
    ];
    for (value, expected) in cases {
        let field = Cookie::new("k", value).without_path().to_header_value().unwrap();
        assert_eq!(field, format!("k={expected}"));
    }
}

#[test]
fn every_attribute_is_written() {
    let cookie = Cookie::new("id", "7")
        .path("/shop")
        .domain("example.com")
        .max_age(Duration::from_mins(1))
        .expires(UNIX_EPOCH)
        .secure()
        .http_only()
        .partitioned()
        .same_site(SameSite::None);
    let field = cookie.to_header_value().unwrap();
    assert_eq!(
        field,
        "id=7; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; Path=/shop; Secure; \
         HttpOnly; Partitioned; SameSite=None"
    );
    let received = SetCookie::parse(field.as_bytes()).unwrap();
    assert_eq!(received.domain.as_deref(), Some("example.com"));
    assert_eq!(received.expires, Some(UNIX_EPOCH));
    assert_eq!(received.same_site, Some(SameSite::None));
    assert!(received.partitioned);
}

#[test]
fn what_browsers_would_drop_is_an_error() {
    let problem = |cookie: Cookie| cookie.to_header_value().map_err(|error| error.problem());
    let cases = [
        (Cookie::new("", "x"), CookieProblem::Name),
        (Cookie::new("a b", "x"), CookieProblem::Name),
        (Cookie::new("a=b", "x"), CookieProblem::Name),
        (Cookie::new("é", "x"), CookieProblem::Name),
        (Cookie::new("a", "x").path("/;Secure"), CookieProblem::Attribute),
        (Cookie::new("a", "x").path("/\r\n"), CookieProblem::Attribute),
        (Cookie::new("a", "x").domain(""), CookieProblem::Attribute),
        (Cookie::new("a", "x").domain("a; b"), CookieProblem::Attribute),
        (Cookie::new("__Host-a", "x"), CookieProblem::HostPrefix),
        (Cookie::new("__host-a", "x"), CookieProblem::HostPrefix),
        (Cookie::new("__Host-a", "x").secure().path("/a"), CookieProblem::HostPrefix),
        (Cookie::new("__Host-a", "x").secure().domain("a"), CookieProblem::HostPrefix),
        (Cookie::new("__Secure-a", "x"), CookieProblem::SecurePrefix),
        (Cookie::new("__Http-a", "x").secure(), CookieProblem::HttpPrefix),
        (Cookie::new("__Host-Http-a", "x").secure(), CookieProblem::HttpPrefix),
        (Cookie::new("a", "x").same_site(SameSite::None), CookieProblem::SameSiteNone),
        (Cookie::new("a", "x").partitioned(), CookieProblem::Partitioned),
    ];
    for (cookie, expected) in cases {
        assert_eq!(problem(cookie.clone()), Err(expected), "{cookie:?}");
    }
    for right in ["__Host-a", "__Secure-a", "__Http-a", "__Host-Http-a"] {
        assert!(Cookie::new(right, "x").secure().http_only().to_header_value().is_ok());
    }
}

#[test]
fn a_cookie_of_more_than_4096_bytes_is_an_error_that_names_it() {
    let fits = "x".repeat(4096 - "big=; Path=/".len());
    assert!(Cookie::new("big", fits.as_str()).to_header_value().is_ok());
    let error = Cookie::new("big", fits + "x").to_header_value().unwrap_err();
    assert_eq!(
        error.to_string(),
        "cookie `big`: it is 4097 bytes and browsers keep at most 4096; store less in it"
    );
}

#[test]
fn set_cookie_is_read_as_browsers_read_it() {
    let cookie =
        SetCookie::parse(b"a=b; PATH=x; domain=.Example.COM; max-age=oops; Secure=no; SameSite=odd").unwrap();
    assert_eq!((cookie.path, cookie.domain.as_deref(), cookie.max_age), (None, Some("example.com"), None));
    assert!(cookie.secure && !cookie.http_only && cookie.same_site.is_none());
    let dashes = SetCookie::parse(b"a=b; Expires=Thu, 01-Jan-1970 00:00:05 GMT").unwrap();
    assert_eq!(dashes.expires, Some(UNIX_EPOCH + Duration::from_secs(5)));
    assert_eq!(SetCookie::parse(b"=b"), None);
    assert_eq!(SetCookie::parse(b"a=b\0"), None);
}

#[test]
fn the_age_counts_before_the_date() {
    let at = |second| UNIX_EPOCH + Duration::from_secs(second);
    let cases: [(&[u8], bool); 6] = [
        (b"a=b", false),
        (b"a=b; Max-Age=5", true),
        (b"a=b; Max-Age=6", false),
        (b"a=b; Max-Age=-1", true),
        (b"a=b; Max-Age=99999999999999999999; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
        (b"a=b; Expires=Thu, 01 Jan 1970 00:00:14 GMT", true),
    ];
    for (field, is_expired) in cases {
        let cookie = SetCookie::parse(field).unwrap();
        assert_eq!(cookie.is_expired(at(10), at(15)), is_expired, "{cookie:?}");
    }
    let removal = Cookie::removal("a").to_header_value().unwrap();
    assert!(SetCookie::parse(removal.as_bytes()).unwrap().is_expired(at(10), at(10)));
}
