//! How often a client may ask.
//!
//! In: a request, and the limits of its view, its blueprints and the app. Out: nothing, or 429 with `Retry-After`; either way the
//! answer tells where the client stands. Never: memory without bound, or one client's requests at the expense of another's.
//!
//! RFC 6585 §4 (429); draft-ietf-httpapi-ratelimit-headers-11 (`RateLimit`, `RateLimit-Policy`).

mod user;
mod keys;
mod limiter;

use std::{fmt::Write as _, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, header};

pub use self::user::user_key;

pub(crate) use self::limiter::Limiter;
use self::limiter::Verdict;
use crate::{
    context::Context,
    error::{Error, Result},
};

/// Counts the request of `context` by each of `limits`, the innermost first.
///
/// # Errors
///
/// 429 by the first that refuses it.
pub(crate) fn check(context: &Context, limits: &[Arc<Limiter>]) -> Result<()> {
    let mut standing = Standing::default();
    for limit in limits {
        match limit.count(context.request()) {
            Verdict::Allow { remaining } => standing.add(limit, remaining),
            Verdict::Refuse { retry_after } => {
                // To the next whole second: who comes a moment too early is refused once more.
                let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
                standing.end(limit, seconds);
                return Err(standing.refuse(limit, seconds));
            }
        }
    }
    context.after_this_request(Box::new(move |mut response| {
        response.headers_mut().extend(standing.fields());
        Box::pin(async { Ok(response) })
    }));
    Ok(())
}

/// Where a client stands with each limit that was asked.
#[derive(Default)]
struct Standing {
    policies: String,
    standings: String,
}

impl Standing {
    fn add(&mut self, limit: &Limiter, remaining: u32) {
        let comma = if self.policies.is_empty() { "" } else { ", " };
        let seconds = limit.seconds_until_whole(remaining);
        let _ = write!(self.standings, "{comma}\"{}\";r={remaining};t={seconds}", limit.name());
        self.add_policy(limit);
    }

    /// `limit` has refused, for so many seconds. Others are not spoken of: `Retry-After` is not to be earlier than the end of a window
    /// that is told (§6 of the draft).
    fn end(&mut self, limit: &Limiter, seconds: u64) {
        self.standings = format!("\"{}\";r=0;t={seconds}", limit.name());
        self.add_policy(limit);
    }

    fn add_policy(&mut self, limit: &Limiter) {
        let (name, rate) = (limit.name(), limit.rate());
        let comma = if self.policies.is_empty() { "" } else { ", " };
        let _ = write!(self.policies, "{comma}\"{name}\";q={};w={}", rate.count, rate.seconds);
    }

    fn fields(&self) -> HeaderMap {
        let field = |name, value: &str| Some((name, HeaderValue::try_from(value).ok()?));
        [field(POLICY, &self.policies), field(LIMIT, &self.standings)].into_iter().flatten().collect()
    }

    fn refuse(&self, limit: &Limiter, seconds: u64) -> Error {
        let text = format!("There were too many requests; the next is answered in {seconds} s.");
        let error = Error::aborted(429)
            .with_public(text)
            .with_type(QUOTA_EXCEEDED)
            .with_extension("violated-policies", [limit.name()])
            .with_header(header::RETRY_AFTER, seconds.into());
        self.fields().into_iter().fold(error, |error, (name, value)| match name {
            Some(name) => error.with_header(name, value),
            None => error,
        })
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The problem type that the draft registers.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

#[cfg(test)]
mod tests;
