//! Which keys have a request at work in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    answer::KeptAnswer,
    key::{Fingerprint, IdempotencyKey},
};

/// The keys whose requests are at work, with what these are. No more of them than there are requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Running(Arc<Mutex<HashMap<IdempotencyKey, [u8; 32]>>>);

/// A key that is this request's alone until the claim is dropped, however the request ends.
pub(super) struct Claim {
    pub(super) key: IdempotencyKey,
    running: Running,
    /// The answer, once the view has given it.
    pub(super) answer: Mutex<Option<KeptAnswer>>,
}

impl Running {
    /// Claims `key`, or gives what the request is that has it.
    pub(super) fn claim(&self, key: IdempotencyKey, request: Fingerprint) -> Result<Claim, Fingerprint> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = running.get(&key) {
            return Err(Fingerprint(*other));
        }
        running.insert(key, request.0);
        Ok(Claim { key, running: self.clone(), answer: Mutex::default() })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
