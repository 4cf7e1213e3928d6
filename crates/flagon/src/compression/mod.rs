//! Packs answers for clients that take them packed.
//!
//! In: an answer, its request, what the view says of it. Out: the same answer, packed by the coding that the client likes best, or as it
//! was. Never: packs what is packed already, a part of something, what may not be transformed, or a secret beside what another site
//! could have written (BREACH).
//!
//! RFC 9110 §8.4 (`Content-Encoding`), §8.8.3.3 (tags), §12.5.3 (`Accept-Encoding`); RFC 9111 §5.2.2.6 (`no-transform`).

mod media;
mod coding;
mod encoder;
mod body;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicUsize},
};

use flagon_http::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::Body as _;

use self::{
    body::{Leave, Packed},
    coding::{Coding, Taken},
    encoder::pack,
    media::is_worth_packing,
};
use crate::{
    config::CompressionConfig,
    error::{Error, Result},
    request::Request,
    response::Response,
    view_limits::Compress,
};

/// Packs the answers of an app.
pub(crate) struct Compression {
    config: CompressionConfig,
    /// How many bodies are being packed while they are sent.
    open: Arc<AtomicUsize>,
}

impl Compression {
    pub(crate) fn new(config: &CompressionConfig) -> Self {
        Self { config: config.clone(), open: Arc::default() }
    }

    /// Packs `response`, if that is worth it and the client takes it.
    ///
    /// # Errors
    ///
    /// 406 when the client takes the content neither packed nor plain, and nothing was changed by the request.
    pub(crate) fn apply(&self, request: &Request, compress: Compress, response: &mut Response) -> Result<()> {
        if response.status() == StatusCode::NOT_MODIFIED {
            self.not_modified(request, compress, response);
            return Ok(());
        }
        let is_small = response.body().size_hint().upper().is_some_and(|size| size < self.config.min_size);
        let may_refuse_plain = Coding::may_refuse_plain(request.headers());
        if is_small && !may_refuse_plain {
            return Ok(()); // the short way, for most answers
        }
        let plan = self.plan(request, compress, response);
        if plan != Plan::Never {
            request.vary_on(&header::ACCEPT_ENCODING);
        } else if !may_refuse_plain {
            return Ok(());
        }
        match (Coding::taken(request.headers()), plan) {
            (Taken::Coded(coding), Plan::Worthwhile) if !is_small => self.pack(request, coding, response)?,
            (Taken::OnlyCoded(coding), Plan::Worthwhile | Plan::Possible) => {
                self.pack(request, coding, response)?;
            }
            (Taken::OnlyCoded(_) | Taken::Nothing, _) => refuse_plain(request, response)?,
            _ => (),
        }
        Ok(())
    }

    fn plan(&self, request: &Request, compress: Compress, response: &Response) -> Plan {
        let headers = response.headers();
        let is_packed = headers.contains_key(header::CONTENT_ENCODING);
        let is_part =
            headers.contains_key(header::CONTENT_RANGE) || response.status() == StatusCode::PARTIAL_CONTENT;
        // RFC 9530: a digest is of the bytes that are sent.
        let has_digest = [CONTENT_DIGEST, REPR_DIGEST].iter().any(|name| headers.contains_key(name));
        let forbids = has_directive(headers, "no-transform");
        let is_allowed = match compress {
            Compress::Always => true,
            Compress::Never => false,
            Compress::Safely => self.config.enabled && !is_probed(request),
        };
        if is_packed || is_part || has_digest || forbids || !is_allowed {
            return Plan::Never;
        }
        let too_large = response.body().size_hint().lower() > self.config.max_size;
        let is_worthwhile = headers.get(header::CONTENT_TYPE).is_some_and(is_worth_packing) && !too_large;
        if is_worthwhile { Plan::Worthwhile } else { Plan::Possible }
    }

    fn pack(&self, request: &Request, coding: Coding, response: &mut Response) -> Result<()> {
        let size = response.body().size_hint().exact();
        if size == Some(0) {
            return Ok(());
        }
        let is_at_once = size.is_some_and(|size| size <= AT_ONCE) && request.method() != Method::HEAD;
        let packed = match response.body().as_full() {
            Some(bytes) if is_at_once => {
                let packed = pack(coding, bytes)?;
                if packed.len() >= bytes.len() && !Coding::may_refuse_plain(request.headers()) {
                    return Ok(());
                }
                Body::from(packed)
            }
            _ => {
                let Some(leave) = Leave::take(&self.open, self.config.streams) else { return Ok(()) };
                Body::stream(Packed::new(std::mem::take(response.body_mut()), coding, leave))
            }
        };
        *response.body_mut() = packed;
        describe(response.headers_mut(), coding);
        Ok(())
    }

    /// RFC 9110 §15.4.5: a 304 has the tag and the `Vary` of the 200 that the client has.
    fn not_modified(&self, request: &Request, compress: Compress, response: &mut Response) {
        let may_pack = compress == Compress::Always || (compress == Compress::Safely && self.config.enabled);
        let Some(tag) = response.headers().get(header::ETAG).filter(|_| may_pack) else { return };
        let known = Coding::known(request.headers(), tag);
        request.vary_on(&header::ACCEPT_ENCODING);
        if let Some(known) = known {
            response.headers_mut().insert(header::ETAG, known);
        }
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

/// What may be done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// It stays as it is.
    Never,
    /// It may be packed, though it hardly gets smaller.
    Possible,
    /// It gets smaller.
    Worthwhile,
}

/// Says that the content is packed now.
fn describe(headers: &mut HeaderMap, coding: Coding) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    headers.remove(header::CONTENT_LENGTH);
    // Ranges are of the packed bytes, which are made anew each time.
    headers.remove(header::ACCEPT_RANGES);
    if let Some(tag) = headers.get(header::ETAG).and_then(|tag| coding.tag(tag)) {
        headers.insert(header::ETAG, tag);
    }
}

/// Whether another site may have caused the request, and the browser added credentials by itself: then who sees how long the answer is
/// could learn what is in it.
fn is_probed(request: &Request) -> bool {
    let headers = request.headers();
    // A bearer token is not added by itself: who sends it knows it.
    let is_ambient = |value: &HeaderValue| {
        let scheme = value.as_bytes().split(|byte| *byte == b' ').next().unwrap_or_default();
        !scheme.eq_ignore_ascii_case(b"bearer")
    };
    let has_credentials =
        headers.contains_key(header::COOKIE) || headers.get(header::AUTHORIZATION).is_some_and(is_ambient);
    // Fetch Metadata §2.1: `none` is the user's own doing. Browsers send it with HTTPS; without, there is nothing to hide in lengths.
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    let is_own = matches!(site, Some(b"same-origin" | b"none"));
    has_credentials && !is_own
}

/// Tells a client that takes no plain content that there is no other, unless its request has changed something, or the answer is an
/// error anyway.
///
/// # Errors
///
/// 406.
fn refuse_plain(request: &Request, response: &Response) -> Result<()> {
    let is_plain = !response.headers().contains_key(header::CONTENT_ENCODING);
    let has_content = response.body().size_hint().exact() != Some(0);
    if request.method().is_safe() && response.status().is_success() && is_plain && has_content {
        return Err(Error::aborted(406)
            .with_public("The content is there neither plain nor in a coding that the request accepts."));
    }
    Ok(())
}

fn has_directive(headers: &HeaderMap, wanted: &str) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case(wanted))
}

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Up to this size an answer is packed before its first byte is sent, and has a length.
const AT_ONCE: u64 = 32 * 1024;
