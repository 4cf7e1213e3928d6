//! What is known of each client: one number, for as many clients as have asked lately.
//!
//! In: the hash of a key. Out: its number, which `governor` computes by (GCRA: the time at which all would be given back). Never: more
//! than [`KEYS_MAX`] numbers.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use governor::{nanos::Nanos, state::StateStore};

/// How many clients a limit knows at most. When more have asked, those that have not asked for longest are forgotten, and begin anew.
pub(super) const KEYS_MAX: usize = 65_536;

/// The numbers of those who asked lately, in two generations: when the young one is full it becomes the old one, whose keys return to
/// the young when they are seen again.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<u64, Nanos>,
    old: HashMap<u64, Nanos>,
}

impl StateStore for Keys {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = generations.find(*key);
        let measured = f(known);
        // Who is refused is remembered as well: else asking often enough would make us forget.
        if let Some(number) = measured.as_ref().map_or(known, |(_, number)| Some(*number)) {
            generations.keep(*key, number);
        }
        measured.map(|(outcome, _)| outcome)
    }
}

impl Generations {
    fn find(&self, key: u64) -> Option<Nanos> {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied()
    }

    fn keep(&mut self, key: u64, number: Nanos) {
        if self.young.len() >= KEYS_MAX / 2 && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, number);
    }
}

#[cfg(test)]
impl Keys {
    pub(super) fn len(&self) -> usize {
        let generations = self.0.lock().unwrap();
        generations.young.len() + generations.old.len()
    }
}
