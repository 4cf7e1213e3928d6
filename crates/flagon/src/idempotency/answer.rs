//! An answer that is kept to be given again.

use std::{
    fmt,
    pin::pin,
    time::{Duration, SystemTime},
};

use bytes::{Bytes, BytesMut};
use flagon_http::Body;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;

use super::key::Fingerprint;
use crate::{
    error::{Error, ErrorKind, Result},
    response::Response,
};

/// An answer that is kept to be given again, and of which request it is.
#[derive(Clone)]
pub struct KeptAnswer {
    /// A digest of the request: another one under the same key is a mistake.
    pub request: [u8; 32],
    /// The status.
    pub status: StatusCode,
    /// The fields, as the view gave them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Until when it is given again.
    pub expires: SystemTime,
}

impl KeptAnswer {
    /// Takes a copy of `response`, of which a stream is read to its end.
    pub(super) async fn of(
        request: Fingerprint,
        response: Response,
        max: usize,
        keep_for: Duration,
    ) -> Result<(Self, Response)> {
        let (parts, body) = response.into_parts();
        let body = collected(body, max).await?;
        let expires = SystemTime::now() + keep_for;
        let (status, headers) = (parts.status, parts.headers.clone());
        let kept = Self { request: request.0, status, headers, body: body.clone(), expires };
        Ok((kept, Response::from_parts(parts, body.into())))
    }

    /// The answer, once more.
    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        (*response.status_mut(), *response.headers_mut()) = (self.status, self.headers);
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }

    /// Roughly how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        let fields = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64);
        self.body.len() + fields.sum::<usize>() + 256
    }
}

async fn collected(body: Body, max: usize) -> Result<Bytes> {
    let too_large = || {
        let text = format!(
            "the answer of an idempotent view is longer than `idempotency.max_answer`, {max} bytes, and can't be kept: nothing was \
             done; answer with less, such as the place of what was made"
        );
        Err(Error::new(ErrorKind::Failed).with_source(text))
    };
    match body.into_full() {
        Ok(bytes) if bytes.len() <= max => Ok(bytes),
        Ok(_) => too_large(),
        Err(stream) => {
            let (mut stream, mut whole) = (pin!(stream), BytesMut::new());
            while let Some(frame) = stream.frame().await {
                whole.extend_from_slice(frame?.data_ref().unwrap_or(&Bytes::new()));
                if whole.len() > max || stream.size_hint().lower() > max as u64 {
                    return too_large();
                }
            }
            Ok(whole.freeze())
        }
    }
}

impl fmt::Debug for KeptAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
