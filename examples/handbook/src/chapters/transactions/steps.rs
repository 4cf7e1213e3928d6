//! What a session can be told to do, and the stories that the steps make.

use serde::{Deserialize, Serialize};

/// How far the sessions are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
    /// The other database, which has one level.
    Sqlite,
}

/// One of the two sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Who {
    A,
    B,
}

/// All that a reader can choose; there is no other SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    ReadOne,
    ReadAll,
    LockOne,
    TakeOne,
    GiveTwo,
    PutOne,
    Insert,
    Commit,
    Rollback,
}

impl Step {
    /// All, in the order of their buttons.
    pub(super) const ALL: [Self; 9] = [
        Self::ReadOne,
        Self::ReadAll,
        Self::LockOne,
        Self::TakeOne,
        Self::GiveTwo,
        Self::PutOne,
        Self::Insert,
        Self::Commit,
        Self::Rollback,
    ];

    /// The statement.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::ReadOne => "SELECT balance FROM account WHERE id = 1",
            Self::ReadAll => "SELECT id FROM account WHERE balance >= 50 ORDER BY id",
            Self::LockOne => "SELECT balance FROM account WHERE id = 1 FOR UPDATE",
            Self::TakeOne => "UPDATE account SET balance = balance - 10 WHERE id = 1",
            Self::GiveTwo => "UPDATE account SET balance = balance + 10 WHERE id = 2",
            Self::PutOne => "UPDATE account SET balance = ? WHERE id = 1",
            Self::Insert => "INSERT INTO account VALUES (3, 50)",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
        }
    }
}

/// Steps in an order in which something is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Story {
    Dirty,
    Twice,
    Phantom,
    Lost,
    Locked,
    Deadlock,
    Free,
}

use Step::{Commit, GiveTwo, Insert, LockOne, PutOne, ReadAll, ReadOne, Rollback, TakeOne};
use Who::{A, B};

impl Story {
    /// All, in the order of the form.
    pub(super) const ALL: [Self; 7] =
        [Self::Dirty, Self::Twice, Self::Phantom, Self::Lost, Self::Locked, Self::Deadlock, Self::Free];

    /// Who does what, one after another.
    pub(super) fn steps(self) -> &'static [(Who, Step)] {
        match self {
            Self::Dirty => &[(A, TakeOne), (B, ReadOne), (A, Rollback), (B, ReadOne), (B, Commit)],
            Self::Twice => &[(A, ReadOne), (B, TakeOne), (B, Commit), (A, ReadOne), (A, Commit)],
            Self::Phantom => &[(A, ReadAll), (B, Insert), (B, Commit), (A, ReadAll), (A, Commit)],
            Self::Lost => &[(A, ReadOne), (B, ReadOne), (A, PutOne), (A, Commit), (B, PutOne), (B, Commit)],
            Self::Locked => &[
                (A, LockOne),
                (B, LockOne),
                (A, PutOne),
                (A, Commit),
                (B, PutOne),
                (B, Commit),
                (A, ReadOne),
            ],
            Self::Deadlock => &[
                (A, TakeOne),
                (B, GiveTwo),
                (A, GiveTwo),
                (B, TakeOne),
                (A, Commit),
                (B, Commit),
                (A, ReadOne),
            ],
            Self::Free => &[],
        }
    }
}
