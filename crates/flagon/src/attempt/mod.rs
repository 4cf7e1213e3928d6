//! How often the work of a request is begun, and how it ends in the database.
//!
//! In: what a view gave, then the answer that was made of it. Out: the same, once it is committed, or [`Again`].

#[cfg(feature = "sql")]
mod database;

use std::{sync::Arc, time::Duration};

#[cfg(not(feature = "sql"))]
use http::StatusCode;
use tokio::time::Instant;

#[cfg(not(feature = "sql"))]
use crate::error::Result;
use crate::{context::Context, error::Error};

#[cfg(feature = "jobs")]
pub(crate) use database::commit_and_after;
#[cfg(feature = "sql")]
pub(crate) use database::{after_view, commit};

/// How often, and until when, the work of a request is begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tries {
    deadline: Option<Instant>,
    number: u32,
}

impl Tries {
    /// The first, which has `time` for itself and all that follow.
    pub(crate) fn first(time: Option<Duration>) -> Self {
        Self { deadline: time.and_then(|time| Instant::now().checked_add(time)), number: 1 }
    }

    /// Whether nothing was tried before.
    pub(crate) fn is_first(self) -> bool {
        self.number == 1
    }

    /// The next.
    pub(crate) fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }

    /// When the time of the view is over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

/// The request is to be answered from its beginning, with this context, after this pause.
#[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "only a database asks for it"))]
pub(crate) struct Again {
    pub(crate) context: Arc<Context>,
    pub(crate) pause: Duration,
    #[cfg(feature = "sql")]
    pub(crate) why: flagon_sql::ErrorKind,
}

/// The turn of a request that is answered again.
#[cfg(feature = "sql")]
pub(crate) use flagon_sql::Turn;

/// Without databases nobody waits for a turn.
#[cfg(not(feature = "sql"))]
pub(crate) enum Turn {}

impl Again {
    /// Waits for its turn, and gives the fresh context.
    pub(crate) async fn wait(self, turn: &mut Option<Turn>) -> Arc<Context> {
        #[cfg(feature = "sql")]
        self.context.app().database.wait_for_turn(self.why, self.pause, turn).await;
        #[cfg(not(feature = "sql"))]
        let _ = turn;
        self.context
    }
}

/// Why an answer may not be sent.
#[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "only a database refuses"))]
pub(crate) enum NotCommitted {
    Again(Again),
    Failed(Error),
}

/// Without databases there is nothing to roll back.
#[cfg(not(feature = "sql"))]
pub(crate) async fn after_view(_: &Arc<Context>, _: Tries, _: &mut Result<()>) -> Result<(), Again> {
    Ok(())
}

/// Without databases there is nothing to commit.
#[cfg(not(feature = "sql"))]
pub(crate) async fn commit(_: &Arc<Context>, _: Tries, _: StatusCode) -> Result<(), NotCommitted> {
    Ok(())
}
