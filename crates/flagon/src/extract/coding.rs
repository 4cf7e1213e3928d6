//! Content codings of requests: content that is packed is refused, not read as if it were not.
//!
//! In: a request whose body an argument is about to read. Out: nothing, or 415 with the coding that is taken. Never: unpacks, since
//! a kilobyte can be a gigabyte.
//!
//! RFC 9110 §8.4, §12.5.3.

use http::{HeaderValue, header};

use super::argument::{refuse, shown};
use crate::{context::Context, error::Result};

/// Refuses a body that is packed.
pub(super) fn check(context: &Context) -> Result<()> {
    let Some(value) = context.request().headers().get(header::CONTENT_ENCODING) else { return Ok(()) };
    if value.as_bytes().eq_ignore_ascii_case(b"identity") {
        return Ok(());
    }
    let got = shown("", &String::from_utf8_lossy(value.as_bytes()));
    let error = refuse(415, "header", "content-encoding", format!("expected content as it is, got {got}"));
    Err(error.with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}
