//! What a resource takes, told to clients: `Allow`, and the fields for the media types of bodies.
//!
//! In: methods and media types of rules. Out: fields of an answer. Never: decides what is taken.

use flagon_routing::Allowed;
use http::{HeaderName, HeaderValue, Method, header};

/// The value of `Allow` (RFC 9110 §10.2.1). A rule that names no methods takes them all, of which the usual ones are named.
pub(crate) fn allow(allowed: &Allowed) -> HeaderValue {
    const USUAL: HeaderValue =
        HeaderValue::from_static("GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE, QUERY");
    if allowed.is_empty() {
        return USUAL;
    }
    HeaderValue::try_from(allowed.to_string()).unwrap_or(USUAL)
}

/// The field that says which bodies a resource takes in requests of `method`: `Accept-Patch` (RFC 5789 §3.1), `Accept-Query`
/// (RFC 10008 §3) or `Accept-Post` (Linked Data Platform 1.0 §7.1).
pub(crate) fn accepted(method: &str, types: &[&str]) -> Option<(HeaderName, HeaderValue)> {
    let name = match method {
        "PATCH" => "accept-patch",
        "POST" => "accept-post",
        "QUERY" => "accept-query",
        _ => return None,
    };
    // RFC 10008 §3: a structured field, whose tokens begin with a letter; what does not is a string.
    let is_string =
        |one: &str| name == "accept-query" && !one.starts_with(|first: char| first.is_ascii_alphabetic());
    let types = types.iter().map(|one| if is_string(one) { format!("\"{one}\"") } else { (*one).to_owned() });
    Some((HeaderName::from_static(name), list(&types.collect::<Vec<_>>())?))
}

/// What a 415 says of the media types that would have been taken: as `Accept` (RFC 9110 §12.5.1), and as the field that
/// the method has for it.
pub(crate) fn accepted_instead(
    method: &Method,
    types: &[&str],
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let any = list(&types.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        .map(|types| (header::ACCEPT, types));
    any.into_iter().chain(accepted(method.as_str(), types))
}

fn list(types: &[String]) -> Option<HeaderValue> {
    if types.is_empty() { None } else { HeaderValue::try_from(types.join(", ")).ok() }
}
