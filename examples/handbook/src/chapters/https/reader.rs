//! What the server knows of the connection that the reader came over.

use flagon::{http::Version, prelude::*};

/// The reader's connection, for the template.
#[derive(Debug, Serialize)]
pub(super) struct Reader {
    http: &'static str,
    tls: Option<Agreed>,
    tcp: Option<Segments>,
    /// Where the same page is over HTTPS, if it is not this one.
    secure: Option<String>,
    /// Whether a proxy stands between, whose connection this is.
    is_proxied: bool,
}

/// What the TLS handshake agreed on.
#[derive(Debug, Serialize)]
struct Agreed {
    version: &'static str,
    cipher: &'static str,
    group: Option<&'static str>,
    /// Whether the group is one that a quantum computer does not break.
    is_hybrid: bool,
    alpn: Option<&'static str>,
    server_name: Option<Box<str>>,
    resumed: bool,
}

/// What TCP has to say.
#[derive(Debug, Serialize)]
struct Segments {
    round_trip_us: u128,
    r#in: u32,
    out: u32,
    retransmitted: u32,
}

impl Reader {
    /// That of the current request.
    pub(super) fn here() -> Self {
        let request = request();
        let connection = request.connection();
        let tls = connection.tls.as_ref().map(|tls| Agreed {
            version: tls.version,
            cipher: tls.cipher,
            group: tls.group,
            is_hybrid: tls.group.is_some_and(|group| group.contains("MLKEM")),
            alpn: tls.alpn,
            server_name: tls.server_name.clone(),
            resumed: tls.resumed,
        });
        let tcp = connection.tcp().ok().map(|tcp| Segments {
            round_trip_us: tcp.round_trip.as_micros(),
            r#in: tcp.segments_in,
            out: tcp.segments_out,
            retransmitted: tcp.retransmitted,
        });
        Self {
            http: match request.version() {
                Version::HTTP_10 => "HTTP/1.0",
                Version::HTTP_2 => "HTTP/2",
                _ => "HTTP/1.1",
            },
            secure: if request.is_secure() { None } else { secure_address(&request) },
            is_proxied: connection.forwarded.is_some(),
            tls,
            tcp,
        }
    }
}

/// The address of the current page at the port for HTTPS, if there is one.
fn secure_address(request: &flagon::Request) -> Option<String> {
    let app = current_app();
    let port = app.addresses().iter().find(|address| address.scheme() == "https")?.socket().port();
    let host = request.host();
    let name = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(name, _)| name);
    Some(format!("https://{name}:{port}{}", request.path()))
}
