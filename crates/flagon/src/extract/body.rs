//! The body of a request as it is.

use std::{
    fmt,
    pin::Pin,
    task::{Context as TaskContext, Poll},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use http::header;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;

use super::{
    argument::{Argument, FromRequest, refuse, shown},
    media_type::Parameterized,
};
use crate::{context::Context, error::Result};

/// The whole body, within the limit of the app or the view.
impl FromRequest for Bytes {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        context.request().data().await
    }

    async fn from_request_if_present(context: &Context, _: Argument) -> Result<Option<Self>> {
        Ok(Some(context.request().data().await?).filter(|bytes| !bytes.is_empty()))
    }
}

/// The whole body as text: 415 when its charset is not UTF-8, 400 when its bytes are not.
impl FromRequest for String {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        let content_type = context.request().header(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| Parameterized::parse(value).ok());
        if let Some(charset) = content_type.as_ref().and_then(Parameterized::foreign_charset) {
            let problem = format!("expected the charset `utf-8`, got {}", shown("", charset));
            return Err(refuse(415, "header", "content-type", problem));
        }
        let bytes = context.request().data().await?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(refuse(
                400,
                "body",
                "",
                format!("expected UTF-8, got something else at byte {}", error.valid_up_to()),
            )),
        }
    }

    async fn from_request_if_present(context: &Context, argument: Argument) -> Result<Option<Self>> {
        Ok(Some(Self::from_request(context, argument).await?).filter(|text| !text.is_empty()))
    }
}

/// The body as it arrives, which no one else gets then; within the limit of the app or the view.
///
/// # Examples
///
/// ```
/// use flagon::{BodyStream, prelude::*};
///
/// #[post("/upload", max_body = 20 * 1024 * 1024)]
/// async fn upload(mut body: BodyStream) -> Result<String> {
///     let mut bytes = 0;
///     while let Some(piece) = body.next().await? {
///         bytes += piece.len();
///     }
///     Ok(bytes.to_string())
/// }
/// ```
pub struct BodyStream(Body);

impl BodyStream {
    /// The next piece; `None` when all have come.
    ///
    /// # Errors
    ///
    /// 413 when the body is longer than allowed, 400 or 408 when it does not arrive whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        while let Some(frame) = self.0.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// The body itself, for what takes an [`http_body::Body`].
    pub fn into_inner(self) -> Body {
        self.0
    }
}

impl FromRequest for BodyStream {
    async fn from_request(context: &Context, _: Argument) -> Result<Self> {
        Ok(Self(context.request().take_body()))
    }
}

impl HttpBody for BodyStream {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BodyStream").field(&self.0).finish()
    }
}
