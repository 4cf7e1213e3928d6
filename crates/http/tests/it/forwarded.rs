//! What proxies say; the examples are those of RFC 7239 §4 and §6.

use std::net::IpAddr;

use flagon_http::forwarded::{Hop, Node, XForwarded, parse};
use http::{HeaderMap, HeaderName, HeaderValue};

fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

fn forwarded(value: &'static str) -> Option<Vec<Hop>> {
    parse(&headers(&[("forwarded", value)]))
}

#[expect(clippy::unnecessary_wraps, reason = "compared with an Option in every line")]
fn address(text: &str, port: Option<u16>) -> Option<Node> {
    Some(Node::Address(text.parse::<IpAddr>().unwrap(), port))
}

#[test]
fn the_examples_of_the_rfc() {
    let hops = forwarded("for=\"_gazonk\"").unwrap();
    assert_eq!(hops[0].client, Some(Node::Obfuscated("_gazonk".to_owned())));
    let hops = forwarded("For=\"[2001:db8:cafe::17]:4711\"").unwrap();
    assert_eq!(hops[0].client, address("2001:db8:cafe::17", Some(4711)));
    let hops = forwarded("for=192.0.2.60;proto=http;by=203.0.113.43").unwrap();
    let expected = Hop {
        client: address("192.0.2.60", None),
        proxy: address("203.0.113.43", None),
        host: None,
        scheme: Some("http".to_owned()),
    };
    assert_eq!(hops, [expected]);
    let hops = forwarded("for=192.0.2.43, for=198.51.100.17").unwrap();
    assert_eq!(hops[1].client, address("198.51.100.17", None));
    let hops = forwarded("for=\"192.0.2.43:47011\", for=unknown, for=\"[::1]\"").unwrap();
    assert_eq!(hops[0].client, address("192.0.2.43", Some(47011)));
    assert_eq!(hops[1].client, Some(Node::Unknown));
    assert_eq!(hops[2].client, address("::1", None));
}

#[test]
fn lines_are_one_list_and_empty_pairs_are_nothing() {
    let hops = parse(&headers(&[
        ("forwarded", "for=1.1.1.1;"),
        ("forwarded", ";Host=\"a:80\" ; ext=1 , proto=HTTPS"),
    ]));
    let hops = hops.unwrap();
    assert_eq!(hops.len(), 3);
    assert_eq!((hops[1].host.as_deref(), hops[2].scheme.as_deref()), (Some("a:80"), Some("https")));
}

#[test]
fn a_list_with_anything_malformed_is_none() {
    let wrong = [
        "for",
        "for=1.2.3",
        "for=\"1.2.3.4",
        "for=1.2.3.4;for=1.2.3.4",
        "for=::1]",
        "for=\"[1.2.3.4]\"",
        "for=1.2.3.4:99999",
        "for=_",
        "for=\"_a b\"",
        "proto=ftp",
        "host=\"a/b\"",
        "host=\"a'b\"",
        "for=a.example",
        "f or=1.1.1.1",
        "for=1.1.1.1 by=1.1.1.1",
        "for=\"::1\"x",
    ];
    for value in wrong {
        assert_eq!(forwarded(value), None, "{value}");
    }
    assert_eq!(parse(&HeaderMap::new()), None);
    let mut many = headers(&[]);
    many.insert("forwarded", HeaderValue::try_from(vec!["for=1.1.1.1"; 33].join(",")).unwrap());
    assert_eq!(parse(&many), None);
}

#[test]
fn the_older_fields_are_lists_too() {
    let said = XForwarded::parse(&headers(&[
        ("x-forwarded-for", "203.0.113.7, 2001:db8::1,10.0.0.1:5000"),
        ("x-forwarded-for", "unknown"),
        ("x-forwarded-proto", "HTTPS,http"),
        ("x-forwarded-host", "example.com, b:8080"),
        ("x-forwarded-port", "443"),
    ]));
    let clients: Vec<_> = said.clients.iter().map(Node::address).collect();
    let expected =
        ["203.0.113.7", "2001:db8::1", "10.0.0.1"].map(|text| Some(text.parse::<IpAddr>().unwrap()));
    assert_eq!(clients, [&expected[..], &[None]].concat());
    assert_eq!(said.schemes, ["https", "http"]);
    assert_eq!(said.hosts, ["example.com", "b:8080"]);
    assert_eq!(said.ports, [443]);
}

#[test]
fn an_older_field_is_read_from_its_end() {
    let said = XForwarded::parse(&headers(&[
        ("x-forwarded-for", "1.1.1.1, oops, 2.2.2.2"),
        ("x-forwarded-for", "3.3.3.3"),
        ("x-forwarded-proto", "https, javascript"),
        ("x-forwarded-host", "a, b\"><script>,c"),
        ("x-forwarded-port", "70000"),
    ]));
    let clients: Vec<_> = said.clients.iter().map(|client| client.address().unwrap().to_string()).collect();
    assert_eq!(clients, ["2.2.2.2", "3.3.3.3"]);
    assert_eq!((said.schemes.len(), said.hosts, said.ports), (0, vec!["c".to_owned()], Vec::new()));
    let mut many = vec!["1.1.1.1"; 40];
    many.push("9.9.9.9");
    let mut long = HeaderMap::new();
    long.insert("x-forwarded-for", HeaderValue::try_from(many.join(",")).unwrap());
    long.append("x-forwarded-proto", HeaderValue::from_bytes(b"\xff, https").unwrap());
    let said = XForwarded::parse(&long);
    assert_eq!((said.clients.len(), said.clients.last().cloned()), (32, address("9.9.9.9", None)));
    assert_eq!(said.schemes, ["https"]);
}
