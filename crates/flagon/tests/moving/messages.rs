//! What becomes of a message on its way.

use flagon::prelude::*;

use crate::sides::{Back, Front};

fn front(back: &Back) -> Front {
    Front::start(App::new("front").upstream(back.url()).build().unwrap())
}

#[test]
fn a_request_comes_out_as_it_came_but_for_its_connection() {
    let back = Back::echoing();
    let answer = front(&back).ask(
        "GET /a%20b?c=d&e HTTP/1.1\r\nHost: example.org:8000\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\n\
         Proxy-Authorization: secret\r\nX-End: 2\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 6.6.6.6\r\n\
         X-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\nX_Forwarded_Host: evil\r\nX-Real-IP: 6.6.6.6\r\nProxy: evil\r\n\
         X-Request-Id: mine\r\nVia: 1.1 cdn\r\n\r\n",
    );
    let expected = "GET /a%20b?c=d&e HTTP/1.1\r\nhost: example.org:8000\r\nx-end: 2\r\ncookie: a=1; b=2\r\nx-request-id: mine\r\n\
                    x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\n\
                    forwarded: for=127.0.0.1;proto=http;host=\"example.org:8000\"\r\nx-forwarded-host: example.org:8000\r\n\
                    via: 1.1 cdn, 1.1 flagon";
    assert_eq!(answer.text().trim_end(), expected);
}
