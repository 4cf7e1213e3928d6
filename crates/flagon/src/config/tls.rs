//! Certificates, and what is said to clients about HTTPS: tables below `[server]`.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::units;

/// The files of one certificate more: an entry of `[[server.certificates]]`.
///
/// # Examples
///
/// ```
/// use flagon::config::CertificateConfig;
///
/// let shop = CertificateConfig { cert: "shop.pem".into(), key: "shop-key.pem".into() };
/// let mut config = flagon::Config::default();
/// config.server.certificates.push(shop);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateConfig {
    /// The PEM file of the certificate chain.
    pub cert: PathBuf,
    /// The PEM file of its private key.
    pub key: PathBuf,
}

/// The certificates that clients show: the `[server.client_certificates]` table.
///
/// # Examples
///
/// ```
/// use flagon::config::{ClientCertificates, Demand};
///
/// let variables = [
///     ("FLAGON_SERVER__CLIENT_CERTIFICATES__AUTHORITIES".to_owned(), "staff.pem".to_owned()),
///     ("FLAGON_SERVER__CLIENT_CERTIFICATES__DEMAND".to_owned(), "optional".to_owned()),
/// ];
/// let config = flagon::Config::from_parts(None, variables)?;
/// let expected = ClientCertificates { authorities: "staff.pem".into(), demand: Demand::Optional };
/// assert_eq!(config.server.client_certificates, Some(expected));
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificates {
    /// The PEM file with the certificates of the authorities that sign those of clients.
    pub authorities: PathBuf,
    /// Whether a client without one is served: `required`, or `optional`.
    #[serde(default)]
    pub demand: Demand,
}

/// Whether a client has to show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// A client without one is not served: the handshake fails.
    #[default]
    Required,
    /// It is served, and `request().client_certificate()` is `None`.
    Optional,
}

/// Whether requests over plain HTTP are sent to HTTPS, and how: the `[server.https_redirect]` table.
///
/// They are sent to the host that they asked for, which must be one of `trusted_hosts`, or `server_name` where there are none.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_SERVER__HTTPS_REDIRECT__STATUS".to_owned(), "301".to_owned())];
/// let redirect = flagon::Config::from_parts(None, variables)?.server.https_redirect.unwrap();
/// assert_eq!(redirect.except, ["/.well-known/acme-challenge/"]);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HttpsRedirect {
    /// 308, which keeps the method; or 301, after which browsers ask with GET.
    pub status: RedirectStatus,
    /// The port that clients reach HTTPS at: that of `tls_port`; 443 without one and for requests that a proxy passed on.
    pub port: Option<u16>,
    /// Paths that are answered over plain HTTP all the same, with all that begin like them: `/.well-known/acme-challenge/`,
    /// where authorities look for proof that the host is yours (RFC 8555 §8.3).
    pub except: Vec<String>,
}

impl Default for HttpsRedirect {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            status: RedirectStatus::PermanentRedirect,
            port: None,
            except: vec!["/.well-known/acme-challenge/".to_owned()],
        }
    }
}

/// The status that sends to HTTPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectStatus {
    /// 301.
    MovedPermanently,
    /// 308.
    PermanentRedirect,
}

impl RedirectStatus {
    /// The number.
    pub fn code(self) -> u16 {
        match self {
            Self::MovedPermanently => 301,
            Self::PermanentRedirect => 308,
        }
    }
}

impl Serialize for RedirectStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.code())
    }
}

impl<'de> Deserialize<'de> for RedirectStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u16::deserialize(deserializer)? {
            301 => Ok(Self::MovedPermanently),
            308 => Ok(Self::PermanentRedirect),
            _ => Err(de::Error::custom("must be 308 or 301")),
        }
    }
}

/// What browsers are told to remember: that this host is reached over HTTPS only (HTTP Strict Transport Security, RFC 6797). The
/// `[server.hsts]` table.
///
/// It can't be taken back before its time is over: begin with a short one.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_SERVER__HSTS__MAX_AGE".to_owned(), "5m".to_owned())];
/// let hsts = flagon::Config::from_parts(None, variables)?.server.hsts.unwrap();
/// assert_eq!((hsts.max_age.as_secs(), hsts.include_subdomains), (300, false));
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Hsts {
    /// For how long, anew with each answer: `365d`. `0s` makes browsers forget.
    #[serde(with = "units::duration")]
    pub max_age: Duration,
    /// Whether it holds for all hosts below this one too: no.
    pub include_subdomains: bool,
    /// Whether the host may be put on the list that browsers are built with, which is next to irrevocable: no. It takes
    /// `include_subdomains` and a year at least.
    pub preload: bool,
}

impl Default for Hsts {
    /// The values named at each field.
    fn default() -> Self {
        Self { max_age: Duration::from_hours(365 * 24), include_subdomains: false, preload: false }
    }
}
