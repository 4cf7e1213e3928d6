//! What is known of the connection that a request came over.

use flagon::prelude::*;

#[derive(Serialize)]
pub(crate) struct Known {
    http: String,
    tls: Option<Agreed>,
    tcp: Option<Segments>,
}

#[derive(Serialize)]
struct Agreed {
    version: &'static str,
    cipher: &'static str,
    group: Option<&'static str>,
    alpn: Option<&'static str>,
    resumed: bool,
    server_name: Option<Box<str>>,
    client: Option<String>,
}

#[derive(Serialize)]
struct Segments {
    r#in: u32,
    out: u32,
    round_trip_us: u128,
}

#[get("/connection")]
pub(crate) async fn connection() -> Json<Known> {
    let request = request();
    let connection = request.connection();
    let tls = connection.tls.as_ref().map(|tls| Agreed {
        version: tls.version,
        cipher: tls.cipher,
        group: tls.group,
        alpn: tls.alpn,
        resumed: tls.resumed,
        server_name: tls.server_name.clone(),
        client: request.client_certificate().map(|certificate| certificate.subject().to_owned()),
    });
    let tcp = connection.tcp().ok().map(|tcp| Segments {
        r#in: tcp.segments_in,
        out: tcp.segments_out,
        round_trip_us: tcp.round_trip.as_micros(),
    });
    Json(Known { http: format!("{:?}", request.version()), tls, tcp })
}
