//! Jobs: what is enqueued in a request's transaction, and how far it is.

use flagon::prelude::*;

/// Keeps `text`, later.
#[job]
pub(crate) async fn keep(text: String) -> Result<()> {
    db().execute("INSERT INTO kept (text) VALUES (?)", (text,)).await?;
    Ok(())
}

#[derive(Deserialize)]
pub(crate) struct Kept {
    text: String,
    /// What becomes of the request: `fail` aborts it after the job was enqueued.
    then: Option<String>,
}

#[post("/jobs")]
pub(crate) async fn enqueue(kept: Query<Kept>) -> Result<(Json<serde_json::Value>, u16)> {
    let id = keep(kept.text.clone()).enqueue().await?.id();
    if kept.then.as_deref() == Some("fail") {
        return abort(409);
    }
    Ok((Json(serde_json::json!({ "id": id })), 202))
}

#[get("/jobs/<int:id>")]
pub(crate) async fn job_state(id: i64) -> Result<Json<serde_json::Value>> {
    let job = current_app().job_queue().find(id).await?.or_404()?;
    Ok(Json(
        serde_json::json!({ "id": id, "state": job.state.word(), "attempts": job.attempts, "error": job.error }),
    ))
}
