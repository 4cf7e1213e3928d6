//! HTTPS: certificates, redirects, clients that show who they are.
//!
//! ```toml
//! trusted_hosts = ["example.org", "shop.example.net"]
//!
//! [server]
//! host = "0.0.0.0"
//! port = 80
//! tls_port = 443
//! cert = "/etc/ssl/example.org.pem" # the chain, the server's own first
//! key = "/etc/ssl/private/example.org.pem"
//! https_redirect = {} # what comes over HTTP is sent to HTTPS
//! hsts.max_age = "5m" # later "365d": browsers can't be made to forget
//!
//! [[server.certificates]] # for other names
//! cert = "/etc/ssl/example.net.pem"
//! key = "/etc/ssl/private/example.net.pem"
//! ```
//!
//! **Versions.** TLS 1.3 and 1.2, HTTP/2 and HTTP/1.1 inside (ALPN). Keys are agreed on by X25519MLKEM768 where the client can,
//! so that what is recorded today stays secret from tomorrow's quantum computers. There is nothing to configure.
//!
//! **Several certificates.** Each client is shown the one for the name that it asks for (SNI): by its exact name, then by a
//! wildcard, else the first. A browser that has a connection for one host and asks on it for another, whose certificate
//! is another, gets 421 and comes back on a connection of its own.
//!
//! **Renewal.** The files are looked at every few seconds. New ones are used for new connections; those that are open go on, and
//! so do sessions. If they can't be used, since a key is another certificate's or a file is cut off, the log names the
//! file and what to do, and the old certificate stays. At the start such a file is an error, and so is a certificate
//! that has expired. A client for ACME is not part of this version; let one, such as `certbot`, write the files.
//!
//! **Redirects.** [`HttpsRedirect`](crate::config::HttpsRedirect): 308 keeps the method, 301 is there for old clients. Only the app's own
//! hosts are sent anywhere, and `/.well-known/acme-challenge/` stays as it is. [`Hsts`](crate::config::Hsts) goes out over TLS only.
//!
//! **Sessions** are resumed by tickets, by whichever thread takes the connection. Their keys are never written anywhere, and
//! change every six hours. There is no 0-RTT: its requests could be replayed.
//!
//! ## Clients' certificates
//!
//! ```toml
//! [server.client_certificates]
//! authorities = "staff-authority.pem"
//! demand = "optional" # or "required", which it is without a word
//! ```
//!
//! ```
//! use flagon::{SubjectName, prelude::*};
//!
//! #[get("/inventory")]
//! async fn inventory() -> Result<String> {
//!     let request = request();
//!     let certificate = request.client_certificate().or_401()?;
//!     let services = certificate.names().iter().filter_map(|name| match name {
//!         SubjectName::Uri(uri) => Some(&**uri), // such as spiffe://example.org/billing
//!         _ => None,
//!     });
//!     Ok(services.collect::<Vec<_>>().join(", "))
//! }
//! # let client = App::new("docs").routes(routes![inventory]).test_client();
//! # assert_eq!(client.get("/inventory").wait().status(), 401);
//! ```
//!
//! Whom you believe is said by the authority alone, so let it be one of your own: a public one would let everybody in. When its
//! file changes, clients shake hands anew, also those that have sessions. Lists of revoked certificates are not read; sign
//! for days rather than years.
//!
//! ## What was agreed on
//!
//! [`request().connection()`](crate::Request::connection) says what is known of the connection, and costs nothing until it is asked:
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/connection")]
//! async fn connection() -> String {
//!     let request = request();
//!     let connection = request.connection();
//!     let tls = connection.tls.as_ref().map(|tls| (tls.version, tls.cipher, tls.group, tls.alpn, tls.resumed));
//!     let round_trip = connection.tcp().map(|tcp| (tcp.round_trip, tcp.segments_in, tcp.segments_out));
//!     format!("{tls:?}, {round_trip:?}") // TCP's facts are known on Linux
//! }
//! # let client = App::new("docs").routes(routes![connection]).test_client();
//! # assert!(client.get("/connection").wait().text().starts_with("None"));
//! ```
//!
//! With `server.limits.logged_frames = 200`, `connection.frames` remembers the last frames of each HTTP/2 connection, and what
//! HPACK made of its fields: chapter 4 of the handbook draws them.
