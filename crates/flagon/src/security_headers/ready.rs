//! Header values that are ready to be put into answers.
//!
//! In: [`SecurityHeaders`], at start; then each answer. Out: the answer with its headers. Never: makes a value anew, but for
//! the policy of a page that has a nonce.

use std::sync::Arc;

use flagon_http::FieldBlock;
use flagon_server::Answer;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{
    Disposition, Reports, SecurityHeaders,
    policy::{SCRIPT_NONCE, STYLE_NONCE},
};
use crate::{handed::Nonce, request::REQUEST_ID};

/// Where the app takes reports of violations.
pub(crate) const REPORT_PATH: &str = "/.flagon/reports";

/// The headers of one view, ready.
#[derive(Debug)]
pub(crate) struct Ready {
    blocks: Blocks,
    documents: Documents,
}

/// What only documents have, and is not the same for all of them.
#[derive(Debug)]
struct Documents {
    policy: Option<Policy>,
    endpoints: Option<HeaderValue>,
}

/// The same headers, encoded: for an answer that says none of them itself.
#[derive(Debug)]
struct Blocks {
    always: Arc<FieldBlock>,
    /// With those of a document, but for what names its nonce.
    document: Arc<FieldBlock>,
    /// With the policy of a document without a nonce, over http and over https.
    plain: Arc<FieldBlock>,
    secure: Arc<FieldBlock>,
}

#[derive(Debug)]
struct Policy {
    name: HeaderName,
    plain: Text,
    secure: Text,
}

/// The text of a policy, as a value and in the pieces between which a nonce goes.
#[derive(Debug)]
struct Text {
    whole: HeaderValue,
    pieces: Box<[Piece]>,
}

#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    ScriptNonce,
    StyleNonce,
}

const REPORTING_ENDPOINTS: HeaderName = HeaderName::from_static("reporting-endpoints");

impl Ready {
    /// Makes the values.
    pub(crate) fn new(headers: &SecurityHeaders) -> Self {
        let url = match &headers.reports {
            Reports::Own => Some(REPORT_PATH),
            Reports::To(url) => Some(url.as_str()),
            Reports::Nowhere => None,
        };
        let url = url.filter(|_| headers.policy.is_some());
        let documents = Documents {
            policy: headers.policy.as_ref().map(|policy| Policy {
                name: match headers.disposition {
                    Disposition::Enforce => header::CONTENT_SECURITY_POLICY,
                    Disposition::Report => header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
                },
                plain: Text::new(&policy.marked(), url.map(|url| format!("report-uri {url}"))),
                // Browsers take reporting endpoints over TLS only, and those that know `report-to` pass over
                // `report-uri` where both stand.
                secure: Text::new(
                    &policy.marked(),
                    url.map(|url| format!("report-uri {url}; report-to default")),
                ),
            }),
            endpoints: url.and_then(|url| HeaderValue::try_from(format!("default=\"{url}\"")).ok()),
        };
        Self { blocks: Blocks::new(headers, &documents), documents }
    }

    /// Whether a nonce in the page would be named by the policy.
    pub(crate) fn asks_for_nonce(&self) -> bool {
        let is_nonce = |piece: &Piece| matches!(piece, Piece::ScriptNonce | Piece::StyleNonce);
        self.documents.policy.as_ref().is_some_and(|policy| policy.plain.pieces.iter().any(is_nonce))
    }

    /// Puts the headers into an answer that is complete otherwise.
    pub(crate) fn apply(&self, answer: &mut Answer, nonce: Option<&Nonce>, scheme: &str) {
        // RFC 9111 §3.2: a cache takes the fields of a 304 over into the page that it has, whose nonce is another.
        if answer.response.status() == StatusCode::NOT_MODIFIED {
            return;
        }
        let Answer { response, ready } = answer;
        let headers = response.headers_mut();
        let is_document = is_document(headers);
        let is_secure = scheme == "https";
        let block = match nonce {
            _ if !is_document => &self.blocks.always,
            Some(_) => &self.blocks.document,
            None if is_secure => &self.blocks.secure,
            None => &self.blocks.plain,
        };
        let is_said = block.meets(headers); // then what the answer says itself stays
        if is_said {
            if is_document { &self.blocks.document } else { block }.add_to(headers);
        } else {
            ready.share(block);
        }
        if is_document && (is_said || nonce.is_some()) {
            self.documents.put_policy(headers, nonce, is_secure);
        }
    }
}

impl Documents {
    fn put_policy(&self, headers: &mut HeaderMap, nonce: Option<&Nonce>, is_secure: bool) {
        let Some(policy) = &self.policy else { return };
        if headers.contains_key(&policy.name) {
            return;
        }
        let text = if is_secure { &policy.secure } else { &policy.plain };
        headers.insert(policy.name.clone(), text.with(nonce));
        if let Some(endpoints) = self.endpoints.as_ref().filter(|_| is_secure) {
            headers.entry(REPORTING_ENDPOINTS).or_insert_with(|| endpoints.clone());
        }
    }
}

