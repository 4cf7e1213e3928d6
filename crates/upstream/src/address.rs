//! Where the other server listens.
//!
//! In: `http://127.0.0.1:8000` or `unix:/run/old.sock`. Out: an [`Address`]. Never: looks a name up; that is for each connection.

use std::{error::Error, fmt, path::PathBuf, str::FromStr};

use http::{Uri, uri::Authority};

/// Where another server listens: a host and a port, or a Unix socket.
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
        let uri: Uri = text.parse().map_err(|_| AddressError("write `http://host:port` or `unix:/path`"))?;
        match uri.scheme_str() {
            Some("http") => (),
            Some("https") => {
                return Err(AddressError(
                    "only `http` is spoken to another server; have it listen on this machine",
                ));
            }
            _ => return Err(AddressError("write `http://host:port` or `unix:/path`")),
        }
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        if authority.contains('@') || uri.query().is_some() || !["", "/"].contains(&uri.path()) {
            return Err(AddressError(
                "there can be no user, path or query in it: requests bring their own path",
            ));
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        Ok(Self::Tcp { host, port: uri.port_u16().unwrap_or(80) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "http://[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "http://{host}:{port}"),
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
            ("unix:///run/old.sock", "unix:/run/old.sock"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
        }
        for wrong in [
            "127.0.0.1:8000",
            "https://old",
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
