//! Which routes of the app are the old app's again, for now.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whose a route is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This app's own view answers.
    Flagon,
    /// The upstream does.
    Upstream,
}

/// For each endpoint, whose it is.
#[derive(Debug)]
pub(crate) struct Switches(Vec<AtomicBool>);

impl Switches {
    /// All are the app's own.
    pub(crate) fn new(endpoints: usize) -> Self {
        Self((0..endpoints).map(|_| AtomicBool::new(false)).collect())
    }

    pub(crate) fn side(&self, endpoint: usize) -> Side {
        let is_away = self.0.get(endpoint).is_some_and(|switch| switch.load(Ordering::Relaxed));
        if is_away { Side::Upstream } else { Side::Flagon }
    }

    #[cfg(feature = "sql")]
    pub(crate) fn switch(&self, endpoint: usize, side: Side) {
        if let Some(switch) = self.0.get(endpoint) {
            switch.store(side == Side::Upstream, Ordering::Relaxed);
        }
    }
}

impl Side {
    /// `flagon` or `upstream`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flagon => "flagon",
            Self::Upstream => "upstream",
        }
    }
}
