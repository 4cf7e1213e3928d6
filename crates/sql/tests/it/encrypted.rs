//! TLS to the database, and whose certificate is believed.

use std::{fs, path::Path};

use flagon_sql::{Database, Error, ErrorKind};
use mariadb::Server;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// An authority, and a server's certificate that it has signed for `name`, in files.
fn certificates(folder: &Path, name: &str) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    for (file, pem) in [("ca", authority.pem()), ("cert", certificate.pem()), ("key", key.serialize_pem())] {
        fs::write(folder.join(file), pem).unwrap();
    }
}

fn with_tls(folder: &Path, name: &str) -> Server {
    certificates(folder, name);
    let option = |option: &str, file: &str| format!("--ssl-{option}={}", folder.join(file).display());
    let options = [option("ca", "ca"), option("cert", "cert"), option("key", "key")];
    Server::start(&options.each_ref().map(String::as_str))
}

/// The cipher of a connection to `url`; empty without TLS.
async fn cipher(url: &str) -> Result<String, Error> {
    let db = Database::open(url)?.db();
    db.query_as(
        "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'ssl_cipher'",
        (),
    )
    .one()
    .await
}

#[tokio::test]
async fn a_connection_is_encrypted_and_the_server_is_who_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_tls(folder.path(), "127.0.0.1");
    let url = server.database();
    let ca = folder.path().join("ca");
    let ca = ca.display();
    for mode in ["", "?ssl-mode=PREFERRED", "?ssl-mode=REQUIRED"] {
        let cipher = cipher(&format!("{url}{mode}")).await.unwrap();
        assert!(cipher.starts_with("TLS_"), "{mode}: {cipher}");
    }
    assert_eq!(cipher(&format!("{url}?ssl-mode=DISABLED")).await.unwrap(), "");
    for mode in ["VERIFY_CA", "VERIFY_IDENTITY"] {
        assert!(cipher(&format!("{url}?ssl-mode={mode}&ssl-ca={ca}")).await.unwrap().starts_with("TLS_"));
        let stranger = cipher(&format!("{url}?ssl-mode={mode}")).await.unwrap_err();
        assert_eq!(stranger.kind(), ErrorKind::Connect, "an authority that nobody knows");
    }
    let socket = format!("{url}?socket={}/socket", server.folder().display());
    assert_eq!(cipher(&socket).await.unwrap(), "", "nobody is between");
    assert!(cipher(&format!("{socket}&ssl-mode=REQUIRED")).await.unwrap().starts_with("TLS_"));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_where_the_name_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_tls(folder.path(), "db.example");
    let (url, ca) = (server.database(), folder.path().join("ca"));
    assert!(cipher(&format!("{url}?ssl-mode=VERIFY_CA&ssl-ca={}", ca.display())).await.is_ok());
    let other = cipher(&format!("{url}?ssl-mode=VERIFY_IDENTITY&ssl-ca={}", ca.display())).await;
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn who_asks_for_tls_gets_no_connection_without() {
    let url = Server::shared().database();
    assert_eq!(cipher(&url).await.unwrap(), "", "this server has none");
    let error = cipher(&format!("{url}?ssl-mode=REQUIRED")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap();
    assert!(source.contains("does not support TLS"), "{source}");
    let error = Database::open("mysql://root@127.0.0.1/a?ssl-mode=MAYBE").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Url);
}
