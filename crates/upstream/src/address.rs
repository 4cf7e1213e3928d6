//! Where the other server listens.
//!
//! In: `http://127.0.0.1:8000`, `https://old.example` or `unix:/run/old.sock`. Out: an [`Address`]. Never: looks a name up; that is for each connection.

use std::{error::Error, fmt, path::PathBuf, str::FromStr};

use http::{Uri, uri::Authority};
use rustls::pki_types::ServerName;

/// Where another server listens: a host and a port, with TLS or without, or a Unix socket.
///
/// # Examples
///
/// ```
/// use flagon_upstream::Address;
///
/// let address: Address = "http://127.0.0.1:8000".parse()?;
/// assert_eq!(address.to_string(), "http://127.0.0.1:8000");
/// let address: Address = "unix:/run/old.sock".parse()?;
/// assert_eq!(address.to_string(), "unix:/run/old.sock");
/// # Ok::<(), flagon_upstream::AddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A host and a port; a name is looked up for each new connection.
    Tcp {
        /// The name or address of the host, without the brackets of an IPv6 one.
        host: String,
        /// The port.
        port: u16,
    },
    /// A host and a port where TLS is spoken.
    Tls {
        /// The name or address of the host, which its certificate has to name too.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

/// Why a text is no [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressError(&'static str);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_absolute = path.starts_with('/');
            let named = is_absolute.then(|| Self::Unix(path.into()));
            return named
                .ok_or(AddressError("the path of a Unix socket begins with a slash: `unix:/run/old.sock`"));
        }
        let uri: Uri = text.parse().map_err(|_| FORMS)?;
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        if authority.contains('@') || uri.query().is_some() || !["", "/"].contains(&uri.path()) {
            return Err(AddressError(
                "there can be no user, path or query in it: requests bring their own path",
            ));
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        match uri.scheme_str() {
            Some("http") => Ok(Self::Tcp { host, port: uri.port_u16().unwrap_or(80) }),
            Some("https") if ServerName::try_from(host.as_str()).is_err() => {
                Err(AddressError("the host is no name that a certificate could have"))
            }
            Some("https") => Ok(Self::Tls { host, port: uri.port_u16().unwrap_or(443) }),
            _ => Err(FORMS),
        }
    }
}

const FORMS: AddressError = AddressError("write `http://host:port`, `https://host` or `unix:/path`");

impl Address {
    /// The host and port as a URL and `Host` have them; `None` of a Unix socket.
    pub(crate) fn authority(&self) -> Option<String> {
        match self {
            Self::Tcp { host, port } | Self::Tls { host, port } if host.contains(':') => {
                Some(format!("[{host}]:{port}"))
            }
            Self::Tcp { host, port } | Self::Tls { host, port } => Some(format!("{host}:{port}")),
            Self::Unix(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.authority().unwrap_or_default();
        match self {
            Self::Tcp { .. } => write!(f, "http://{authority}"),
            Self::Tls { .. } => write!(f, "https://{authority}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_address_and_what_is_not() {
        for (text, shown) in [
            ("http://old.example", "http://old.example:80"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
            ("https://old.example", "https://old.example:443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("unix:///run/old.sock", "unix:/run/old.sock"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
        }
        for wrong in [
            "127.0.0.1:8000",
            "https://old/path",
            "https://old_.-/",
            "http://old/path",
            "http://a@old",
            "unix:old.sock",
            "",
            "ftp://old",
        ] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
