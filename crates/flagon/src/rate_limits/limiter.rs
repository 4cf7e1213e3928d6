//! One limit: whom it counts, and what it says of the next request.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
};

use super::keys::Keys;
use crate::{
    request::Request,
    view_limits::{Rate, RateKey, RateLimit},
};

/// One limit of a view, a blueprint or the app.
pub(crate) struct Limiter<C: Clock = MonotonicClock> {
    name: Box<str>,
    rate: Rate,
    by: RateKey,
    /// Keys are hashed with numbers of this process, so that nobody can look for two that are taken for one.
    hasher: RandomState,
    state: RateLimiter<u64, Keys, C, StateInformationMiddleware>,
}

/// What a limit says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It passes, and so many more would now.
    Allow { remaining: u32 },
    /// It is one too many; the next passes after this time.
    Refuse { retry_after: Duration },
}

impl Limiter {
    /// Makes the limit with the `name` that clients see it by.
    pub(crate) fn new(name: &str, limit: RateLimit) -> Self {
        Self::with_clock(name, limit, MonotonicClock)
    }
}

impl<C: Clock> Limiter<C> {
    pub(super) fn with_clock(name: &str, RateLimit { rate, by }: RateLimit, clock: C) -> Self {
        let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN); // a rate is never of none
        let quota = Quota::with_period(rate.window() / count.get()).map(|quota| quota.allow_burst(count));
        let quota = quota.unwrap_or(Quota::per_second(count));
        let state = RateLimiter::new(quota, Keys::default(), clock);
        Self { name: visible(name), rate, by, hasher: RandomState::new(), state }
    }

    /// Counts `request`.
    pub(super) fn count(&self, request: &Request) -> Verdict {
        self.count_key(self.key(request))
    }

    pub(super) fn count_key(&self, key: u64) -> Verdict {
        match self.state.check_key(&key) {
            Ok(state) => Verdict::Allow { remaining: state.remaining_burst_capacity() },
            Err(not_until) => {
                Verdict::Refuse { retry_after: not_until.wait_time_from(self.state.clock().now()) }
            }
        }
    }

    pub(super) fn key(&self, request: &Request) -> u64 {
        match self.by {
            RateKey::Address => self.key_of_address(request),
            RateKey::Function(find) => match find(request) {
                Some(text) => self.hasher.hash_one(("text", text)),
                None => self.key_of_address(request),
            },
        }
    }

    fn key_of_address(&self, request: &Request) -> u64 {
        match request.remote_addr() {
            IpAddr::V4(address) => self.hasher.hash_one(("v4", address)),
            // A customer gets 64 bits to choose from, or more (RFC 6177): each address in them would count anew.
            IpAddr::V6(address) => self.hasher.hash_one(("v6", &address.segments()[..4])),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// The whole seconds after which everything is given back, when `remaining` is left.
    pub(super) fn seconds_until_whole(&self, remaining: u32) -> u64 {
        let used = u64::from(self.rate.count.saturating_sub(remaining));
        (used * u64::from(self.rate.seconds)).div_ceil(u64::from(self.rate.count))
    }

    #[cfg(test)]
    pub(super) fn keys(self) -> usize {
        self.state.into_state_store().len()
    }
}

impl<C: Clock> fmt::Debug for Limiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limiter({}: {})", self.name, self.rate)
    }
}

/// What a String of Structured Fields may hold (RFC 9651 §3.3.3), without the need of escapes.
fn visible(name: &str) -> Box<str> {
    name.chars()
        .map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' { c } else { '_' })
        .collect::<String>()
        .into()
}
