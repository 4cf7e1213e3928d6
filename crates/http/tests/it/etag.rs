//! Entity tags and conditions; the first table is RFC 9110 §8.8.3.2's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flagon_http::{
    etag::{Condition, ETag, ETags, allows_range, condition},
    http_date::HttpDate,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

fn tag(text: &str) -> ETag {
    ETag::parse(text.as_bytes()).unwrap()
}

fn fields(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn comparisons_are_those_of_the_rfc() {
    let table = [
        (r#"W/"1""#, r#"W/"1""#, false, true),
        (r#"W/"1""#, r#"W/"2""#, false, false),
        (r#"W/"1""#, r#""1""#, false, true),
        (r#""1""#, r#""1""#, true, true),
    ];
    for (one, other, strongly, weakly) in table {
        assert_eq!(tag(one).matches_strongly(&tag(other)), strongly);
        assert_eq!(tag(one).matches_weakly(&tag(other)), weakly);
    }
}

#[test]
fn tags_are_read_and_written() {
    for text in [r#""""#, r#""xyzzy""#, r#"W/"xyzzy""#, "\"a,b\""] {
        assert_eq!(tag(text).to_string(), text);
        assert_eq!(tag(text).to_header_value(), text);
    }
    assert_eq!(ETag::parse(b"\"\xe9\"").unwrap().to_header_value().as_bytes(), b"\"\xe9\"");
    for wrong in ["", "a", "\"a", "a\"", r#"w/"a""#, r#""a"b"#, r#""a b""#, "\"a\x7f\"", r#"W/ "a""#, "*"] {
        assert_eq!(ETag::parse(wrong.as_bytes()), None, "{wrong}");
    }
    assert_eq!(ETag::strong("a\"b"), None);
    assert_eq!(ETag::strong("a b"), None);
}

#[test]
fn lists_are_read_line_by_line() {
    let parse = |lines: &[&str]| ETags::parse(lines.iter().map(|line| line.as_bytes()));
    let listed = |tags: &[&str]| Some(ETags::Listed(tags.iter().map(|text| tag(text)).collect()));
    assert_eq!(parse(&[r#""a""#]), listed(&[r#""a""#]));
    assert_eq!(parse(&[r#""a" ,, W/"b,c","#, r#""d""#]), listed(&[r#""a""#, r#"W/"b,c""#, r#""d""#]));
    assert_eq!(parse(&["*"]), Some(ETags::Any));
    for wrong in [&[][..], &[""], &["a"], &[r#""a" "b""#], &[r#"*, "a""#], &[r#""a""#, "*"], &[r#""a"#]] {
        assert_eq!(parse(wrong), None, "{wrong:?}");
    }
}

#[test]
fn conditions_follow_the_order_of_the_rfc() {
    use Condition::{Failed, NotModified, Proceed};
    let second = |second| UNIX_EPOCH + Duration::from_secs(second);
    let date = |second| HttpDate::from(UNIX_EPOCH + Duration::from_secs(second)).to_string();
    let (old, now, new) = (date(5), date(10), date(15));
    let modified: Option<SystemTime> = Some(second(10) + Duration::from_millis(700));
    let strong = ETag::strong("v");
    let weak = ETag::weak("v");
    // Fields, tag, date; then what GET and PUT get.
    let cases = [
        (vec![], &strong, modified, Proceed, Proceed),
        (vec![("if-match", r#""v""#)], &strong, None, Proceed, Proceed),
        (vec![("if-match", r#""v""#)], &weak, None, Failed, Failed),
        (vec![("if-match", r#""x", "y""#)], &strong, None, Failed, Failed),
        (vec![("if-match", "*")], &None, None, Failed, Failed),
        (vec![("if-match", "*")], &None, modified, Proceed, Proceed),
        (vec![("if-match", "oops")], &strong, None, Failed, Failed),
        (vec![("if-match", r#""v""#), ("if-unmodified-since", &old)], &strong, modified, Proceed, Proceed),
        (vec![("if-unmodified-since", &old)], &strong, modified, Failed, Failed),
        (vec![("if-unmodified-since", &now)], &strong, modified, Proceed, Proceed),
        (vec![("if-unmodified-since", "oops")], &strong, modified, Proceed, Proceed),
        (vec![("if-none-match", r#"W/"v""#)], &strong, None, NotModified, Failed),
        (vec![("if-none-match", r#""x""#)], &strong, None, Proceed, Proceed),
        (vec![("if-none-match", "*")], &strong, None, NotModified, Failed),
        (vec![("if-none-match", "*")], &None, None, Proceed, Proceed),
        (vec![("if-none-match", "oops")], &strong, None, Proceed, Proceed),
        (vec![("if-none-match", r#""x""#), ("if-modified-since", &new)], &strong, modified, Proceed, Proceed),
        (vec![("if-modified-since", &now)], &strong, modified, NotModified, Proceed),
        (vec![("if-modified-since", &old)], &strong, modified, Proceed, Proceed),
        (vec![("if-modified-since", &new), ("if-modified-since", &new)], &strong, modified, Proceed, Proceed),
        (vec![("if-match", r#""v""#), ("if-none-match", r#""v""#)], &strong, None, NotModified, Failed),
    ];
    for (given, tag, modified, get, put) in cases {
        let headers = fields(&given);
        let found = |method| condition(&method, &headers, tag.as_ref(), modified);
        assert_eq!(found(Method::GET), get, "GET {given:?} {tag:?}");
        assert_eq!(found(Method::HEAD), get, "HEAD {given:?} {tag:?}");
        assert_eq!(found(Method::PUT), put, "PUT {given:?} {tag:?}");
    }
}

#[test]
fn if_range_is_strong() {
    let (date, time) = ("Thu, 01 Jan 1970 00:00:10 GMT", Some(UNIX_EPOCH + Duration::from_secs(10)));
    let (strong, weak) = (ETag::strong("v"), ETag::weak("v"));
    let allows = |value: &str, tag: &Option<ETag>, time| {
        allows_range(&fields(&[("if-range", value)]), tag.as_ref(), time)
    };
    assert!(allows_range(&HeaderMap::new(), None, None));
    assert!(allows(r#""v""#, &strong, None));
    assert!(!allows(r#""v""#, &weak, None));
    assert!(!allows(r#"W/"v""#, &strong, None));
    assert!(!allows(r#""v""#, &None, time));
    assert!(allows(date, &None, time));
    assert!(!allows("Thu, 01 Jan 1970 00:00:11 GMT", &None, time));
    assert!(!allows("oops", &strong, time));
}
