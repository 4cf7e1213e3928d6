//! Ends statements of MySQL whose answers nobody waits for any more: the request's client has left, or its time is over.
//!
//! In: who a connection is on its server. Out: a server that has ended its statement, rolled back and let its locks go. The server alone
//! would notice only when it has an answer to send. Never: ends a connection of somebody else, which has the same number on another
//! server behind the same address.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    connection::{Connection, OnServer, Role},
    error::Result,
    options::Options,
};

/// How long that may take, with opening a connection for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends `victim`, over `killer` if there is a connection to the same server, or else over a new one; gives it back for others.
pub(crate) async fn kill(
    options: &Options,
    victim: &Arc<OnServer>,
    killer: Option<Connection>,
) -> Option<Connection> {
    match timeout(PATIENCE, kill_over(options, victim, killer)).await {
        Ok(Ok(killer)) => killer,
        Ok(Err(error)) => {
            tracing::warn!(target: "flagon::sql", number = victim.number, %error, "a statement that nobody waits for goes on");
            None
        }
        Err(_) => {
            tracing::warn!(target: "flagon::sql", number = victim.number, "a statement that nobody waits for goes on, as the server \
                does not answer");
            None
        }
    }
}

async fn kill_over(
    options: &Options,
    victim: &OnServer,
    killer: Option<Connection>,
) -> Result<Option<Connection>> {
    let mut killer = match killer {
        Some(killer) => killer,
        None => Connection::open(options, Role::Each).await?,
    };
    if killer.on_server().is_none_or(|killer| killer.server != victim.server) {
        tracing::debug!(target: "flagon::sql", number = victim.number, "another server answers, which can't end it");
        return Ok(Some(killer));
    }
    match killer.composed(format!("KILL {}", victim.number)).await {
        Err(error) if error.number() != Some(GONE) => Err(error),
        _ => Ok(Some(killer)), // also when it has gone by itself
    }
}

/// `ER_NO_SUCH_THREAD`
const GONE: u32 = 1094;
