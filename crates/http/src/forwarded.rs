//! What proxies say about the request they pass on.
//!
//! In: `Forwarded`, or `X-Forwarded-For`, `-Proto`, `-Host` and `-Port`. Out: what each said, nearest proxy last.
//! Never: a decision on who is believed; anybody can send these fields.
//!
//! RFC 7239; the `X-` fields have no specification, so their common use.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, HeaderName, header::FORWARDED};

/// What one proxy said.
///
/// # Examples
///
/// See [`parse`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hop {
    /// Who sent it the request (`for`).
    pub client: Option<Node>,
    /// Where it received the request (`by`).
    pub proxy: Option<Node>,
    /// The Host field it received.
    pub host: Option<String>,
    /// The scheme it was asked with, in lower case: `http` or `https`.
    pub scheme: Option<String>,
}

/// A party on the way (RFC 7239 §6).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// An address, with a port perhaps.
    Address(IpAddr, Option<u16>),
    /// A name that hides the address: `_hidden`, with its underscore.
    Obfuscated(String),
    /// `unknown`.
    Unknown,
}

impl Node {
    /// The address, when there is one.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address, _) => Some(*address),
            _ => None,
        }
    }
}

/// Reads all `Forwarded` lines as one list; the nearest proxy's hop is the last.
///
/// `None` when there is none, when any is malformed, or when there are more than 32 hops: a list that cannot be
/// read whole cannot be counted from its end.
///
/// # Examples
///
/// ```
/// use flagon_http::forwarded::parse;
/// use http::{HeaderMap, HeaderValue, header::FORWARDED};
///
/// let value = HeaderValue::from_static(r#"for="[2001:db8::1]:4711";proto=https, for=10.0.0.1;host=example.com"#);
/// let hops = parse(&HeaderMap::from_iter([(FORWARDED, value)])).unwrap();
/// assert_eq!(hops[0].client.as_ref().unwrap().address(), Some("2001:db8::1".parse().unwrap()));
/// assert_eq!(hops[1].host.as_deref(), Some("example.com"));
/// ```
pub fn parse(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    for line in headers.get_all(FORWARDED) {
        let mut rest = Some(line.to_str().ok()?);
        while let Some(text) = rest {
            let (hop, after) = take_hop(text)?;
            hops.push(hop);
            rest = after;
            if hops.len() > HOPS_MAX {
                return None;
            }
        }
    }
    (!hops.is_empty()).then_some(hops)
}

/// What the `X-Forwarded-` fields say, each a list with the nearest proxy's entry last.
///
/// # Examples
///
/// ```
/// use flagon_http::forwarded::XForwarded;
/// use http::{HeaderMap, HeaderValue};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-forwarded-for", HeaderValue::from_static("203.0.113.7, 10.0.0.2"));
/// headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
/// let said = XForwarded::parse(&headers);
/// assert_eq!(said.clients[1].address(), Some("10.0.0.2".parse().unwrap()));
/// assert_eq!(said.schemes, ["https"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct XForwarded {
    /// `X-Forwarded-For`.
    pub clients: Vec<Node>,
    /// `X-Forwarded-Proto`, in lower case.
    pub schemes: Vec<String>,
    /// `X-Forwarded-Host`.
    pub hosts: Vec<String>,
    /// `X-Forwarded-Port`.
    pub ports: Vec<u16>,
}

impl XForwarded {
    /// Reads the four fields from their ends, where the nearest proxies wrote: of each at most 32 entries, and none before
    /// a malformed one. What a client puts in front cannot hide what a proxy adds.
    pub fn parse(headers: &HeaderMap) -> Self {
        Self {
            clients: list(headers, &X_FORWARDED_FOR, parse_node),
            schemes: list(headers, &X_FORWARDED_PROTO, parse_scheme),
            hosts: list(headers, &X_FORWARDED_HOST, parse_host),
            ports: list(headers, &X_FORWARDED_PORT, |port| port.parse().ok()),
        }
    }
}

fn list<T>(headers: &HeaderMap, name: &HeaderName, parse: fn(&str) -> Option<T>) -> Vec<T> {
    let lines = headers.get_all(name).iter().rev();
    let from_end = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    let read = from_end.map_while(|entry| parse(std::str::from_utf8(entry).ok()?.trim_ascii()));
    let mut entries: Vec<T> = read.take(HOPS_MAX).collect();
    entries.reverse();
    entries
}

/// Takes `[ pair ] *( ";" [ pair ] )` and the comma after it; `None` inside when the list ends here.
fn take_hop(mut text: &str) -> Option<(Hop, Option<&str>)> {
    let mut hop = Hop::default();
    loop {
        text = text.trim_ascii_start();
        if !text.starts_with([';', ',']) && !text.is_empty() {
            let (name, after) = text.split_once('=')?;
            let (value, after) = take_value(after)?;
            set(&mut hop, name, &value)?;
            text = after.trim_ascii_start();
        }
        match text.as_bytes().first() {
            None => return Some((hop, None)),
            Some(b',') => return Some((hop, Some(&text[1..]))),
            Some(b';') => text = &text[1..],
            Some(_) => return None,
        }
    }
}

/// Takes a token or a quoted string off the front.
fn take_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        // Wider than a token: many proxies write `for=1.2.3.4:80` and `host=a:80` without the quotes.
        let end = text.find([';', ',', ' ', '\t', '"']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// RFC 7239 §4: a parameter comes once in an element; unknown ones are extensions.
fn set(hop: &mut Hop, name: &str, value: &str) -> Option<()> {
    let is_repeated = match name.to_ascii_lowercase().as_str() {
        "for" => hop.client.replace(parse_node(value)?).is_some(),
        "by" => hop.proxy.replace(parse_node(value)?).is_some(),
        "host" => hop.host.replace(parse_host(value)?).is_some(),
        "proto" => hop.scheme.replace(parse_scheme(value)?).is_some(),
        name => !crate::token::is_token(name.as_bytes()),
    };
    (!is_repeated).then_some(())
}

/// RFC 7239 §6, and a bare IPv6 address, which `X-Forwarded-For` has.
fn parse_node(text: &str) -> Option<Node> {
    if text.eq_ignore_ascii_case("unknown") {
        return Some(Node::Unknown);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Node::Address(address, None));
    }
    if let Some((address, port)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return with_port(address.parse::<Ipv6Addr>().ok()?.into(), port);
    }
    let (name, port) = text.find(':').map_or((text, ""), |at| text.split_at(at));
    match name.strip_prefix('_') {
        Some(rest) if !rest.is_empty() && rest.bytes().all(is_hidden_byte) => {
            Some(Node::Obfuscated(name.to_owned()))
        }
        Some(_) => None,
        None if name.eq_ignore_ascii_case("unknown") => Some(Node::Unknown),
        None => with_port(name.parse().ok()?, port),
    }
}

/// An address with what follows it: nothing, `:port`, or `:_hidden` (which is no number and so is dropped).
fn with_port(address: IpAddr, port: &str) -> Option<Node> {
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        None => return None,
        Some(hidden) if hidden.starts_with('_') => None,
        Some(port) => Some(port.parse().ok()?),
    };
    Some(Node::Address(address, port))
}

fn is_hidden_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn parse_scheme(text: &str) -> Option<String> {
    let scheme = text.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https").then_some(scheme)
}

/// A host that can be trusted to be one: it goes into links.
fn parse_host(text: &str) -> Option<String> {
    crate::authority::split(text.as_bytes()).map(|_| text.to_owned())
}

const HOPS_MAX: usize = 32;

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
