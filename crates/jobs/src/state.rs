//! Where a job stands.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where a job stands.
///
/// ```text
///            ┌──────────── again later ───────────┐
///            ▼                                    │
/// waiting → ready → running → done               failed
///            ▲         ├────────────────────────→ │
///            └─ lost ──┤                          ▼
///               or     ▼                         dead
///               given  cancelled
///               back
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Its time has not come.
    Waiting,
    /// It may be run.
    Ready,
    /// A worker holds it.
    Running,
    /// It ran to success.
    Done,
    /// It failed as often as it may, or can't be run. It stays, with its error, until somebody has looked.
    Dead,
    /// Somebody did not want it any more.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Ready, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Its word, as it stands in the table.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_jobs::State;
    ///
    /// assert!(State::ALL.iter().all(|&state| State::from_word(state.word()) == Some(state)));
    /// ```
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state whose word is `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing more happens to it by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
