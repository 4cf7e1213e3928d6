//! Holds up who guesses passwords, by account and by address.
//!
//! An attempt counts as failed until it is said to have succeeded, so that many at once don't get more tries than one after
//! the other. Counts are of this process.

use std::{
    net::IpAddr,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::header::RETRY_AFTER;

use crate::{
    context::Context,
    error::{Error, Result},
    globals::request,
    login_settings::{Attempts, Failures},
    signing::Digest,
};

/// An attempt to log in, which has failed unless it is said to have [succeeded](Self::succeeded).
#[derive(Debug)]
#[must_use = "say that it succeeded, when it has"]
pub struct LoginAttempt {
    context: Arc<Context>,
    account: [u8; 32],
    address: [u8; 32],
}

/// Begins an attempt to log in to `account`, whatever the client wrote as its name.
///
/// After five failed ones each further one of an account has to wait twice as long, up to a minute; after fifty those of an
/// address (of IPv6, of its /64), up to a quarter of an hour. An hour without any, and all is forgotten.
///
/// # Errors
///
/// 429 with `Retry-After` while one has to wait.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use std::borrow::Cow;
/// use flagon::{User, check_password, login_attempt, login_user, prelude::*};
///
/// # struct Account { id: i64, password: String }
/// # impl User for Account { fn id(&self) -> Cow<'_, str> { self.id.to_string().into() } }
/// # async fn find(_: &str) -> Result<Option<Account>> { Ok(None) }
/// #[derive(Deserialize)]
/// struct Credentials {
///     name: String,
///     password: String,
/// }
///
/// #[post("/login")]
/// async fn login(form: Form<Credentials>) -> Result<Redirect> {
///     let attempt = login_attempt(&form.name)?;
///     let account = find(&form.name).await?;
///     let hash = account.as_ref().map(|account| account.password.as_str());
///     if !check_password(&form.password, hash).await?.is_right() {
///         return abort_because(401, "The name or the password is wrong.");
///     }
///     attempt.succeeded();
///     login_user(account.or_401()?)?;
///     redirect("/")
/// }
/// ```
#[track_caller]
pub fn login_attempt(account: &str) -> Result<LoginAttempt> {
    let request = request();
    let now = Instant::now();
    let account = Digest::Sha256.hash(&[b"account:", account.trim().to_lowercase().as_bytes()]);
    let address = Digest::Sha256.hash(&[b"address:", &network(request.remote_addr())]);
    let attempt = LoginAttempt {
        context: Arc::clone(request.context()),
        account: account.try_into().expect("SHA-256 has 32 bytes"),
        address: address.try_into().expect("SHA-256 has 32 bytes"),
    };
    attempt.begin(now)?;
    Ok(attempt)
}

impl LoginAttempt {
    /// Says that the password was right: the account's failures are forgotten.
    pub fn succeeded(self) {
        let mut attempts = self.attempts();
        attempts.remove(&self.account);
        if let Some(failures) = attempts.get_mut(&self.address) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.context.app.login.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, now: Instant) -> Result<()> {
        let mut attempts = self.attempts();
        make_room(&mut attempts, now);
        let waits = [&self.account, &self.address].map(|key| wait(attempts.get(key), now));
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(Error::aborted(429)
                .with_header(RETRY_AFTER, (wait.as_secs() + 1).into())
                .with_public("Too many attempts to log in. Wait a little, then try again."));
        }
        fail(&mut attempts, self.account, ACCOUNT, now);
        fail(&mut attempts, self.address, ADDRESS, now);
        Ok(())
    }
}

/// How many failures are free, and how long one has to wait at most.
type Policy = (u32, Duration);

const ACCOUNT: Policy = (5, Duration::from_mins(1));
const ADDRESS: Policy = (50, Duration::from_mins(15));
/// After which time without attempts all is forgotten.
const FORGOTTEN: Duration = Duration::from_hours(1);
/// Of how many accounts and addresses failures are known at most.
const KNOWN_MAX: usize = 100_000;

fn wait(failures: Option<&Failures>, now: Instant) -> Option<Duration> {
    failures?.blocked_until.checked_duration_since(now).filter(|wait| !wait.is_zero())
}

fn fail(attempts: &mut Attempts, key: [u8; 32], (free, longest): Policy, now: Instant) {
    let fresh = Failures { count: 0, last: now, blocked_until: now };
    let failures = attempts.entry(key).or_insert(fresh);
    if now.duration_since(failures.last) > FORGOTTEN {
        *failures = fresh;
    }
    failures.count += 1;
    failures.last = now;
    if let Some(over) = failures.count.checked_sub(free) {
        let wait = Duration::from_secs(1 << over.min(20));
        failures.blocked_until = now + wait.min(longest);
    }
}

/// Forgets what is old, and when that is not enough, those with the fewest failures.
fn make_room(attempts: &mut Attempts, now: Instant) {
    if attempts.len() + 2 <= KNOWN_MAX {
        return;
    }
    attempts.retain(|_, failures| now.duration_since(failures.last) <= FORGOTTEN);
    if attempts.len() + 2 > KNOWN_MAX {
        let mut counts: Vec<_> = attempts.values().map(|failures| failures.count).collect();
        counts.sort_unstable();
        let usual = counts[counts.len() / 2];
        attempts.retain(|_, failures| failures.count > usual);
    }
}

/// What one client has for itself: an IPv4 address, or the first 64 bits of an IPv6 one.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_further_failure_waits_longer() {
        let (mut attempts, start, key) = (Attempts::new(), Instant::now(), [0; 32]);
        let mut now = start;
        let mut waits = Vec::new();
        for _ in 0..13 {
            fail(&mut attempts, key, ACCOUNT, now);
            let wait = wait(attempts.get(&key), now).unwrap_or_default();
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        fail(&mut attempts, key, ACCOUNT, now + FORGOTTEN + Duration::from_secs(1));
        assert_eq!(attempts[&key].count, 1);
    }

    #[test]
    fn what_is_known_is_bounded() {
        let (mut attempts, now) = (Attempts::new(), Instant::now());
        for number in 0..KNOWN_MAX as u64 + 10 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            make_room(&mut attempts, now);
            fail(&mut attempts, key, ACCOUNT, now);
            if number == 7 {
                fail(&mut attempts, key, ACCOUNT, now);
            }
            assert!(attempts.len() <= KNOWN_MAX);
        }
        let mut many = [0; 32];
        many[7] = 7;
        assert!(attempts.contains_key(&many), "those with more failures stay");
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
