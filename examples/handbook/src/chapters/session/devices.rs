//! The visitor's own sessions, which the server keeps: listed, and ended one by one.

use std::sync::LazyLock;

use flagon::{Application, Body, MemoryStore, Sessions, Uuid, http, http::header, login_user, prelude::*};
use serde::Serialize;
use tower_service::Service as _;

use super::account::{self, Account};

/// Where all visitors' sessions are: bounded, so that nobody fills the memory.
pub(super) static STORE: LazyLock<MemoryStore> = LazyLock::new(|| MemoryStore::with_capacity(5000));

/// How many sessions a visitor may have.
const DEVICES_MAX: usize = 6;

/// One session of the visitor's.
#[derive(Debug, Serialize)]
pub(super) struct Device {
    handle: String,
    agent: String,
    address: String,
    seen: Option<String>,
    is_this: bool,
}

/// Who the visitor is, once a session was begun.
fn visitor() -> Option<String> {
    session().get("_user_id")
}

/// Gives the visitor a session and a name that nobody else has.
pub(super) fn begin() -> Result<()> {
    login_user(Account(format!("visitor-{}", Uuid::new_v4().simple())))
}

/// The visitor's sessions; `None` without one.
///
/// # Errors
///
/// When the store does not answer.
pub(super) async fn list() -> Result<Option<Vec<Device>>> {
    let Some(visitor) = visitor() else { return Ok(None) };
    let app = current_app();
    let this = session().handle();
    let listed = app.server_sessions().or_404()?.of_user(&visitor).await?;
    let devices = listed.into_iter().map(|info| Device {
        is_this: Some(&info.handle) == this.as_ref(),
        agent: info.agent,
        address: info.address.map(|address| address.to_string()).unwrap_or_default(),
        seen: flagon::SessionValue::from(info.seen).get(),
        handle: info.handle,
    });
    Ok(Some(devices.collect()))
}

/// Logs the visitor in from a device that does not exist.
///
/// # Errors
///
/// 429 when they have many.
pub(super) async fn pretend_another() -> Result<()> {
    static APP: LazyLock<Option<Application>> =
        LazyLock::new(|| account::app(Sessions::stored(STORE.clone())).ok());
    let (Some(visitor), Some(app)) = (visitor(), APP.as_ref()) else { return Ok(()) };
    let known = current_app().server_sessions().or_404()?.of_user(&visitor).await?.len();
    if known >= DEVICES_MAX {
        return abort(429);
    }
    let agents = ["Mozilla/5.0 (iPhone)", "Mozilla/5.0 (Android 16; Tablet)", "curl/8.17.0"];
    let message = http::Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, agents[known % agents.len()])
        .body(Body::from(format!("name={visitor}")))?;
    app.clone().call(message).await?;
    Ok(())
}

/// Ends the visitor's session of this handle, the current one among them.
///
/// # Errors
///
/// When the store does not answer.
pub(super) async fn revoke(handle: &str) -> Result<()> {
    if let Some(visitor) = visitor() {
        current_app().server_sessions().or_404()?.revoke(&visitor, handle).await?;
    }
    Ok(())
}

/// Ends the visitor's other sessions.
///
/// # Errors
///
/// When the store does not answer.
pub(super) async fn revoke_others() -> Result<()> {
    if let Some(visitor) = visitor() {
        current_app().server_sessions().or_404()?.revoke_others(&visitor, &session()).await?;
    }
    Ok(())
}
