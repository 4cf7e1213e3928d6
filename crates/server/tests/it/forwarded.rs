//! What proxies say of clients, and what others pretend.

use crate::{client::Client, running::Running};

const ASK: &str = "GET /connection HTTP/1.1\r\nHost: inner\r\n";

fn ask(server: &Running, fields: &str) -> String {
    Client::new(server).send(format!("{ASK}{fields}\r\n")).answer().text().to_owned()
}

fn trusting(networks: &[&str]) -> Running {
    Running::with(|config| {
        config.trusted_proxies = networks.iter().map(|network| network.parse().unwrap()).collect();
    })
}

#[test]
fn no_one_is_believed_by_default() {
    let server = Running::start();
    let plain = "client=127.0.0.1 scheme=http host=- tls=- name=-";
    assert_eq!(ask(&server, "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n"), plain);
    assert_eq!(ask(&server, "Forwarded: for=1.2.3.4;proto=https;host=evil\r\n"), plain);
    let server = trusting(&["10.0.0.0/8"]);
    assert_eq!(ask(&server, "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: evil\r\n"), plain);
}

#[test]
fn a_trusted_proxy_is_believed() {
    let server = trusting(&["127.0.0.0/8"]);
    let said = "client=203.0.113.7 scheme=https host=shop.example tls=- name=-";
    let custom =
        "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n";
    assert_eq!(ask(&server, custom), said);
    let standard = "Forwarded: for=203.0.113.7;proto=https;host=shop.example\r\n";
    assert_eq!(ask(&server, standard), said);
    assert_eq!(ask(&server, &format!("{custom}{standard}")), said);
    // An IPv4 client, as a proxy writes it that listens for both families on one socket.
    assert_eq!(ask(&server, &custom.replace("203.", "::ffff:203.")), said);
    assert_eq!(ask(&server, ""), "client=127.0.0.1 scheme=http host=- tls=- name=-");
}

#[test]
fn only_what_our_own_proxies_added_counts() {
    let server = trusting(&["127.0.0.0/8", "10.0.0.0/8"]);
    let client = |fields| ask(&server, fields).split(' ').next().unwrap().to_owned();
    assert_eq!(client("X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.0.0.2\r\n"), "client=203.0.113.7");
    assert_eq!(client("X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n"), "client=10.0.0.3");
    let hops = "Forwarded: for=6.6.6.6;proto=https, for=203.0.113.7, for=10.0.0.2\r\n";
    assert_eq!(ask(&server, hops), "client=203.0.113.7 scheme=http host=- tls=- name=-");
}

#[test]
fn a_contradiction_is_refused() {
    let server = trusting(&["127.0.0.0/8"]);
    let fields = "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=10.0.0.1\r\n";
    let answer = Client::new(&server).send(format!("{ASK}{fields}\r\n")).answer();
    assert_eq!((answer.status, server.metrics.called()), (400, 0));
}

#[test]
fn what_a_client_writes_in_front_does_not_hide_it() {
    let server = trusting(&["127.0.0.0/8"]);
    let client = |fields: &str| ask(&server, fields).split(' ').next().unwrap().to_owned();
    let (many, own) = ("1.1.1.1, ".repeat(40), "client=203.0.113.7");
    for front in ["junk, ", ", ", "<script>, ", "10.0.0.1:x, ", &many] {
        assert_eq!(client(&format!("X-Forwarded-For: {front}203.0.113.7\r\n")), own, "{front}");
    }
    assert_eq!(client("X-Forwarded-For: junk\r\nX-Forwarded-For: 203.0.113.7\r\n"), own);
    let called = server.metrics.called();
    let many = "for=1.1.1.1, ".repeat(40);
    for front in ["junk, ", "for=\", ", &many] {
        // Also where `X-Forwarded-For` could be read: nobody knows which of the two the proxy wrote.
        for more in ["", "X-Forwarded-For: 6.6.6.6\r\n"] {
            let fields = format!("Forwarded: {front}for=203.0.113.7\r\n{more}");
            let answer = Client::new(&server).send(format!("{ASK}{fields}\r\n")).answer();
            assert_eq!(answer.status, 400, "{fields}");
        }
    }
    assert_eq!(server.metrics.called(), called);
}