impl Blocks {
    fn new(headers: &SecurityHeaders, documents: &Documents) -> Self {
        let block = |fields: &[&[(HeaderName, HeaderValue)]]| {
            // Each answer has an identifier of its own, whatever was set.
            let fields = fields.iter().copied().flatten().filter(|(name, _)| *name != REQUEST_ID);
            Arc::new(FieldBlock::new(fields.cloned()))
        };
        let with_policy = |is_secure| {
            let mut policy = HeaderMap::new();
            documents.put_policy(&mut policy, None, is_secure);
            let policy: Vec<_> = policy.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            block(&[&headers.always, &headers.documents, &policy])
        };
        Self {
            always: block(&[&headers.always]),
            document: block(&[&headers.always, &headers.documents]),
            plain: with_policy(false),
            secure: with_policy(true),
        }
    }
}

/// Whether scripts run in what `headers` describe: HTML, and all XML, SVG among it.
fn is_document(headers: &HeaderMap) -> bool {
    let Some(media_type) = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) else { return false };
    let end = media_type.iter().position(|byte| *byte == b';').unwrap_or(media_type.len());
    let media_type = media_type[..end].trim_ascii();
    let is = |known: &str| media_type.eq_ignore_ascii_case(known.as_bytes());
    let is_xml = media_type.len() > 4 && media_type[media_type.len() - 4..].eq_ignore_ascii_case(b"+xml");
    is("text/html") || is_xml || is("text/xml") || is("application/xml")
}

impl Text {
    fn new(marked: &str, reports: Option<String>) -> Self {
        let mut marked = marked.to_owned();
        if let Some(reports) = reports {
            marked.push_str(if marked.is_empty() { "" } else { "; " });
            marked.push_str(&reports);
        }
        let pieces: Box<[Piece]> = pieces(&marked);
        let whole: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::ScriptNonce | Piece::StyleNonce => "",
            })
            .collect();
        let whole = HeaderValue::try_from(whole).expect("directives and sources are checked");
        Self { whole, pieces }
    }

    fn with(&self, nonce: Option<&Nonce>) -> HeaderValue {
        let Some(nonce) = nonce else { return self.whole.clone() };
        let mut text = String::with_capacity(self.whole.len() + 100);
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::ScriptNonce => {
                    text.extend([" 'nonce-", nonce.as_str(), "' 'strict-dynamic'"]);
                }
                Piece::StyleNonce => text.extend([" 'nonce-", nonce.as_str(), "'"]),
            }
        }
        HeaderValue::try_from(text).expect("a nonce is base64")
    }
}

fn pieces(marked: &str) -> Box<[Piece]> {
    let mut pieces = Vec::new();
    for part in marked.split_inclusive([SCRIPT_NONCE, STYLE_NONCE]) {
        let text = part.trim_end_matches([SCRIPT_NONCE, STYLE_NONCE]);
        pieces.push(Piece::Text(text.into()));
        match part.chars().last() {
            Some(SCRIPT_NONCE) => pieces.push(Piece::ScriptNonce),
            Some(STYLE_NONCE) => pieces.push(Piece::StyleNonce),
            _ => (),
        }
    }
    pieces.into()
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use flagon_http::{
        Body,
        h1::{BodySize, Persistence, RequestFacts, encode_head},
        http_date::HttpDate,
    };
    use http::{Method, Response, Version};

    use super::*;

    /// The lines that go out with a page that says `fields` itself.
    fn lines(fields: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut answer = Answer::from(Response::new(Body::empty()));
        for (name, value) in fields {
            answer.response.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        Ready::new(&SecurityHeaders::default()).apply(&mut answer, None, "http");
        let mut output = BytesMut::new();
        let request = RequestFacts { method: &Method::GET, version: Version::HTTP_11 };
        let (size, date) = (BodySize::Exact(0), HttpDate::EPOCH);
        let Answer { response, ready } = &answer;
        encode_head(&mut output, response, ready, size, request, Persistence::KeepAlive, &date);
        String::from_utf8_lossy(&output).lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_a_page_says_itself_goes_out_once_and_the_rest_with_it() {
        let html = ("content-type", "text/html");
        for own in [
            ("x-content-type-options", "own"),
            ("cross-origin-opener-policy", "own"),
            ("content-security-policy", "own"),
        ] {
            let (usual, changed) = (lines(&[html]), lines(&[html, own]));
            let of = |lines: &[String]| {
                let named = lines.iter().filter(|line| line.starts_with(own.0)).cloned();
                named.collect::<Vec<_>>()
            };
            assert_eq!(of(&usual).len(), 1, "{usual:?}");
            assert_eq!(of(&changed), [format!("{}: own", own.0)], "{changed:?}");
            assert_eq!(usual.len(), changed.len(), "{changed:?}");
        }
    }
}
