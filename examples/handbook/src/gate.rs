//! How often an experiment may run.
//!
//! In: a wish to start an experiment. Out: a [`Pass`] to hold while it runs, or the reason to wait.
//! Never: a queue; who does not get through is told when to come back.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// A bound on experiments of one kind, for all visitors together.
#[derive(Debug)]
pub(crate) struct Gate {
    running: Semaphore,
    recent: Mutex<Bucket>,
    burst: u32,
    refill: Duration,
}

/// Tokens left, and when one was last added.
#[derive(Debug)]
struct Bucket {
    tokens: u32,
    filled: Option<Instant>,
}

/// Permission to run one experiment, given back when dropped.
#[derive(Debug)]
#[must_use = "the experiment counts as running while this is held"]
pub(crate) struct Pass<'a> {
    _permit: SemaphorePermit<'a>,
}

/// Why an experiment may not start now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Too many are running: 503.
    Busy,
    /// Too many were started lately: 429, to be tried again after so long.
    TooOften(Duration),
}

impl Gate {
    /// A gate for `at_once` experiments at the same time, and `burst` in a row, one more each `refill`.
    pub(crate) const fn new(at_once: usize, burst: u32, refill: Duration) -> Self {
        Self {
            running: Semaphore::const_new(at_once),
            recent: Mutex::new(Bucket { tokens: burst, filled: None }),
            burst,
            refill,
        }
    }

    /// Lets an experiment begin.
    ///
    /// # Errors
    ///
    /// [`Wait`] when too many are running, or were started too often.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, Wait> {
        let permit = self.running.try_acquire().map_err(|_| Wait::Busy)?;
        self.take_token(Instant::now())?;
        Ok(Pass { _permit: permit })
    }

    fn take_token(&self, now: Instant) -> Result<(), Wait> {
        let mut bucket = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = *bucket.filled.get_or_insert(now);
        let earned = u32::try_from((now - filled).as_nanos() / self.refill.as_nanos()).unwrap_or(u32::MAX);
        if earned > 0 {
            bucket.tokens = bucket.tokens.saturating_add(earned).min(self.burst);
            bucket.filled = Some(filled + self.refill.saturating_mul(earned));
        }
        if bucket.tokens == 0 {
            let next = bucket.filled.unwrap_or(now) + self.refill;
            return Err(Wait::TooOften(next.saturating_duration_since(now)));
        }
        bucket.tokens -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_at_a_time() {
        let gate = Gate::new(1, 10, SECOND);
        let pass = gate.enter().unwrap();
        assert_eq!(gate.enter().unwrap_err(), Wait::Busy);
        drop(pass);
        assert!(gate.enter().is_ok());
    }

    #[test]
    fn a_burst_then_one_per_refill() {
        let gate = Gate::new(1, 2, SECOND);
        let start = Instant::now();
        assert_eq!(gate.take_token(start), Ok(()));
        assert_eq!(gate.take_token(start), Ok(()));
        assert_eq!(gate.take_token(start + SECOND / 4), Err(Wait::TooOften(SECOND * 3 / 4)));
        assert_eq!(gate.take_token(start + SECOND), Ok(()));
        assert_eq!(gate.take_token(start + SECOND), Err(Wait::TooOften(SECOND)));
        assert_eq!(gate.take_token(start + SECOND * 60), Ok(()));
        assert_eq!(gate.take_token(start + SECOND * 60), Ok(()));
        assert!(gate.take_token(start + SECOND * 60).is_err(), "idle time earns no more than a burst");
    }
}
