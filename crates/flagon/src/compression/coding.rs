//! The content codings, and which of them a client gets.
//!
//! RFC 9110 §8.4.1 (gzip, deflate), §12.5.3 (`Accept-Encoding`), RFC 7932 (br), RFC 8878 and RFC 9659 (zstd).

use flagon_http::{accept::best_encoding, etag::ETag};
use http::{HeaderMap, HeaderValue, header};

/// A content coding that answers are packed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Zstd,
    Brotli,
    Gzip,
    Deflate,
}

/// What a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// This coding, which it likes as much as plain content or better.
    Coded(Coding),
    /// Plain content.
    Plain,
    /// This coding; it does not take plain content, or does not like it.
    OnlyCoded(Coding),
    /// Nothing that there is.
    Nothing,
}

impl Coding {
    /// Those that a client likes the same are given in this order: the cheapest for what it saves first.
    const ALL: [(&'static str, Self); 4] =
        [("zstd", Self::Zstd), ("br", Self::Brotli), ("gzip", Self::Gzip), ("deflate", Self::Deflate)];

    /// Its name in `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, coding)| *coding == self).map_or("identity", |(name, _)| name)
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, coding)| *coding)
    }

    /// What a client takes by its `Accept-Encoding`.
    pub(super) fn taken(headers: &HeaderMap) -> Taken {
        const OFFERS: [&str; 5] = ["zstd", "br", "gzip", "deflate", "identity"];
        let best = |offers: &[&'static str]| best_encoding(headers.get_all(header::ACCEPT_ENCODING), offers);
        match best(&OFFERS).map(Self::of) {
            None => Taken::Nothing,
            Some(None) => Taken::Plain,
            Some(Some(coding)) if best(&["identity"]).is_none() => Taken::OnlyCoded(coding),
            Some(Some(coding)) => Taken::Coded(coding),
        }
    }

    /// Whether the client may be one that takes no plain content: a look that costs next to nothing.
    pub(super) fn may_refuse_plain(headers: &HeaderMap) -> bool {
        headers.contains_key(header::ACCEPT_ENCODING)
            && headers.get_all(header::ACCEPT_ENCODING).iter().any(|line| {
                let text = line.as_bytes();
                memchr::memchr(b'*', text).is_some() || memchr::memmem::find(text, b"dentity").is_some()
            })
    }

    /// The tag of the packed state that `tag` is of. A strong one names bytes, so those of each coding need one of their own (RFC 9110
    /// §8.8.3.3); a weak one names the state, whichever way it is packed.
    pub(super) fn tag(self, tag: &HeaderValue) -> Option<HeaderValue> {
        ETag::parse(tag.as_bytes())?.coded(self.name()).map(|tag| tag.to_header_value())
    }

    /// The coding by which the client got the state of `tag`, as the tags that it sent back tell.
    pub(super) fn known(headers: &HeaderMap, tag: &HeaderValue) -> Option<HeaderValue> {
        let known = headers.get_all(header::IF_NONE_MATCH);
        let coded = Self::ALL.iter().filter_map(|(_, coding)| coding.tag(tag));
        coded.into_iter().find(|coded| {
            known.iter().any(|line| memchr::memmem::find(line.as_bytes(), coded.as_bytes()).is_some())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_takes() {
        for (field, expected) in [
            ("gzip, deflate, br, zstd", Taken::Coded(Coding::Zstd)),
            ("gzip, deflate, br", Taken::Coded(Coding::Brotli)),
            ("gzip, deflate", Taken::Coded(Coding::Gzip)),
            ("deflate", Taken::Coded(Coding::Deflate)),
            ("br;q=0.5, gzip", Taken::Coded(Coding::Gzip)),
            ("br;q=0, gzip;q=0.1", Taken::Coded(Coding::Gzip)),
            ("gzip;q=0.4, identity;q=0.5", Taken::Plain),
            ("gzip;q=0.5, identity;q=0.4", Taken::Coded(Coding::Gzip)),
            ("identity;q=0, gzip;q=0.1", Taken::OnlyCoded(Coding::Gzip)),
            ("*;q=0, deflate", Taken::OnlyCoded(Coding::Deflate)),
            ("*;q=0", Taken::Nothing),
            ("identity;q=0, compress", Taken::Nothing),
            ("", Taken::Plain),
            ("compress, x-unknown", Taken::Plain),
            ("*", Taken::Coded(Coding::Zstd)),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(field))]);
            assert_eq!(Coding::taken(&headers), expected, "{field}");
        }
        assert_eq!(Coding::taken(&HeaderMap::new()), Taken::Plain);
    }

    #[test]
    fn a_strong_tag_is_one_of_its_bytes() {
        let tag = |text: &'static str| Coding::Brotli.tag(&HeaderValue::from_static(text));
        assert_eq!(tag("\"v1\"").unwrap(), "\"v1~br\"");
        assert_eq!(tag("W/\"v1\"").unwrap(), "W/\"v1\"");
        assert_eq!(tag("v1"), None);
    }
}
