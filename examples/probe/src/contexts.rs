//! The context of a request, seen from everywhere its work runs.

use flagon::{copy_current_request_context, prelude::*};
use serde_json::{Value, json};

/// What `g` keeps for a request.
#[derive(Serialize)]
pub(crate) struct ProbeId(String);

/// What the globals say, wherever this is called.
fn seen() -> Value {
    json!({
        "g": g().get::<ProbeId>().map(|id| id.0.clone()),
        "request": request().args().get("id"),
        "current_app": current_app().name(),
    })
}

#[get("/context")]
pub(crate) async fn context_everywhere() -> Result<Json<Value>> {
    g().set(ProbeId(request().args().get("id").unwrap_or_default().to_owned()));
    let task = flagon::spawn(async { seen() }).await?;
    let thread = flagon::blocking(seen).await;
    let (first, second) = (copy_current_request_context(seen), copy_current_request_context(seen));
    let parallel = std::thread::scope(|scope| {
        let others = [scope.spawn(first), scope.spawn(second)];
        others.map(|other| other.join().unwrap_or_default())
    });
    let template: Value = serde_json::from_str(&render("context.json", context! {})?.0)?;
    Ok(Json(json!({
        "view": seen(),
        "task": task,
        "thread": thread,
        "parallel": parallel[0],
        "template": template,
    })))
}
