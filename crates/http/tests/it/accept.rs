//! Preferences; the weights of the second test are those of RFC 9110 §12.5.1.

use flagon_http::accept::{best_encoding, best_language, best_media_type};
use http::HeaderValue;

fn lines(lines: &[&'static str]) -> Vec<HeaderValue> {
    lines.iter().map(|line| HeaderValue::from_static(line)).collect()
}

fn media(accept: &'static str, offers: &[&'static str]) -> Option<&'static str> {
    best_media_type(&lines(&[accept]), offers)
}

fn language(accept: &'static str, offers: &[&'static str]) -> Option<&'static str> {
    best_language(&lines(&[accept]), offers)
}

fn encoding(accept: &'static str) -> Option<&'static str> {
    best_encoding(&lines(&[accept]), &["br", "gzip", "identity"])
}

#[test]
fn the_heaviest_media_type_wins() {
    let offers = ["application/json", "text/html"];
    for (accept, expected) in [
        ("text/html", Some("text/html")),
        ("TEXT/HTML;Q=0.5", Some("text/html")),
        ("text/*, application/json;q=0.5", Some("text/html")),
        ("*/*", Some("application/json")),
        ("application/json, text/html", Some("application/json")),
        // Browsers: html is named, json only through `*/*`.
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some("text/html")),
        ("text/html, */*", Some("text/html")),
        ("image/png", None),
        ("text/html;q=0, */*;q=0.1", Some("application/json")),
        ("*/*;q=0", None),
        ("", None),
        ("text/html;q=2, application/json;q=0.001", Some("application/json")),
        ("text/html;q=0.0001, garbage, /, */, */json", None),
        ("text/html;charset=\"a,b\";q=0.9, application/json;q=0.5", Some("application/json")),
    ] {
        assert_eq!(media(accept, &offers), expected, "{accept}");
    }
    assert_eq!(best_media_type([], &offers), Some("application/json"));
    assert_eq!(best_media_type(&lines(&["image/png", "text/html"]), &offers), Some("text/html"));
}

#[test]
fn the_most_exact_range_has_the_say() {
    let accept =
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
    // Weights: 1 for flowed, 0.7 for plain, 0.3 for html, 0.5 for jpeg, 0.4 for fixed.
    let order =
        ["text/plain;format=flowed", "text/plain", "image/jpeg", "text/plain;format=fixed", "text/html"];
    for (place, expected) in order.iter().enumerate() {
        let mut offers = order[place..].to_vec();
        offers.reverse();
        assert_eq!(media(accept, &offers), Some(*expected));
    }
}

#[test]
fn a_language_is_found_by_its_prefix_too() {
    let offers = ["en", "zh"];
    for (accept, expected) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", Some("zh")),
        ("zh-Hant-TW", Some("zh")),
        ("de-CH, en;q=0.1", Some("en")),
        ("de", None),
        ("de, *;q=0.5", Some("en")),
        ("*;q=0.5, zh", Some("zh")),
        ("EN-us", Some("en")),
        ("zho", None),
        ("zh;q=0, *", Some("en")),
    ] {
        assert_eq!(language(accept, &offers), expected, "{accept}");
    }
    assert_eq!(language("en", &["zh", "en-GB"]), Some("en-GB"));
    assert_eq!(language("en-GB", &["en", "en-GB"]), Some("en-GB"));
    assert_eq!(best_language([], &offers), Some("en"));
}

#[test]
fn plain_content_is_acceptable_unless_excluded() {
    for (accept, expected) in [
        ("gzip, deflate, br", Some("br")),
        ("gzip;q=1.0, br;q=0.5", Some("gzip")),
        ("gzip;q=0", Some("identity")),
        ("", Some("identity")),
        ("zstd", Some("identity")),
        ("*", Some("br")),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("*;q=0, identity", Some("identity")),
        ("br;q=0, *;q=0.5", Some("gzip")),
    ] {
        assert_eq!(encoding(accept), expected, "{accept}");
    }
}

#[test]
fn long_lists_are_cut() {
    let line = HeaderValue::try_from("a/b,".repeat(64) + "text/html").unwrap();
    assert_eq!(best_media_type([&line], &["text/html"]), None);
}
